# SPDX-License-Identifier: MIT
"""Over which versions of IP a packetdrill script is run: all three variants of `sockeye drill`, but
for a script that names one in a line of its own (--ip_version=ipv6), and one that says in a comment

    // only over ipv4, ipv4-mapped-ipv6: why
"""
import re

ALL = ("ipv4", "ipv6", "ipv4-mapped-ipv6")


def of_script(path):
    """[(variant, None or why it is not run)]; a script that names its variant has that alone."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    named = re.findall(r"^--ip_version=(\S+)", text, flags=re.M)
    if named:
        return [(named[-1], None)]
    only = re.search(r"^// only over ([\w, -]+): (.*)", text, flags=re.M)
    wanted = re.split(r",\s*", only[1]) if only else ALL
    for variant in wanted:
        if variant not in ALL:
            raise SystemExit(f"{path}: no variant: {variant}")
    return [(v, None if v in wanted else only[2]) for v in ALL]
