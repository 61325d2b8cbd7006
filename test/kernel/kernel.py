#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel's side of test/kernel: kernel.py PEER, in a network namespace of its own.

Each row is a sentence and a function that raises if it is not so. The kernel has .1, we have .2.
"""
import shutil
import socket
import subprocess
import sys
import threading

PEER = sys.argv[1]
TAP = "s0"
OURS = {4: "10.99.0.2", 6: "fd99::2"}
KERNELS = {4: "10.99.0.1", 6: "fd99::1"}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
SIZES = [0, 1, 8, 100, 1400, 1472, 1473, 1480, 2952, 2953, 4000, 9000, 20000, 40000, 60000, 65507]


def sh(*command, may_fail=False, timeout=60):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode and not may_fail:
        raise AssertionError(f"{' '.join(command)}: {done.stdout[-300:]} {done.stderr[-300:]}")
    return done.stdout


def pattern(length):
    return bytes((at * 131 + (at >> 8) * 17 + (at >> 16)) & 255 for at in range(length))


PATTERN = pattern(4 << 20)


class Peer:
    """Our host, and the wire to it."""

    def __init__(self, mtu=1500, families=(4, 6)):
        addresses = [OURS[f] + ("/24" if f == 4 else "/64") for f in families]
        self.process = subprocess.Popen([PEER, TAP, str(mtu), *addresses], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        if self.read() != "ready":
            raise AssertionError("our host does not come up")
        sh("ip", "link", "set", TAP, "mtu", str(mtu), "up")
        sh("ip", "addr", "add", KERNELS[4] + "/24", "dev", TAP)
        if 6 in families:
            sh("ip", "addr", "add", KERNELS[6] + "/64", "dev", TAP, "nodad")

    def read(self):
        return self.process.stdout.readline().strip()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        return self.read()

    def end(self):
        self.process.stdin.write("end\n")
        code = self.process.wait(timeout=20)
        sh("ip", "link", "del", TAP, may_fail=True)
        if code:
            raise AssertionError(f"our host ended with {code}")


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what} {got!r}, not {want!r}")


def kernel_pings(peer, family):
    for size in SIZES:
        out = sh("ping", f"-{family}", "-c", "2", "-i", "0.02", "-W", "2", "-s", str(size),
                 OURS[family], may_fail=True)
        if ", 2 received" not in out:
            raise AssertionError(f"size {size}: {out} {peer.ask('drops')}")


def we_ping(peer, family):
    for size in SIZES:
        equal(peer.ask(f"ping {KERNELS[family]} {size} 2"), "ok 2", f"size {size}")


def curl(peer, family):
    host = f"[{OURS[6]}]" if family == 6 else OURS[4]
    for size in (0, 1, 1000, 100000, 4 << 20):
        done = subprocess.run(["curl", "-sS", "-m", "50", f"http://{host}/{size}"],
                              capture_output=True, timeout=60, check=False)
        if done.returncode or done.stdout != PATTERN[:size]:
            raise AssertionError(f"{size}: {len(done.stdout)} {done.stderr!r} {peer.ask('drops')}")


def tcp_echo(peer, family):
    with socket.create_connection((OURS[family], 7), timeout=30) as s:
        data = PATTERN[:1 << 20]
        threading.Thread(target=s.sendall, args=(data,), daemon=True).start()
        got = b""
        while len(got) < len(data):
            some = s.recv(1 << 16)
            if not some:
                break
            got += some
    equal(got == data, True, "echo")


def udp_echo(_, family):
    with socket.socket(FAMILY[family], socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        for size in (0, 1, 512, 1472, 1473, 5000, 30000, 65000):
            s.sendto(PATTERN[:size], (OURS[family], 7))
            equal(s.recv(70000) == PATTERN[:size], True, f"size {size}")


class Server(threading.Thread):
    """A server of the kernel's: sends the pattern of so many bytes, and closes."""

    def __init__(self, family, size):
        super().__init__(daemon=True)
        self.listener = socket.create_server((KERNELS[family], 0), family=FAMILY[family])
        self.port, self.size = self.listener.getsockname()[1], size
        self.start()

    def run(self):
        s, _ = self.listener.accept()
        s.sendall(PATTERN[:self.size])
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
        s.close()
        self.listener.close()


def we_get(peer, family):
    for size in (1, 100000, 4 << 20):
        server = Server(family, size)
        equal(peer.ask(f"get {KERNELS[family]} {server.port} {size}"), f"ok {size}")


def we_send_datagrams(peer, family):
    with socket.socket(FAMILY[family], socket.SOCK_DGRAM) as s:
        s.bind((KERNELS[family], 0))
        s.settimeout(10)

        def echo():
            while True:
                try:
                    data, where = s.recvfrom(70000)
                except OSError:
                    return
                s.sendto(data, where)
        threading.Thread(target=echo, daemon=True).start()
        for size in (0, 1, 1472, 1473, 9000, 65000):
            equal(peer.ask(f"udp {KERNELS[family]} {s.getsockname()[1]} {size}"), f"ok {size}")


def refused(_, family):
    try:
        socket.create_connection((OURS[family], 81), timeout=5)
    except ConnectionRefusedError:
        pass
    else:
        raise AssertionError("a closed port took a connection")
    with socket.socket(FAMILY[family], socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect((OURS[family], 9999))
        s.send(b"x")
        try:
            s.recv(10)
        except ConnectionRefusedError:
            return
        raise AssertionError("a closed UDP port said nothing")


def we_are_refused(peer, family):
    answer = peer.ask(f"udp {KERNELS[family]} 9999 10")
    equal("efused" in answer, True, answer)
    answer = peer.ask(f"get {KERNELS[family]} 81 10")
    equal("failed" in answer, True, answer)


def neighbours(_, family):
    table = sh("ip", f"-{family}", "neigh", "show", OURS[family])
    equal("lladdr" in table, True, table)


def smaller_mtu(peer, family):
    """The kernel's side takes less: it says so by MSS, or by what it can send; ours learns nothing
    wrong. The wire itself still carries 1500."""
    sh("ip", "link", "set", TAP, "mtu", "1300")
    try:
        curl(peer, family)
        equal(peer.ask(f"ping {KERNELS[family]} 1200 2"), "ok 2")
        if family == 4:
            out = sh("ping", "-4", "-c", "1", "-W", "2", "-s", "4000", OURS[4])
            equal(", 1 received" in out, True, out)
    finally:
        sh("ip", "link", "set", TAP, "mtu", "1500")


def conflict(peer, _):
    """RFC 5227: the kernel asks whether anybody has our address: we say so."""
    if not shutil.which("arping"):
        return "arping is not here"
    out = sh("arping", "-D", "-q", "-c", "2", "-w", "3", "-I", TAP, OURS[4], may_fail=True)
    done = subprocess.run(["arping", "-D", "-c", "2", "-w", "3", "-I", TAP, OURS[4]],
                          capture_output=True, timeout=20, check=False)
    equal(done.returncode, 1, f"{out}{done.stdout}{peer.ask('drops')}")
    return None


def duplicate6(_, __):
    """RFC 4862 5.4: the kernel tries our address, and finds it taken."""
    sh("sysctl", "-qw", f"net.ipv6.conf.{TAP}.accept_dad=1")
    sh("ip", "addr", "add", OURS[6] + "/64", "dev", TAP)
    try:
        for _ in range(40):
            state = sh("ip", "-6", "addr", "show", "dev", TAP)
            if "dadfailed" in state:
                return
            subprocess.run(["sleep", "0.1"], check=False)
        raise AssertionError(state)
    finally:
        sh("ip", "addr", "del", OURS[6] + "/64", "dev", TAP)


def link_local(_, __):
    own = next((line.split()[0] for line in
                sh("ip", "-6", "neigh", "show", "dev", TAP).splitlines()
                if line.startswith("fe80")), None)
    if own is None:
        sh("ping", "-6", "-c", "2", "-i", "0.1", "-W", "1", f"ff02::1%{TAP}", may_fail=True)
        own = next((line.split()[0] for line in
                    sh("ip", "-6", "neigh", "show", "dev", TAP).splitlines()
                    if line.startswith("fe80")), None)
    equal(own is not None, True, "no link-local neighbour")
    out = sh("ping", "-6", "-c", "2", "-i", "0.1", "-W", "2", f"{own}%{TAP}", may_fail=True)
    equal(", 2 received" in out, True, out)


ROWS = [
    ("the kernel pings us with {size} of every size to 65507", kernel_pings),
    ("we ping the kernel with every size", we_ping),
    ("curl gets 4 MiB of us", curl),
    ("a stream of the kernel's comes back", tcp_echo),
    ("datagrams of the kernel's come back, whole and in fragments", udp_echo),
    ("we get 4 MiB of a server of the kernel's", we_get),
    ("our datagrams come back, whole and in fragments", we_send_datagrams),
    ("closed ports refuse the kernel", refused),
    ("closed ports of the kernel refuse us", we_are_refused),
    ("the kernel knows our station", neighbours),
    ("a kernel that takes 1300 bytes gets no more", smaller_mtu),
]
ONCE = [
    ("the kernel asks for our IPv4 address, and hears that it is ours", conflict, 4),
    ("the kernel tries our IPv6 address, and finds it taken", duplicate6, 6),
    ("the kernel pings our link-local address", link_local, 6),
]


def main():
    sh("ip", "link", "set", "lo", "up")
    sh("ip", "link", "del", "t0", may_fail=True)
    sh("sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647", may_fail=True)
    rows = [(f"IPv{family}: {sentence}".replace("{size} of ", ""), function, family)
            for family in (4, 6) for sentence, function in ROWS] + ONCE
    peer = Peer()
    failed = 0
    print(f"1..{len(rows) + 1}", flush=True)
    for number, (sentence, function, family) in enumerate(rows, 1):
        skip = None
        try:
            skip = function(peer, family)
            ok = True
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            print("# " + str(error).replace("\n", "\n# "), flush=True)
            ok = False
        failed += not ok
        print(f"{'' if ok else 'not '}ok {number} - {sentence}" + (f" # skip {skip}" if skip else ""),
              flush=True)
    try:
        peer.end()
        print(f"ok {len(rows) + 1} - our host is sound at the end", flush=True)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        failed += 1
        print(f"# {error}\nnot ok {len(rows) + 1} - our host is sound at the end", flush=True)
    return failed != 0


sys.exit(main())
