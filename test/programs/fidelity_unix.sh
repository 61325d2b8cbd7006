#!/bin/sh
# SPDX-License-Identifier: MIT
# fidelity_unix.c on the kernel's own sockets of AF_UNIX and in a lab: each row must be the same, but
# for those of fidelity_unix.differences, which must all be there. A test is a state. The record of
# the run, replayed, must agree with it.
. "$(dirname "$0")/common"

notes=$here/../../doc
differences=$here/fidelity_unix.differences
. "$here/fidelity_compare"
${CC:-cc} -O1 -D_GNU_SOURCE -o fidelity_unix "$here/fidelity_unix.c" || {
    echo "Bail out! fidelity_unix.c cannot be compiled"
    exit 1
}

reasons_are_told
say $? "each difference is in doc/fidelity.md or doc/not-yet.md"

touch kernel.rows
timeout 50 ./fidelity_unix kernel.rows

limit=100s
two_hosts lab.yaml "delay: 0ms" \
    "    programs: [{run: $directory/fidelity_unix one.rows, log: stdout}]"
timeout 120 "$sockeye" lab --quiet --record run.record lab.yaml >said 2>&1
say $? "the lab ends well"
compare "one host" one.rows

timeout 100 "$sockeye" replay run.record >said 2>&1
say $? "its record replays"

two_hosts lab.yaml "delay: 0ms" \
    "    unix: kernel
    programs: [{run: $directory/fidelity_unix native.rows, log: stdout}]"
timeout 120 "$sockeye" lab --quiet lab.yaml >said 2>&1
say $? "the lab of a host whose AF_UNIX is the kernel's ends well"
cmp -s kernel.rows native.rows
say $? "there, all is as without a lab"
echo "1..$number"
