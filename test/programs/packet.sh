#!/bin/sh
# SPDX-License-Identifier: MIT
# Sockets of whole frames (AF_PACKET) of unmodified programs: arping, a python program that listens,
# filters and sends, and tcpdump with its ring.
. "$(dirname "$0")/common"

cat >listen.py <<'EOF'
import ctypes, socket, struct, time
ALL, ARP, OUTGOING = 3, 0x806, 4
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
s.bind(("eth0", ALL))
# not IPv6: ldh [12]; jeq 0x86dd, drop; take 60 bytes
code = [(0x28, 0, 0, 12), (0x15, 0, 1, 0x86dd), (0x06, 0, 0, 0), (0x06, 0, 0, 60)]
program = b"".join(struct.pack("HBBI", *i) for i in code)
held = ctypes.create_string_buffer(program)
s.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", len(code), ctypes.addressof(held)))
s.settimeout(10)
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.sendto(b"x" * 100, ("10.0.0.2", 9))
seen = []
while len(seen) < 4:
    frame, name = s.recvfrom(2048)
    seen.append((name[0], hex(name[1]), name[2] == OUTGOING, len(frame)))
for line in sorted(seen):
    print(*line)
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
for i in range(30): # the other may start late
    n = raw.sendto(b"\xff" * 6 + b"\2" * 6 + b"\x88\xb5" + b"hello" * 10, ("eth0", 0))
    time.sleep(0.1)
print("sent", n)
EOF
cat >hear.py <<'EOF'
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x88b5))
s.settimeout(20)
data, name = s.recvfrom(100)
print("heard", data[:5].decode(), name[0], hex(name[1]), name[2], name[4].hex())
EOF
two_hosts arping.yaml "delay: 1ms" "    programs: [{run: arping -c 2 -w 9 -I eth0 10.0.0.2, log: stdout}]" \
    "    environment: [X=1]"
echo 1..10
"$sockeye" lab arping.yaml >said 2>&1
[ $? -eq 0 ] && [ "$(grep -c '^Unicast reply from 10.0.0.2' said)" -eq 2 ]
say $? "arping is answered twice"

two_hosts listen.yaml "delay: 1ms" \
    "    programs: [{name: listen, run: python3 listen.py, log: stdout}]" \
    "    programs: [{name: hear, run: python3 hear.py, log: stdout}]"
"$sockeye" lab listen.yaml --record out.record >said 2>&1
grep -qx 'eth0 0x800 False 60' said && grep -qx 'eth0 0x800 True 60' said &&
    grep -qx 'eth0 0x806 False 42' said && grep -qx 'eth0 0x806 True 42' said
say $? "a program sees what its host sends and receives, cut by its filter"
grep -qx 'sent 64' said && grep -qx 'heard hello eth0 0x88b5 1 020202020202' said
say $? "a frame of a program's own is heard by its protocol on the other host"
"$sockeye" replay out.record >said 2>&1
say $? "and the record replays"
# A ring in whose blocks the header alone has room: its frames come without bytes, and stay in them.
# While the ring has the socket's place, it cannot be cut under us.
cat >ring.py <<'EOF'
import ctypes, os, socket, struct, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
PACKET, VERSION, RING, RESERVE, ALL = 263, 10, 5, 12, 3
BLOCK, START = 4096, 48
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
s.bind(("eth0", ALL))
s.setsockopt(PACKET, VERSION, 2)
s.setsockopt(PACKET, RESERVE, 3968)
s.setsockopt(PACKET, RING, struct.pack("7I", BLOCK, 2, 4048, 2, 10, 0, 0))
at = libc.mmap(None, 2 * BLOCK, 3, 1, s.fileno(), 0)
assert at != 2**64 - 1, os.strerror(ctypes.get_errno())
try:
    os.ftruncate(s.fileno(), 0)
    raise SystemExit("cut")
except OSError:
    pass
s.getsockopt(PACKET, VERSION)
word = lambda offset: struct.unpack("I", ctypes.string_at(at + offset, 4))[0]
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.sendto(b"x" * 1400, ("10.0.0.2", 9))
for i in range(500):
    if word(8) & 1: # block_status
        break
    time.sleep(0.02)
print("length", word(START + 12), "of", word(START + 16) > 0, "at", struct.unpack(
    "H", ctypes.string_at(at + START + 24, 2))[0])
EOF
two_hosts ring.yaml "delay: 1ms" "    programs: [{name: ring, run: python3 ring.py, log: stdout}]" \
    "    environment: [X=1]"
"$sockeye" lab ring.yaml >said 2>&1
grep -qx 'length 0 of True at 4048' said
say $? "a frame stays in the block of a ring that has room for its header alone"

# Both captures as text: the same frames, byte by byte; what the host itself sent, with the same
# times between, to the microsecond.
cat >dump.sh <<'EOF'
: >dumped
tcpdump -i "$1" -p -Z "$(id -un)" -U -w out.pcap -c 6 "$2" 2>dumped &
i=0
while [ $i -lt 200 ] && ! grep -q listening dumped; do
    sleep 0.1
    i=$((i + 1))
done
ping -c 3 -i 0.2 "$3" >/dev/null
wait
EOF
frames() {
    tcpdump -r "$1" -t -n -xx "$2" 2>/dev/null
}
stamps() {
    tcpdump -r "$1" -tt -n "$2 and src $3" 2>/dev/null |
        awk 'NR == 1 { first = $1 } { printf "%.0f\n", ($1 - first) * 1e6 }'
}
same() {
    stamps out.pcap "$1" "$2" >a
    stamps own.pcapng "$1" "$2" >b
    [ "$(frames out.pcap "$1" | grep -c '^IP')" -eq 6 ] &&
        [ "$(frames out.pcap "$1")" = "$(frames own.pcapng "$1")" ] &&
        paste a b | awk '$1 - $2 > 1 || $2 - $1 > 1 { wrong = 1 } END { exit wrong || NR != 3 }'
}
# dump FAMILY FROM TO PREFIX FILTER
dump() {
    cat >dump.yaml <<EOF
time_limit: 50s
wires: [{name: w, between: [a.eth0, b.eth0], delay: 1ms}]
hosts:
  - {name: b, interfaces: [{name: eth0, address: $3/$4}]}
  - name: a
    interfaces: [{name: eth0, address: $2/$4}]
    programs: [{name: dump, run: "sh dump.sh eth0 '$5' $3", log: stdout}]
EOF
    rm -f out.pcap dumped
    "$sockeye" lab dump.yaml --pcap own.pcapng >said 2>&1 && same "$5" "$2"
    say $? "tcpdump -w has the frames of our own capture, over IPv$1"
}
dump 4 10.0.0.1 10.0.0.2 24 icmp
dump 6 fd00::1 fd00::2 64 'icmp6 and (ip6[40] == 128 or ip6[40] == 129)'

# A ring with something unread is taken away, as nmap does.
cat >away.py <<'EOF'
import mmap, socket, struct, time
PACKET, RX_RING, VERSION = 263, 5, 10
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("lo", 3))
s.settimeout(10)
s.setsockopt(PACKET, VERSION, 2) # TPACKET_V3
s.setsockopt(PACKET, RX_RING, struct.pack("7I", 4096, 4, 2048, 8, 60, 0, 0))
ring = mmap.mmap(s.fileno(), 4 * 4096)
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.getsockopt(PACKET, VERSION) # from here on it is a socket again
for i in range(100):
    peer.sendto(b"x" * 100, ("127.0.0.1", 9))
    time.sleep(0.05)
    if ring[8] & 1: # block_status
        print("ring has frames")
        break
s.setsockopt(PACKET, RX_RING, bytes(28))
time.sleep(0.3)
peer.sendto(b"x" * 100, ("127.0.0.1", 9))
print("then", len(s.recv(2048)) >= 100)
print("at its end")
EOF
two_hosts away.yaml "delay: 1ms" "    programs: [{run: python3 away.py, log: stdout}]" \
    "    environment: [X=1]"
"$sockeye" lab away.yaml >said 2>&1 &&
    [ "$(sed '/^lab /,$d' said | tr '\n' ,)" = "ring has frames,then True,at its end," ]
say $? "a ring that is taken away with frames in it leaves a socket of frames"

# A program that ends between mmap() and its next call leaves nothing behind: of one host 16 sockets
# of frames can be open.
cat >gone.py <<'EOF'
import mmap, os, socket, struct
PACKET, RX_RING, VERSION = 263, 5, 10
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.setsockopt(PACKET, VERSION, 1)
s.setsockopt(PACKET, RX_RING, struct.pack("4I", 4096, 4, 2048, 8))
ring = mmap.mmap(s.fileno(), 4 * 4096)
os._exit(0)
EOF
two_hosts gone.yaml "delay: 1ms"
stay gone.yaml
result=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
    on a python3 gone.py >said 2>&1 || result=1
done
leave >>said 2>&1 && [ $result -eq 0 ]
say $? "a program that is killed behind the mmap() of its ring leaves no socket"

# The tag of a VLAN is told beside a frame, as Linux does it: a filter asks for it there, and it is
# in tcpdump's file again.
cat >tag.py <<'EOF'
import socket, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
for i in range(300):
    s.sendto(b"\xff" * 6 + b"\2" * 6 + b"\x81\0\x20\5\x88\xb5" + b"tagged" * 10, ("eth0", 0))
    time.sleep(0.1)
EOF
two_hosts tag.yaml "delay: 1ms" \
    "    programs: [{run: tcpdump -i eth0 -Z $(id -un) -U -w tag.pcap -c 2 vlan 5, log: stdout}]" \
    "    programs: [{run: python3 tag.py, background: true}]"
"$sockeye" lab tag.yaml >said 2>&1 &&
    [ "$(tcpdump -r tag.pcap -e -t -n 2>/dev/null | grep -c 'length 78: vlan 5, p 1, ethertype Unknown (0x88b5)')" -eq 2 ]
say $? "tcpdump hears the frames of one VLAN, and their tags"
exit $failed
