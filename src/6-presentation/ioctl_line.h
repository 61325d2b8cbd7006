/* SPDX-License-Identifier: MIT */
/* The ioctls of a socket of AF_X25 that are about the host's lines and routes. */
#pragma once
#include "6-presentation/call_state.h"

/* @return as call_ioctl_circuit; ENOTTY it is none of them */
int ioctl_line_run(struct call_host *host, unsigned long request, void *bytes, size_t *length);
