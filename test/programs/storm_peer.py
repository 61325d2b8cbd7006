# SPDX-License-Identifier: MIT
# The other side of storm.c: storm_peer.py ADDRESS. It has no signals. At port 7100 it
# answers what a connection asks for by its first eight bytes, a letter and a number, four bytes each:
#   sink N      counts what comes, numbers of four bytes each, until the end; says how many bytes,
#               and how many numbers were not the next one
#   give N      sends N numbers, a few at a time, now and then later
#   call N      connects N times to port 7101 of who asks, one after another; each says its number
#   ask N       four connections to port 7102 of who asks, N questions each; says how many answers
#               were right
#   seen N      says how many datagrams came since it was asked last
#   leave N     ends
# Datagrams to port 7100 go back as they are.
import os
import socket
import struct
import sys
import threading
import time

seen = 0


def datagrams(s):
    global seen
    while True:
        data, source = s.recvfrom(2048)
        seen += 1
        s.sendto(data, source)


def exactly(s, length):
    data = b""
    while len(data) < length:
        more = s.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def sink(s):
    total = wrong = expected = 0
    rest = b""
    while data := s.recv(65536):
        total += len(data)
        rest += data
        whole = len(rest) // 4 * 4
        for (number,) in struct.iter_unpack("!I", rest[:whole]):
            wrong += number != expected
            expected = number + 1
        rest = rest[whole:]
    s.sendall(struct.pack("!II", total, wrong))


def give(s, count):
    number = 0
    while number < count:
        more = min(1 + number % 7, count - number)
        s.sendall(struct.pack(f"!{more}I", *range(number, number + more)))
        number += more
        if number % 3 == 0:
            time.sleep(0.0007)


def call(who, count):
    held = []
    for number in range(count):
        s = socket.create_connection((who, 7101))
        s.sendall(struct.pack("!I", number))
        held.append(s)
        if len(held) > 8:
            exactly(held[0], 1)  # its end has taken it
            held.pop(0).close()
    for s in held:
        exactly(s, 1)
        s.close()


def question(who, count, right):
    with socket.create_connection((who, 7102)) as s:
        for number in range(count):
            s.sendall(struct.pack("!I", number))
            right.append(exactly(s, 4) == struct.pack("!I", number + 1))


def ask(s, who, count):
    right = []
    threads = [threading.Thread(target=question, args=(who, count, right)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    s.sendall(struct.pack("!II", sum(right), len(right)))


def serve(s, who):
    global seen
    with s:
        letter, count = struct.unpack("!II", exactly(s, 8))
        match chr(letter):
            case "s":
                sink(s)
            case "g":
                give(s, count)
            case "c":
                call(who, count)
            case "a":
                ask(s, who, count)
            case "n":
                count, seen = seen, 0
                s.sendall(struct.pack("!II", count, 0))
            case "l":
                os._exit(0)


udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((sys.argv[1], 7100))
threading.Thread(target=datagrams, args=(udp,), daemon=True).start()
listener = socket.create_server((sys.argv[1], 7100), backlog=64)
while True:
    end, address = listener.accept()
    threading.Thread(target=serve, args=(end, address[0]), daemon=True).start()
