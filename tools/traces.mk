# SPDX-License-Identifier: MIT
# traces-check  all labs, scripts and 1,000 seeds of the swarm put the same bytes on the wires and in
#               the trace as test/traces.sha256 says; BASE=build-folder of another commit shows the
#               first line that differs; CASES='drill/* lab/demo' only these
# traces        writes test/traces.sha256 anew, after a change of behaviour that was meant
BASE ?=
CASES ?=
WATCH_OBJECT := $(BUILD)/test/traces/watch.o
WATCH = @mkdir -p $(BUILD)/traces && $(LINK) -Wl,--wrap=sockeye_open,--wrap=sockeye_close -o $@ $^
WATCHED := test/lab/test_swarm test/lab/trace_hash examples/embed \
  $(filter-out %/test_zoo,$(patsubst %.c,%,$(wildcard test/vuln/test_*.c)))
TRACES_PROGRAMS := $(addprefix $(BUILD)/traces/,sockeye $(notdir $(WATCHED)))

$(WATCH_OBJECT): FLAGS += $(EDGE_FLAGS)

$(BUILD)/traces/sockeye: $(WATCH_OBJECT) $(PROGRAM_OBJECTS) $(BUILD)/libsockeye.a
	$(WATCH) $(LIBRARIES)

define watched
$(BUILD)/traces/$(notdir $(1)): $(WATCH_OBJECT) $(BUILD)/$(1).o $(BUILD)/libsockeye.a
	$$(WATCH)
endef
$(foreach program,$(WATCHED),$(eval $(call watched,$(program))))

traces-programs: $(TRACES_PROGRAMS)
check-build: $(TRACES_PROGRAMS)

traces-check traces:
	@$(MAKE) --no-print-directory $(PARALLEL) traces-programs
	@tools/traces $(if $(filter traces,$@),renew,check) $(BUILD) $(if $(BASE),--base $(BASE)) $(CASES)

.PHONY: traces-programs traces-check traces
