/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses of the ABI <-> struct name. A family is a row of the table in sockaddr.c;
 * nothing else in the system knows what a struct sockaddr looks like. `domain` is the socket's:
 * AF_*.
 */
#pragma once
#include <stdint.h>

#include "6-presentation/call_state.h"

/* What an address is for; Linux looks at each a little differently. */
enum sockaddr_use {
    SOCKADDR_BIND,
    SOCKADDR_CONNECT,
    SOCKADDR_SEND,
    SOCKADDR_CONNECT_EITHER, /* of IPv6's: a name of IPv4's does too */
    SOCKADDR_WHOLE,          /* of IPv6's: with its scope, not the older form */
    SOCKADDR_IGNORED         /* of AF_UNIX: that there is one is told, not what it says */
};

/* Are there bytes at all? @return 0 @raise EINVAL too long; EFAULT */
int sockaddr_check(const void *address, uint32_t length);
/* The family that an address names: >= 0. @raise EINVAL EFAULT */
int sockaddr_family(const void *address, uint32_t length);
/* Reads an address for a socket of a domain; NAME_NONE: it names nobody.
 * @return 0 @raise EINVAL EFAULT EAFNOSUPPORT */
int sockaddr_read(int domain, enum sockaddr_use use, const void *address, uint32_t length,
                  struct name *name);
/* The port that the name asks for; 0: none, or its family has none. */
uint16_t sockaddr_port(const struct name *name);
/* A destination 0.0.0.0 is this host: the local address if there is one, else the loopback; :: is
 * the loopback of the local address's family. */
void sockaddr_destination(int domain, struct name *remote, const struct name *local);
/* Writes an address, cut to *length; *length: the true length, 0 of NAME_NONE. */
void sockaddr_write(int domain, const struct name *name, void *address, uint32_t *length);
