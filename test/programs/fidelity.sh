#!/bin/sh
# SPDX-License-Identifier: MIT
# fidelity.c on the kernel's own sockets and in a lab, on one host and on two: each row must be the
# same, but for those of fidelity.differences, which must all be there. A test is a state.
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

timeout 20 ./fidelity kernel.rows

two_hosts one.yaml "delay: 0ms" \
    "    programs: [{run: $directory/fidelity one.rows, log: stdout}]"
timeout 50 "$sockeye" lab --quiet one.yaml >said 2>&1
say $? "the lab of one host ends well"
compare "one host" one.rows

two_hosts two.yaml "delay: 0ms" \
    "    programs: [{run: $directory/fidelity two.rows 10.0.0.2, log: stdout, after: b.listening:7000}]" \
    "    programs: [{run: $directory/fidelity --serve, background: true}]"
timeout 50 "$sockeye" lab --quiet two.yaml >said 2>&1
say $? "the lab of two hosts ends well"
compare "two hosts" two.rows
echo "1..$number"
