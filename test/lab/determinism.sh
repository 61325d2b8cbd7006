#!/bin/sh
# SPDX-License-Identifier: MIT
# Equal traces from two compilers at two levels.
exec "$(dirname "$0")/../../tools/determinism"
