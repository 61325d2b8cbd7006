# SPDX-License-Identifier: MIT
# bench    nanoseconds a segment, with memcpy of the same bytes beside it
# bench-lto  the same of a build with LTO=1 (a tenth fewer instructions, by callgrind)
# profile  where they go (needs perf)
bench: $(BENCHES)
	@for b in $(BENCHES); do $$b || exit 1; done

profile: $(BUILD)/bench/bench_bulk
	perf record -q -o $(BUILD)/bench/profile $(BUILD)/bench/bench_bulk 256 1
	perf report -i $(BUILD)/bench/profile --stdio --percent-limit 1

bench-lto:
	@$(MAKE) --no-print-directory LTO=1 BUILD=$(BUILD)-lto bench

.PHONY: bench-lto profile
