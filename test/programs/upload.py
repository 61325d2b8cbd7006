# SPDX-License-Identifier: MIT
"""http.server that also takes a PUT, and keeps connections: upload.py PORT"""
import http.server
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


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
