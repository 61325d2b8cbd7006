#!/bin/sh
# SPDX-License-Identifier: MIT
# fidelity.c on the kernel's own sockets and in a lab, on one host and on two, over IPv4, IPv6 and
# IPv4's mapped addresses: each row must be the same, but for those of fidelity.differences, which
# must all be there. A test is a state.
. "$(dirname "$0")/common"

notes=$here/../../doc
${CC:-cc} -O1 -D_GNU_SOURCE -o fidelity "$here/fidelity.c" || {
    echo "Bail out! fidelity.c cannot be compiled"
    exit 1
}

# compare WHERE FILE: the rows of FILE beside those of the kernel
compare() {
    awk -v where="$1" -v number=$number '
        function wrong(text) {
            if (state in bad) bad[state] = bad[state] "\n# " text
            else bad[state] = "# " text
        }
        { line = $0; sub(/^ +/, "", line) }
        line == "" || line ~ /^#/ || line ~ /^reason: / { next }
        line == "end" { ended[FILENAME] = 1; next }
        { colon = index(line, ": "); row = substr(line, 1, colon - 1)
          value = substr(line, colon + 2); state = row; sub(/ \|.*/, "", state) }
        FILENAME == ARGV[1] {
            arrow = index(value, " -> ")
            listed[row] = substr(value, arrow + 4); listed_kernel[row] = substr(value, 1, arrow - 1)
            next
        }
        FILENAME == ARGV[2] { if (!(row in kernel)) { kernel[row] = value; rows++ }
            if (!(state in seen)) { seen[state] = 1; states[++count] = state }
            next }
        { said[row] = value
          if (row in listed && value == listed[row] && value != kernel[row]) differ++
          else if (!(row in kernel)) wrong(row ": " value ", which the kernel did not come to")
          else if (value != kernel[row])
              wrong(row ": the kernel says " kernel[row] ", the lab " value)
          else if (row in listed && listed_kernel[row] == kernel[row])
              wrong(row ": is listed as a difference, and is none any more: " value)
        }
        END {
            for (row in kernel) if (!(row in said)) {
                state = row; sub(/ \|.*/, "", state); wrong(row ": did not come") }
            for (row in listed) if (!(row in kernel)) {
                state = row; sub(/ \|.*/, "", state)
                if (!(state in seen)) { seen[state] = 1; states[++count] = state }
                wrong(row ": is listed, and is no row") }
            for (i = 1; i <= count; i++) {
                if (states[i] in bad) { print bad[states[i]]; printf "not " }
                print "ok " ++number " - " where ": " states[i]
            }
            if (!(ARGV[2] in ended) || !(ARGV[3] in ended)) printf "not "
            print "ok " ++number " - " where ": to the end"
            print "# " where ": of " rows " rows " differ + 0 " differ, as listed"
        }' "$here/fidelity.differences" kernel.rows "$2" >result
    cat result
    number=$((number + $(grep -cE '^(not )?ok ' result)))
}

# reasons_are_told: each reason of the list is a row of one of them
reasons_are_told() {
    sed -n 's/^reason: //p' "$here/fidelity.differences" | while read -r reason; do
        grep -qF "| $reason |" "$notes/fidelity.md" "$notes/not-yet.md" ||
            echo "neither doc/fidelity.md nor doc/not-yet.md says: $reason"
    done >said
    [ ! -s said ]
}

reasons_are_told
say $? "each difference is in doc/fidelity.md or doc/not-yet.md"

# over WORD ADDRESS: the same questions by IPv4, by IPv6 and by IPv4's mapped addresses
over() {
    word=$1 way=${1:+ $1}
    # shellcheck disable=SC2086
    timeout 20 ./fidelity $word kernel.rows

    # shellcheck disable=SC2086
    labs "    programs: [{run: $directory/fidelity$way one.rows, log: stdout}]"
    timeout 50 "$sockeye" lab --quiet lab.yaml >said 2>&1
    say $? "the lab of one host ends well$way"
    compare "one host$way" one.rows

    labs "    programs: [{run: $directory/fidelity$way two.rows $2, log: stdout, after: b.listening:7000}]" \
        "    programs: [{run: $directory/fidelity --serve, background: true}]"
    timeout 50 "$sockeye" lab --quiet lab.yaml >said 2>&1
    say $? "the lab of two hosts ends well$way"
    compare "two hosts$way" two.rows
}
# labs KEYS-OF-A KEYS-OF-B: two hosts with both families
labs() {
    two_hosts lab.yaml "delay: 0ms" "$1" "$2"
    sed -i "s|address: \(10.0.0.\)\([12]\)/24|addresses: [\1\2/24, 'fd00::\2/64']|" lab.yaml
}
over "" 10.0.0.2
if grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null; then
    over --6 fd00::2
    over --mapped 10.0.0.2
else
    number=$((number + 1))
    echo "ok $number - over IPv6, and by mapped addresses # skip this machine has no ::1 to compare with"
fi
echo "1..$number"
