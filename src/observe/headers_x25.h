/* SPDX-License-Identifier: MIT */
/* The fields of LAPB, X.25 and XOT, for headers.c. */
#pragma once
#include "observe/decode/decode.h"
#include "observe/fields.h"

void headers_x25_put(struct fields *f, const struct decode *d);
