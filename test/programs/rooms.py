# SPDX-License-Identifier: MIT
# What poll() says of room is what a call finds: sends over a slow wire, by calls that a native
# write() does not do. `rooms.py ADDRESS` sends to the one that runs `rooms.py --serve` there, and
# says how often a call found no room though epoll had just said so.
import select
import socket
import sys

MSG_MORE = 0x8000
PORT = 7100


def serve():
    listener = socket.create_server(("", PORT))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # nobody reads them
    datagrams.bind(("", PORT))
    while True:
        peer, _ = listener.accept()
        while peer.recv(65536):
            pass
        peer.close()


if sys.argv[1] == "--serve":
    serve()
address = sys.argv[1]
failed = False


def count(name, sock, send, total, length, edges):
    global failed
    sock.setblocking(False)
    poller = select.epoll()
    poller.register(sock.fileno(), select.EPOLLOUT | (select.EPOLLET if edges else 0))
    left, again, full, waits = total, 0, 0, 0
    while left > 0 and again < 100:
        if not poller.poll(5):
            failed = True
            print(f"{name}: no EPOLLOUT comes any more, {left} bytes are left")
            break
        waits += 1
        is_first = True
        while left > 0:
            try:
                left -= send(sock, b"x" * min(left, length))
            except BlockingIOError:
                again += is_first and not edges
                full += 1
                break
            is_first = False
            if not edges:
                break
    failed |= again > 0 or (edges and full == 0)
    print(f"{name}: {waits} waits, {full} times full, {again} times EAGAIN after EPOLLOUT")
    sock.close()


def stream():
    return socket.create_connection((address, PORT))


def datagram():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    return sock


for edges in (False, True):
    count("send(MSG_MORE)", stream(), lambda s, b: s.send(b, MSG_MORE), 1000000, 16384, edges)
    count("sendmsg(MSG_MORE)", stream(), lambda s, b: s.sendmsg([b], [], MSG_MORE), 1000000, 16384,
          edges)
    count("sendto", datagram(), lambda s, b: s.sendto(b, (address, PORT)), 300000, 1000, edges)
    count("sendmsg to", datagram(), lambda s, b: s.sendmsg([b], [], 0, (address, PORT)), 300000,
          1000, edges)
sys.exit(failed)
