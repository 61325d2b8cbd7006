# SPDX-License-Identifier: MIT
"""Clients of every make, for services.py: clients.py HOST, a line of TAP each. Natively, over the
kernel's own sockets, all must pass too; what they claim is what Linux does."""
import asyncio
import errno
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

HOST = sys.argv[1]
FAMILY = socket.AF_INET6 if ":" in HOST else socket.AF_INET
# the longest datagram: 65535 with IPv4's header and UDP's, or behind IPv6's
LONGEST = 65527 if FAMILY == socket.AF_INET6 and "." not in HOST else 65507
THREADS, FORKS, ASYNC, RESET, CROWDED, SILENT, ECHO_UDP, EDGE, CAT, PASSED, SELECT, POLL, SUM = range(
    7001, 7014)
CLOSED = 7099
BIG = os.urandom(1 << 20)
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def connect(port, timeout=20):
    return socket.create_connection((HOST, port), timeout)


def echo(s, data):
    """Sends from a thread of its own, closes that half, and collects."""
    def send():
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    got = b""
    while piece := s.recv(65536):
        got += piece
    sender.join()
    return got


def raises(error, function, *arguments):
    try:
        result = function(*arguments)
    except OSError as got:
        assert got.errno == error, f"{errno.errorcode.get(got.errno, got)} not {errno.errorcode[error]}"
        return
    raise AssertionError(f"{result!r}, not {errno.errorcode[error]}")


def echoes(port, times=5):
    """A megabyte back and forth on several connections at once."""
    results = []

    def one():
        with connect(port) as s:
            results.append(echo(s, BIG) == BIG)
    threads = [threading.Thread(target=one) for _ in range(times)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [True] * times, results


@test
def a_server_with_a_thread_for_each_connection_echoes():
    echoes(THREADS)


@test
def a_server_that_forks_for_each_connection_echoes():
    echoes(FORKS)


@test
def a_server_on_select_echoes():
    echoes(SELECT)


@test
def a_server_on_poll_echoes():
    echoes(POLL)


@test
def a_server_on_edge_triggered_epoll_echoes():
    echoes(EDGE)


@test
def an_exec_d_child_inherits_a_connection():
    echoes(CAT, 3)


@test
def a_connection_passed_in_a_message_to_another_process_goes_on():
    echoes(PASSED, 1)


@test
def twenty_tasks_of_asyncio_talk_at_once():
    async def one(number):
        reader, writer = await asyncio.open_connection(HOST, ASYNC)
        for turn in range(10):
            data = b"%d %d\n" % (number, turn)
            writer.write(data)
            assert await reader.readline() == data
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()

    async def every():
        await asyncio.wait_for(asyncio.gather(*(one(n) for n in range(20))), 20)
    asyncio.run(every())


@test
def a_half_closed_connection_still_brings_the_answer():
    async def one():
        reader, writer = await asyncio.open_connection(HOST, SUM)
        writer.write(BIG)
        writer.write_eof()
        assert await reader.read() == b"%d" % len(BIG)
        writer.close()
    asyncio.run(asyncio.wait_for(one(), 20))


@test
def a_refused_connection_is_ConnectionRefusedError_in_asyncio():
    async def one():
        await asyncio.open_connection(HOST, CLOSED)
    try:
        asyncio.run(one())
    except ConnectionRefusedError:
        return
    raise AssertionError("connected")


@test
def a_reset_is_ConnectionResetError_in_asyncio():
    async def one():
        reader, writer = await asyncio.open_connection(HOST, RESET)
        writer.write(b"x")
        await reader.read(10)
    try:
        asyncio.run(asyncio.wait_for(one(), 20))
    except ConnectionResetError:
        return
    raise AssertionError("no error")


@test
def a_reset_is_ECONNRESET_once_then_the_end_and_EPIPE():
    with connect(RESET) as s:
        s.send(b"x")
        time.sleep(0.2)
        if not select.select([s], [], [], 2)[0]:
            s.send(b"x")  # a RST that the wire lost is not sent again, but answers this one
        raises(errno.ECONNRESET, s.recv, 10)
        assert s.recv(10) == b""
        raises(errno.EPIPE, s.send, b"y")


@test
def a_refused_connection_is_ECONNREFUSED_blocking_and_by_SO_ERROR():
    with socket.socket(FAMILY) as s:
        raises(errno.ECONNREFUSED, s.connect, (HOST, CLOSED))
    with socket.socket(FAMILY) as s:
        s.setblocking(False)
        assert s.connect_ex((HOST, CLOSED)) == errno.EINPROGRESS
        poll = select.poll()
        poll.register(s, select.POLLOUT)
        events = poll.poll(5000)
        assert events and events[0][1] & select.POLLERR and events[0][1] & select.POLLHUP, events
        assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
        assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@test
def a_non_blocking_connect_is_EINPROGRESS_then_writable_then_EISCONN():
    with socket.socket(FAMILY) as s:
        s.setblocking(False)
        assert s.connect_ex((HOST, THREADS)) == errno.EINPROGRESS
        assert select.select([], [s], [], 5)[1] == [s]
        assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        assert s.connect_ex((HOST, THREADS)) in (0, errno.EISCONN)
        assert s.getpeername()[1] == THREADS


@test
def a_receive_timeout_is_EAGAIN_after_its_time():
    with connect(SILENT, None) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 300000))
        start = time.monotonic()
        raises(errno.EAGAIN, s.recv, 1)
        assert 0.29 < time.monotonic() - start < 3


@test
def an_accept_timeout_is_EAGAIN_after_its_time():
    with socket.create_server(("", 0)) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 300000))
        start = time.monotonic()
        raises(errno.EAGAIN, s.accept)
        assert 0.29 < time.monotonic() - start < 3


@test
def a_send_timeout_is_EAGAIN_when_the_peer_does_not_read():
    with connect(SILENT, None) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 300000))
        sent, start = 0, time.monotonic()
        try:
            while sent < 64 << 20:
                sent += s.send(BIG)
        except BlockingIOError:
            assert time.monotonic() - start > 0.29
            return
        raise AssertionError(f"{sent} bytes went to a peer that does not read")


class Interrupted(Exception):
    pass


def interrupted(function, *arguments):
    """A signal's handler runs while the call blocks, and its exception ends the call."""
    def handler(*_):
        raise Interrupted
    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        function(*arguments)
    except Interrupted:
        return
    finally:
        signal.signal(signal.SIGALRM, old)
    raise AssertionError("the call ended by itself")


@test
def a_signal_interrupts_a_blocking_accept():
    with socket.create_server(("", 0)) as s:
        interrupted(s.accept)


@test
def a_signal_interrupts_a_blocking_recv():
    with connect(SILENT, None) as s:
        interrupted(s.recv, 1)


@test
def a_signal_interrupts_a_blocking_connect():
    crowd = [socket.socket(FAMILY) for _ in range(6)]  # the backlog is 1, and nobody accepts
    for s in crowd:
        s.setblocking(False)
        s.connect_ex((HOST, CROWDED))
    time.sleep(0.1)
    with socket.socket(FAMILY) as s:
        interrupted(s.connect, (HOST, CROWDED))
    for s in crowd:
        s.close()


@test
def a_call_is_restarted_after_a_handler_that_returns():
    seen = []
    old = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    with connect(THREADS, None) as s:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        threading.Timer(0.5, s.send, [b"late"]).start()
        assert s.recv(10) == b"late"
    signal.signal(signal.SIGALRM, old)
    assert seen == [1]


@test
def an_accept_is_restarted_after_a_handler_that_returns():
    seen = []
    old = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    signal.siginterrupt(signal.SIGALRM, False)
    with socket.create_server(("", 0)) as s:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        port = s.getsockname()[1]
        late = threading.Timer(0.5, lambda: socket.create_connection(("127.0.0.1", port)).close())
        late.start()
        s.accept()[0].close()
        late.join()
    signal.signal(signal.SIGALRM, old)
    assert seen == [1]


@test
def a_duplicate_keeps_the_connection_when_the_first_is_closed():
    with connect(THREADS) as s:
        two = s.dup()
    with two:
        two.sendall(b"still here")
        assert two.recv(100) == b"still here"


@test
def the_end_comes_only_when_the_last_of_parent_and_child_has_closed():
    with socket.create_server(("", 0)) as server, socket.socket() as s:
        s.connect(server.getsockname())
        peer = server.accept()[0]
        child = os.fork()
        if child == 0:
            server.close()
            peer.close()
            time.sleep(0.4)
            s.send(b"from the child")
            os._exit(0)
        s.close()
        start = time.monotonic()
        assert peer.recv(100) == b"from the child"
        assert peer.recv(100) == b""
        assert time.monotonic() - start > 0.3
        os.waitpid(child, 0)
        peer.close()


@test
def a_child_killed_with_data_unread_resets_the_connection():
    with socket.create_server(("", 0)) as server:
        child = os.fork()
        if child == 0:
            kept = server.accept()
            signal.pause()
            kept[0].close()
        with socket.create_connection(server.getsockname()) as s:
            s.send(b"never read")
            time.sleep(0.3)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            time.sleep(0.2)
            raises(errno.ECONNRESET, s.recv, 10)


@test
def an_exec_d_program_gets_a_socket_by_its_number():
    with connect(THREADS, None) as s:
        program = ("import socket, sys; s = socket.socket(fileno=int(sys.argv[1])); "
                   "s.sendall(b'hello'); sys.exit(s.recv(9) != b'hello')")
        done = subprocess.run([sys.executable, "-c", program, str(s.fileno())],
                              pass_fds=[s.fileno()], timeout=20, check=False)
        assert done.returncode == 0


@test
def a_port_in_use_is_EADDRINUSE():
    with socket.create_server(("", 0)) as one, socket.socket() as two:
        raises(errno.EADDRINUSE, two.bind, ("", one.getsockname()[1]))


@test
def level_triggered_epoll_tells_again_what_was_not_read():
    with connect(THREADS) as s, select.epoll() as epoll:
        epoll.register(s, select.EPOLLIN)
        assert epoll.poll(0.05) == []
        s.send(b"abc")
        for expected in (b"a", b"b", b"c"):
            assert epoll.poll(5) == [(s.fileno(), select.EPOLLIN)]
            assert s.recv(1) == expected
        assert epoll.poll(0.05) == []


@test
def edge_triggered_epoll_tells_once():
    with connect(THREADS) as s, select.epoll() as epoll:
        epoll.register(s, select.EPOLLIN | select.EPOLLET)
        s.send(b"abc")
        assert epoll.poll(5) == [(s.fileno(), select.EPOLLIN)]
        assert epoll.poll(0.1) == []
        s.send(b"def")
        assert epoll.poll(5) == [(s.fileno(), select.EPOLLIN)]


@test
def the_end_of_the_peer_is_IN_and_RDHUP():
    with connect(ASYNC) as s, select.epoll() as epoll:
        epoll.register(s, select.EPOLLIN | select.EPOLLRDHUP)
        s.shutdown(socket.SHUT_WR)
        events = epoll.poll(5)
        assert events and events[0][1] & select.EPOLLIN and events[0][1] & select.EPOLLRDHUP, events


def ask(s, send, size=65536):
    """A datagram may be lost on the way: asks again."""
    s.settimeout(0.5)
    for _ in range(20):
        send()
        try:
            return s.recvfrom(size)
        except TimeoutError:
            pass
    raise AssertionError("20 datagrams got no answer")


@test
def datagrams_of_every_size_come_back():
    with socket.socket(FAMILY, socket.SOCK_DGRAM) as s:
        for size in (0, 1, 1472, 1473, 9000, LONGEST):
            data, peer = ask(s, lambda: s.sendto(BIG[:size], (HOST, ECHO_UDP)))
            assert data == BIG[:size] and peer[1] == ECHO_UDP, (size, len(data))
        raises(errno.EMSGSIZE, s.sendto, BIG[:LONGEST + 1], (HOST, ECHO_UDP))


@test
def a_connected_datagram_socket_talks_by_send_and_recv():
    with socket.socket(FAMILY, socket.SOCK_DGRAM) as s:
        s.connect((HOST, ECHO_UDP))
        for turn in range(20):
            assert ask(s, lambda: s.send(b"%d" % turn))[0] == b"%d" % turn
        assert ask(s, lambda: s.send(b"a long one"), 5)[0] == b"a lon"


@test
def names_resolve_and_unknown_names_do_not():
    if not HOST[0].isdigit() and FAMILY == socket.AF_INET:
        assert socket.gethostbyname(HOST) == socket.getaddrinfo(HOST, 1, socket.AF_INET)[0][4][0]
    try:
        socket.getaddrinfo("no-such-host.invalid", 80)
    except socket.gaierror:
        return
    raise AssertionError("resolved")


@test
def peek_leaves_the_data_and_waitall_waits_for_it():
    with connect(THREADS) as s:
        s.settimeout(None)
        s.send(b"abcdef")
        assert s.recv(3, socket.MSG_PEEK) == b"abc"
        threading.Timer(0.2, s.send, [b"ghi"]).start()
        assert s.recv(9, socket.MSG_WAITALL) == b"abcdefghi"
        raises(errno.EAGAIN, s.recv, 1, socket.MSG_DONTWAIT)


@test
def every_other_family_is_EAFNOSUPPORT_or_refused():
    if "NATIVE" not in os.environ:
        raises(errno.EAFNOSUPPORT, socket.socket, socket.AF_VSOCK, socket.SOCK_STREAM)
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def main():
    print(f"1..{len(TESTS)}", flush=True)
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", " ")
        signal.alarm(0)
        try:
            function()
        except BaseException:
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {name}", flush=True)
        else:
            print(f"ok {number} - {name}", flush=True)


main()
