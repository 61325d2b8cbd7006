# SPDX-License-Identifier: MIT
# Programs that the runner's tests start on a lab's hosts: they know nothing of Sockeye.
RUN_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard test/programs/*.c))

$(BUILD)/test/programs/storm: test/programs/storm.h test/programs/storm_local.h
$(BUILD)/test/programs/%: test/programs/%.c test/programs/sockets.h test/check.h tools/warnings
	@mkdir -p $(@D)
	$(CC) @tools/warnings $(WERROR) $(OPT) -D_GNU_SOURCE -Itest $< -o $@ -lpthread

$(BUILD)/test/guest/test_guest $(BUILD)/test/guest/test_limits: | $(RUN_PROGRAMS)
