#!/bin/sh
# SPDX-License-Identifier: MIT
# tshark, which only sees the packets, must come to the same judgement as our comments: every frame that
# we call a retransmission it calls some retransmission or out-of-order, and no other; nothing is malformed.
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

echo 1..6
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
