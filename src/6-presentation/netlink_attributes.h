/* SPDX-License-Identifier: MIT */
/*
 * PART of netlink: the attributes of a request (RFC 3549 2.3.2.1), by their type. Bytes are a
 * program's and may say anything: nothing is read outside of them.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum { NETLINK_ATTRIBUTES = 64 /* types of one family of messages */ };

/* Those of a message by their type; the last of several of a type. */
struct netlink_attributes {
    const uint8_t *at[NETLINK_ATTRIBUTES]; /* NULL: it has none */
    uint16_t length[NETLINK_ATTRIBUTES];
};

/* Attributes behind the first bytes. Types are numbered from 1; others than these are left out. */
void netlink_attributes_read(const uint8_t *bytes, uint32_t length,
                             struct netlink_attributes *attributes);
/* false: there is none, or it is too short */
bool netlink_attributes_number(const struct netlink_attributes *attributes, uint32_t type,
                               uint32_t *value);
/* Of the family; 0: there is none; -EINVAL: of another length */
int netlink_attributes_address(const struct netlink_attributes *attributes, uint32_t type,
                               uint8_t family, struct address *address);
/* A text that may lack its end. @return its length, 0: none */
uint32_t netlink_attributes_text(const struct netlink_attributes *attributes, uint32_t type,
                                 char *text, uint32_t room);
