#!/bin/sh
# SPDX-License-Identifier: MIT
# Unmodified programs of AF_X25, compiled against the system's linux/x25.h (examples/x25_echo.c):
# records, interrupts, facilities and reasons, over LAPB on a wire that loses frames and over XOT;
# Wireshark reads the capture, a replay is the run.
. "$(dirname "$0")/common"

echo 1..10
${CC:-cc} -D_GNU_SOURCE -O1 -o x25_echo "$here/../../examples/x25_echo.c" >said 2>&1
say $? "the echo server and its client are compiled against linux/x25.h"

cp "$here/../../examples/x25.yaml" .
"$sockeye" lab --quiet --record x25.record --pcap x25.pcapng x25.yaml >said 2>&1
say $? "a hundred records come back over LAPB with loss, and a hundred over XOT"

if command -v tshark >/dev/null; then
    tshark -r x25.pcapng -Y _ws.malformed >malformed 2>/dev/null && [ ! -s malformed ] &&
        tshark -r x25.pcapng 2>/dev/null | grep -q 'Inc. call'
    say $? "tshark reads calls, and nothing malformed"
else
    echo "ok $((number = number + 1)) - # SKIP no tshark"
fi

"$sockeye" replay --quiet x25.record >said 2>&1
say $? "a replay of the record is the run"

sed '/name: over-xot/,$d' x25.yaml >near.yaml
"$sockeye" lab --layers=all near.yaml >layers 2>&1
[ "$(grep -c ' client to server, X.25 100 > 200' layers)" -ge 100 ] &&
    ! grep ' client to client, \| server to server, ' layers
say $? "an echo's records are not taken for those that it answers, on any layer"

# one FILE PROGRAM-OF-A PROGRAM-OF-B: a calls b over LAPB
one() {
    two_hosts "$1" "delay: 1ms" "    x25: {address: 100, lines: [{interface: eth0}]}
    programs: [{name: p, run: $2, after: b.listening:200/x25}]" "    x25: {address: 200, lines: [{interface: eth0}]}
    programs: [{name: p, run: $3, background: true}]"
}

one nobody.yaml "sh -c './x25_echo client 100 201 2>why; test \$? = 1'" "./x25_echo server 200"
"$sockeye" lab nobody.yaml >said 2>&1 && grep -q 'cause 1, diagnostic 0' why && grep -q 'refused' why
say $? "a call that nobody wants is refused, and its cause can be read"

cat >look.py <<'END'
import errno, fcntl, os, select, socket, struct, sys
AF_X25, SOL_X25, EOR, OOB = 9, 262, socket.MSG_EOR, socket.MSG_OOB
libc = __import__("ctypes").CDLL(None, use_errno=True)
def name(digits):
    return struct.pack("=H16s", AF_X25, digits.encode())
def call(function, *arguments):
    r = getattr(libc, function)(*arguments)
    if r < 0:
        error = __import__("ctypes").get_errno()
        raise OSError(error, os.strerror(error))
    return r
def bound(digits):
    s = socket.socket(AF_X25, socket.SOCK_SEQPACKET, 0)
    call("bind", s.fileno(), name(digits), 18)
    return s
def connect(s, digits):
    call("connect", s.fileno(), name(digits), 18)
def accept(l):
    return socket.socket(AF_X25, socket.SOCK_SEQPACKET, 0, call("accept4", l.fileno(), None, None, 0))
def ready():
    open("ready", "w").close()
def wait_for_other():
    while not os.path.exists("ready"):
        select.poll().poll(20)
    os.unlink("ready")
def raises(error, function, *arguments):
    try:
        function(*arguments)
    except OSError as e:
        assert e.errno == error, (e, errno.errorcode[error])
        return
    raise AssertionError("no error, not " + errno.errorcode[error])
END
cat >near.py <<'END'
from look import *
s = socket.socket(AF_X25, socket.SOCK_SEQPACKET, 0)
raises(errno.EINVAL, connect, s, "200")
raises(errno.EADDRNOTAVAIL, s.send, b"x", EOR)
raises(errno.ENOTCONN, s.recv, 10, OOB)
s = bound("100")
raises(errno.EINVAL, call, "bind", s.fileno(), name("101"), 18)
raises(errno.EINVAL, s.sendmsg, [b"x"])
raises(errno.ENETUNREACH, s.send, b"x", EOR)
raises(errno.ENOPROTOOPT, s.setsockopt, SOL_X25, 99, 1)
raises(errno.ESOCKTNOSUPPORT, socket.socket, AF_X25, socket.SOCK_STREAM, 0)
# a call that does not block
wait_for_other()
s.setblocking(False)
raises(errno.EINPROGRESS, connect, s, "200")
p = select.poll()
p.register(s, select.POLLOUT)
assert p.poll(5000), "not writable"
connect(s, "200")
raises(errno.EISCONN, connect, s, "200")
raises(errno.EAGAIN, s.recv, 10)
s.setblocking(True)
# records of all lengths, read as they were sent
for length in (1, 127, 128, 129, 5000, 65000):
    assert s.send(bytes(length), EOR) == length
    got = s.recv(70000)
    assert len(got) == length, (len(got), length)
s.send(b"hello", EOR)
s.send(b"there", EOR)
assert s.recv(3) == b"hel"
assert s.recv(9) == b"there"
raises(errno.EOPNOTSUPP, s.shutdown, socket.SHUT_RDWR)
# the Q bit
s.setsockopt(SOL_X25, 1, 1)
s.send(b"\1qualified", EOR)
assert s.recv(100) == b"\1qualified"
# the end: what came before it, then nothing
s.send(b"\0bye", EOR)
assert s.recv(100) == b"\0last"
s.send(b"\0read", EOR)
assert s.recv(100) == b""
why = fcntl.ioctl(s, 0x89E6, bytes(2))
assert why == b"\0\x4d", why
try:
    s.send(b"\0x", EOR)
    raise AssertionError("sent")
except BrokenPipeError:
    pass
END
cat >far.py <<'END'
from look import *
l = bound("200")
l.setsockopt(SOL_X25, 1, 1)
call("listen", l.fileno(), 5)
ready()
p = select.poll()
p.register(l, select.POLLIN)
assert p.poll(20000), "nobody calls"
s = accept(l)
assert not p.poll(0), "a call that is taken is told again"
while True:
    got = s.recv(70000)
    if got == b"\0bye":
        break
    s.send(got, EOR)
s.send(b"\0last", EOR)
assert s.recv(10) == b"\0read"
fcntl.ioctl(s, 0x89EC, b"\0\x4d")
s.close()
END
one errors.yaml "python3 near.py" "python3 far.py"
sed -i 's/run: python3 far.py, background: true/run: python3 far.py/' errors.yaml
"$sockeye" lab errors.yaml >said 2>&1
say $? "errors, records, the Q bit, poll() and the end are as a program of AF_X25 expects them"

cat >delayed.py <<'END'
from look import *
l = bound("200")
fcntl.ioctl(l, 0x89E8)
call("listen", l.fileno(), 5)
s = accept(l)
data = fcntl.ioctl(s, 0x89E4, bytes(132))
assert data[4:8] == b"\xc0ech", data[:8]
raises(errno.ENOTCONN, s.send, b"x", EOR)
fcntl.ioctl(s, 0x89E9)
for i in range(1000):
    got = s.recv(70000)
    if not got:
        break
    if got == b"i":
        s.send(s.recv(32, OOB), OOB)
    else:
        s.send(got, EOR)
END
rm -f ready
# the client waits for its listener, however late that is
one delayed.yaml "./x25_echo client 100 200 20" "sh -c 'sleep 1; exec python3 delayed.py'"
# which ends when its client does
sed -i 's/delayed.py.*, background: true/delayed.py'"'"'/' delayed.yaml
"$sockeye" lab delayed.yaml >said 2>&1
say $? "a server that decides itself accepts later (SIOCX25CALLACCPTAPPRV, SIOCX25SENDCALLACCPT)"

cat >reset.py <<'END'
from look import *
s = bound("100")
wait_for_other()
connect(s, "200")
s.setsockopt(SOL_X25, 64, b"\0\x63")
assert s.send(b"after", EOR) == 5
assert s.recv(10) == b"told"
END
cat >told.py <<'END'
from look import *
l = bound("200")
call("listen", l.fileno(), 5)
ready()
s = accept(l)
error = 0
while error == 0:
    error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
assert error == errno.ENETRESET, error
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
assert fcntl.ioctl(s, 0x89E6, bytes(2)) == b"\0\x63"
assert s.recv(10) == b"after"
s.send(b"told", EOR)
assert s.recv(10) == b""
END
one reset.yaml "python3 reset.py" "python3 told.py"
sed -i 's/run: python3 told.py, background: true/run: python3 told.py/' reset.yaml
"$sockeye" lab reset.yaml >said 2>&1
say $? "a reset is told once, as ENETRESET, and the circuit goes on"

two_hosts many.yaml "delay: 1ms" "    x25: {address: 100, lines: [{interface: eth0}]}
    programs:
      - {name: p, run: sh -c 'for i in 1 2 3 4 5 6 7 8; do ./x25_echo client 10\$i 200 5 & done; wait', after: 300ms}" \
    "    x25: {address: 200, lines: [{interface: eth0}]}
    programs: [{name: p, run: ./x25_echo server 200 8}]"
"$sockeye" lab many.yaml >said 2>&1
say $? "eight clients at once are served one after the other"
