# SPDX-License-Identifier: MIT
deps:
	@tools/deps
