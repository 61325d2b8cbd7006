#!/bin/sh
# SPDX-License-Identifier: MIT
# `sockeye show` at a lab of real programs that runs.
. "$(dirname "$0")/common"

echo 1..7
two_hosts show.yaml "delay: 1ms" "" "    programs:
      - {run: python3 -m http.server 80, background: true}"
stay show.yaml
on a curl -sS -o /dev/null --retry 20 --retry-connrefused --retry-delay 1 http://b/ >said 2>&1
"$sockeye" show b sockets >said 2>&1 && grep -q '^  tcp  *LISTEN .*\*:80 ' said &&
    grep -q '^  tcp .*10.0.0.2:80  *10.0.0.1:' said
say $? "sockets are shown while the lab runs"
"$sockeye" show a arp >said 2>&1 && grep -q '^  10.0.0.2  *eth0  *..:..:..:..:..:..  *[A-Z]*  *\(arp\|confirmed\)  *[0-9.]* s$' said
say $? "a neighbour has a state, a protocol and an age"
"$sockeye" show >all 2>said && grep -q '^a: interfaces$' all && grep -q '^b: routes$' all &&
    "$sockeye" show show >said 2>&1 && [ "$(grep -c : said)" -ge 6 ]
say $? "without a node all are shown"
"$sockeye" show --json show b routes >said 2>&1 &&
    python3 -c 'import json; [json.loads(line) for line in open("said")]' 2>>said
say $? "an object a line"
"$sockeye" show nobody >said 2>&1
[ $? -eq 1 ] && grep -q 'there is no such node' said && ! "$sockeye" show a b c d >said 2>&1
say $? "what is not there is told"
# a hundred at a time, of which none reads
for i in $(seq 100); do "$sockeye" show >/dev/null 2>&1 & done
on a curl -sS -o /dev/null http://b/ >said 2>&1
say $? "the lab goes on while many look"
kill "$stayed"
wait
stayed=
"$sockeye" show a >said 2>&1
[ $? -eq 1 ] && grep -q 'no lab of yours is running' said
say $? "a lab that has ended is told"
