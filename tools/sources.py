# SPDX-License-Identifier: MIT
"""What the tools of `make lint` share: the C files of a tree, and their functions and comments.

Functions are found by the layout that clang-format gives them: a brace alone in the first column
opens one, a brace in the first column closes it.
"""
import os
import re


def files(root, folders, endings=(".c", ".h")):
    """Paths below root/folder, relative to root, sorted."""
    found = []
    for folder in folders:
        for path, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.relpath(os.path.join(path, n), root) for n in names
                      if n.endswith(endings)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def without_comments(text, strings=True):
    """The code with comments (and the contents of strings) blanked, lines kept."""
    def blank(match):
        found = match[0]
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        return found if not strings else '""'
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def functions(text):
    """(name, first line, last line), from the signature to the closing brace, from 1."""
    lines = without_comments(text).split("\n")
    found, at = [], 0
    while at < len(lines):
        if lines[at] != "{":
            at += 1
            continue
        first = at
        while first > 0 and lines[first - 1].strip() and not re.match(r"[#}]|.*;\s*$",
                                                                      lines[first - 1]):
            first -= 1
        signature = " ".join(lines[first:at])
        signature = re.sub(r"__attribute__\s*\(\(.*?\)\)", " ", signature)
        name = re.search(r"(\w+)\s*\(", signature)
        end = at
        while end < len(lines) and not lines[end].startswith("}"):
            end += 1
        if name:
            found.append((name[1], first + 1, end + 1))
        at = end + 1
    return found


def comments(text):
    """(text in one line, first line, last line, stands behind code)."""
    for match in re.finditer(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/', text, flags=re.S):
        if match[0].startswith('"'):
            continue
        first = text.count("\n", 0, match.start()) + 1
        last = first + match[0].count("\n")
        before = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        body = re.sub(r"\n\s*\*?", " ", match[0][2:-2])
        yield re.sub(r"\s+", " ", body).strip(), first, last, bool(before.strip())
