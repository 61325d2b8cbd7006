#!/bin/sh
# SPDX-License-Identifier: MIT
# tshark, which only sees the packets, must come to the same judgement as our comments: every frame that
# we call a retransmission it calls some retransmission or out-of-order, and no other; nothing is malformed.
# And of each kind of frame that is not in such a lab (IPv6 and its extension headers, Neighbor Discovery, groups,
# tags, bridges, DNS, DHCP) it must read what our trace reads.
set -u
sockeye=${SOCKEYE:-build/sockeye}
here=$(dirname "$0")
folder=$(mktemp -d)
export HOME="$folder" # tshark reads its settings there, or fails
trap 'rm -rf "$folder"' EXIT
number=0

tell() { # tell ok|"not ok" sentence
    number=$((number + 1))
    echo "$1 $number - $2"
}

echo 1..8
for seed in 1 2 3; do
    file=$folder/$seed.pcapng
    if ! "$sockeye" lab "$here/../../examples/faults.yaml" --seed $seed --quiet --pcap "$file" >"$folder/out" 2>&1; then
        sed 's/^/# /' "$folder/out"
        tell "not ok" "seed $seed: the lab at 5 % loss keeps its expectations"
        tell "not ok" "seed $seed: tshark agrees"
        continue
    fi
    # no dissector above layer 4: the payload is a pattern, and ports are chosen by chance
    tshark -r "$file" -o tcp.desegment_tcp_streams:FALSE -d tcp.port==1-65535,data -T fields -E separator='|' -e frame.number -e frame.comment \
        -e tcp.analysis.retransmission -e tcp.analysis.fast_retransmission \
        -e tcp.analysis.spurious_retransmission -e tcp.analysis.out_of_order \
        -e tcp.analysis.keep_alive -e tcp.analysis.zero_window_probe -e _ws.malformed \
        >"$folder/fields" 2>/dev/null
    malformed=$(awk -F'|' '$9 != ""' "$folder/fields" | wc -l)
    awk -F'|' '$7 == "" && $8 == "" && ($2 ~ /retransmission/) != ($3 != "" || $4 != "" || $5 != "" || $6 != "")' \
        "$folder/fields" >"$folder/differ"
    commented=$(grep -c retransmission "$folder/fields")
    head -5 "$folder/differ" | sed 's/^/# /'
    if [ "$malformed" -eq 0 ]; then tell ok "seed $seed: tshark finds nothing malformed"; else
        tell "not ok" "seed $seed: tshark finds nothing malformed ($malformed frames)"; fi
    if [ "$commented" -gt 100 ] && [ ! -s "$folder/differ" ]; then
        tell ok "seed $seed: tshark agrees on all $commented retransmissions"
    else
        tell "not ok" "seed $seed: tshark agrees on $commented retransmissions but for $(wc -l <"$folder/differ")"
    fi
done

# the catalogue of frames of test/observe, as a capture; what tshark says in one line of each
file=$folder/catalogue.pcapng
catalogue=$(dirname "$sockeye")/test/observe/test_catalogue
[ -x "$catalogue" ] || { echo "# no $catalogue: make check-build"; exit 1; }
"$catalogue" "$file" || exit 1
tshark -r "$file" -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE -T fields -E separator='|' -e frame.number \
    -e _ws.malformed -e _ws.expert.message -e icmpv6.checksum.status -e udp.checksum.status >"$folder/fields" 2>/dev/null
# a routing header of the type for experiments is nothing that it could read: it says so, and that is no fault
sed -i 's/Undecoded IPv6 routing header field//' "$folder/fields"
awk -F'|' '$2 != "" || $3 != "" || $4 == 0 || $5 == 0' "$folder/fields" >"$folder/bad"
sed 's/^/# /' "$folder/bad"
if [ "$(wc -l <"$folder/fields")" -ge 25 ] && [ ! -s "$folder/bad" ]; then
    tell ok "tshark finds nothing malformed in the catalogue, and no checksum wrong"
else
    tell "not ok" "tshark finds nothing malformed in the catalogue, and no checksum wrong"
fi

# (of data of X.25 modulo 128 tshark 4.0 takes P(S) for P(R) and P(R) for P(S); X.25 5.3.1 and Linux have them as we do)
tshark -r "$file" 2>/dev/null >"$folder/lines"
missing=0
while read -r words; do
    grep -q -- "$words" "$folder/lines" || { echo "# not in tshark's lines: $words"; missing=$((missing + 1)); }
done <<'EOF'
Echo (ping) request id=0x1234, seq=7
Router Solicitation from 02:00:00:00:00:01
Router Advertisement from 02:00:00:00:00:01
Neighbor Solicitation for fd00::2 from 02:00:00:00:00:01
:: → ff02::1 .*Neighbor Solicitation for fd00::2
Neighbor Advertisement fd00::2 (rtr, sol, ovr) is at 02:00:00:00:00:02
Redirect is at 02:00:00:00:00:03
Packet Too Big
Time Exceeded (hop limit
Multicast Listener Report Message v2
Multicast Listener Done
Multicast Listener Query
IGMPv3 .*Membership Query, specific for group 224.0.1.22
IGMPv3 .*Leave group 239.1.2.3
IGMPv2 .*Leave Group 239.1.2.3
IGMPv1 .*Membership Report
IPv6 fragment (off=0 more=y ident=0xdeadbeef nxt=17)
UDP .*40000 → 40001 Len=16
Standard query 0x0001 AAAA www.xyz
CNAME a.xyz AAAA fd00::9
DHCPv6 .*Reply XID: 0x123456 IAA: fd00::5
RST. Root = 32768/0/02:00:00:00:00:01  Cost = 20  Port = 0x8002
STP .*Topology Change
Who has 10.0.0.2? Tell 10.0.0.1
LAPB .*U P, func=SABM
LAPB .*S, func=REJ, N(R)=3
LAPB .*U F, func=FRMR
X.25 .*Restart ind
X.25 .*Inc. call VC:1
X.25 .*Data VC:1 P(S):2 P(R):3  M
X.25 .*Clear ind. VC:1 Out Of Order
X.25 .*Inc. call/Call req. VC:1
X.25 .*RR VC:1 P(R):1
EOF
if [ $missing -eq 0 ]; then tell ok "tshark reads in each frame of the catalogue what we read"; else
    tell "not ok" "tshark reads in each frame of the catalogue what we read"; fi
