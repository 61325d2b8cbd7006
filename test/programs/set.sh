#!/bin/sh
# SPDX-License-Identifier: MIT
# Faults of a running lab are changed by sockeye set, and what was set heals; a replay repeats it.
. "$(dirname "$0")/common"

cat >echo.py <<'EOF'
import socket, sys
s = socket.create_connection(("10.0.0.2", 7), timeout=float(sys.argv[1]))
s.sendall(b"x" * 100000)
got = 0
while got < 100000:
    data = s.recv(65536)
    if not data:
        sys.exit(1)
    got += len(data)
EOF
# refused PATTERN SENTENCE WORD...
refused() {
    pattern=$1 sentence=$2
    shift 2
    "$sockeye" set "$@" >said 2>&1
    [ $? -eq 1 ] && grep -q -e "$pattern" said
    say $? "$sentence"
}

echo 1..11
two_hosts set.yaml "loss: 100%" "" "    traffic: [echo: {}]"
"$sockeye" lab --stay --quiet --record set.record set.yaml >stay.out 2>&1 &
stayed=$!
until_true "$sockeye" exec a -- true
! "$sockeye" exec a -- python3 echo.py 1 >said 2>&1
say $? "over a wire that loses all nothing comes"
"$sockeye" exec a -- python3 echo.py 30 >client.out 2>&1 &
client=$!
sleep 0.5
"$sockeye" set wire loss=0 >said 2>&1
say $? "a wire is set"
wait $client && cp client.out said
say $? "what waited for the wire goes on when its loss is 0"
"$sockeye" set --lab set wire delay=30ms back delay=50ms jitter=0 >said 2>&1 &&
    "$sockeye" exec a -- python3 -c '
import socket, time
s = socket.create_connection(("10.0.0.2", 7))
b = time.monotonic(); s.send(b"x"); s.recv(1); t = time.monotonic() - b
print(t)
assert 0.08 <= t < 1' >said 2>&1
say $? "each direction has a delay of its own"
"$sockeye" set wire back down >said 2>&1 &&
    ! "$sockeye" exec a -- python3 echo.py 1 >said 2>&1 &&
    "$sockeye" set wire up queue=codel queue.target=2ms >said 2>&1 &&
    "$sockeye" exec a -- python3 echo.py 30 >said 2>&1
say $? "a direction goes down and comes up again"
refused 'there is no wire "road" in this lab' "an unknown wire is told" road loss=0
refused 'loss: "5" is not a chance such as 5%' "a value without its unit is told, with the units" \
    wire delay=1ms loss=5
refused 'a wire has no "lost"' "an unknown key is told" wire lost=5%
refused '"sideways" is none of KEY=VALUE, up' "so is an unknown word" wire sideways
"$sockeye" set wire >said 2>&1
[ $? -eq 2 ] && ! "$sockeye" set --lab other wire up >>said 2>&1 && grep -q 'no lab "other"' said
say $? "without words it is wrong use; a lab that does not run is told"
kill -INT $stayed
wait $stayed
stayed=
"$sockeye" replay set.record >said 2>&1
say $? "a replay of the record repeats what was set"
exit $failed
