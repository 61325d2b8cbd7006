# SPDX-License-Identifier: MIT
"""A server and its clients over AF_UNIX; see unix.yaml."""
import os
import socket
import sys
import time

PATH, ABSTRACT = "unix.socket", "\0example"


def serve():
    if os.path.exists(PATH):
        os.unlink(PATH)
    by_name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    by_name.bind(ABSTRACT)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(PATH)
    listener.listen()
    connection, _ = listener.accept()
    request, files, _, _ = socket.recv_fds(connection, 100, 4)
    with os.fdopen(files[0]) as file:
        connection.send(b"the file says " + file.read().encode())
    print("asked for", request.decode(), flush=True)
    print("told", by_name.recv(100).decode(), flush=True)
    time.sleep(60)


def connect(kind, name):
    """Waits until somebody is there."""
    for _ in range(100):
        client = socket.socket(socket.AF_UNIX, kind)
        try:
            client.connect(name)
            return client
        except OSError:
            client.close()
            time.sleep(0.05)
    sys.exit("nobody is at " + repr(name))


def ask():
    client = connect(socket.SOCK_SEQPACKET, PATH)
    read, write = os.pipe()
    os.write(write, b"hello")
    os.close(write)
    socket.send_fds(client, [b"what it says"], [read])
    answer = client.recv(100)
    print(answer.decode(), flush=True)
    connect(socket.SOCK_DGRAM, ABSTRACT).send(b"good bye")
    sys.exit(answer != b"the file says hello")


def refused():
    for kind, name in (socket.SOCK_SEQPACKET, PATH), (socket.SOCK_DGRAM, ABSTRACT):
        error = socket.socket(socket.AF_UNIX, kind).connect_ex(name)
        print(repr(name), os.strerror(error), flush=True)
        if error == 0:
            sys.exit("another host's name was there")


{"serve": serve, "ask": ask, "refused": refused}[sys.argv[1]]()
