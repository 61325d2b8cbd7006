#!/bin/sh
# SPDX-License-Identifier: MIT
# fidelity.c on the kernel's own sockets and in a lab, on one host and on two, over IPv4, IPv6 and
# IPv4's mapped addresses: each row must be the same, but for those of fidelity.differences, which
# must all be there. A test is a state.
. "$(dirname "$0")/common"

notes=$here/../../doc
${CC:-cc} -O1 -D_GNU_SOURCE -o fidelity "$here/fidelity.c" || {
    echo "Bail out! fidelity.c cannot be compiled"
    exit 1
}

differences=$here/fidelity.differences
. "$here/fidelity_compare"

reasons_are_told
say $? "each difference is in doc/fidelity.md or doc/not-yet.md"

# over WORD ADDRESS: the same questions by IPv4, by IPv6 and by IPv4's mapped addresses
over() {
    word=$1 way=${1:+ $1}
    # shellcheck disable=SC2086
    timeout 20 ./fidelity $word kernel.rows

    # shellcheck disable=SC2086
    labs "    programs: [{run: $directory/fidelity$way one.rows, log: stdout}]"
    timeout 50 "$sockeye" lab --quiet lab.yaml >said 2>&1
    say $? "the lab of one host ends well$way"
    compare "one host$way" one.rows

    labs "    programs: [{run: $directory/fidelity$way two.rows $2, log: stdout, after: b.listening:7000}]" \
        "    programs: [{run: $directory/fidelity --serve, background: true}]"
    timeout 50 "$sockeye" lab --quiet lab.yaml >said 2>&1
    say $? "the lab of two hosts ends well$way"
    compare "two hosts$way" two.rows
}
# labs KEYS-OF-A KEYS-OF-B: two hosts with both families
labs() {
    two_hosts lab.yaml "delay: 0ms" "$1" "$2"
    sed -i "s|address: \(10.0.0.\)\([12]\)/24|addresses: [\1\2/24, 'fd00::\2/64']|" lab.yaml
}
over "" 10.0.0.2
if grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null; then
    over --6 fd00::2
    over --mapped 10.0.0.2
else
    number=$((number + 1))
    echo "ok $number - over IPv6, and by mapped addresses # skip this machine has no ::1 to compare with"
fi
echo "1..$number"
