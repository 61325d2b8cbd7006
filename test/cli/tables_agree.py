# SPDX-License-Identifier: MIT
"""tables_agree.py TABLES TRACE: are the tables of a lab, as --tables=json prints them, what its
trace (--trace=json) says was learned until then? Says what differs; exit code 1 if something does."""
import json
import sys


def nanoseconds(text):
    return int(float(text.split()[0]) * 1e9)


def lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.startswith("{")]


rows = lines(sys.argv[1])
now = rows[0]["time"]
events = [event for event in lines(sys.argv[2]) if event["time"] <= now]
wires = {row["wire"]: (row["node"], row["interface"]) for row in rows if row["table"] == "interfaces"}

# neighbours: the last state of each, and when it began
want = {}
for event in events:
    if event["event"] == "neighbor":
        key = event["host"], event["wire"], event["neighbor"]
        want[key] = event["new"], event["time"]
wire_of = {(row["node"], row["interface"]): row["wire"] for row in rows if row["table"] == "interfaces"}
got = {(row["node"], wire_of[row["node"], row["interface"]], row["address"]):
       (row["state"], now - nanoseconds(row["age"])) for row in rows if row["table"] == "neighbors"}

# stations: behind which port each is, since it was first heard there
heard = {}
for event in events:
    if event["event"] == "station":
        key = event["host"], event["mac"], event.get("vlan", 0)
        if event["change"] in ("learned", "moved"):
            heard[key] = event["port"], event["time"]
        else:
            heard.pop(key, None)
found = {(row["node"], row["mac"], 0 if row["vlan"] == "-" else int(row["vlan"])):
         (row["number"], now - nanoseconds(row["age"])) for row in rows if row["table"] == "macs"}

failed = False
for name, left, right in (("neighbors", want, got), ("macs", heard, found)):
    if not left:
        print(name, "has nothing to compare")
        failed = True
    for key in sorted(set(left) | set(right)):
        a, b = left.get(key), right.get(key)
        if a is None or b is None or a[0] != b[0] or abs(a[1] - b[1]) > 2000000:
            print(name, key, "trace says", a, "table says", b)
            failed = True
sys.exit(failed)
