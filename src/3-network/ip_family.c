/* SPDX-License-Identifier: MIT */
/* The table of families. Theory in ip_family.h. */
#include "3-network/ip_family.h"

#include "3-network/ip4/forward4.h"
#include "3-network/ip4/icmp4.h"
#include "3-network/ip4/igmp.h"
#include "3-network/ip4/ip4.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/ip6/forward6.h"
#include "3-network/ip6/icmp6.h"
#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ndp.h"
#include "3-network/ip6/source6.h"
#include "3-network/ip6/mld.h"

const struct ip_family ip_family_rows[IP_FAMILY_COUNT] = {
    [IP_FAMILY_4] = {.network = {0, UINT64_C(0xffff00000000)},
                     .network_bits = 96,
                     .version = 4,
                     .header_bytes = IP4_HEADER_BYTES,
                     .loopback_prefix = 8,
                     .source_bits = 128,
                     .everyone = {0, UINT64_C(0xffffffffffff)},
                     .can_be_own = ip4_can_be_own,
                     .can_be_dest = ip4_can_be_dest,
                     .is_station = ip4_is_station,
                     .is_broadcast = ip4_is_broadcast,
                     .address_added = ip4_address_added,
                     .address_removed = ip4_address_removed,
                     .send = ip4_send,
                     .send_whole = ip4_send_whole,
                     .options_check = ip4_options_may_send,
                     .send_unreachable = icmp4_send_unreachable,
                     .tell_timeout = icmp4_send_timeout,
                     .group_is_silent = igmp_is_silent,
                     .group_report = igmp_report,
                     .may_leave = forward4_may_leave,
                     .pass_on = forward4_pass_on,
                     .redirect = forward4_redirect,
                     .may_cut = forward4_may_cut,
                     .whole = forward4_whole,
                     .reaches = forward4_reaches,
                     .turn_back = forward4_turn_back},
    [IP_FAMILY_6] = {.network = {0, 0},
                     .network_bits = 0,
                     .version = 6,
                     .header_bytes = IP6_HEADER_BYTES,
                     .loopback_prefix = 128,
                     .source_bits = 64,
                     .everyone = {UINT64_C(0xff02000000000000), 1},
                     .mtu_least = IP6_MTU_LEAST,
                     .mtu_told = true,
                     .groups_anywhere = true,
                     .can_be_own = ip6_can_be_own,
                     .can_be_dest = ip6_can_be_dest,
                     .is_station = ip6_is_station,
                     .is_broadcast = ip6_is_broadcast,
                     .start = ip6_start,
                     .address_added = ndp_address_added,
                     .address_removed = ndp_address_removed,
                     .choose_source = source6_choose,
                     .configure = ndp_configure,
                     .rest = ndp_rest,
                     .wake = ndp_wake,
                     .prolonged = ndp_prolonged,
                     .advertise = ndp_advertise,
                     .check = ndp_check,
                     .send = ip6_send,
                     .send_whole = ip6_send_whole,
                     .send_unreachable = icmp6_send_unreachable,
                     .tell_timeout = icmp6_send_timeout,
                     .group_of_address = ip6_solicited_node,
                     .group_is_silent = mld_is_silent,
                     .group_report = mld_report,
                     .may_leave = forward6_may_leave,
                     .pass_on = forward6_pass_on,
                     .redirect = forward6_redirect,
                     .may_cut = forward6_may_cut,
                     .whole = forward6_whole,
                     .reaches = forward6_reaches,
                     .turn_back = forward6_turn_back},
};
