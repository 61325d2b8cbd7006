# SPDX-License-Identifier: MIT
# soak-programs  the long form of test/programs/transfer.sh: 20 transfers at hard faults, 5 records
# soak-storms    the long form of test/programs/storm.sh: ten rounds, a second a kind of calls
soak-programs: all
	@SOCKEYE=$(BUILD)/sockeye test/programs/transfer 20 5

soak-storms: all $(BUILD)/test/programs/storm
	@SOCKEYE=$(BUILD)/sockeye STORM_ROUNDS=10 STORM_MS=1000 test/programs/storm.sh

soak: soak-programs soak-storms

.PHONY: soak-programs soak-storms
