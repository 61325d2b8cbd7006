#!/bin/sh
# SPDX-License-Identifier: MIT
# Every virtual lab, every script and the first seeds of the swarm give the bytes they gave before
# (make traces-check has all seeds, and the attacks).
cd "$(dirname "$0")/../.." || exit 1
. test/tap.sh
build=$(dirname "${SOCKEYE:-build/sockeye}")

echo 1..1
out=$(tools/traces check "$build" --short 2>&1)
code=$?
printf '%s\n' "$out" | sed 's/^/# /'
say $code "pcapng and trace of every lab, script and seed are those of test/traces.sha256"
