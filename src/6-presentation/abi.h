/* SPDX-License-Identifier: MIT */
/*
 * The Linux ABI's constants and structs, for this folder alone: <sys/socket.h> and the kernel's own
 * headers. To be included before anything else, since libc decides by _DEFAULT_SOURCE, once, what
 * its header shows.
 */
#pragma once
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include <sys/socket.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/x25.h>
