# SPDX-License-Identifier: MIT
# Sourced by shell tests: their outcome as TAP. What failed is told by the file `said`.
number=0

# say OK SENTENCE
say() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        sed 's/^/# /' said 2>/dev/null
        echo "not ok $number - $2"
    fi
}
