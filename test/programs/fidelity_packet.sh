#!/bin/sh
# SPDX-License-Identifier: MIT
# fidelity_packet.c on the kernel's sockets of whole frames, between two network namespaces of the
# machine, and in a lab: each row must be the same, but for those of fidelity_packet.differences,
# which must all be there. A test is a state. Where no namespace can be made there is no kernel to
# ask, and that is said.
. "$(dirname "$0")/common"

notes=$here/../../doc
differences=$here/fidelity_packet.differences
. "$here/fidelity_compare"
${CC:-cc} -O1 -D_GNU_SOURCE -o fidelity_packet "$here/fidelity_packet.c" || {
    echo "Bail out! fidelity_packet.c cannot be compiled"
    exit 1
}

reasons_are_told
say $? "each difference is in doc/fidelity.md or doc/not-yet.md"

one=frames1-$$ two=frames2-$$
namespaces() {
    ip netns add $one && ip netns add $two &&
        ip netns exec $one sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 &&
        ip link add eth0 netns $one type veth peer name eth0 netns $two &&
        ip -n $one link set lo up && ip -n $one link set eth0 up && ip -n $two link set eth0 up &&
        ip -n $one addr add 10.0.0.1/24 brd + dev eth0 &&
        ip -n $two addr add 10.0.0.2/24 brd + dev eth0 &&
        until_true ip netns exec $one ping -n -c 1 -W 1 10.0.0.2
}
limit=100s
two_hosts lab.yaml "delay: 1us" \
    "    programs: [{run: $directory/fidelity_packet one.rows, log: stdout}]"
timeout 120 "$sockeye" lab --quiet --record run.record lab.yaml >said 2>&1
say $? "the lab ends well"
timeout 100 "$sockeye" replay run.record >said 2>&1
say $? "its record replays"

if [ "$(id -u)" -eq 0 ] && namespaces >why 2>&1; then
    ip netns exec $one timeout 60 ./fidelity_packet kernel.rows
    compare "a veth and a lab" one.rows
else
    number=$((number + 1))
    echo "ok $number - the kernel answers the same # skip a network namespace needs root: $(tail -1 why 2>/dev/null)"
fi
ip netns del $one 2>/dev/null
ip netns del $two 2>/dev/null
echo "1..$number"
