#!/bin/sh
# SPDX-License-Identifier: MIT
# rooms.py over a wire of 10 Mbit: what poll() promises, a call finds.
. "$(dirname "$0")/common"

echo 1..1
python=$(command -v python3)
two_hosts rooms.yaml "delay: 5ms, rate: 10Mbit" \
    "    programs: [{run: $python $here/rooms.py 10.0.0.2, log: stdout,
        after: b.listening:7100}]" \
    "    programs: [{run: $python $here/rooms.py --serve, background: true}]"
"$sockeye" lab --quiet rooms.yaml >said 2>&1
say $? "a call finds the room that epoll has told of"
