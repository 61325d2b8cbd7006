# SPDX-License-Identifier: MIT
# mutants  MUTANTS small changes of the core, drawn by MUTANTS_SEED: fails where less than
#          MUTANTS_LEAST percent are noticed. It takes an hour; what was not noticed is printed
MUTANTS ?= 300
MUTANTS_SEED ?= 1
MUTANTS_LEAST ?= 88

mutants:
	@tools/mutate --count $(MUTANTS) --seed $(MUTANTS_SEED) --least $(MUTANTS_LEAST)

library-objects: $(LIB_OBJECTS)

.PHONY: mutants library-objects
