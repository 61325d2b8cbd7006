# SPDX-License-Identifier: MIT
# fuzz  every target of fuzz/ for FUZZ_LONG_SECONDS, with clang's libFuzzer, ASan and UBSan.
#       Seeds lie in fuzz/corpus/NAME; what is found is kept in $(FUZZ_BUILD)/corpus/NAME, crashes
#       in $(FUZZ_BUILD)/crash-*.
FUZZ_LONG_SECONDS ?= 300
FUZZ_BUILD ?= build/fuzz
FUZZ_TARGETS := $(wildcard fuzz/fuzz_*.c)
FUZZERS := $(patsubst fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_TARGETS))

fuzz: fuzz-build
	FUZZ_SECONDS=$(FUZZ_LONG_SECONDS) FUZZ_BUILD=$(FUZZ_BUILD) tools/run_fuzz

fuzz-build:
	@$(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC=clang OPT=-O1 \
	  SAN=address,undefined,fuzzer-no-link fuzzers

fuzzers: $(FUZZERS)

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/fuzz_%.o $(BUILD)/libedges.a $(BUILD)/libparts.a
	clang -O1 -fsanitize=address,undefined,fuzzer -o $@ $^ $(LIBRARIES)

.PHONY: fuzz-build fuzzers
