#!/bin/sh
# SPDX-License-Identifier: MIT
# --layers: a program's message on seven layers at both ends, through switches, routers and
# translators, in both families; and the layer of a planted fault.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
root=$(realpath "$(dirname "$0")/../..")
. "$root/test/tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1
export XDG_RUNTIME_DIR="$directory/run"
mkdir -m 700 run

# all_same FILE: is each layer of a message the same at both ends?
all_same() {
    awk '/^  [1-7] / && $NF !~ /^[0-9]+$/ { count[$1]++; if ($NF != "same") bad = $0 }
         END { for (layer = 1; layer <= 7; layer++) if (!count[layer]) bad = "layer " layer
               if (bad) { print bad; exit 1 } }' "$1"
}

echo 1..9
cp "$root/examples/layers.yaml" .
"$sockeye" lab layers.yaml --layers >said 2>&1 &&
    grep -q 'differs in layer 7 (application): byte 1059 went in as .. and came out as ..; layer 4 of b threw it away: the TCP checksum is wrong' said &&
    grep -q '^  4 transport .*DIFFERS$' said && grep -q '^  7 application .*same$' said
say $? "examples/layers.yaml: the layer of a fault is named, and the one that notices"

sed 's/, corrupt: 10%, past_fcs: true//' layers.yaml >whole.yaml
"$sockeye" lab whole.yaml --layers=all >said 2>&1 && all_same said &&
    grep -q '4 transport *datagram 2,508 bytes *datagram 2,508 bytes *same' said &&
    grep -q '3 network *2 packets 2,548 bytes *2 packets 2,548 bytes *same' said &&
    grep -q '1 physical *33,584 bits on left-a *33,584 bits on right *same' said
say $? "without it all layers are the same, over a switch and a router"

sed 's/"b:\([0-9]*\)"/"[fd00:2::1]:\1"/' whole.yaml >six.yaml
"$sockeye" lab six.yaml --layers=all >said 2>&1 && all_same said && grep -q 'TCP \[fd00:1::1\]' said
say $? "over IPv6 too"

"$sockeye" lab whole.yaml --layers=json >json 2>said && python3 - <<'END'
import json
rows = [json.loads(line) for line in open("json")]
names = ["physical", "data link", "network", "transport", "session", "presentation", "application"]
assert len(rows) == 3, rows
for row in rows:
    assert [row[name]["layer"] for name in names] == [1, 2, 3, 4, 5, 6, 7], row
    assert all(row[name]["peers"] == "same" for name in names), row
    sizes = [row[name]["sent_bits" if name == "physical" else "sent_bytes"] for name in names]
    assert sizes[0] == 8 * sizes[1] and sizes == sorted(sizes, reverse=True), sizes
END
say $? "as JSON, a line a message: bits are eight times the frames' bytes, and each layer adds to the one above"

cat >nat.yaml <<'END'
wires:
  - {name: in, between: [a.e, r.in], delay: 1ms}
  - {name: out, between: [r.out, b.e], delay: 1ms}
routers:
  - name: r
    interfaces: [{name: in, address: 10.0.0.1/24}, {name: out, address: 192.0.2.1/24}]
    nat: home
    outside: out
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.2/24}]
    traffic: [source: {to: "b:80", bytes: 1000}]
  - name: b
    interfaces: [{name: e, address: 192.0.2.2/24}]
    traffic: [sink: {port: 80}]
END
"$sockeye" lab nat.yaml --layers >said 2>&1 && grep -q '^  3 network .*translated on the way$' said &&
    grep -q '^  7 application .*same$' said && grep -q '^[0-9.]* s: a to b, TCP 10.0.0.2' said
say $? "behind a translator layers 3 and 4 say so, and the message is found at its receiver"

cat >echo.yaml <<'END'
wires:
  - {name: w, between: [a.e, b.e], delay: 1ms}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    traffic: [source: {to: "b:7", bytes: 3000, size: 1000, protocol: udp, echoed: true}]
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
    traffic: [echo: {protocol: udp}]
END
"$sockeye" lab echo.yaml --layers=all >said 2>&1 && all_same said &&
    [ "$(grep -c ': a to b, UDP' said)" -eq 3 ] && [ "$(grep -c ': b to a, UDP' said)" -eq 3 ]
say $? "an echo is a message of its own, not the way of the first back to its sender"

cat >programs.yaml <<'END'
time_limit: 30s
wires:
  - {name: w, between: [a.e, b.e], delay: 1ms, loss: 20%}
hosts:
  - name: a
    interfaces: [{name: e, address: 10.0.0.1/24}]
    programs:
      - name: client
        run: python3 -c 'import socket; s = socket.create_connection(("b", 80)); s.sendall(b"hello"); print(s.recv(100))'
        after: b.listening:80
  - name: b
    interfaces: [{name: e, address: 10.0.0.2/24}]
    programs:
      - name: server
        run: python3 -c 'import socket; s = socket.create_server(("", 80)).accept()[0]; s.sendall(s.recv(100).upper())'
END
"$sockeye" lab programs.yaml --layers --record w.record >live 2>&1 && all_same live &&
    grep -q '7 application .*"hello".*"hello".*same' live && grep -q '"HELLO".*"HELLO"' live &&
    "$sockeye" replay w.record --layers >said 2>&1 && grep '^ *[1-7] ' live >one && grep '^ *[1-7] ' said >two &&
    cmp one two
say $? "unmodified programs, and the same again from their record"

"$sockeye" lab whole.yaml --layers --trace --seed 1 >one 2>said && "$sockeye" lab whole.yaml --trace --seed 1 >two 2>&1 &&
    grep '^[0-9.]* event=' one >lines && grep '^[0-9.]* event=' two | cmp lines -
say $? "looking at the layers changes nothing of the run"

"$sockeye" lab whole.yaml --layers=some >said 2>&1
[ $? -eq 2 ] && grep -q -- '--layers takes =all, =json or nothing, not "some"' said &&
    "$sockeye" lab whole.yaml --layers=json --pcap - >said 2>&1
[ $? -eq 2 ]
say $? "a wrong form is told"
