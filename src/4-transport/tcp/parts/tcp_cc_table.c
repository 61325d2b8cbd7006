/* SPDX-License-Identifier: MIT */
/*
 * The congestion controls of this program. It is a file of its own so that a program with other
 * rows (a test of the seam) brings its own table.
 */
#include "4-transport/tcp/parts/tcp_cc.h"

const struct cc_ops *const tcp_cc_table[] = {
    [TCP_CC_RENO] = &cc_reno,
    NULL,
};
