# SPDX-License-Identifier: MIT
"""tables_agree.py TABLES TRACE [TABLE ROWS]...: are the tables of a lab, as --tables=json prints them,
what its trace (--trace=json) says was learned until then? And has each TABLE so many rows at least?
Says what differs; exit code 1 if something does."""
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

# addresses of IPv6: the last state of each
told = {}
for event in events:
    if event["event"] == "address":
        told[event["host"], event["interface"], event["address"]] = event["new"]
told = {key: state for key, state in told.items() if state != "NONE"}
addresses = {(row["node"], row["number"], row["address"]): row["state"] for row in rows
             if row["table"] == "interfaces" and ":" in row["address"] and row["interface"] != "lo"}

# routes that routers told of, and since when
heard_of = {}
for event in events:
    if event["event"] == "route" and event["origin"] == "ra":
        key = event["host"], event["interface"], event["prefix"], event.get("gateway", "-")
        if event["change"] == "removed":
            heard_of.pop(key, None)
        elif event["change"] == "added":
            heard_of[key] = event["time"]
routes = {(row["node"], row["number"], row["network"], row["gateway"]): now - nanoseconds(row["age"])
          for row in rows if row["table"] == "routes" and row["from"] == "ra"}

# mappings of a translator, and since when
protocols = {1: "ping", 58: "ping", 6: "tcp", 17: "udp"}
made = {}
for event in events:
    if event["event"] == "mapping":
        key = event["host"], protocols[event["protocol"]], event["inner"], event["outer"]
        if event["change"] == "ended":
            made.pop(key, None)
        else:
            made[key] = event["time"]
mappings = {(row["node"], row["protocol"], row["inner"], row["outer"]): now - nanoseconds(row["age"])
            for row in rows if row["table"] == "nat"}

# leases: what the last ACK on the wire gave each station and until when, as server and client say
given = {}
for event in events:
    words = event.get("dhcp", "").split()
    if event["event"] == "sent" and words[:1] == ["ACK"] and "ethernet" in event:
        lease = int(words[words.index("to") + 2].split("=")[1].rstrip("s"))
        given[words[words.index("to") + 1]] = words[1], event["time"] + lease * 10**9
leases = [{row["client"]: (row["address"], now + nanoseconds(row["left"])) for row in rows
           if row["table"] == "dhcp" and (row["of"] == "server") == is_server}
          for is_server in (True, False)]
# frames and bytes that came in and went out by each port of a switch
passed = {}
for event in events:
    if event["event"] in ("sent", "delivered"):
        place, is_out = event["from" if event["event"] == "sent" else "to"], event["event"] == "sent"
        counts = passed.setdefault(place, [0, 0, 0, 0])
        counts[2 * is_out] += 1
        counts[2 * is_out + 1] += event["bytes"]
ports = {row["node"] + "." + row["port"]: [int(row[name]) for name in ("in", "in_bytes", "out", "out_bytes")]
         for row in rows if row["table"] == "ports"}
passed = {port: counts for port, counts in passed.items() if port in ports}
ports = {port: counts for port, counts in ports.items() if any(counts)}


def same(a, b):
    """Texts are equal, times to the millisecond that tables show; a client hears later."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, int) and isinstance(b, int):
        return abs(a - b) <= 20000000
    return a == b


failed = False
for name, left, right in (("addresses", told, addresses), ("routes", heard_of, routes),
                          ("nat", made, mappings), ("leases of servers", given, leases[0]),
                          ("leases of clients", given, leases[1]), ("ports", passed, ports)):
    for key in sorted(set(left) | set(right)):
        if not same(left.get(key), right.get(key)):
            print(name, key, "trace says", left.get(key), "table says", right.get(key))
            failed = True
for name, least in zip(sys.argv[3::2], sys.argv[4::2]):
    count = sum(row["table"] == name for row in rows)
    if count < int(least):
        print("of", name, "there are", count, "rows, not", least)
        failed = True
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
