/* SPDX-License-Identifier: MIT */
/* A message of ND as it is put together: the header, then its options, then it goes. */
#pragma once
#include "3-network/ip6/ndp_state.h"

struct ndp_draft {
    struct writer w; /* for options: ndp_message_option_write */
    uint8_t bytes[NDP_MESSAGE_MOST];
};

void ndp_draft_begin(struct ndp_draft *d, const struct ndp_header *h);
/* Our station, unless the link has none. */
void ndp_draft_mac(const struct ndp *n, struct ndp_draft *d, enum ndp_option_type type);
/* whom: NULL, or the one station that it is for. */
void ndp_draft_send(const struct ndp *n, const struct ndp_draft *d, struct address source,
                    struct address dest, const struct mac *whom, nanoseconds now);
