# SPDX-License-Identifier: MIT
# What test/kernel/kernel.sh puts on the other end of a wire into the kernel.
$(BUILD)/test/kernel/peer: $(BUILD)/test/kernel/peer.o $(BUILD)/libparts.a
	$(LINK) -o $@ $^

$(BUILD)/test/kernel/peer.o: FLAGS += $(EDGE_FLAGS)

# The same calls of AF_UNIX to the kernel and to a lab; as root: unshare -n build/test/kernel/unix_oracle
$(BUILD)/test/kernel/unix_oracle: $(BUILD)/test/kernel/unix_oracle.o $(BUILD)/libparts.a
	$(LINK) -o $@ $^

$(BUILD)/test/kernel/unix_oracle.o: FLAGS += $(EDGE_FLAGS)

check-build: $(BUILD)/test/kernel/peer $(BUILD)/test/kernel/unix_oracle

# soak-attacks  tools of attackers at a host of ours, ATTACK_SECONDS (60) each; what is not
#               installed (nmap, hping3, thc-ipv6, ipv6toolkit) is skipped
soak-attacks: all $(BUILD)/test/kernel/peer
	@ATTACK_SECONDS=$${ATTACK_SECONDS:-60} unshare -rn python3 test/kernel/attack.py $(BUILD)/test/kernel/peer

.PHONY: soak-attacks
