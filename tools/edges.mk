# SPDX-License-Identifier: MIT
# The edges (folders that make system calls) are not in the library: their tests get them from
# an archive of their own, so that a test of the core needs none of their libraries.
$(BUILD)/libedges.a: $(filter-out %/cli/main.o,$(PROGRAM_OBJECTS))
	@rm -f $@
	ar rcs $@ $^

define edge_test
$(BUILD)/test/$(1)/%: $(BUILD)/test/$(1)/%.o $(BUILD)/libedges.a $(BUILD)/libparts.a
	$$(LINK) -o $$@ $$^ $$(LIBRARIES)
endef
$(foreach folder,$(EDGES),$(eval $(call edge_test,$(folder))))
