#!/bin/sh
# SPDX-License-Identifier: MIT
# The tables of a lab at its end are what its trace says was learned; in virtual time.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

echo 1..6
lan=$here/../../examples/lan.yaml
"$sockeye" lab "$lan" --tables=json --trace=json --trace-file trace --record record >tables 2>said &&
    python3 "$here/tables_agree.py" tables trace >said 2>&1
say $? "neighbours and stations are those of the trace, in their states and of their age"
"$sockeye" lab "$lan" --tables >text 2>said
cat >want <<END
gate: routes
  network         gateway  interface  metric  from    age      left
  10.1.0.0/24     -        eth0       0       kernel  3.000 s  for ever
  192.168.7.0/24  -        eth1       0       kernel  3.000 s  for ever
END
sed -n '/^gate: routes/,/^[^ ]/p' text | sed '5,$d' >got
diff want got >said
say $? "tables are told in aligned columns"
"$sockeye" lab "$lan" --tables --tap >tap 2>said && ! grep -qv '^# \|^ok \|^1\.\.\|^TAP ' tap && grep -q '^# gate: neighbors' tap
say $? "in TAP they are comments"
"$sockeye" replay record --tables --quiet >replayed 2>said && grep -q '^web: interfaces' replayed
say $? "a replay has them too"
"$sockeye" lab "$lan" --quiet --trace-file without >said 2>&1 &&
    "$sockeye" lab "$lan" --quiet --tables --trace-file with >said 2>&1 && cmp with without >said
say $? "to look changes nothing"
cat >dhcp.yaml <<END
networks: [{name: lan, dhcp: {lease: 10min}}]
routers: [{name: gate, interfaces: [{name: eth0, net: lan}]}]
hosts:
  - {name: pc, net: lan, traffic: [{ping: {to: gate}}]}
  - {name: box, interfaces: [{name: eth0, net: lan, mac: '02:00:00:00:00:09'}]}
END
"$sockeye" lab dhcp.yaml --tables >text 2>said &&
    sed -n '/: dhcp$/,/^[^ ]/p' text | grep '^  10\|: dhcp' | sed 's/  */ /g' | sort >got
# of pc, its address, and the end of its lease, in the server's words and in its own
grep -q '^ 10.1.0.12[89] eth0 server BOUND 02:00:00:00:00:09 box [4-9]' got &&
    grep -q '^ 10.1.0.12[89] eth0 10.1.0.254 BOUND 02:00:00:00:00:09 box .* 59[0-9]' got &&
    [ "$(grep -c ' eth0 server BOUND ' got)" -eq 2 ] && [ "$(grep -c ' eth0 10.1.0.254 BOUND ' got)" -eq 2 ]
code=$?
cp got said
say $code "leases are told by their server and by each client, with names, ages and ends"
