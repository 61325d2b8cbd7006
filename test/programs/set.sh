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

echo 1..18
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
"$sockeye" set partition from=a to=b action=reset >said 2>&1 &&
    ! "$sockeye" exec a -- python3 echo.py 5 >said 2>&1 && grep -q ConnectionRefused said &&
    "$sockeye" set heal >said 2>&1 && "$sockeye" exec a -- python3 echo.py 30 >said 2>&1
say $? "a partition that resets comes and heals"
"$sockeye" set b pause >said 2>&1 && ! "$sockeye" exec a -- python3 echo.py 1 >said 2>&1 &&
    "$sockeye" set b resume >said 2>&1 && "$sockeye" exec a -- python3 echo.py 30 >said 2>&1
say $? "a host stands still and goes on"
"$sockeye" set wire mtu=600 >said 2>&1 && "$sockeye" exec a -- python3 echo.py 30 >said 2>&1 &&
    "$sockeye" show a interfaces >said 2>&1 && grep -q ' wire  *600$' said &&
    "$sockeye" set wire mtu=1500 >said 2>&1 && "$sockeye" exec a -- python3 echo.py 30 >said 2>&1
say $? "a wire has another MTU, and its interfaces follow"
refused 'mtu: "60" is not a whole number from 68 to 65535' "no MTU is less than 68" wire mtu=60
refused '"jump" is none of crash, restart, pause, resume' "a host cannot do everything" b jump
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

# a server that is killed with its host, and started again with it: its clients find it anew
cat >count.py <<'EOF'
import socket, sys, time
got, until = 0, time.monotonic() + 30
while got < 3 and time.monotonic() < until:
    try:
        s = socket.create_connection(("10.0.0.2", 9000), timeout=1)
        while True:
            data = s.recv(100)
            if not data:
                break
            got += b"begin" in data
    except OSError:
        time.sleep(0.1)
print(got)
sys.exit(got < 2)
EOF
cat >serve.py <<'EOF'
import socket, time
l = socket.create_server(("10.0.0.2", 9000))
while True:
    s = l.accept()[0]
    s.sendall(b"begin")
    for i in range(10):
        time.sleep(0.1)
        s.sendall(b".")
    s.close()
EOF
two_hosts crash.yaml "delay: 1ms" \
    "    programs: [{run: python3 count.py, name: count}]" \
    "    programs: [{run: python3 serve.py, name: serve, background: true}]"
cat >>crash.yaml <<'EOF'
faults:
  - {at: 700ms, for: 1s, crash: b}
EOF
"$sockeye" lab --report crash.yaml >said 2>&1
say $? "a server crashes with its host, starts again with it, and is found anew"
two_hosts again.yaml "delay: 1ms" \
    "    programs: [{run: sh -c 'echo run >>../again.out; sleep 1', name: once}]" ""
sed -i "s#../again.out#$directory/again.out#" again.yaml
cat >>again.yaml <<'EOF'
faults:
  - {at: 500ms, crash: a}
  - {at: 1s, restart: a}
EOF
"$sockeye" lab again.yaml >said 2>&1 && [ "$(cat again.out | tr '\n' ' ')" = "run run " ]
say $? "the lab waits for what is to be started again, and runs it anew"
exit $failed
