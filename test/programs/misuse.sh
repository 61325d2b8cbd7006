#!/bin/sh
# SPDX-License-Identifier: MIT
# What goes wrong with programs is told: what, and where; the exit code says so; and nothing is left
# behind, however the lab ends.
. "$(dirname "$0")/common"

# told CODE PATTERN SENTENCE OPTION... FILE: the exit code of a lab, and a line that matches
told() {
    code=$1 pattern=$2 sentence=$3
    shift 3
    timeout 30 "$sockeye" lab "$@" >said 2>&1 </dev/null
    got=$?
    cp said told.out
    [ $got -eq "$code" ] && grep -q -e "$pattern" told.out && nothing_left
    result=$?
    cp told.out said.before
    echo "exit code $got, not $code; or no line like: $pattern; or left: $(cat said)" >>told.out
    mv told.out said
    say $result "$sentence"
}
# ended SIGNAL CODE SENTENCE: a lab of a transfer is ended by a signal
ended() {
    setsid "$sockeye" lab long.yaml >told.out 2>&1 &
    lab=$!
    until_true test -s got
    kill -"$1" $lab
    wait $lab
    got=$?
    [ $got -eq "$2" ] && grep -q 'FAILED the lab: was interrupted' told.out && nothing_left
    result=$?
    echo "exit code $got, not $2; left: $(cat said)" >>told.out
    mv told.out said
    rm -f got
    say $result "$3"
}

echo 1..18
two_hosts short.yaml "delay: 1ms" "    programs: [{run: sleep 0.2}]"
two_hosts in-use.yaml "delay: 1ms" "    programs: [{run: sleep 0, after: b.two.exited}]" \
    "    programs:
      - {name: one, run: python3 -m http.server 8000, background: true}
      - {name: two, run: python3 -m http.server 8000, after: 'b.listening:8000'}"
told 1 'Address already in use' "a second server on a port: EADDRINUSE, and its last words" in-use.yaml
grep -q 'FAILED b.two: exit 1, expected exit 0' said.before
say $? "the program that failed is named"
two_hosts udp-in-use.yaml "delay: 1ms" "" "    programs:
      - {name: one, run: python3 $here/../../examples/dns.py, background: true}
      - {name: two, run: python3 $here/../../examples/dns.py, after: 'b.listening:53/udp'}"
told 1 'Address already in use' "a second name server on a port: EADDRINUSE" udp-in-use.yaml
head -c 100 short.yaml >cut-short.yaml
two_hosts missing.yaml "delay: 1ms" "" "    programs: [{run: no-such-program}]"
told 2 'missing.yaml:10: .*no executable program "no-such-program"' "a missing program, with its line" missing.yaml
two_hosts shell.yaml "delay: 1ms" "" "    programs: [{run: sh -c no-such-program}]"
told 1 'FAILED b.sh: exit 127' "a program that a shell does not find" shell.yaml
echo echo never >not-executable
two_hosts mode.yaml "delay: 1ms" "" "    programs: [{run: ./not-executable}]"
told 2 'mode.yaml:10: .*"./not-executable"' "a file that is not executable, with its line" mode.yaml
two_hosts nested.yaml "delay: 1ms" "    programs: [{run: $sockeye lab short.yaml}]"
told 1 'we run inside of another lab' "a lab within a lab is refused, and told why" nested.yaml
told 2 '/no/such/x.pcapng: No such file' "a capture that cannot be made" --pcap /no/such/x.pcapng short.yaml
told 2 '/no/such/x: No such file' "a record that cannot be made" --record /no/such/x short.yaml
told 2 'cut-short.yaml:[0-9]*: ' "a lab file cut in the middle" cut-short.yaml
told 2 '\.: Is a directory' "a lab that is a directory" .
head -c 100000000 /dev/zero >big.bin
two_hosts long.yaml "delay: 1ms, rate: 50Mbit" "    programs:
      - {run: curl -sS -o got http://b:8000/big.bin, after: 'b.listening:8000'}
      - {run: sh -c 'sleep 67 & sleep 67 & wait'}" "    programs:
      - {run: python3 -m http.server 8000, background: true}"
ended INT 130 "Ctrl-C in a transfer: exit code 130, and nothing left"
ended TERM 143 "SIGTERM in a transfer: exit code 143, and nothing left"
ended HUP 129 "SIGHUP in a transfer: exit code 129, and nothing left"
two_hosts stubborn.yaml "delay: 1ms" "    programs:
      - run: sh -c 'trap \"\" TERM INT; sleep 60 & sleep 60; sleep 60'"
sed -i 's/^time_limit: .*/time_limit: 1s/' stubborn.yaml
told 1 'the time limit' "a program that ignores SIGTERM does not outlive its lab" stubborn.yaml
"$sockeye" lab long.yaml >told.out 2>&1 &
lab=$!
until_true test -s got
kill -KILL $lab
wait $lab 2>told.out
pkill -KILL -x -f 'sleep 67'
find run -type s | grep -q . && "$sockeye" lab short.yaml >>told.out 2>&1 && nothing_left
result=$?
echo "left: $(cat said)" >>told.out
mv told.out said
say $result "what a lab killed by SIGKILL left is swept by the next"
two_hosts stay.yaml "delay: 1ms" ""
stay stay.yaml
asked=
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    "$sockeye" exec a -- sleep 50 >/dev/null 2>&1 &
    asked="$asked $!"
done
asked_too_much() {
    on a true >told.out 2>&1
    [ $? -eq 125 ] || { sleep 0.1 && false; }
}
until_true asked_too_much && grep -q 'runs 16 commands for others' told.out
result=$?
kill $asked 2>/dev/null # one may have been refused
wait $asked 2>/dev/null
until_true on a true || result=1
mv told.out said
say $result "a command more than a lab takes is refused, and told why"
if ! python3 -c 'import os; os.openpty()' 2>/dev/null; then
    number=$((number + 1))
    echo "ok $number - a terminal that is hung up ends its command # skip there is no pseudo-terminal"
    leave && nothing_left
    exit $failed
fi
timeout 20 python3 -c 'import os, pty, sys, time
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], ["sockeye", "exec", "a", "--", "sh", "-c", "echo; sleep 60; sleep 60"])
os.read(terminal, 9)
os.close(terminal)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 129' "$sockeye" >told.out 2>&1 && leave && nothing_left
result=$?
cat said >>told.out
mv told.out said
say $result "a terminal that is hung up ends its command"
