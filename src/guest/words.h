/* SPDX-License-Identifier: MIT */
/*
 * Numbers of the ABI in the words of its headers, for the report: `IPPROTO_TCP, TCP_FASTOPEN`,
 * `SIOCGIFCONF`, `SOCK_SEQPACKET`. A number without a word is written as it is.
 */
#pragma once
#include <stdint.h>

struct guest_words {
    char text[64];
};

struct guest_words guest_words_option(int level, int name);
struct guest_words guest_words_ioctl(unsigned request);
/* "SOCK_STREAM", and ", IPPROTO_SCTP" behind it if a protocol was asked for */
struct guest_words guest_words_socket(int type, int protocol);
/* What a user can do about a line of the report; "": nothing is known, or needed. */
const char *guest_words_cure(const char *line);
