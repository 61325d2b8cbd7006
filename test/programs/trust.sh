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

echo 1..19
two_hosts stay.yaml "delay: 1ms" "" "    traffic: [echo: {}]"
sed -i '1i limits: {sockets: 500}' stay.yaml
stay stay.yaml

# ---- the supervisor cannot be made to wait ----

python "import errno, glob, os, resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
place = os.environ['XDG_RUNTIME_DIR'] + '/sockeye/'
# the files of the lab; and, for root alone, what the supervisor itself has open
doors = glob.glob(place + '*.h/*')
doors += [d for d in glob.glob('/proc/$stayed/fd/*') if 'door' in os.readlink(d)]
held = []
for kind in socket.SOCK_STREAM, socket.SOCK_SEQPACKET:
    for door in doors:
        for i in range(4200):
            u = socket.socket(socket.AF_UNIX, kind)
            u.setblocking(False)
            held.append(u)
            try:
                u.connect(door)
            except BlockingIOError:
                break
            except OSError as e: # a door is for one kind
                assert e.errno == errno.EPROTOTYPE, e
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

cat >flood.py <<'E2'
# A thousand messages of a thousand pieces in each call, again and again.
import ctypes, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
name = (2).to_bytes(2, 'little') + (9).to_bytes(2, 'big') + bytes([10, 0, 0, 2]) + bytes(8)
byte, name = ctypes.create_string_buffer(1), ctypes.create_string_buffer(name)
pieces = (ctypes.c_uint64 * 2048)(*[ctypes.addressof(byte), 1] * 1024)
header = [ctypes.addressof(name), 16, ctypes.addressof(pieces), 1024, 0, 0, 0, 0]
messages = (ctypes.c_uint64 * 8192)(*header * 1024)
u = socket.socket(type=socket.SOCK_DGRAM)
calls = 0
end = time.monotonic() + 4
while time.monotonic() < end:
    sent = libc.sendmmsg(u.fileno(), messages, 1024, 0)
    assert sent > 0, ctypes.get_errno()
    calls += 1
print(calls, 'calls, the last of', sent, flush=True)
E2
on a python3 flood.py >flood.out 2>&1 &
flood=$!
sleep 0.5
on b python3 -c "import socket, time
took = []
for i in range(21):
    begin = time.monotonic()
    c = socket.create_connection(('10.0.0.2', 7), 30)
    c.send(b'x')
    assert c.recv(1) == b'x'
    took.append(time.monotonic() - begin)
took.sort()
print(took)
assert took[10] < 0.5
" >said 2>&1
code=$?
wait $flood || code=1
cat flood.out >>said
say $code "a program that sends a million pieces in each call does not keep others from theirs"

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
cat >secret.py <<'E2'
import socket
c = socket.create_connection(('10.0.0.2', 7))
c.send(b'password-in-clear')
c.recv(99)
E2
two_hosts secret.yaml "delay: 1ms" "    programs: [{run: python3 secret.py}]" \
    "    traffic: [echo: {}]"
"$sockeye" lab secret.yaml --pcap x.pcapng --record x.record >said 2>&1
grep -q password-in-clear x.pcapng && grep -q password-in-clear x.record && [ "$(stat -c %a x.record)" = 600 ]
say $? "a capture and a record hold what programs sent"

# ---- who may look into whom ----

# ordinary COMMAND...: as an ordinary user, if we are root
ordinary() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all -- "$@"
    else
        "$@"
    fi
}
cp "$sockeye" ./sockeye-of-all
chmod 755 sockeye-of-all
mkdir user
[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 user run
cat >look.py <<'E2'
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def parent(pid):
    for line in open(f'/proc/{pid}/status'):
        if line.startswith('PPid:'):
            return int(line.split()[1])
class Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
def refused(what, result):
    assert result < 0 and ctypes.get_errno() == errno.EPERM, (what, result, ctypes.get_errno())
warden = parent(os.getpid())
for pid in warden, parent(warden):
    assert open(f'/proc/{pid}/comm').read().startswith('sockeye'), pid
    for name in 'mem', 'maps', 'environ', 'fd/0', 'fdinfo/0':
        try:
            open(f'/proc/{pid}/{name}', 'rb')
        except PermissionError:
            continue
        raise AssertionError(name)
    refused('PTRACE_SEIZE', libc.ptrace(0x4206, pid, 0, 0))
    refused('pidfd_getfd', libc.syscall(438, os.pidfd_open(pid), 3, 0))
    buffer = ctypes.create_string_buffer(8)
    here = Vector(ctypes.cast(buffer, ctypes.c_void_p), 8)
    there = Vector(0x550000000000, 8)
    for call in libc.process_vm_readv, libc.process_vm_writev:
        refused(call, call(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
try:
    os.open('/dev/tty', os.O_RDWR)
except OSError:
    pass
else:
    raise AssertionError('it has a terminal')
E2
chmod 644 look.py
two_hosts user.yaml "delay: 1ms" "    programs: [{run: python3 look.py, log: user/look.log}]"
ordinary ./sockeye-of-all lab user.yaml >said 2>&1
code=$?
cat user/look.log >>said
say $code "a program of an ordinary user cannot read, write, trace or borrow from the supervisor, nor its warden"

# ---- sockets of the machine ----

stay stay.yaml
cat >outside.py <<'E2'
# A socket of the machine in a lab: as standard input, and by SCM_RIGHTS.
import array, os, socket, subprocess, sys
sockeye = sys.argv[1]
heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
heard.bind(('127.0.0.1', 0))
heard.settimeout(1)
port = heard.getsockname()[1]
ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
connected = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
connected.connect(('127.0.0.1', port))

def silence():
    try:
        raise AssertionError(heard.recv(99))
    except TimeoutError:
        pass

def inside(code, stdin):
    return subprocess.run([sockeye, 'exec', 'a', '--', 'python3', '-c', code], stdin=stdin, timeout=40,
                          capture_output=True, text=True)

for s in ours, connected:
    got = inside('import os; os.write(0, b"x")', s)
    assert got.returncode != 0 and 'standard input' in got.stderr, got
    silence()

listener = socket.socket(socket.AF_UNIX)
listener.bind('passed.sock')
listener.listen(1)
passed = subprocess.Popen([sockeye, 'exec', 'a', '--', 'python3', '-c', f"""
import array, ctypes, errno, socket
c = socket.socket(socket.AF_UNIX)
c.connect('passed.sock')
fd = array.array('i', c.recvmsg(9, 999)[1][0][2])[0]
libc = ctypes.CDLL(None, use_errno=True)
name = (2).to_bytes(2, 'little') + ({port}).to_bytes(2, 'big') + bytes([127, 0, 0, 1]) + bytes(8)
vector = (ctypes.c_uint64 * 2)(ctypes.addressof(ctypes.create_string_buffer(b'x')), 1)
header = (ctypes.c_uint64 * 7)(ctypes.addressof(ctypes.create_string_buffer(name)), 16,
                               ctypes.addressof(vector), 1, 0, 0, 0)
number = ctypes.c_int(16)
for call in (lambda: libc.sendto(fd, b'x', 1, 0, name, 16), lambda: libc.connect(fd, name, 16),
             lambda: libc.bind(fd, name, 16), lambda: libc.sendmsg(fd, header, 0),
             lambda: libc.getsockname(fd, name, ctypes.byref(number)), lambda: libc.listen(fd, 1),
             lambda: libc.sendmmsg(fd, header, 1, 0), lambda: libc.shutdown(fd, 1),
             lambda: libc.setsockopt(fd, 1, 2, ctypes.byref(number), 4)):
    assert call() == -1 and ctypes.get_errno() == errno.EACCES, ctypes.get_errno()
"""])
c = listener.accept()[0]
c.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [ours.fileno()]))])
assert passed.wait(40) == 0
silence()
passed = subprocess.Popen([sockeye, 'exec', 'a', '--', 'python3', '-c', """
import array, os, socket
c = socket.socket(socket.AF_UNIX)
c.connect('passed.sock')
os.write(array.array('i', c.recvmsg(9, 999)[1][0][2])[0], b'plain')
"""])
c = listener.accept()[0]
c.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [connected.fileno()]))])
assert passed.wait(40) == 0
assert heard.recv(99) == b'plain'
E2
timeout 100 python3 outside.py "$sockeye" >said 2>&1
say $? "a socket of the machine is refused as a standard file, and calls on a passed one too"

# ---- who is you ----

sleep 60 &
other=$!
echo yours >yours
on a sh -c "cat yours && echo changed >yours && kill $other" >said 2>&1 && [ "$(cat yours)" = changed ] &&
    ! wait $other
say $? "a program of a lab has your files and your processes"
cat >knock.py <<'E2'
import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1])
except PermissionError:
    sys.exit(0)
sys.exit('another user came in')
E2
control=$(find run/sockeye -name '*.sock')
if [ "$(id -u)" -eq 0 ]; then
    chmod 711 run
    ordinary python3 knock.py "$control" >said 2>&1
    code=$?
    chmod 700 run
else
    code=0
fi
[ $code -eq 0 ] && [ "$(stat -c %a run/sockeye)" = 700 ]
say $? "no other user reaches the control socket"

# ---- nothing is left of what is killed ----

# count: descriptors of the supervisor, if we may see them; but for pidfds, of which 64 are kept
count() {
    ls -l "/proc/$stayed/fd" 2>/dev/null | grep -vc pidfd
}
storm="import os, random, signal, socket, time
for i in range(60):
    pid = os.fork()
    if pid == 0:
        held = []
        while True:
            s = socket.socket()
            s.setblocking(False)
            try: s.connect(('10.0.0.2', 7))
            except BlockingIOError: pass
            u = socket.socket(type=socket.SOCK_DGRAM)
            u.sendto(b'x', ('10.0.0.2', 7))
            held = held[-5:] + [s, u]
    time.sleep(random.random() * 0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
"
on a python3 -c "$storm" >said 2>&1
sleep 2
before=$(count)
code=0
for i in 1 2 3; do
    on a python3 -c "$storm" >>said 2>&1 || code=1
done
is_as_before() {
    after=$(count)
    [ "$after" -le "$before" ]
}
until_true is_as_before || code=1
echo "$before descriptors before, $after after" >>said
say $code "the supervisor has no more descriptors after 180 programs were killed amid their calls"
leave >/dev/null

cat >family.py <<'E2'
# Children, grandchildren, and a daemon that ignores what can be ignored; each says its number.
import os, signal, sys, time
def live():
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)
    open('family/%d' % os.getpid(), 'w')
    time.sleep(300)
if os.fork() == 0:
    if os.fork() == 0:
        live()
    live()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        if os.fork() == 0:
            live()
        os._exit(0)
    os._exit(0)
live()
E2
is_whole() {
    [ "$(ls family | wc -l)" -eq 4 ]
}
is_gone() {
    for member in $(ls family); do
        kill -0 "$member" 2>/dev/null && return 1
    done
    return 0
}
warden_of() {
    for status in /proc/[0-9]*/stat; do
        awk -v p="$1" '$2 == "(sockeye-warden)" && $4 == p { print $1 }' "$status" 2>/dev/null
    done
}
# end_by COMMAND...: a lab with such a family, ended by it, five times
end_by() {
    for i in 1 2 3 4 5; do
        rm -rf family
        mkdir family
        setsid "$sockeye" lab family.yaml >family.out 2>&1 &
        lab=$!
        until_true is_whole || return 1
        "$@"
        wait $lab
        code=$?
        until_true is_gone || return 1
    done
}
the_warden() {
    kill -9 "$(warden_of $lab)"
}
two_hosts family.yaml "delay: 1ms" "    programs: [{run: python3 family.py}]"
end_by eval 'kill -9 $lab' >said 2>&1 && [ $code -eq 137 ]
say $? "kill -9 of a lab ends all its programs, daemons and grandchildren too"
end_by eval 'kill -9 -$lab' >said 2>&1 && [ $code -eq 137 ]
say $? "kill -9 of a lab's process group does so too"
end_by the_warden >said 2>&1 && cat family.out >said && [ $code -eq 1 ] && grep -q 'was killed' said
say $? "kill -9 of its warden ends the lab, which says so, and all its programs"
the_stopped_warden() {
    kill -STOP "$(warden_of $lab)"
    begin=$(date +%s)
    ! timeout 60 "$sockeye" exec a -- true 2>stopped.out || return 1
    took=$(($(date +%s) - begin))
}
rm -rf family
mkdir family
setsid "$sockeye" lab family.yaml >family.out 2>&1 &
lab=$!
until_true is_whole
the_stopped_warden >said 2>&1 && wait $lab
code=$?
until_true is_gone
gone=$?
cat family.out stopped.out >>said
echo "took $took s" >>said
[ $code -eq 1 ] && [ $gone -eq 0 ] && [ "$took" -ge 8 ] && [ "$took" -le 40 ]
say $? "who stops the warden stops the lab for ten seconds, and it is over"
end_by eval 'kill $lab' >said 2>&1
say $? "an ordinary end leaves none of them"
