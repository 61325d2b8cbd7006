# SPDX-License-Identifier: MIT
# The edges (lab files, scripts, runner, command) are not in libsockeye.a: their tests get them from
# an archive of their own, so that a test of the core needs none of their libraries.
$(BUILD)/libedges.a: $(filter-out %/cli/main.o,$(PROGRAM_OBJECTS))
	@rm -f $@
	ar rcs $@ $^

TOPOLOGY_OBJECTS := $(call object,$(wildcard src/lab/topology*.c))
$(BUILD)/test/lab/test_topology%: $(BUILD)/test/lab/test_topology%.o $(TOPOLOGY_OBJECTS) $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^ $(LIBRARIES)

$(BUILD)/test/lab/test_script%: $(BUILD)/test/lab/test_script%.o $(BUILD)/libedges.a $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^ $(LIBRARIES)

$(BUILD)/test/7-application/%: $(BUILD)/test/7-application/%.o $(BUILD)/libedges.a $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^ $(LIBRARIES)

$(BUILD)/test/cli/%: $(BUILD)/test/cli/%.o $(BUILD)/libedges.a $(BUILD)/libsockeye.a
	$(LINK) -o $@ $^ $(LIBRARIES)
