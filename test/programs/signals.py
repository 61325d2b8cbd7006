# SPDX-License-Identifier: MIT
# Signals that come while a call waits, told as TAP: signals.py ADDRESS, which is the host's own. It
# is the same on the kernel's own sockets and in a lab. A child waits in each, its parent sends.
import ctypes
import os
import resource
import select
import signal
import socket
import sys
import threading
import time

here = sys.argv[1]
PATIENCE = 10  # seconds for what takes milliseconds, if the machine is busy


def listener():
    return socket.create_server((here, 0))


def datagram():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((here, 0))
    return s


def child(function, *arguments):
    """Runs it in a child, which has begun to wait when we go on."""
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell's background has it ignored
        code = 1
        try:
            code = function(*arguments) or 0
        finally:
            os._exit(code)
    time.sleep(0.2)
    return pid


def wait(pid, options=0):
    """What waitpid says, within our patience."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        got, status = os.waitpid(pid, options | os.WNOHANG)
        if got == pid:
            return status
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("nothing happened to the child")


def ends_by(number, function, *arguments):
    pid = child(function, *arguments)
    os.kill(pid, number)
    status = wait(pid)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == number, status


def a_fatal_signal_ends_a_wait():
    for number in signal.SIGKILL, signal.SIGTERM, signal.SIGALRM:
        ends_by(number, listener().accept)
        ends_by(number, datagram().recvfrom, 9)


def a_signal_with_a_core_ends_a_wait():
    for number in signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV:
        ends_by(number, listener().accept)
        ends_by(number, datagram().recvfrom, 9)


def accept_one(s):
    end, _ = s.accept()
    return 0 if end.recv(9) == b"word" else 2


def stops_and_goes_on(function):
    s = listener()
    pid = child(function, s)
    for _ in range(3):
        os.kill(pid, signal.SIGSTOP)
        assert os.WIFSTOPPED(wait(pid, os.WUNTRACED))
        os.kill(pid, signal.SIGCONT)
        assert os.WIFCONTINUED(wait(pid, os.WCONTINUED))
    with socket.create_connection(s.getsockname()) as c:
        c.send(b"word")
        assert wait(pid) == 0


def a_stopped_process_is_stopped_and_waits_on():
    stops_and_goes_on(accept_one)


def in_threads(s):
    for _ in range(3):
        threading.Thread(target=datagram().recvfrom, args=(9,), daemon=True).start()
    return accept_one(s)


def all_threads_of_a_stopped_process_are_stopped():
    stops_and_goes_on(in_threads)


def in_another_thread(s):
    done = []
    thread = threading.Thread(target=lambda: done.append(accept_one(s)))
    thread.start()
    thread.join()
    return done[0]


def a_thread_waits_on_beside_a_leader_that_was_stopped():
    stops_and_goes_on(in_another_thread)


def what_comes_while_it_is_stopped_is_there_afterwards():
    s = listener()
    pid = child(accept_one, s)
    os.kill(pid, signal.SIGSTOP)
    assert os.WIFSTOPPED(wait(pid, os.WUNTRACED))
    with socket.create_connection(s.getsockname()) as c:
        c.send(b"word")
        time.sleep(0.1)
        os.kill(pid, signal.SIGCONT)
        assert wait(pid) == 0


def woken(read, write, wait_in):
    """Says each signal that came, as C's handler does, in whatever thread."""
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.set_wakeup_fd(write)
    wait_in()


def tells_of_signals(wait_in):
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.set_blocking(read, False)
    pid = child(woken, read, write, wait_in)
    for _ in range(5):
        os.kill(pid, signal.SIGUSR1)
        end = time.monotonic() + PATIENCE
        got = b""
        while not got and time.monotonic() < end:
            try:
                got = os.read(read, 99)
            except BlockingIOError:
                time.sleep(0.002)
        assert got == bytes([signal.SIGUSR1]), got
    os.kill(pid, signal.SIGKILL)
    wait(pid)
    os.close(read)
    os.close(write)


def a_handler_runs_while_a_call_waits():
    tells_of_signals(lambda: listener().accept())
    tells_of_signals(lambda: datagram().recvfrom(9))


def a_handler_runs_while_all_threads_wait():
    def all_wait():
        for _ in range(3):
            threading.Thread(target=datagram().recvfrom, args=(9,), daemon=True).start()
        listener().accept()

    tells_of_signals(all_wait)


def a_handler_ends_a_wait_with_a_word():
    """A handler that raises: the call is over, and the next one is whole."""

    class Enough(Exception):
        pass

    def enough(*_):
        raise Enough

    s, u = listener(), datagram()
    signal.signal(signal.SIGALRM, enough)
    for call in s.accept, lambda: u.recvfrom(9):
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            call()
            raise AssertionError("it ended by itself")
        except Enough:
            pass
    c = socket.create_connection(s.getsockname())
    end, name = s.accept()
    assert name == c.getsockname()
    c.send(b"word")
    assert end.recv(9) == b"word"


def a_connection_whose_acceptor_is_killed_is_the_next_ones_or_ends():
    s = listener()
    s.settimeout(PATIENCE)
    kept = 0
    for moment in range(60):
        pid = os.fork()
        if pid == 0:
            while True:
                socket.socket.accept(s)
        c = socket.create_connection(s.getsockname())
        if moment % 3:
            time.sleep(moment % 20 * 0.0001)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        ready, _, _ = select.select([s, c], [], [], PATIENCE)
        assert ready, "the connection is nowhere"
        if s in ready:
            end, name = s.accept()
            assert name == c.getsockname()
            end.send(b"word")
            assert c.recv(9) == b"word"
            kept += 1
        else:
            try:
                assert c.recv(9) == b""
            except ConnectionResetError:
                pass
    print(f"# {kept} were the next one's")


def accept_at_the_limit_of_descriptors_leaves_the_connection_in_the_queue():
    s = listener()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    clients = [socket.create_connection(s.getsockname()) for _ in range(3)]
    for number, c in enumerate(clients):
        c.send(bytes([number]))
    time.sleep(0.05)
    held = [os.open("/dev/null", os.O_RDONLY)]
    while len(held) < 8:
        held.append(os.open("/dev/null", os.O_RDONLY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 1, hard))
    for _ in range(3):
        try:
            s.accept()
            raise AssertionError("there is no number left")
        except OSError as error:
            assert error.errno == 24, error
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for number, c in enumerate(clients):
        end, name = s.accept()
        assert name == c.getsockname(), number
        assert end.recv(9) == bytes([number])
        end.send(b"word")
        assert c.recv(9) == b"word"
    for fd in held:
        os.close(fd)


def a_listener_no_longer_resets_whom_it_held_for_an_accept():
    libc = ctypes.CDLL(None, use_errno=True)
    undo = [lambda s: s.shutdown(socket.SHUT_RD),
            lambda s: libc.connect(s.fileno(), bytes(16), 16)]
    for act in undo:
        s = listener()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        clients = [socket.create_connection(s.getsockname()) for _ in range(3)]
        held = [os.open("/dev/null", os.O_RDONLY) for _ in range(8)]
        time.sleep(0.05)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 1, hard))
        try:
            s.accept()
            raise AssertionError("there is no number left")
        except OSError as error:
            assert error.errno == 24, error
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        act(s)
        for number, c in enumerate(clients):
            c.settimeout(5)
            try:
                assert c.recv(9) == b"", number
                raise AssertionError("an end, and no reset")
            except ConnectionResetError:
                pass
        for fd in held:
            os.close(fd)
        s.close()


tests = [
    a_fatal_signal_ends_a_wait,
    a_signal_with_a_core_ends_a_wait,
    a_stopped_process_is_stopped_and_waits_on,
    all_threads_of_a_stopped_process_are_stopped,
    a_thread_waits_on_beside_a_leader_that_was_stopped,
    what_comes_while_it_is_stopped_is_there_afterwards,
    a_handler_runs_while_a_call_waits,
    a_handler_runs_while_all_threads_wait,
    a_handler_ends_a_wait_with_a_word,
    a_connection_whose_acceptor_is_killed_is_the_next_ones_or_ends,
    accept_at_the_limit_of_descriptors_leaves_the_connection_in_the_queue,
    a_listener_no_longer_resets_whom_it_held_for_an_accept,
]
print(f"1..{len(tests)}")
failed = 0
for number, test in enumerate(tests, 1):
    name = test.__name__.replace("_", " ")
    try:
        test()
        print(f"ok {number} - {name}", flush=True)
    except Exception as error:
        failed = 1
        print(f"# {type(error).__name__}: {error}")
        print(f"not ok {number} - {name}", flush=True)
sys.exit(failed)
