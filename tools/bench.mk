# SPDX-License-Identifier: MIT
# bench    nanoseconds a segment, with memcpy of the same bytes beside it
# profile  where they go (needs perf)
bench: $(BENCHES)
	@for b in $(BENCHES); do $$b || exit 1; done

profile: $(BUILD)/bench/bench_bulk
	perf record -q -o $(BUILD)/bench/profile $(BUILD)/bench/bench_bulk 256 1
	perf report -i $(BUILD)/bench/profile --stdio --percent-limit 1

.PHONY: profile
