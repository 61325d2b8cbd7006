#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel's side of test/kernel: kernel.py PEER, in a network namespace of its own.

Each row is a sentence and a function that raises if it is not so. The kernel has .1, we have .2.
"""
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

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


class Watch:
    """Frames on the wire, as the kernel sees them."""

    def __init__(self, is_wanted):
        self.is_wanted = is_wanted
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((TAP, 0))

    def wait(self, seconds=5):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                frame, where = self.socket.recvfrom(2000)
            except TimeoutError:
                break
            if where[2] != socket.PACKET_OUTGOING and self.is_wanted(frame):
                return frame
        return None


def is_igmp_report(frame):
    return frame[12:14] == b"\x08\x00" and frame[23] == 2 and frame[14 + 24] == 0x22


def is_mld_report(frame):
    return frame[12:14] == b"\x86\xdd" and frame[20] == 0 and frame[14 + 48] == 143


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def group_of_sockets(peer, family):
    group = "239.7.7.7" if family == 4 else "ff15::7:7"
    watch = Watch(is_igmp_report if family == 4 else is_mld_report)
    packed = socket.inet_pton(FAMILY[family], group)
    equal(peer.ask(f"join {group}"), "ok")
    for _ in range(2):  # RFC 3376 5.1: twice
        report = watch.wait()
        equal(report is not None and packed in report, True, "no report")
    with socket.socket(FAMILY[family], socket.SOCK_DGRAM) as s:
        index = socket.if_nametoindex(TAP)
        if family == 4:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(KERNELS[4]))
        else:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        s.sendto(b"hello", (group, 7000))
    for _ in range(50):
        heard = peer.ask("heard")
        if heard == "hello":
            break
        time.sleep(0.02)
    equal(heard, "hello")
    ask_groups(family)
    report = watch.wait()
    equal(report is not None and packed in report, True, "no answer to a query")
    equal(peer.ask("leave"), "ok")
    report = watch.wait()
    equal(report is not None and packed in report, True, "no report of leaving")


def ask_groups(family):
    """A general query of the last version, to be answered within a second."""
    index = socket.if_nametoindex(TAP)
    mac = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    mac.bind((TAP, 0))
    own = mac.getsockname()[4]
    if family == 4:
        igmp = b"\x11\x0a\0\0" + b"\0" * 4 + b"\x02\x7d\0\0"
        igmp = igmp[:2] + struct.pack("!H", checksum(igmp)) + igmp[4:]
        head = (b"\x46\xc0" + struct.pack("!H", 24 + len(igmp)) + b"\0\0\x40\0\x01\x02\0\0" +
                socket.inet_aton(KERNELS[4]) + socket.inet_aton("224.0.0.1") + b"\x94\x04\0\0")
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        mac.send(b"\x01\0\x5e\0\0\x01" + own + b"\x08\0" + head + igmp)
    else:
        source = next(line.split()[0].partition("/")[0] for line in
                      sh("ip", "-6", "-o", "addr", "show", "dev", TAP, "scope", "link")
                      .split("inet6 ")[1:])
        source, dest = (socket.inet_pton(socket.AF_INET6, a) for a in (source, "ff02::1"))
        mld = b"\x82\0\0\0\x03\xe8\0\0" + b"\0" * 16 + b"\x02\x7d\0\0"
        pseudo = source + dest + struct.pack("!IHBB", len(mld), 0, 0, 58)
        mld = mld[:2] + struct.pack("!H", checksum(pseudo + mld)) + mld[4:]
        head = b"\x60\0\0\0" + struct.pack("!H", 8 + len(mld)) + b"\0\x01" + source + dest
        mac.send(b"\x33\x33\0\0\0\x01" + own + b"\x86\xdd" + head +
                 b"\x3a\0\x05\x02\0\0\x01\0" + mld)
    mac.close()
    return index


def advertised(peer, _):
    """RFC 4862 5.5: a router advertisement of the kernel's side gives us an address."""
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        index = socket.if_nametoindex(TAP)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        prefix = socket.inet_pton(socket.AF_INET6, "2001:db8:77::")
        message = (struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) +
                   struct.pack("!BBBBIII", 3, 4, 64, 0xc0, 3600, 1800, 0) + prefix)
        equal(peer.ask("add auto"), "ok")
        sh("ip", "addr", "add", "2001:db8:77::1/64", "dev", TAP, "nodad")
        s.sendto(message, ("ff02::1", 0, 0, index))
    own = next(line.split()[2] for line in
               sh("ip", "-6", "neigh", "show", "dev", TAP).splitlines() if "lladdr" in line)
    mac = bytes(int(x, 16) for x in own.split(":"))
    eui = bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    address = socket.inet_ntop(socket.AF_INET6, prefix[:8] + eui)
    out = ""
    for _ in range(5):
        out = sh("ping", "-6", "-c", "1", "-W", "1", address, may_fail=True)
        if ", 1 received" in out:
            return
    raise AssertionError(out)


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
    ("a socket of ours joins a group of IPv4, hears the kernel, and a querier of it", group_of_sockets, 4),
    ("a socket of ours joins a group of IPv6, hears the kernel, and a querier of it", group_of_sockets, 6),
    ("an advertisement gives us an address that the kernel pings", advertised, 6),
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


if __name__ == "__main__":
    sys.exit(main())
