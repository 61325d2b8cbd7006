#!/bin/sh
# SPDX-License-Identifier: MIT
# Signals in a storm over every trapped call, in a lab and on the kernel's own sockets: each call
# takes effect once, and both ends count the same. The long form: make soak-storms.
. "$(dirname "$0")/common"

programs=$(dirname "$sockeye")/test/programs
milliseconds=${STORM_MS:-100} # a kind of calls
rounds=${STORM_ROUNDS:-1}
own=127.$(($$ / 65536 % 256)).$(($$ / 256 % 256)).$(($$ % 256 | 1)) # others may test beside us

# stormed SENTENCE COMMAND...: a storm that must be without a fault; what it counted goes to `counted`
stormed() {
    sentence=$1
    shift
    "$@" >said 2>&1
    result=$?
    [ -s said ] || result=1
    cat said >>counted
    say $result "$sentence"
}
# held: the descriptors of the lab, but for those of threads it knows, which are 64 at most
held() {
    ls -l "/proc/$stayed/fd" | grep -c -v 'anon_inode:\[pidfd\]'
}

echo "1..$((rounds * 8 + 3))"
limit=100000s two_hosts storm.yaml "delay: 1ms" "" ""
stay storm.yaml
python3 "$here/storm_peer.py" $own >kernel.out 2>&1 &
kernel=$!
on_b() {
    timeout 90000 "$sockeye" exec b -- "$@"
}
on_b python3 "$here/storm_peer.py" 10.0.0.2 >lab.out 2>&1 &
lab=$!
ready() {
    "$programs/storm" $own $own 10000 restart 1 connections &&
        on a "$programs/storm" 10.0.0.1 10.0.0.2 10000 restart 1 connections
}
until_true ready
# what a lab makes at the first call of a kind and keeps (the scales of AF_UNIX) stands then
stormed "each kind of calls once, in a lab" \
    timeout 300 "$sockeye" exec a -- "$programs/storm" 10.0.0.1 10.0.0.2 10000 restart 1
before=$(held)
for round in $(seq "$rounds"); do
    for handler in restart end; do
        stormed "round $round: a signal each ms, its handler says $handler: on the kernel's sockets" \
            timeout 300 "$programs/storm" $own $own 1000 $handler "$milliseconds"
        for interval in 300 1000 10000; do
            stormed "round $round: a signal each $interval us, its handler says $handler: in a lab" \
                timeout 300 "$sockeye" exec a -- "$programs/storm" 10.0.0.1 10.0.0.2 $interval \
                $handler "$milliseconds"
        done
    done
done
no_more() {
    [ "$(held)" -le "$before" ]
}
until_true no_more
result=$?
echo "the lab had $before descriptors, and has $(held)" >said
say $result "the lab has no more descriptors than before"
[ -z "$STORM_COUNTED" ] || cp counted "$STORM_COUNTED"
kill $kernel $lab
wait $kernel $lab 2>/dev/null
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
exit $failed
