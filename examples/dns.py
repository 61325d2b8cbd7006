# SPDX-License-Identifier: MIT
"""A small name server, for examples/dns.yaml: answers every question for an address with 10.0.0.2."""
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 53))
while True:
    question, peer = server.recvfrom(2048)
    end = question.index(b"\0", 12) + 5  # the name, its NUL, type and class
    header = question[:2] + b"\x85\x80\0\1\0\1\0\0\0\0"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("10.0.0.2")
    server.sendto(header + question[12:end] + answer, peer)
