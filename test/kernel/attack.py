#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Attacks by well-known tools on a host of ours: attack.py PEER, in a network namespace of its own.

Each attack runs so many seconds (ATTACK_SECONDS, 5) while honest downloads go on. Asked of each: our
host lives and is sound, its memory does not grow, and honest downloads have half of their speed. Of
tools that are not here it says so. The long form is `make soak-attacks`.
"""
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

from kernel import OURS, TAP, Peer, sh

SECONDS = float(os.environ.get("ATTACK_SECONDS", "5"))
GROWTH = 24 << 20  # bytes that a run may have touched for the first time
FLOOD = "u200"  # 5,000 packets a second: the attacker shares our processors

ATTACKS = [
    ("scan of ports", ["nmap", "-n", "-Pn", "-sS", "-p1-2000", OURS[4]]),
    ("guess of the system", ["nmap", "-n", "-Pn", "-O", "-p1-100", OURS[4]]),
    ("guess of the system, IPv6", ["nmap", "-6", "-n", "-Pn", "-O", "-p1-100", OURS[6]]),
    ("scan by NULL, FIN and Xmas", ["nmap", "-n", "-Pn", "-sX", "-p1-500", OURS[4]]),
    ("flood of SYNs", ["hping3", "-q", "-S", "-p", "80", "-i", FLOOD, OURS[4]]),
    ("flood of SYNs of many sources", ["hping3", "-q", "-S", "-p", "80", "-i", FLOOD, "--rand-source",
                                       OURS[4]]),
    ("SYNs of our own address", ["hping3", "-q", "-S", "-p", "80", "-s", "80", "-k", "-a", OURS[4],
                                 "-i", FLOOD, OURS[4]]),
    ("flood of datagrams", ["hping3", "-q", "-2", "-p", "9", "-i", FLOOD, OURS[4]]),
    ("flood of pings", ["hping3", "-q", "-1", "-i", FLOOD, OURS[4]]),
    ("fragments that never end", ["hping3", "-q", "-2", "-p", "9", "-x", "-d", "1200", "-i", FLOOD,
                                  OURS[4]]),
    ("segments of any flags", ["hping3", "-q", "-F", "-S", "-R", "-P", "-A", "-U", "-p", "80", "-i",
                               FLOOD, OURS[4]]),
    ("flood of router advertisements", ["atk6-flood_router26", TAP]),
    ("flood of neighbour advertisements", ["atk6-flood_advertise6", TAP]),
    ("flood of neighbour solicitations", ["atk6-flood_solicitate6", TAP, OURS[6]]),
    ("flood of MLD reports", ["atk6-flood_mld6", TAP]),
    ("strange fragments", ["atk6-fragmentation6", "-p", TAP, OURS[6]]),
    ("headers in any order", ["atk6-implementation6", TAP, OURS[6]]),
    ("known exploits", ["atk6-exploit6", TAP, OURS[6]]),
    ("headers that cost time", ["atk6-denial6", TAP, OURS[6], "1"]),
    ("fragments, SI6", ["frag6", "-i", TAP, "-d", OURS[6], "--frag-size", "64", "-F", "10", "-l",
                        "-z", "1"]),
    ("neighbours, SI6", ["na6", "-i", TAP, "-d", OURS[6], "-t", "fd99::66", "-F", "50", "-l", "-z",
                         "1"]),
]


def rss(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def downloads(family, seconds):
    """Honest downloads of 256 KiB: how many a second."""
    host = f"[{OURS[6]}]" if family == 6 else OURS[4]
    begun, done = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        got = subprocess.run(["curl", "-sS", "-m", "10", "-o", "/dev/null",
                              f"http://{host}/262144"], capture_output=True, check=False)
        done += got.returncode == 0
    return done / (time.monotonic() - begun)


def slow_down(attacker, over):
    """Tools without a rate of their own send as fast as they can, on our processors: they get a
    twentieth of the time."""
    while not over.is_set() and attacker.args[0].startswith("atk6"):
        attacker.send_signal(signal.SIGSTOP)
        over.wait(0.038)
        attacker.send_signal(signal.SIGCONT)
        over.wait(0.002)


def attack(peer, command):
    """What share of the speed honest downloads had, and how much memory was touched."""
    family = 6 if OURS[6] in command or command[0].startswith("atk6") else 4
    before = downloads(family, SECONDS / 2)
    memory = rss(peer.process.pid)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as attacker:
        over = threading.Event()
        slow = threading.Thread(target=slow_down, args=(attacker, over))
        slow.start()
        during = downloads(family, SECONDS)
        over.set()
        slow.join()
        attacker.kill()
    for _ in range(10):
        alive = sh("ping", f"-{family}", "-c", "1", "-W", "1", OURS[family], may_fail=True)
        if ", 1 received" in alive:
            break
    else:
        raise AssertionError("our host does not answer any more")
    return during / before if before else 0, rss(peer.process.pid) - memory


def main():
    sh("ip", "link", "set", "lo", "up")
    sh("ip", "link", "del", "t0", may_fail=True)
    peer = Peer()
    for family in (4, 6):
        downloads(family, 1)
    failed = 0
    print(f"1..{len(ATTACKS) + 1}", flush=True)
    for number, (sentence, command) in enumerate(ATTACKS, 1):
        if not shutil.which(command[0]):
            print(f"ok {number} - {sentence} # skip {command[0]} is not here", flush=True)
            continue
        try:
            share, growth = attack(peer, command)
            ok = share >= 0.5 and growth < GROWTH
            said = f"honest downloads at {share:.2f} of their speed, {growth >> 10} KiB more"
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            ok, said = False, str(error)
        failed += not ok
        print(f"{'' if ok else 'not '}ok {number} - {sentence}: {said}", flush=True)
    print("# dropped: " + peer.ask("drops"), flush=True)
    try:
        peer.end()
        print(f"ok {len(ATTACKS) + 1} - our host is sound at the end", flush=True)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        failed += 1
        print(f"# {error}\nnot ok {len(ATTACKS) + 1} - our host is sound at the end", flush=True)
    return failed != 0


sys.exit(main())
