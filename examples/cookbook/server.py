# SPDX-License-Identifier: MIT
"""A server as you might have one: answers each line of a client with the same line."""
import socketserver
import sys


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("", int(sys.argv[1])), Lines) as server:
    server.serve_forever()
