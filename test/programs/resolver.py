# SPDX-License-Identifier: MIT
# A name server that knows one address: every A question is answered by 10.9.8.7.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 53))
while True:
    query, source = sock.recvfrom(512)
    end = query.index(0, 12) + 5
    question = query[12:end]
    is_address = question[-4:-2] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x09\x08\x07" if is_address else b""
    sock.sendto(query[:2] + b"\x81\x80\0\1\0" + bytes([is_address]) + b"\0\0\0\0" + question + answer,
                source)
