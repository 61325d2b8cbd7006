#!/bin/sh
# SPDX-License-Identifier: MIT
# transfer.sh over IPv6.
FAMILY=ipv6 exec "$(dirname "$0")/transfer" 1 1
