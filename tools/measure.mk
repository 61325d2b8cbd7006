# SPDX-License-Identifier: MIT
# measure  what things cost, with the limits that were set; BASE=build-folder of another commit:
#          beside it, in the same run; SECTIONS='paths idle' only these (tools/measure lists them).
#          Never in CI: it takes minutes, and wants a quiet machine
SECTIONS ?=
MEASURE_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/measure/*.c))

$(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/measure/*.c)): FLAGS += $(EDGE_FLAGS)
check-build: $(MEASURE_PROGRAMS)

measure:
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@tools/measure $(BUILD) $(if $(BASE),--base $(BASE)) $(SECTIONS)

# clocks   rates, delays and stamps of labs beside the machine's clocks, iperf3 at five rates: what
#          test/programs/clocks.sh does in short. Right or told on any machine; a quiet one is right
clocks:
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@SOCKEYE=$(abspath $(BUILD)/sockeye) python3 test/programs/clocks.py long

.PHONY: measure clocks
