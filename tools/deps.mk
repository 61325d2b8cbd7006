# SPDX-License-Identifier: MIT
deps:
	@tools/deps

# What the command is linked with is looked for before anything is compiled.
$(BUILD)/libraries: tools/libraries
	@tools/libraries $(CC)
	@mkdir -p $(@D)
	@touch $@
