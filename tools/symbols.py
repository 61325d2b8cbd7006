# SPDX-License-Identifier: MIT
"""What the checks of external names share: what the objects of a tree define and need.

Objects are looked for by their sources, so that an old object of a file that is gone does not
count.
"""
import os
import subprocess
import sys

import sources


def of_tree(root, build):
    """{source: (names of functions and data that it defines, of functions alone, names it needs)}"""
    found = {}
    paths = [p for p in sources.files(root, ["src"], (".c",))]
    objects = {os.path.join(build, p[:-2] + ".o"): p for p in paths}
    missing = [o for o in objects if not os.path.exists(o)]
    if missing:
        sys.exit(f"{missing[0]} is missing")
    for path in paths:
        found[path] = (set(), set(), set())
    said = subprocess.run(["nm", "-A", *objects], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    for line in said.splitlines():
        place, _, rest = line.partition(":")
        words = rest.split()
        kind, name = words[-2], words[-1]
        names, functions, needs = found[objects[place]]
        if kind in "TDRB":
            names.add(name)
        if kind == "T":
            functions.add(name)
        if kind == "U":
            needs.add(name)
    return found
