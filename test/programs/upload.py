# SPDX-License-Identifier: MIT
"""http.server that also takes a PUT, and keeps connections: upload.py PORT. Of FAMILY=ipv6 it takes
both families."""
import http.server
import os
import socket
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        with open("put-" + self.path.strip("/"), "wb") as file:
            while left > 0 and (data := self.rfile.read(min(left, 65536))):
                file.write(data)
                left -= len(data)
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    if os.environ.get("FAMILY") == "ipv6":
        address_family = socket.AF_INET6


if __name__ == "__main__":
    Server(("", int(sys.argv[1])), Handler).serve_forever()
