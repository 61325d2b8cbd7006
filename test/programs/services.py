# SPDX-License-Identifier: MIT
"""Servers of every make, for clients.py: services.py ADDRESS. They know nothing of Sockeye. With an
address of IPv6 their sockets are of IPv6, and those on :: take IPv4 too (RFC 3493 5.3)."""
import array
import asyncio
import multiprocessing
import os
import select
import socket
import socketserver
import struct
import subprocess
import sys
import threading

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0"
FAMILY = socket.AF_INET6 if ":" in ADDRESS else socket.AF_INET
THREADS, FORKS, ASYNC, RESET, CROWDED, SILENT, ECHO_UDP, EDGE, CAT, PASSED, SELECT, POLL, SUM = range(
    7001, 7014)


def listener(port, backlog=50):
    s = socket.socket(FAMILY)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((ADDRESS, port))
    s.listen(backlog)
    return s


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Threads(socketserver.ThreadingTCPServer):
    address_family = FAMILY
    allow_reuse_address = True
    request_queue_size = 50


class Forks(socketserver.ForkingTCPServer):
    address_family = FAMILY
    allow_reuse_address = True
    request_queue_size = 50


def reset():
    """Takes one byte, then aborts."""
    server = listener(RESET)
    while True:
        s, _ = server.accept()
        s.recv(1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()


def silent(server, kept):
    while True:
        kept.append(server.accept()[0])


def udp():
    s = socket.socket(FAMILY, socket.SOCK_DGRAM)
    s.bind((ADDRESS, ECHO_UDP))
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(data, peer)


class Loop:
    """Echoes by readiness: bytes wait in `out` until the socket takes them."""

    def __init__(self, port):
        self.server, self.sockets, self.out = listener(port), {}, {}
        self.server.setblocking(False)

    def accept(self):
        fresh = []
        while True:
            try:
                s, _ = self.server.accept()
            except BlockingIOError:
                return fresh
            s.setblocking(False)
            self.sockets[s.fileno()], self.out[s.fileno()] = s, b""
            fresh.append(s.fileno())

    def move(self, fd, all_of_it):
        """False once the peer has closed and all is sent."""
        s, ended = self.sockets[fd], False
        while True:
            try:
                data = s.recv(65536)
                ended = not data
                self.out[fd] += data
                if ended or not all_of_it:
                    break
            except BlockingIOError:
                break
        try:
            while self.out[fd]:
                self.out[fd] = self.out[fd][s.send(self.out[fd]):]
        except BlockingIOError:
            pass
        if ended and not self.out[fd]:
            self.sockets.pop(fd).close()
            self.out.pop(fd)
            return False
        return True


def select_loop():
    loop = Loop(SELECT)
    while True:
        waiting = [fd for fd in loop.sockets if loop.out[fd]]
        readable, writable, _ = select.select([loop.server, *loop.sockets], waiting, [])
        for fd in {*readable, *writable} - {loop.server}:
            loop.move(fd, False)
        if loop.server in readable:
            loop.accept()


def poll_loop():
    loop = Loop(POLL)
    while True:
        poll = select.poll()
        poll.register(loop.server, select.POLLIN)
        for fd in loop.sockets:
            poll.register(fd, select.POLLIN | (select.POLLOUT if loop.out[fd] else 0))
        for fd, _ in poll.poll():
            if fd == loop.server.fileno():
                loop.accept()
            else:
                loop.move(fd, False)


def edge_loop():
    loop, epoll = Loop(EDGE), select.epoll()
    both = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
    epoll.register(loop.server, select.EPOLLIN | select.EPOLLET)
    while True:
        for fd, _ in epoll.poll():
            if fd == loop.server.fileno():
                for fresh in loop.accept():
                    epoll.register(fresh, both)
            elif fd in loop.sockets:
                loop.move(fd, True)


def cat():
    """An exec'd child inherits the connection as its input and output."""
    server = listener(CAT)
    while True:
        s, _ = server.accept()
        subprocess.Popen(["cat"], stdin=s, stdout=s)
        s.close()


def passed():
    """One process accepts; another gets the connection in a message and echoes."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    if os.fork() == 0:
        here.close()
        while True:
            _, fds, _, _ = socket.recv_fds(there, 16, 1)
            with socket.socket(fileno=fds[0]) as s:
                s.setblocking(True)
                while data := s.recv(65536):
                    s.sendall(data)
    server = listener(PASSED)
    while True:
        with server.accept()[0] as s:
            here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                   array.array("i", [s.fileno()]))])


def asynchronous():
    async def echo(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def count(reader, writer):
        data = await reader.read(-1)
        writer.write(b"%d" % len(data))
        await writer.drain()
        writer.close()

    async def serve():
        one = await asyncio.start_server(echo, sock=listener(ASYNC), backlog=50)
        two = await asyncio.start_server(count, sock=listener(SUM))
        async with one, two:
            await asyncio.gather(one.serve_forever(), two.serve_forever())

    asyncio.run(serve())


def main():
    crowded, kept = listener(CROWDED, 1), []
    for target in (reset, udp, select_loop, poll_loop, edge_loop, cat, passed, asynchronous):
        multiprocessing.Process(target=target, daemon=True).start()
    multiprocessing.Process(target=Forks((ADDRESS, FORKS), Echo).serve_forever).start()
    threading.Thread(target=silent, args=(listener(SILENT), kept), daemon=True).start()
    Threads((ADDRESS, THREADS), Echo).serve_forever()
    crowded.close()


if __name__ == "__main__":
    main()
