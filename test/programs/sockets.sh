#!/bin/sh
# SPDX-License-Identifier: MIT
# clients.py on one host, services.py on the other: threads, forks, select, poll, epoll, asyncio,
# signals, timeouts, inherited and passed sockets, over a wire that loses some.
. "$(dirname "$0")/common"

python=$(command -v python3)
two_hosts sockets.yaml "delay: 1ms, loss: 0.5%" \
    "    programs:
      - run: $python $here/clients.py b
        after: 'b.listening:7002, b.listening:7004, b.listening:7007/udp, b.listening:7008,
          b.listening:7009, b.listening:7010, b.listening:7012, b.listening:7013'
        log: stdout" \
    "    programs: [{run: $python $here/services.py, background: true}]"
"$sockeye" lab --quiet sockets.yaml
