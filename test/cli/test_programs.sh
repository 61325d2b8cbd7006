#!/bin/sh
# SPDX-License-Identifier: MIT
# Labs of real programs: order, expectations, logs, exec, and that nothing is left behind.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 run

# lab NAME: two hosts on a wire; the programs of a, then of b, are appended to it by the caller
lab() {
    cat >"$1.yaml" <<END
time_limit: 20s
wires:
  - {name: w, between: [a.e, b.e], delay: 1ms, loss: 1%}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
$2
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
$3
END
}

# until_true COMMAND...: waits for it, a few seconds at most
until_true() {
    tries=0
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return 1
        sleep 0.1
    done
}

echo 1..34
head -c 300000 /dev/urandom >served.bin
lab fetch '    programs: [{run: python3 -m http.server 80, background: true}]' \
    '    programs: [{run: curl -sS -o fetched.bin http://a/served.bin, after: a.listening:80}]'
"$sockeye" lab fetch.yaml --pcap one.pcapng --record one.record >said 2>&1 &&
    cmp served.bin fetched.bin >>said 2>&1
say $? "curl fetches a file from http.server, by the name of its host"
"$sockeye" replay one.record --pcap two.pcapng >said 2>&1 && cmp one.pcapng two.pcapng >>said 2>&1
say $? "the record replays to the identical pcapng, without the programs"

lab fails "    programs: [{run: sh -c 'echo all is lost; exit 3'}]" ''
"$sockeye" lab fails.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED a.sh: exit 3, expected exit 0' said && grep -q 'all is lost' said
say $? "a program that fails fails the lab, and its last words are shown"

lab order "    programs:
      - {name: one, run: sh -c 'sleep 0.2; echo one >>order; exit 3', expect: {exit: 3}}" \
    "    programs:
      - {name: two, run: sh -c 'echo two >>order', after: a.one.exited}
      - {name: three, run: sh -c 'echo three >>order', after: 'a.one.exited, b.two.exited'}"
"$sockeye" lab order.yaml >said 2>&1 && [ "$(tr '\n' ' ' <order)" = "one two three " ]
say $? "programs start in their order, and an expected exit code is as good as 0"

lab kill "    programs:
      - run: python3 -c 'import socket; s = socket.create_server((\"\", 9)); s.accept()[0].recv(9)'
        kill: {after: 5s}" \
    "    programs:
      - run: python3 -c 'import socket; print(socket.create_connection((\"a\", 9)).recv(9))'
        after: a.listening:9
        log: b.log"
"$sockeye" lab kill.yaml >said 2>&1 && grep -q "b''" b.log
say $? "a program is killed as planned, and its peer sees the end"

lab early '    programs: [{run: sh -c "exit 0", background: true}]' \
    '    programs: [{run: sleep 91360}]'
"$sockeye" lab early.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED a.sh: is a background program, but ended by itself: exit 0' said
say $? "a background program that ends by itself fails the lab at once"

lab ends '    programs:
      - {run: sh -c "exit 3", name: three, background: true, expect: {exit: 3}}
      - {run: sh -c "exit 4", name: four, background: true, expect: {exit: any}}
      - {run: sleep 91364, background: true, expect: {exit: 0}}' \
    '    programs: [{run: sleep 0.3}]'
"$sockeye" lab --report ends.yaml >said 2>&1 && grep -q 'ok     a.three: exit 3, from' said &&
    grep -q 'ok     a.sleep: in the background' said
say $? "a background program may end by itself where the file says how"
sed 's/exit: 3/exit: 5/' ends.yaml >wrong.yaml
"$sockeye" lab wrong.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED a.three: exit 3, expected exit 5' said
say $? "and fails the lab if it ends in another way"

cat >two.yaml <<END
wires:
  - {name: left, between: [one.e, server.l]}
  - {name: right, between: [two.e, server.r]}
hosts:
  - name: server
    interfaces: [{name: l, address: 10.1.0.9/24}, {name: r, address: 10.2.0.9/24}]
    programs: [{run: python3 -m http.server 80, background: true}]
    traffic: [echo: {}]
  - name: one
    interfaces: [{name: e, address: 10.1.0.1/24}]
    routes: [{to: 10.2.0.9/32, via: 10.1.0.9}]
    programs:
      - {run: curl -sS -o /dev/null http://server/, after: "server.listening:80"}
      - {name: file, shell: "grep server /etc/hosts | tr '\\n' ' ' >one.hosts"}
  - name: two
    interfaces: [{name: e, address: 10.2.0.1/24}]
    programs:
      - {run: curl -sS -o /dev/null http://server/, after: "server.listening:80"}
      - {name: file, shell: "grep server /etc/hosts | tr '\\n' ' ' >two.hosts"}
      - name: first
        run: python3 -c "import socket; socket.create_connection((socket.gethostbyname('server'), 80))"
        after: server.listening:80
    traffic: [source: {to: "server:7", bytes: 1000, echoed: true}]
END
"$sockeye" lab two.yaml >said 2>&1 && grep -qx '10.1.0.9 server 10.2.0.9 server ' one.hosts &&
    grep -qx '10.2.0.9 server 10.1.0.9 server ' two.hosts
say $? "a name has the address first that the asking host can reach"

cat >answer.py <<END
import socket, struct, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 53))
while True:
    question, peer = server.recvfrom(2048)
    end = question.index(b"\\0", 12) + 5
    answer = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4" + socket.inet_aton(sys.argv[1])
    is_address = question[end - 4:end - 2] == b"\\0\\1"
    header = question[:2] + b"\\x85\\x80\\0\\1\\0" + bytes([is_address]) + b"\\0\\0\\0\\0"
    server.sendto(header + question[12:end] + (answer if is_address else b""), peer)
END
cat >asks.py <<END
import socket, time
start = time.monotonic()
print(socket.gethostbyname("www.example.org"))
assert time.monotonic() - start < 4, "a dead server was waited for"
END
lab servers '    nameservers: [b, 10.0.0.7]
    programs:
      - {name: file, shell: "cat /etc/resolv.conf /etc/nsswitch.conf >a.files"}
      - run: python3 asks.py
        after: b.listening:53/udp
        log: a.name' \
    '    programs: [{run: python3 answer.py 10.9.8.7, background: true}]'
sed 's/^wires/nameservers: [a]\n&/; s/loss: 1%/loss: 0/' servers.yaml >nameservers.yaml
"$sockeye" lab nameservers.yaml >said 2>&1 && grep -qx 10.9.8.7 a.name &&
    grep -qx 'nameserver 10.0.0.2' a.files && grep -qx 'nameserver 10.0.0.7' a.files &&
    grep -qx 'hosts: files dns' a.files
say $? "a host asks the servers of names that the file gives it"
sed 's/\[b, 10.0.0.7\]/[a, b]/' nameservers.yaml >second.yaml
"$sockeye" lab second.yaml >said 2>&1 && grep -qx 10.9.8.7 a.name
say $? "the second server is asked at once where nobody listens at the first"

cat >far.yaml <<END
time_limit: 2s
wires:
  - {name: w, between: [a.e, b.e]}
  - {name: x, between: [b.f, c.f]}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    programs:
      - run: python3 -c 'import socket; socket.create_connection(("10.1.0.2", 7))'
      - name: udp
        run: python3 -c 'import socket; socket.socket(2, 2).sendto(b"x", ("10.2.0.3", 7))'
    traffic: [ping: {to: 10.9.0.1}]
  - name: b
    interfaces: [{name: e, address: 10.1.0.2/24}, {name: f, address: 10.2.0.2/24}]
    traffic: [echo: {}]
  - name: c
    interfaces: [{name: f, address: 10.2.0.3/24}]
END
"$sockeye" lab far.yaml >said 2>&1
[ $? -eq 1 ] &&
    grep -q 'no route from a to 10.1.0.2 (b); host a needs  routes: \[{to: 10.1.0.0/24, interface: e}\]' said &&
    grep -q 'no route from b to 10.0.0.1 (a); host b needs  routes: \[{to: 10.0.0.0/24, interface: e}\]' said &&
    grep -q 'no route from a to 10.2.0.3 (c); no wire joins the two' said &&
    grep -q "no route from a to 10.9.0.1, which is no host's address" said
say $? "where a route is missing it is told, with the lines to add"
sed 's#^    programs:#    routes: [{to: 10.1.0.0/24, interface: e}]\n&#' far.yaml >back.yaml
"$sockeye" lab back.yaml >said 2>&1
[ $? -eq 1 ] && ! grep -q 'from a to 10.1.0.2' said &&
    grep -q 'no route from b to 10.0.0.1 (a); host b needs  routes: \[{to: 10.0.0.0/24, interface: e}\]' said
say $? "and where the way back is missing"

cat >other.yaml <<END
wires:
  - {name: w, between: [a.e, b.e]}
  - {name: x, between: [a.f, c.e]}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}, {name: f, address: 10.1.0.1/24}]
    traffic: [ping: {to: 10.0.0.9, count: 1}, ping: {to: c, count: 1}, ping: {to: b, count: 1}]
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
  - name: c
    interfaces: [{name: e, address: 10.0.0.3/24}]
END
sed 's/traffic: \[\(.*\)\]/traffic: [{\1}]/; s/1}, ping/1}}, {ping/g' other.yaml >silent.yaml
"$sockeye" lab silent.yaml >said 2>&1
[ $? -eq 1 ] && grep -q "a asked for 10.0.0.9 on its e, which leads to b.e; that is no host's address" said &&
    grep -q 'a asked for 10.0.0.3 on its e, which leads to b.e; that is the address of c.e' said
say $? "where an address is asked for to which the wire does not lead, it is told"

lab shell '    programs: [{shell: "echo $Y | tr a b >shell.out; exit 3", environment: [Y=aha], expect: {exit: 3}}]' ''
"$sockeye" lab --report shell.yaml >said 2>&1 && grep -q bhb shell.out && grep -q 'ok     a.echo: exit 3' said
say $? "a command for a shell is read by a shell"

mkdir -p far/sub
printf '#!/bin/sh\npwd\n' >far/sub/prog && chmod 755 far/sub/prog && cp far/sub/prog far
lab far/here '    programs:
      - {name: one, run: ./prog, log: one.log}
      - {name: two, run: ./prog, directory: sub, log: sub/two.log}
      - {name: three, shell: pwd >three.log}
      - {name: four, run: sub/prog, directory: /, log: /dev/null, expect: {exit: any}}' ''
sed '/four/d' far/here.yaml >far/away.yaml
"$sockeye" lab far/away.yaml >said 2>&1 &&
    grep -qx "$(pwd -P)/far" far/one.log && grep -qx "$(pwd -P)/far/sub" far/sub/two.log &&
    grep -qx "$(pwd -P)/far" far/three.log
say $? "paths of a file are seen from its folder, and a program from its directory"
"$sockeye" lab far/here.yaml >said 2>&1
[ $? -eq 2 ] && grep -q ':1[0-9]: .*run: there is no executable program "sub/prog" in /$' said
say $? "a program that is not there is told with the folder in which it was looked for"

lab never '    programs: [{run: sleep 0.1}]' \
    '    programs: [{run: sleep 91360, after: "a.listening:1"}]'
"$sockeye" lab never.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED b.sleep: was never started: it waits for a.listening:1' said
say $? "what waits for what cannot come is told"

lab later '    programs: [{run: echo it is time, log: stdout, after: 200ms}]' ''
"$sockeye" lab later.yaml >said 2>&1 && grep -q 'it is time' said
say $? "a program that waits for nothing but a time is started"

sed 's/20s/500ms/' early.yaml | sed 's/sh -c "exit 0"/sleep 91361/' >limit.yaml
"$sockeye" lab limit.yaml --tap >said 2>&1
[ $? -eq 1 ] && grep -q '^not ok 2 - b.sleep: had not ended' said &&
    grep -q '^not ok 3 - the lab: the time limit was reached' said
say $? "the time limit ends a lab; the outcome is TAP"

lab name '    programs: [{run: hostname, log: stdout, environment: [X=1]}]' \
    '    environment: [Y=2]
    directory: /
    programs: [{run: sh -c "echo $Y $Z $PWD", environment: [Z=3], log: stdout}]'
"$sockeye" lab name.yaml --quiet >said 2>&1 && grep -q '^a$' said && grep -q '^2 3 /$' said
say $? "a host has its name; a program its environment and directory"

lab stay '    traffic: [echo: {}]' ''
"$sockeye" lab --stay --quiet stay.yaml >stay.out 2>&1 &
pid=$!
until_true "$sockeye" exec stay b -- true
"$sockeye" exec b -- sh -c 'hostname; cat; exit 5' >said 2>&1 <<END
through
END
[ $? -eq 5 ] && [ "$(tr '\n' ' ' <said)" = "b through " ]
say $? "exec runs a command on a host, with our files and its exit code"
"$sockeye" exec b -- python3 -c '
import socket
s = socket.create_connection(("a", 7))
s.sendall(b"hello")
print(s.recv(5), s.getpeername())' >said 2>&1 && grep -q "b'hello' ('10.0.0.1', 7)" said
say $? "a program of exec talks to the built-in echo of another host"
"$sockeye" exec b printf '%s,' x -- y >said 2>&1 && [ "$(cat said)" = 'x,--,y,' ] &&
    "$sockeye" exec stay b -- printf '%s,' x -- y >said 2>&1 && [ "$(cat said)" = 'x,--,y,' ]
say $? "a command of exec may have a -- of its own"
"$sockeye" exec b -- sleep 91362 &
asker=$!
until_true pgrep -x -f 'sleep 91362'
kill -TERM $asker
wait $asker
[ $? -eq 143 ] && ! pgrep -x -f 'sleep 91362' >said
say $? "a signal to exec goes to the command"
"$sockeye" exec b -- sleep 91365 2>said &
asker=$!
until_true pgrep -x -f 'sleep 91365'
kill -STOP $pid
kill -TERM $asker
sleep 0.5
until_true sh -c "! kill -INT $asker"
wait $asker
[ $? -eq 130 ] && grep -q 'does not take the signal' said
say $? "a second signal ends an exec whose lab has not taken the first"
"$sockeye" exec b -- true 2>said &
asker=$!
until_true grep -q 'has not answered for 3 s' said && kill -INT $asker
wait $asker
[ $? -eq 130 ] && grep -q 'has not answered' said
say $? "exec into a lab that does not answer says so, and a signal ends it"
cat >typed.py <<END
import os, pty, select, sys
child, fd = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said, typed = b"", False
while select.select([fd], [], [], 20)[0]:
    try:
        said += os.read(fd, 1000)
    except OSError:
        break
    if b"has not answered" in said and not typed:
        typed = os.write(fd, b"\\x03") == 1
print(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
python3 typed.py "$sockeye" exec b -- true >said 2>&1
[ $? -eq 130 ] && grep -q 'has not answered' said
result=$?
kill -CONT $pid
say $result "from a terminal, Ctrl-C does"
python3 typed.py "$sockeye" exec b -- sh -c 'tty; exit 6' >said 2>&1
[ $? -eq 6 ] && grep -q '^/dev/pts/' said
say $? "a command that exec starts from a terminal has a terminal"
"$sockeye" lab --stay stay.yaml >second.out 2>second.err &
second=$!
until_true grep -q 'Ctrl-C' second.err
"$sockeye" exec --list >list
kill $second
wait $second
grep -q "another lab \"stay\" runs; this one is called stay-$second" second.err &&
    grep -q "lab stay-$second: hosts a, b" second.err &&
    grep -q "sockeye exec stay-$second a -- sh" second.err
say $? "a lab that stays tells its name, its hosts and how to enter, and a second of the same name does"
[ "$(tr '\n' ' ' <list)" = "stay-$second stay " ]
say $? "the running labs are listed in the order of their sockets' names"
"$sockeye" exec b -- sleep 91363 2>/dev/null &
until_true pgrep -x -f 'sleep 91363'
kill -TERM $pid
wait $pid
code=$?
wait
[ $code -eq 0 ] && ! pgrep -x -f 'sleep 91363' >said
say $? "a lab that stays ends by a signal, and its programs with it"

lab slow '    programs: [{run: sleep 1.7}]' ''
python3 typed.py "$sockeye" lab slow.yaml >said 2>&1 &&
    grep -q 'slow: 1\.[0-9]* s of at most 20.000 s, .*, a.sleep' said &&
    "$sockeye" lab slow.yaml >said 2>&1 && ! grep -q 'of at most' said
say $? "a long run tells a terminal how far it is, and nobody else"

rm -f said
pgrep -a -x -f 'sleep 9136[0-9]' >said
find run -mindepth 1 >>said
[ ! -s said ]
say $? "no process, file or socket is left behind"
