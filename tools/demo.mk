# SPDX-License-Identifier: MIT
# demo         an unmodified curl fetches 10 MB from an unmodified http.server over a bad wire
demo:
	@tools/deps demo
	@$(MAKE) --no-print-directory $(PARALLEL) $(BUILD)/sockeye
	@tools/demo $(BUILD)/sockeye examples/demo.yaml
