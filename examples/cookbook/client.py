# SPDX-License-Identifier: MIT
"""A client as you might have one: client.py HOST PORT COUNT [SECONDS]

Asks COUNT times, waits for each answer, then for SECONDS (0.1), and says how long they took. It
knows nothing of the network it is on.
"""
import socket
import sys
import time

host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pause = float(sys.argv[4]) if len(sys.argv) > 4 else 0.1
took = []
with socket.create_connection((host, port), timeout=60) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers = connection.makefile("rb")
    for number in range(count):
        start = time.monotonic()
        connection.sendall(b"question %d\n" % number)
        if answers.readline() != b"question %d\n" % number:
            sys.exit(f"question {number}: the wrong answer, or none")
        took.append(time.monotonic() - start)
        time.sleep(pause)
took.sort()
print(f"{count} answers; half of them within {took[count // 2] * 1000:.0f} ms, "
      f"the slowest took {took[-1] * 1000:.0f} ms")
