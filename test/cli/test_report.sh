#!/bin/sh
# SPDX-License-Identifier: MIT
# What a run says of itself: quiet when all went well, the cause and the cure when it did not, and
# all of it with --report.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 run

# lab NAME WIRE A B: two hosts on a wire; what stands under them comes from the caller
lab() {
    cat >"$1.yaml" <<END
time_limit: 60s
wires:
  - {name: w, between: [a.e, b.e], $2}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
$3
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
$4
END
}

echo 1..20
cat >asks.py <<'END'
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
for ask in (lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132),
            lambda: socket.socket().setsockopt(socket.IPPROTO_TCP, 23, 5),
            lambda: socket.socket().setsockopt(socket.IPPROTO_TCP, 99, 5)):
    try:
        ask()
    except OSError:
        pass
sys.exit(int(sys.argv[1]))
END
lab quiet "delay: 1ms" "    programs: [{run: python3 asks.py 0}]" "    traffic: [echo: {}]"
"$sockeye" lab quiet.yaml >said 2>&1
[ $? -eq 0 ] && [ "$(wc -l <said)" -eq 2 ] && grep -qx 'lab quiet: ok, 1 program, 1 service' said &&
    grep -q '^  seed 1, [0-9.]* s, .* frames (.*), at most .* late' said
say $? "a good run with a program that asked in vain is two lines"
"$sockeye" lab quiet.yaml --report >said 2>&1
grep -q 'vain: a.python3: setsockopt(IPPROTO_TCP, TCP_FASTOPEN): ENOPROTOOPT' said &&
    grep -q 'vain: a.python3: setsockopt(IPPROTO_TCP, option 99): ENOPROTOOPT' said &&
    grep -q 'vain: a.python3: socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP): EPROTONOSUPPORT' said &&
    grep -q 'vain: a.python3: socket(another family): EAFNOSUPPORT: AF_INET' said
say $? "the report has what programs asked for in vain by its names, with a cure"
sed 's/asks.py 0/asks.py 3/' quiet.yaml >asks.yaml
"$sockeye" lab asks.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED a.python3: exit 3' said &&
    grep -q 'it asked for what is not there: setsockopt(IPPROTO_TCP, TCP_FASTOPEN)' said &&
    grep -qx 'lab asks: FAILED, 1 of 2' said
say $? "of a program that failed, what it asked for in vain is told without --report"
"$sockeye" lab asks.yaml --quiet >said 2>&1
[ $? -eq 1 ] && ! grep -q -e '^lab' -e seed said && grep -q 'FAILED a.python3: exit 3' said
say $? "with --quiet only that stands"

cat >talks.py <<'END'
import os, sys, time
for i in range(200):
    os.write(1, b"ab")
    if i % 10 == 0:
        time.sleep(0.001)
    os.write(1, b"cd %d\n" % i)
os.write(1, b"the end of a line that has none")
END
cat >is_json.py <<'END'
import json, sys
lines = open(sys.argv[1]).read().splitlines()
assert len(lines) > 1000 and all("event" in json.loads(line) for line in lines)
END
lab talks "delay: 1ms" "    programs: [{run: python3 talks.py, log: stdout}]
    traffic: [source: {to: 'b:9', bytes: 1MB}]" "    traffic: [sink: {port: 9, bytes: 1MB}]"
"$sockeye" lab talks.yaml --trace=json --ladder >json 2>said
code=$?
[ $code -eq 0 ] && python3 is_json.py json 2>>said && grep -qx 'lab talks: ok, 1 program, 2 services' said &&
    grep -qx 'abcd 199' said && grep -q 'TCP connection 1' said
say $? "with a trace as JSON standard output is JSON, line by line; all else is on standard error"
"$sockeye" lab talks.yaml --trace >trace 2>said
[ $? -eq 0 ] && [ "$(grep -cE '^abcd [0-9]+$' trace)" -eq 200 ] &&
    grep -qx 'the end of a line that has none' trace &&
    ! grep -vE '^([0-9]+\.[0-9]{9} event=|abcd |the end|lab talks: ok|  seed)' trace >>said
say $? "beside a trace what programs write comes in whole lines"
sed 's/python3 talks.py/seq 100000 300000/' talks.yaml >bursts.yaml
"$sockeye" lab bursts.yaml --trace >trace 2>said
[ $? -eq 0 ] && seq 100000 300000 >numbers && grep -xE '[0-9]+' trace | cmp - numbers >>said
say $? "those of a program that writes more than a pipe holds too"
"$sockeye" lab talks.yaml --trace --pcap - >json 2>said
[ $? -eq 2 ] && [ ! -s json ] && grep -q 'would both go to standard output' said
say $? "a trace and a capture do not both go to standard output"
"$sockeye" lab talks.yaml --pcap - --record talks.record --ladder >pcap 2>said
[ $? -eq 0 ] && grep -q 'TCP connection 1' said &&
    "$sockeye" replay talks.record --trace=json >json 2>>said && python3 is_json.py json 2>>said &&
    grep -q '^replay: ok' said
say $? "the same holds for a capture, and for a replay"
"$sockeye" replay talks.record --pcap no/such/folder >json 2>said
[ $? -eq 2 ] && [ ! -s json ] && [ "$(cat said)" = 'sockeye: no/such/folder: No such file or directory' ]
say $? "a replay whose capture cannot be made says that, and nothing of the record"

# share WORDS: the percentage that WORDS have in the first line of limits
share() {
    sed -n "s/^    limited by .*$1 \\([0-9]*\\) %.*/\\1/p" said | head -1
}
# limits WIRE BYTES SETTING: one stream of so many bytes from a to b, in virtual time
limits() {
    lab limits "$1" "    traffic: [source: {to: 'b:9', bytes: $2}]" "    settings: ['$3']
    traffic: [sink: {port: 9, bytes: $2}]"
    "$sockeye" lab limits.yaml --seed "${4:-1}" --report >said 2>&1
}
limits 'delay: 20ms' 500kB 'net.ipv4.tcp_rmem=4096 8192 8192'
[ $? -eq 0 ] && [ "$(share "receiver's window")" -ge 95 ]
say $? "a small receive buffer is seen as the receiver's window"
limits 'delay: 5ms, rate: 2Mbit' 1MB 'net.ipv4.tcp_sack=1'
[ $? -eq 0 ] && [ "$(share "wire's rate")" -ge 95 ]
say $? "a slow wire is seen as the wire's rate"
limits 'delay: 20ms, loss: 2%' 1MB 'net.ipv4.tcp_sack=1' 2
[ $? -eq 0 ] && [ "$(share 'congestion window')" -ge 95 ] &&
    python3 - said 1000000 2 <<'END' >>said 2>&1
import re, sys
said = open(sys.argv[1]).read()
took = float(re.search(r"a.source .* in ([0-9.]+) s", said)[1])
line = re.search(r"connection: a .*: (\d+) bytes in ([0-9.]+) ms, goodput (\d+) kbit/s; "
                 r"RTT least ([0-9.]+), mean ([0-9.]+) ms; (\d+) lost, (\d+) sent again", said)
size, time, goodput, least, mean, lost, again = (float(x) for x in line.groups())
assert size == 1000000
assert abs(time / 1000 - took) < 0.1, (time, took)
assert abs(goodput * time / 8 - size) < size / 100, goodput
assert least == 40.002 or 40 <= least < 40.1, least
assert least <= mean < 60, mean
assert 0 < lost < 40 and again >= lost, (lost, again)
END
say $? "losses are seen as the congestion window; goodput, round trip and losses are the transfer's"
cat >drips.py <<'END'
import socket, sys, time
s = socket.create_connection(("b", 7))
for i in range(12):
    s.sendall(bytes(1000))
    assert s.recv(1000)
    time.sleep(0.1)
END
lab drips "delay: 2ms" "    programs: [{run: python3 drips.py}]" "    traffic: [echo: {}]"
"$sockeye" lab drips.yaml --report --record drips.record >said 2>&1
[ $? -eq 0 ] && [ "$(share 'program')" -ge 90 ] && grep -q 'b 10.0.0.2:7: 12000 bytes' said
say $? "a program that gives little is seen as the program"
grep -A1 'connection: ' said >lines
"$sockeye" replay drips.record --report >said 2>&1 && grep -A1 'connection: ' said | cmp - lines >>said
say $? "a replay has the same figures"

cat >datagrams.yaml <<'END'
wires:
  - {name: w, between: [a.e, b.e], delay: 5ms, loss: 10%}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    traffic:
      - ping: {to: b, count: 3, interval: 100ms, replies: 0}
      - source: {to: "b:7", bytes: 10kB, echoed: true, protocol: udp, size: 3000}
      - source: {to: "b:9", bytes: 10, protocol: udp}
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
    traffic: [echo: {}]
END
# on_terminal COLUMNS COMMAND...: as if a terminal were so wide; what it shows comes to `said`
cat >on_terminal.py <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
try:
    while piece := os.read(fd, 65536):
        shown += piece
except OSError:
    pass
os.write(1, shown.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
on_terminal() {
    env -u COLUMNS TERM=xterm python3 on_terminal.py "$@" >said 2>&1
}
cat >widest.py <<'END'
import re, sys
lines = re.sub("\x1b\\[[0-9;]*[mK]|\r", "", open(sys.argv[1], encoding="utf-8").read()).splitlines()
rows = [line for line in lines if "│" in line]
print(max(map(len, rows)), "columns,", len(rows), "rows")
END
on_terminal 80 "$sockeye" lab datagrams.yaml --ladder
code=$?
[ $code -eq 0 ] && python3 widest.py said | grep -q '^\(6[0-9]\|7[0-9]\|80\) columns, [1-9]' &&
    grep -q '^UDP datagrams 1: a 10.0.0.1' said && grep -q '^ICMP echo 1: a 10.0.0.1 to b' said &&
    grep -q 'echo request seq=2 len=56' said && grep -q 'port unreachable of' said &&
    grep -q 'fragment at 1480 len=1480' said
say $? "datagrams, fragments, pings and errors are drawn, as wide as the terminal"
esc=$(printf '\033[31m')
grep -qF "$esc" said && NO_COLOR=1 on_terminal 80 "$sockeye" lab datagrams.yaml --ladder &&
    ! grep -qF "$esc" said && on_terminal 80 "$sockeye" lab datagrams.yaml --ladder --color=never &&
    ! grep -qF "$esc" said && "$sockeye" lab datagrams.yaml --ladder >said 2>&1 &&
    ! grep -qF "$esc" said && "$sockeye" lab datagrams.yaml --ladder --color=always >said 2>&1 &&
    grep -qF "$esc" said
say $? "it has colours on a terminal, none with NO_COLOR or on a pipe, and as --color says"
"$sockeye" lab datagrams.yaml --ladder >said 2>&1 &&
    [ "$(python3 widest.py said | cut -d' ' -f1)" -le 100 ] &&
    COLUMNS=70 "$sockeye" lab datagrams.yaml --ladder >said 2>&1 &&
    [ "$(python3 widest.py said | cut -d' ' -f1)" -le 70 ]
say $? "on a pipe it is a hundred columns wide, or as COLUMNS says"
# one host: two would tell each other of their addresses
cat >idle.yaml <<END
time_limit: 1s
hosts: [{name: a, traffic: [{sink: {port: 9, connections: 1}}]}]
END
"$sockeye" lab idle.yaml --ladder >said 2>&1
grep -q 'nothing to draw' said
say $? "a run without a conversation says that there is nothing to draw"

cat >noisy.py <<'END'
import sys
for i in range(3000):
    print("line", i)
print("\033[31mred\033[0m\tand a bell\a")
sys.stdout.flush()
sys.stdout.buffer.write("\u009b31mred, and \u00e9\n".encode())
sys.exit(1)
END
lab noisy "delay: 1ms" "    programs: [{run: python3 noisy.py}]
    traffic: [source: {to: 'b:7', bytes: 1kB, echoed: true}]" '    traffic: [echo: {}]'
"$sockeye" lab noisy.yaml >said 2>&1
[ $? -eq 1 ] && [ "$(grep -c '|' said)" -eq 10 ] && grep -q '    | line 2992$' said &&
    grep -q "    | ?\[31mred?\[0m$(printf '\t')and a bell?\$" said &&
    ! grep -q "$(printf '\033')" said && grep -q "    | ?31mred, and $(printf '\303\251')\$" said
say $? "of a program that failed the last lines are shown, as text alone"
