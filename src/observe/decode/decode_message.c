/* SPDX-License-Identifier: MIT */
/* decode_message.h says it. */
#include "observe/decode/decode_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void decode_message_add(struct decode *d, const char *format, ...)
{
    size_t at = strlen(d->message), room = sizeof d->message - at;
    va_list list;
    int length;

    va_start(list, format);
    length = vsnprintf(d->message + at, room, format, list);
    va_end(list);
    if (length < 0 || (size_t)length >= room)
        d->message[at] = 0;
}

void decode_message_add_address(struct decode *d, const char *before, struct address a)
{
    char text[ADDRESS_TEXT_BYTES];

    address_format(a, text);
    decode_message_add(d, "%s%s", before, text);
}

void decode_message_add_mac(struct decode *d, const char *before, const uint8_t mac[6])
{
    decode_message_add(d, "%s%02x:%02x:%02x:%02x:%02x:%02x", before, mac[0], mac[1], mac[2], mac[3],
                       mac[4], mac[5]);
}

void decode_message_add_text(struct decode *d, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool is_plain = bytes[i] > ' ' && bytes[i] < 127 && bytes[i] != '\\';

        decode_message_add(d, is_plain ? "%c" : "\\%03u", bytes[i]);
    }
}
