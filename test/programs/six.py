#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A lab file over IPv6: six.py FILE prints it with every address of IPv4 as one of IPv6.

10.1.2.3 becomes fd00:a:1:2::3, 0.0.0.0 is ::, 127.0.0.1 is ::1. A prefix of 8, 16 or 24 bits is the
same part of the address: 32, 48 or 64; one of more bits is as much shorter than the whole. With a
port behind it an address stands in brackets. The last address of a network, which a router takes,
is the last here too (254: ffff), and a network that has no addresses gets some. An MTU below 1280
becomes that (RFC 8200 5), and python's http.server is told to listen on ::. Nothing else of the
file is another.
"""
import re
import sys

ADDRESS = re.compile(r"(?<![\d.:\w-])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(/\d+|:\d+)?(?![\d.])")


def six(match):
    a, b, c, d = (int(n) for n in match.groups()[:4])
    behind = match[5] or ""
    text = {"0.0.0.0": "::", "127.0.0.1": "::1"}.get(".".join(match.groups()[:4]))
    if text is None:
        last = "" if d == 0 else "ffff" if d == 254 else f"{d:x}"
        text = f"fd00:{a:x}:{b:x}:{c:x}::{last}"
    if behind.startswith("/"):
        bits = int(behind[1:])
        wide = 128 - (32 - bits) if bits > 24 else 16 + 2 * bits if bits else 0
        text = f"{text}/{wide}"
    elif behind:
        text = f"[{text}]{behind}"
    # YAML takes a plain word with a colon for a key
    before = match.string[match.start() - 1:match.start()]
    return f'"{text}"' if before in " [{," else text


def rewritten(text):
    lines, block = [], ""
    for number, line in enumerate(text.splitlines()):
        block = line if re.match(r"\w", line) else block
        code, mark, comment = line.partition("#")
        code = re.sub(r"\bmtu: (\d+)", lambda m: f"mtu: {max(1280, int(m[1]))}", code)
        code = re.sub(r"(-m http\.server)\b", r'\1 --bind "::"', code)
        if block.startswith("networks:") and "addresses:" not in code:
            code = re.sub(r"(- \{name: \w+)", rf'\1, addresses: ["fd00:1:{number:x}::/64"]', code)
        lines.append(ADDRESS.sub(six, code) + mark + comment)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(rewritten(file.read()))
