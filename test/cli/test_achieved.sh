#!/bin/sh
# SPDX-License-Identifier: MIT
# What the report says that faults came to is what a capture of both sides holds: its own times,
# its own counts.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d "${TMPDIR:-/tmp}/achieved.XXXXXX")
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

cat >lab.yaml <<'EOF'
seed: 12
wires:
  - {name: road, between: [a.eth0, b.eth0], delay: 7ms, jitter: 6ms, loss: gemodel 3% 40%,
     duplicate: 2%, rate: 20Mbit, back: {loss: 2%}}
hosts:
  - {name: a, interfaces: [{name: eth0, address: 10.0.0.1/24}],
     traffic: [source: {to: "b:9", bytes: 2MB}]}
  - {name: b, interfaces: [{name: eth0, address: 10.0.0.2/24}], traffic: [sink: {port: 9}]}
EOF
cat >measure.py <<'EOF'
"""Frames of each direction by their bytes, at the sender's side and at the receiver's."""
import collections, re, struct, sys

data, at, names = open("both.pcapng", "rb").read(), 0, []
sent, came = collections.defaultdict(list), collections.defaultdict(list)
while at < len(data):
    kind, length = struct.unpack_from("<II", data, at)
    if kind == 1:
        option, n = struct.unpack_from("<HH", data, at + 16)
        names.append(data[at + 20:at + 20 + n].decode() if option == 2 else "")
    if kind == 6:
        which, high, low, kept = struct.unpack_from("<IIII", data, at + 8)
        frame = data[at + 28:at + 28 + kept]
        comments = data[at + 28 + (kept + 3) // 4 * 4:at + length]
        entry = (high << 32 | low, b"lost on the wire" in comments)
        name = names[which]
        (came if "received" in name else sent)["b.eth0>" in name, frame].append(entry)
    at += length
said = open("report").read()
for direction, word in [(False, "forth"), (True, "back")]:
    line = re.search(r"wire road %s: ([\d,]+) frames?, ([\d,]+) lost.* under way ([\d.]+) ms, "
                     r"99 %% ([\d.]+) ms, at most ([\d.]+) ms" % word, said).groups()
    frames, lost = (int(x.replace(",", "")) for x in line[:2])
    keys = [k for k in sent if k[0] == direction]
    assert frames == sum(len(sent[k]) for k in keys), (frames, names)
    # what was sent and never came
    missing = sum(max(0, len(sent[k]) - len(came.get(k, []))) for k in keys)
    assert sum(lost for k in keys for _, lost in sent[k]) == lost >= missing > 0, (lost, missing)
    delays = sorted(t - sent[k][0][0] for k in keys if len(sent[k]) == 1 for t, _ in came.get(k, []))
    half, most = delays[len(delays) // 2] / 1e6, delays[-1] / 1e6
    print(word, frames, lost, half, delays[len(delays) * 99 // 100] / 1e6, most, line)
    assert abs(half - float(line[2])) < 0.1 * half and abs(most - float(line[4])) < 0.06
EOF
echo 1..3
"$sockeye" lab lab.yaml --report --pcap both.pcapng --pcap-sides >report 2>&1
cp report said
say $? "the lab runs"
python3 measure.py >said 2>&1
say $? "frames, losses and delays of the report are those of a capture of both sides"
"$sockeye" lab lab.yaml >said 2>&1 && ! grep -q 'wire road' said && grep -q '^lab lab: ok' said
say $? "a run that came to what was asked is quiet"
exit $failed
