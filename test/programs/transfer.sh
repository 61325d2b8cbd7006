#!/bin/sh
# SPDX-License-Identifier: MIT
# A short form of `make soak-programs`.
exec "$(dirname "$0")/transfer" 2 1
