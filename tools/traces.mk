# SPDX-License-Identifier: MIT
# traces-check  all labs, scripts and SEEDS seeds of the swarm put the same bytes on the wires and in
#               the trace as test/traces.sha256 says; BASE=build-folder of another commit shows the
#               first line that differs; CASES='drill/* lab/demo' only these
# traces        writes test/traces.sha256 anew, after a change of behaviour that was meant
BASE ?=
CASES ?=
SEEDS ?= 1000
WATCH := -Wl,--wrap=sockeye_open,--wrap=sockeye_close
WATCH_OBJECT := $(BUILD)/test/traces/watch.o
TRACES_PROGRAMS := $(BUILD)/traces/sockeye $(BUILD)/traces/swarm

$(WATCH_OBJECT): FLAGS += $(EDGE_FLAGS)

$(BUILD)/traces/sockeye: $(WATCH_OBJECT) $(PROGRAM_OBJECTS) $(BUILD)/libsockeye.a
	@mkdir -p $(@D)
	$(LINK) $(WATCH) -o $@ $^ $(LIBRARIES)

$(BUILD)/traces/swarm: $(WATCH_OBJECT) $(BUILD)/test/lab/test_swarm.o $(BUILD)/libsockeye.a
	@mkdir -p $(@D)
	$(LINK) $(WATCH) -o $@ $^

traces-programs: $(TRACES_PROGRAMS)
check-build: $(TRACES_PROGRAMS)

traces-check traces:
	@$(MAKE) --no-print-directory $(PARALLEL) traces-programs
	@tools/traces $(if $(filter traces,$@),renew,check) $(BUILD) $(if $(BASE),--base $(BASE)) \
	  --seeds $(SEEDS) $(CASES)

.PHONY: traces-programs traces-check traces
