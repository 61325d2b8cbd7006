# SPDX-License-Identifier: MIT
# What test/kernel/kernel.sh puts on the other end of a wire into the kernel.
$(BUILD)/test/kernel/peer: $(BUILD)/test/kernel/peer.o $(BUILD)/libparts.a
	$(LINK) -o $@ $^

$(BUILD)/test/kernel/peer.o: FLAGS += $(EDGE_FLAGS)

check-build: $(BUILD)/test/kernel/peer
