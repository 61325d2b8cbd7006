# SPDX-License-Identifier: MIT
# lint  what a machine can see of the rules; format  by clang-format
# map   doc/map.md and doc/requirements.md anew
#
# The objects are looked at as they ship, so lint has a build of its own: no sanitizer, no LTO.

lint:
	@$(MAKE) --no-print-directory $(PARALLEL) BUILD=build/lint CC=gcc OPT=-O2 SAN= LTO= lint-objects
	@tools/lint build/lint

lint-objects: $(LIB_OBJECTS) $(PROGRAM_OBJECTS)

format:
	@find src include test fuzz bench examples -name '*.[ch]' | xargs clang-format -i

map:
	@tools/map
	@tools/requirements

.PHONY: lint-objects format map
