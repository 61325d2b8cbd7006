#!/bin/sh
# SPDX-License-Identifier: MIT
# Sockets of whole frames (AF_PACKET) of unmodified programs: arping, and a python program that
# listens, filters and sends.
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
echo 1..4
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
exit $failed
