#!/bin/bash
# SPDX-License-Identifier: MIT
# Files that mean harm: a wrong lab file of any size is told in some lines, and the signals that end
# a program end it at any moment, also while it reads, checks, or waits for a file.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 "$XDG_RUNTIME_DIR"
number=0
echo 1..30

# say RESULT SENTENCE
say() {
    number=$((number + 1))
    [ "$1" -eq 0 ] || sed 's/^/# /' said
    [ "$1" -eq 0 ] && echo "ok $number - $2" || echo "not ok $number - $2"
}

# file NAME: two thousand wires of one name
{
    echo "wires:"
    for _ in $(seq 2000); do echo "  - {name: w, between: [a.e, b.e]}"; done
    echo "hosts: [{name: a, interfaces: [{name: e}]}, {name: b, interfaces: [{name: e}]}]"
} >wires.yaml
"$sockeye" lab wires.yaml >said 2>&1
[ $? -eq 2 ] && [ "$(wc -l <said)" -eq 21 ] && grep -q 'and [0-9]* more errors' said
say $? "2,000 wires of one name are told in 20 lines and one"

{
    echo "hosts:"
    echo "  - name: a"
    for _ in $(seq 130000); do echo "    # a comment that says nothing at all"; done
} >long.yaml
"$sockeye" lab long.yaml >said 2>&1
[ $? -eq 2 ] && grep -q '^long.yaml:[0-9]*: a lab file has at most 4194304 bytes$' said
say $? "a lab file that is too large is told with the limit and the line"

# ends SIGNAL SENTENCE COMMAND...: the command, which waits for ever, ends by the signal
ends() {
    local signal=$1 sentence=$2 status pid
    shift 2
    env --default-signal=INT,TERM "$@" >said 2>"${errors:-said}" </dev/null &
    pid=$!
    # it sleeps once it waits for the file; a signal that comes sooner must end it as well
    for _ in $(seq 100); do
        [ "$(cut -d' ' -f3 "/proc/$pid/stat")" = S ] && break
        sleep 0.02
    done
    kill -s "$signal" $pid
    for _ in $(seq 500); do
        kill -0 $pid 2>/dev/null || break
        sleep 0.02
    done
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    status=$?
    [ $status -eq $((128 + $(kill -l "$signal"))) ]
    say $? "$sentence"
}

# Nobody reads what a full pipe holds, so who tells a fault waits in the midst of checking.
mkfifo full
exec 3<>full
dd if=/dev/zero of=full bs=4096 count=100 oflag=nonblock 2>/dev/null
errors=full ends INT "SIGINT ends sockeye lab while it checks a file" "$sockeye" lab wires.yaml
errors=full ends TERM "SIGTERM ends sockeye lab while it checks a file" "$sockeye" lab wires.yaml
exec 3>&-

# A file that is a FIFO gives nothing until somebody writes.
mkfifo silent
exec 3<>silent
for signal in INT TERM; do
    ends $signal "SIG$signal ends sockeye lab while it reads a file" "$sockeye" lab silent
    ends $signal "SIG$signal ends sockeye replay while it reads a record" "$sockeye" replay silent
    ends $signal "SIG$signal ends sockeye drill while it reads a script" "$sockeye" drill silent
done
exec 3>&-

# Two hosts that ping each other for years of lab time.
cat >years.yaml <<END
time_limit: 100000h
wires:
  - {name: w, between: [a.e, b.e]}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    traffic: [{ping: {to: b, count: 1000000, interval: 1ms}}]
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
END
mkfifo trace
exec 3<>trace
for signal in INT; do
    env --default-signal=INT "$sockeye" lab years.yaml --trace-file trace >said 2>&1 </dev/null &
    pid=$!
    for _ in $(seq 200); do # until it has filled the pipe, and waits for us
        [ "$(cut -d' ' -f3 "/proc/$pid/stat")" = S ] && break
        sleep 0.02
    done
    kill -s INT $pid
    sleep 0.1
    kill -s INT $pid
    wait $pid
    [ $? -eq 130 ]
    say $? "the second SIGINT ends a lab that waits for who reads its trace"
done
exec 3>&-

# The same lab ends by one SIGINT when nothing holds it, and closes its files.
env --default-signal=INT "$sockeye" lab years.yaml --record years.record >said 2>&1 </dev/null &
pid=$!
for _ in $(seq 200); do
    [ -s years.record ] && break
    sleep 0.02
done
kill -s INT $pid
wait $pid
[ $? -eq 130 ] && "$sockeye" replay --quiet years.record >said 2>&1
say $? "one SIGINT ends a lab that runs, and its record is whole"

# Names of files that cannot be written: each is an error, and nothing waits for them.
cat >ping.yaml <<END
wires: [{name: w, between: [a.e, b.e]}]
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    traffic: [{ping: {to: b, count: 1}}]
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
END
cat >empty.pkt <<END
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
END
mkfifo unread
mkdir folder

# refuses CODE PATTERN SENTENCE COMMAND...
refuses() {
    local code=$1 pattern=$2 sentence=$3
    shift 3
    timeout -k 1 60 "$@" >said 2>&1 </dev/null
    [ $? -eq "$code" ] && grep -q -e "$pattern" said
    say $? "$sentence"
}

for option in pcap trace-file record; do
    refuses 2 'unread: it is a FIFO that nobody reads' "--$option does not wait for who reads a FIFO" \
        "$sockeye" lab ping.yaml --$option unread
    refuses 2 'folder: Is a directory' "--$option does not write a directory" \
        "$sockeye" lab ping.yaml --$option folder
    refuses "$([ $option = record ] && echo 2 || echo 1)" '/dev/full: ENOSPC' \
        "--$option says that the disk is full" "$sockeye" lab ping.yaml --$option /dev/full
done
refuses 2 'unread: No such device' "drill --pcap does not wait for who reads a FIFO" \
    "$sockeye" drill --pcap unread empty.pkt
refuses 2 'folder: Is a directory' "drill --pcap does not write a directory" \
    "$sockeye" drill --pcap folder empty.pkt
refuses 2 '/dev/full: ENOSPC' "drill --pcap says that the disk is full" \
    "$sockeye" drill --pcap /dev/full empty.pkt

# A FIFO that somebody reads is written.
exec 3<>unread
"$sockeye" lab ping.yaml --pcap unread >said 2>&1 && [ "$(head -c 4 <&3 | od -An -tx1)" = " 0a 0d 0d 0a" ]
say $? "a FIFO that is read is written"
exec 3>&-

# log NAME: a lab whose program says one word to this file
log() {
    sed "s|    traffic|    programs: [{name: p, run: \"echo word\", log: \"$1\"}]\n&|" ping.yaml >log.yaml
}
long=$(printf 'x%.0s' $(seq 200))
log "$long"
"$sockeye" lab log.yaml >said 2>&1 && [ "$(cat "$long")" = word ] && [ "$(ls | grep -c xxx)" -eq 1 ]
say $? "a log of 200 characters is that file and no other"
log "$long$long"
refuses 1 '^log.yaml:5: hosts.a.programs.p.log: ".*": File name too long' \
    "a log whose name is too long is told with its line" "$sockeye" lab log.yaml
log unread
refuses 1 '^log.yaml:5: hosts.a.programs.p.log: ".*unread": it is a FIFO that nobody reads' \
    "a log that is a FIFO is not waited for" "$sockeye" lab log.yaml
log folder
refuses 1 '^log.yaml:5: hosts.a.programs.p.log: ".*folder": Is a directory' \
    "a log that is a directory is told with its line" "$sockeye" lab log.yaml
log /dev/full
refuses 1 'p: exit 1, expected exit 0' \
    "a log on a full disk is the program's to tell, and is not read back" "$sockeye" lab log.yaml
