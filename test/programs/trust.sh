#!/bin/sh
# SPDX-License-Identifier: MIT
# What sockeye(1) says under TRUST, sentence by sentence: what a program of a lab can and cannot do
# to the supervisor, to the machine, and to others of the lab.
. "$(dirname "$0")/common"

# python CODE: on host a; what it says goes to `said`
python() {
    on a python3 -c "$1" >said 2>&1
}
answers() {
    timeout 20 "$sockeye" exec a -- true >>said 2>&1
}

echo 1..7
two_hosts stay.yaml "delay: 1ms" "" "    traffic: [echo: {}]"
sed -i '1i limits: {sockets: 500}' stay.yaml
stay stay.yaml

# ---- the supervisor cannot be made to wait ----

python "import glob, os, resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
place = os.environ['XDG_RUNTIME_DIR'] + '/sockeye/'
# the files of the lab; and, for root alone, what the supervisor itself has open
doors = glob.glob(place + '*.h/*')
doors += [d for d in glob.glob('/proc/$stayed/fd/*') if 'door' in os.readlink(d)]
held = []
for door in doors:
    for i in range(4200):
        u = socket.socket(socket.AF_UNIX)
        u.setblocking(False)
        held.append(u)
        try:
            u.connect(door)
        except BlockingIOError:
            break
print(len(held), 'connections to', doors)
for i in range(20):
    c = socket.create_connection(('10.0.0.2', 7))
    c.send(b'x')
    assert c.recv(1) == b'x'
"
say $? "a program that knocks at every door it finds, thousands of times, keeps nobody waiting"

cat >idle.py <<'E2'
import glob, os, socket, sys, time
path = glob.glob(os.environ['XDG_RUNTIME_DIR'] + '/sockeye/*.sock')[0]
idle = []
for i in range(16):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    if i % 2:
        s.send(b'half')
    idle.append(s)
print('ready', flush=True)
begin = time.monotonic()
for s in idle:
    s.settimeout(20)
    while s.recv(4096):
        pass
took = time.monotonic() - begin
print('closed after', took, flush=True)
assert 0.5 < took < 15, took
E2
python3 idle.py >idle.out 2>&1 &
idle=$!
until_true grep -q ready idle.out
: >said
answers
code=$?
wait $idle && [ $code -eq 0 ]
code=$?
cat idle.out >>said
say $code "connections to the control socket that ask for nothing are closed, and keep nobody out"

# ---- limits ----

python "import socket, time
held = []
try:
    while True: held.append(socket.socket())
except OSError as e:
    assert e.errno == 24, e
print(len(held))
assert 400 < len(held) <= 512, len(held)
"
say $? "limits: {sockets: 500} of a lab file is the limit of each host"
python "import socket, time
held = []
def one():
    try:
        held.append(socket.create_connection(('10.0.0.1', 7), 0.01))
    except OSError as e:
        return e.errno
l = socket.socket()
l.bind(('', 9))
l.listen(500)
while True: # connections to itself take two places each, at least
    try:
        held.append(socket.create_connection(('127.0.0.1', 9)))
        held.append(l.accept()[0])
    except OSError as e:
        print(len(held), e)
        break
"
say $? "a host that is full says so to its programs"
: >said
for i in 1 2 3; do
    on a python3 -c "import socket
c = socket.create_connection(('10.0.0.2', 7), 10)
c.send(b'x')
assert c.recv(1) == b'x'" >>said 2>&1 || code=1
done
say $code "others are served after that"

# ---- what is written ----

leave >/dev/null
cat >traffic.yaml <<'E2'
wires:
  - {name: wire, between: [a.eth0, b.eth0]}
hosts:
  - name: a
    interfaces: [{name: eth0, address: 10.0.0.1/24}]
    traffic: [source: {to: "b:9", bytes: 1kB}]
  - name: b
    interfaces: [{name: eth0, address: 10.0.0.2/24}]
    traffic: [sink: {port: 9}]
E2
modes() {
    stat -c %a x.record x.pcapng x.trace | tr '\n' ' '
}
rm -f x.*
: >x.pcapng
chmod 666 x.pcapng
(umask 0 && "$sockeye" lab traffic.yaml --record x.record --pcap x.pcapng --trace-file x.trace) >said 2>&1
modes >>said
[ "$(modes)" = "600 600 600 " ]
say $? "records, captures and traces are for their user alone"
(umask 077 && "$sockeye" lab traffic.yaml --mode 640 --record x.record --pcap x.pcapng --trace-file x.trace) >said 2>&1
modes >>said
[ "$(modes)" = "640 640 640 " ]
say $? "--mode says otherwise"
exit $failed
