#!/bin/sh
# SPDX-License-Identifier: MIT
# Labs of built-in traffic, whole: in virtual time, so a lab of minutes takes no time at all.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
examples=$(cd "$(dirname "$0")/../../examples" && pwd)
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

echo 1..19
"$sockeye" lab "$examples/faults.yaml" --pcap one.pcapng --record one.record >said 2>&1
say $? "10 MB each way arrive equal at hard faults"
"$sockeye" lab "$examples/faults.yaml" --pcap two.pcapng --quiet >said 2>&1 &&
    cmp one.pcapng two.pcapng >>said 2>&1
say $? "the same seed gives the identical pcapng"
"$sockeye" lab "$examples/faults.yaml" --seed 8 --pcap three.pcapng --quiet >said 2>&1 &&
    ! cmp -s one.pcapng three.pcapng
say $? "another seed gives another"
"$sockeye" replay one.record --pcap replayed.pcapng >said 2>&1 && cmp one.pcapng replayed.pcapng
say $? "a record replays to the identical pcapng"
"$sockeye" replay "$examples/../test/lab/before.record" >said 2>&1
say $? "a record made by an earlier build replays to the same frames"
"$sockeye" lab "$examples/flap.yaml" --tap >said 2>&1 &&
    grep -q '^ok 3 - the lab: ran to its end' said && ! grep -q '^not ok' said
say $? "a connection outlives a wire that goes down; the outcome is TAP"

"$sockeye" lab "$examples/flap.yaml" >said 2>&1
[ $? -eq 0 ] && [ "$(wc -l <said)" -eq 2 ] && grep -qx 'lab flap: ok, 2 services' said &&
    grep -q '^  seed 3, 9\.074 s, 5,284 frames (5\.4 MB), 102 lost, 73 sent again$' said
say $? "a good run says one line of result and one of figures"
"$sockeye" lab "$examples/flap.yaml" --report >said 2>&1
[ $? -eq 0 ] && grep -q '^  ok     b.sink on port 4242: 5,000,000 bytes received and verified, in 9.054 s' said &&
    grep -q '^  segments: 73 retransmission (timeout)$' said &&
    grep -q '^  dropped: 102 wire-down: the wire is down$' said
say $? "with --report it says all, by reason"

cat >refused.yaml <<END
wires:
  - {name: w, between: [a.e, b.e]}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    traffic: [source: {to: "b:1", bytes: 1}]
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
END
"$sockeye" lab refused.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED a.source to 10.0.0.2:1: connect: ECONNREFUSED' said
say $? "a refused connection fails the lab, and is told"
grep -q '^lab refused: FAILED, 1 of 1$' said &&
    grep -q '^  1 packet dropped (no connection and no listener; .*after: HOST.listening:PORT' said
say $? "where a run failed, the drops that explain it are told with their cure"

sed 's/- {name: w, /&loss: 100%, /; s/bytes: 1}/bytes: 1}, ping: {to: b}/' refused.yaml |
    sed 's/traffic: \[source: {\(.*\)}, ping: {\(.*\)}\]/traffic: [{source: {\1}}, {ping: {\2}}]/' \
        >lost.yaml
"$sockeye" lab lost.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'FAILED a.ping to 10.0.0.2: 0 replies to 4 requests' said
say $? "a wire that loses all fails what runs over it"

sed 's/^wires/time_limit: 3s\nwires/; s/e, address: 10.0.0.1/e, address: 10.0.0.9/' refused.yaml |
    sed 's/source.*/{sink: {port: 9}}]/' >limit.yaml
"$sockeye" lab limit.yaml >said 2>&1
[ $? -eq 1 ] && grep -q -e 'time limit' -e 'nothing more can happen' said
say $? "a lab that does not end fails"
grep -q 'a.sink on port 9: not finished: 0 bytes sent, 0 received$' said
say $? "of a sink that waits for no number of bytes none is told"

cat >forward.yaml <<END
wires:
  - {name: w, between: [a.e, b.e], mtu: 576, past_fcs: true, corrupt: 5%}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    traffic:
      - source: {to: "b:9", bytes: 200kB, protocol: udp, size: 400}
      - source: {to: "b:7", bytes: 50kB, echoed: true}
      - source: {to: "b:7", bytes: 50kB, echoed: true, protocol: udp, size: 5000}
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
    traffic:
      - sink: {port: 9, protocol: udp, bytes: 150kB}
      - echo: {}
END
"$sockeye" lab forward.yaml >said 2>&1
say $? "bits flipped past the FCS are found by the checksums, over UDP and TCP"
"$sockeye" lab forward.yaml --trace=json --quiet >said 2>&1 && python3 -c '
import json, sys
for line in open("said"): json.loads(line)'
say $? "the trace as JSON is JSON"

full() {
    python3 -c '
import sys
n = 4096
wires = int(sys.argv[1])
print("wires:")
for w in range(wires):
    near, far = w % n, (w + 1) % n
    print(f"  - {{name: w{w}, between: [h{near}.r{w // n}, h{far}.l{w // n}]}}")
print("hosts:")
for i in range(n):
    ends = [(f"r{k}", 1) for k in range(2)] + [(f"l{k}", 2) for k in range(2)]
    print(f"  - name: h{i}\n    interfaces:")
    for k, (name, last) in enumerate(ends):
        print(f"      - {{name: {name}, address: 10.{i >> 6}.{i % 64 * 4 + k}.{last}/24}}")
' "$1"
}
full 8192 >full.yaml && "$sockeye" lab full.yaml --quiet >said 2>&1
say $? "a lab has as many hosts and wires as labs may have"
full 8193 >full.yaml && ! "$sockeye" lab full.yaml >said 2>&1 &&
    grep -q "^full.yaml:1: wires: a lab has at most 8192 wires" said
say $? "one more is refused, and its line is told"

python3 -c '
n = 1000
print("wires:")
for i in range(n):
    for k in range(2):
        print(f"  - {{name: w{i}-{k}, between: [h{i}.right{k}, h{(i + 1) % n}.left{k}]}}")
print("hosts:")
for i in range(n):
    print(f"  - name: h{i}\n    interfaces:")
    for k in range(2):
        for side, wire, last in (("right", i, 1), ("left", (i - 1) % n, 2)):
            net = wire * 2 + k
            print(f"      - {{name: {side}{k}, address: 10.{net >> 8}.{net & 255}.{last}/24}}")
    net = i * 2 + i % 2
    print("    traffic:\n      - echo: {}")
    print(f"      - source: {{to: \"10.{net >> 8}.{net & 255}.2:7\", bytes: 10kB, echoed: true}}")
' >many.yaml
"$sockeye" lab many.yaml --quiet --record many.record --pcap many.pcapng >said 2>&1
say $? "a thousand hosts in a ring of two thousand wires talk, each to the next"
"$sockeye" replay many.record --pcap again.pcapng >said 2>&1 && cmp many.pcapng again.pcapng
say $? "and their record replays to the identical pcapng"
