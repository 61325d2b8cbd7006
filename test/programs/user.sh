#!/bin/sh
# SPDX-License-Identifier: MIT
# Without privilege: as an ordinary user without capabilities and groups, and where the machine
# allows no user namespaces.
. "$(dirname "$0")/common"

limit_file=/proc/sys/user/max_user_namespaces
# ordinary COMMAND...: as an ordinary user, if we are root
ordinary() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
    else
        "$@"
    fi
}
echo 1..8
head -c 2000000 /dev/urandom >big.bin
cp "$sockeye" ./sockeye-of-all
cp "$here/clients.py" "$here/services.py" "$here/../../examples/dns.py" .
chmod 755 sockeye-of-all
chmod 644 ./*.py big.bin
mkdir user
if [ "$(id -u)" -eq 0 ]; then
    chown -R 65534:65534 user run
fi
two_hosts user/lab.yaml "$faults" "    programs:
      - {run: curl -sS -o got http://b/big.bin, after: 'b.listening:80'}
      - {run: dig +short +timeout=1 +tries=9 @10.0.0.2 x.example, after: 'b.listening:53/udp', log: dig.log}" \
    "    programs:
      - {name: web, run: python3 -m http.server 80, directory: .., background: true}
      - {name: dns, run: python3 ../dns.py, background: true}"
fetch() {
    rm -f user/got
    ordinary ./sockeye-of-all lab user/lab.yaml --pcap user/one.pcapng --record user/one.record \
        >said 2>&1 && cmp big.bin user/got >>said 2>&1 && grep -qx 10.0.0.2 user/dig.log
}

ordinary ./sockeye-of-all doctor >said 2>&1
say $? "doctor finds all that is needed, as an ordinary user"
fetch
say $? "curl and dig run as an ordinary user, on low ports too"
ordinary ./sockeye-of-all replay user/one.record --pcap user/two.pcapng --quiet >said 2>&1 &&
    cmp user/one.pcapng user/two.pcapng >>said 2>&1
say $? "an ordinary user's record replays to the identical pcapng"
two_hosts user/sockets.yaml "delay: 1ms" \
    "    programs:
      - run: python3 ../clients.py b
        after: 'b.listening:7002, b.listening:7004, b.listening:7007/udp, b.listening:7008,
          b.listening:7009, b.listening:7010, b.listening:7012, b.listening:7013'
        log: clients.log" \
    "    programs: [{run: python3 ../services.py, background: true}]"
ordinary ./sockeye-of-all lab user/sockets.yaml >said 2>&1 && ! grep '^not ok' user/clients.log >>said
say $? "clients and servers of every make run as an ordinary user"
two_hosts user/ping.yaml "delay: 1ms" \
    "    programs: [{run: ping -c 2 -i 0.2 b, log: ping.log}]" ""
bounding=
capable() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all $bounding -- "$@"
    else
        "$@"
    fi
}
capable ./sockeye-of-all lab user/ping.yaml >said 2>&1 &&
    grep -q '2 packets transmitted, 2 received' user/ping.log
say $? "ping, whose file has capabilities, runs without them"
bounding="--bounding-set=-net_raw"
capable ./sockeye-of-all lab user/ping.yaml >said 2>&1 || grep -q 'a copy of it has none' said
say $? "where the kernel refuses to execute it, the cure is told"
# the machine's own limit if we may set it, else that of a namespace of ours
fetch="./sockeye-of-all lab user/lab.yaml"
rm -f user/got
if [ "$(id -u)" -eq 0 ] && cat "$limit_file" 2>/dev/null >limit && cat limit 2>/dev/null >"$limit_file"; then
    trap 'cat limit >"$limit_file"; clean' EXIT
    echo 0 >"$limit_file"
    ! ordinary unshare -U true 2>said && ordinary $fetch >said 2>&1 && cmp big.bin user/got >>said
    result=$?
    cat limit >"$limit_file"
    trap clean EXIT
    say $result "the same where user.max_user_namespaces is 0"
elif ordinary unshare -U true 2>/dev/null; then
    # shellcheck disable=SC2016
    ordinary unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
        ! unshare -U true 2>/dev/null && exec '"$fetch" >said 2>&1 && cmp big.bin user/got >>said
    say $? "the same where no further user namespace can be made"
else
    fetch
    say $? "the same here, where no user namespace can be made"
fi
nothing_left
say $? "nothing is left behind"
