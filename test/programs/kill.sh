#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs killed by SIGKILL, at chance times of a transfer and at chosen moments: the peer gets FIN
# or RST as Linux would send, and ends; the lab goes on for others; nothing is left behind.
. "$(dirname "$0")/common"

# has FILTER: does the capture hold such a frame?
has() {
    [ -n "$(tshark -r killed.pcapng -Y "$1" -T fields -e frame.number 2>/dev/null)" ]
}
# chance: 50 to 1070 ms
chance() {
    echo $((50 + $(od -An -N1 -tu1 /dev/urandom) * 4))
}
# to_kill NAME COMMAND: the keys of a program that writes its pid down, and is expected to be killed
to_kill() {
    echo "name: $1, run: \"sh -c 'echo \$\$ >$1.pid; exec $2'\", expect: {exit: KILL}"
}
# killer NAME MS: the keys of a program that kills it so long after the server listens, and leaves
# the lab a second to say so
killer() {
    echo "name: killer, run: \"sh -c 'sleep $(awk "BEGIN { print $2 / 1000 }"); kill -KILL \$(cat $1.pid); sleep 1'\",
       after: 'b.listening:8000'"
}
# on_b CODE, on_a CODE: python on a host, the one on b with its pid in b.pid
on_b() {
    [ -z "$before" ] || wait "$before"
    rm -f b.out b.pid
    on b sh -c 'echo $$ >b.pid; exec python3 -c "$0"' "$1" >b.out 2>&1 &
    before=$!
    until_true grep -q ready b.out
}
on_a() {
    on a python3 -c "import errno, os, socket, time
def raises(error, function, *arguments):
    try:
        result = function(*arguments)
    except OSError as got:
        assert got.errno == error, got
    else:
        raise AssertionError(result)
def killed():
    time.sleep(0.3)
    os.kill(int(open('b.pid').read()), 9)
    time.sleep(0.3)
s = socket.create_connection(('b', 9000))
$1" >said 2>&1
}

echo 1..14
head -c 20000000 /dev/urandom >big.bin
wire="delay: 2ms, rate: 100Mbit, loss: 0.5%"
for run in 1 2 3; do
    time=$(chance)
    two_hosts server.yaml "$wire" "    programs:
      - {run: curl -sS -o got http://b:8000/big.bin, after: 'b.listening:8000', expect: {exit: any}}" \
        "    programs:
      - {$(to_kill server "python3 $here/upload.py 8000")}
      - {$(killer server "$time")}"
    "$sockeye" lab server.yaml --pcap killed.pcapng >said 2>&1 &&
        has 'ip.src == 10.0.0.2 && (tcp.flags.fin == 1 || tcp.flags.reset == 1)'
    say $? "run $run: a server is killed at $time ms; FIN or RST was sent, and the client ends"
    time=$(chance)
    two_hosts client.yaml "$wire" "    programs:
      - {$(to_kill client "curl -sS -T big.bin http://b:8000/up"), after: 'b.listening:8000'}" \
        "    programs:
      - {run: python3 $here/upload.py 8000, background: true}
      - {$(killer client "$time")}"
    "$sockeye" lab client.yaml --pcap killed.pcapng >said 2>&1 &&
        has 'ip.src == 10.0.0.1 && (tcp.flags.fin == 1 || tcp.flags.reset == 1)'
    say $? "run $run: a client is killed at $time ms of its upload; FIN or RST was sent"
done

two_hosts stay.yaml "delay: 1ms" "    traffic: [echo: {}]"
stay stay.yaml
before=
accept="import socket, signal
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(('', 9000))
l.listen(5)
print('ready', flush=True)"
on_b "$accept
s = l.accept()
signal.pause()"
on_a "killed()
assert s.recv(9) == b''
s.send(b'x')
time.sleep(0.1)
raises(errno.EPIPE, s.send, b'y')"
say $? "killed while idle: FIN; what is sent then is answered by RST: EPIPE"
on_b "$accept
s = l.accept()
signal.pause()"
on_a "s.send(b'not read')
killed()
raises(errno.ECONNRESET, s.recv, 9)"
say $? "killed with data unread: RST"
on_b "$accept
s = l.accept()[0]
s.recv(1 << 20)
s.send(b'the last words')
signal.pause()"
on_a "s.send(b'read')
killed()
assert s.recv(99) == b'the last words'
assert s.recv(99) == b''"
say $? "killed after its last words: they arrive, then the end"
on_b "$accept
signal.pause()"
on_a "s.send(b'not accepted')
killed()
raises(errno.ECONNRESET, s.recv, 9)
raises(errno.ECONNREFUSED, socket.create_connection, ('b', 9000))"
say $? "a listener killed before it accepts: RST to who waits, refusal for who comes"
on_b "$accept
import os
s = l.accept()[0]
if os.fork() == 0:
    import time
    time.sleep(1)
    s.send(b'the child')
    os._exit(0)
signal.pause()"
on_a "killed()
assert s.recv(99) == b'the child'
assert s.recv(99) == b''"
say $? "a parent killed: its child has the connection still, and ends it"
on_b "$accept
s = l.accept()[0]
s.setblocking(False)
try:
    while True: s.send(bytes(100000))
except BlockingIOError: pass
signal.pause()"
on_a "killed()
got = 0
while data := s.recv(1 << 20): got += len(data)
assert got > 100000, got"
say $? "killed with much unsent: all that was taken arrives, then the end"
on a python3 -c 'import socket; s = socket.create_connection(("a", 7)); s.send(b"x"); s.recv(1)' >said 2>&1
say $? "after all that the lab serves others"
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
