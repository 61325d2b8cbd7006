# SPDX-License-Identifier: MIT
# determinism  the same transfer built by gcc and clang at -O0 and -O3 gives the same bytes; a part of
#              `check` by test/lab/determinism.sh
# soak         the lab swarm with SOAK_SEEDS seeds from SOAK_FROM
SOAK_SEEDS ?= 100000
SOAK_FROM ?= 1

determinism:
	@tools/determinism

soak: $(BUILD)/test/lab/test_swarm
	SEEDS=$(SOAK_SEEDS) FROM=$(SOAK_FROM) $<

.PHONY: determinism soak
