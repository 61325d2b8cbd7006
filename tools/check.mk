# SPDX-License-Identifier: MIT
# check        everything is built, every test runs, the checks of `lint` are shown to work, and
#              each fuzz target runs for FUZZ_SECONDS
# check-parts  the test programs alone
FUZZ_SECONDS ?= 3
TEST_SCRIPTS := $(sort $(wildcard test/*/*.sh test/*/*/*.sh test/script/*.pkt test/script/*/*.pkt))
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
TOTALS ?=
RUN_TESTS = tools/run_tests --sockeye $(BUILD)/sockeye $(if $(TOTALS),--totals $(TOTALS))

check:
	@tools/deps
	@$(MAKE) --no-print-directory $(PARALLEL) check-build fuzz-build
	@CC="$(CC)" FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_BUILD=$(FUZZ_BUILD) \
	  $(RUN_TESTS) $(TESTS) $(TEST_SCRIPTS) tools/plant tools/run_fuzz

check-build: all $(TESTS) $(EXAMPLES) $(BENCHES)

check-parts:
	@$(MAKE) --no-print-directory $(PARALLEL) all $(TESTS)
	@$(RUN_TESTS) $(TESTS)

# plants a violation of each rule that lint keeps, and requires that it is caught
check-crimes:
	@tools/run_tests tools/plant

.PHONY: check-build check-parts check-crimes
