# SPDX-License-Identifier: MIT
# soak-programs  the long form of test/programs/transfer.sh: 20 transfers at hard faults, 5 records
soak-programs: all
	@SOCKEYE=$(BUILD)/sockeye test/programs/transfer 20 5

soak: soak-programs

.PHONY: soak-programs
