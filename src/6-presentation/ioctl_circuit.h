/* SPDX-License-Identifier: MIT */
/* The ioctls of linux/x25.h that are a socket's own. */
#pragma once
#include "6-presentation/call_state.h"

/* @return as call_ioctl_circuit */
int ioctl_circuit_run(const struct descriptor *d, unsigned long request, void *bytes,
                      size_t *length, nanoseconds now);
