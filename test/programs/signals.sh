#!/bin/sh
# SPDX-License-Identifier: MIT
# signals.py, in a lab: what a signal does to a call that waits.
. "$(dirname "$0")/common"

two_hosts signals.yaml "delay: 1ms" \
    "    programs: [{run: $(command -v python3) $here/signals.py 10.0.0.1, log: stdout}]"
"$sockeye" lab --quiet signals.yaml
