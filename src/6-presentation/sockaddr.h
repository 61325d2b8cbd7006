/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses of the ABI <-> endpoints. Every family has its place in the two switches of
 * sockaddr.c; nothing else in the system knows what a struct sockaddr looks like.
 */
#pragma once
#include <stdint.h>

#include "6-presentation/call.h"

/* What an address is for; Linux looks at each a little differently. */
enum sockaddr_use { SOCKADDR_BIND, SOCKADDR_CONNECT, SOCKADDR_SEND };

/* Are there bytes at all? @return 0 @raise EINVAL too long; EFAULT */
int sockaddr_check(const void *address, uint32_t length);
/* The family that an address names: >= 0. @raise EINVAL EFAULT */
int sockaddr_family(const void *address, uint32_t length);
/* Reads an address for a socket of a family. @return 0 @raise EINVAL EFAULT EAFNOSUPPORT */
int sockaddr_read(int family, enum sockaddr_use use, const void *address, uint32_t length,
                  struct endpoint *endpoint);
/* A destination 0.0.0.0 is this host: the local address if there is one, else the loopback. */
void sockaddr_destination(int family, struct endpoint *remote, const struct endpoint *local);
/* Writes an address, cut to *length; *length: the true length. */
void sockaddr_write(int family, const struct endpoint *endpoint, void *address, uint32_t *length);
