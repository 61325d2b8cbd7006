# SPDX-License-Identifier: MIT
# Sourced by shell tests: their outcome as TAP. What failed is told by the file `said`.
number=0
failed=0

# say CODE SENTENCE: 0 is ok; else the file `said` is shown
say() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        failed=1
        tail -50 said 2>/dev/null | sed 's/^/# /'
        echo "not ok $number - $2"
    fi
}
