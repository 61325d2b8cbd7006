#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernel's own tables, seen from outside, never hold a socket of a lab's programs: no TCP, UDP,
# raw or ping socket appears while they listen, connect, transfer and ask.
. "$(dirname "$0")/common"

# every inet socket of the machine
tables() {
    for table in tcp tcp6 udp udp6 udplite raw raw6 icmp icmp6; do
        awk -v t=$table 'NR > 1 { print t, $2, $3 }' "/proc/net/$table" 2>/dev/null
    done
}
# ports that nobody else uses, in hex as the tables have them
ports() {
    grep -i -e ':5D2D ' -e ':5D2E ' -e '0100000A:' -e '0200000A:'
}

echo 1..3
head -c 20000000 /dev/urandom >big.bin
two_hosts outside.yaml "delay: 1ms, rate: 100Mbit" "    programs:
      - run: curl -sS -o got --parallel -Z http://b:23853/big.bin
        after: 'b.listening:23853'
      - {run: sh -c 'for i in 1 2 3; do dig +short @10.0.0.2 -p 23854 x.example; done; sleep 1',
         after: 'b.listening:23854/udp'}" "    programs:
      - {name: web, run: python3 -m http.server 23853, background: true}
      - {name: dns, run: python3 $directory/dns.py, background: true}"
sed 's/53)/23854)/' "$here/../../examples/dns.py" >dns.py

tables | ports >before
"$sockeye" lab outside.yaml >said 2>&1 &
lab=$!
looked=0
transfers=0
: >seen
while kill -0 $lab 2>/dev/null && [ $looked -lt 600 ]; do
    tables | ports >>seen
    ss -tuanp 2>/dev/null | grep -e ':23853' -e ':23854' >>seen
    looked=$((looked + 1))
    [ ! -s got ] || transfers=$((transfers + 1))
    sleep 0.05
done
wait $lab
say $? "a lab of curl, http.server, dig and a name server runs"
cat before seen >said
[ ! -s before ] && [ ! -s seen ]
say $? "no socket of theirs is in the kernel's tables of TCP, UDP, raw and ping sockets"
echo "looked $looked times, $transfers during the transfer" >said
[ $looked -gt 10 ] && [ $transfers -gt 3 ]
say $? "the tables were looked at often enough"
