#!/bin/sh
# SPDX-License-Identifier: MIT
# What the READMEs show of their first lab is what it prints.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
exec "$(dirname "$0")/../../tools/readme" check "$sockeye"
