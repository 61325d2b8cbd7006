/* SPDX-License-Identifier: MIT */
/*
 * The values of a lab file: numbers with units, addresses, words. Pure functions of text; integers
 * throughout. Each returns false when the text is not such a value, and then leaves *value alone.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "sockeye/address.h"

bool scene_read_number(const char *text, uint64_t most, uint64_t *value);
/* "250us", "1.5ms", "2s", "5min", "1h"; "0" needs no unit. */
bool scene_read_duration(const char *text, int64_t *nanoseconds);
/* "9600bit", "64kbit", "1.5Mbit", "10Gbit", "unlimited" (0). */
bool scene_read_rate(const char *text, uint64_t *bits);
/* "5%", "0.01%", "250ppm", "0"; at most 100%. */
bool scene_read_chance(const char *text, uint32_t *ppm);
/* "1500", "64kB", "10MB", "1GB" (powers of 1000), "64KiB", "10MiB", "1GiB" (of 1024). */
bool scene_read_bytes(const char *text, uint64_t *bytes);
bool scene_read_bool(const char *text, bool *value);
/* "10.0.0.1", "fd00::1"; with prefix: "10.0.0.1/24", "fd00::1/64". IPv4 has no second form in
 * IPv6's. */
bool scene_read_ip(const char *text, struct address *ip);
bool scene_read_prefix(const char *text, struct address *ip, int *prefix);
bool scene_read_mac(const char *text, uint8_t mac[6]);
/* "KILL", "SIGKILL", "TERM" ... or a number. */
bool scene_read_signal(const char *text, int *number);
/* A name of a host or interface: a letter or digit, then letters, digits and "-_"; 31 at most. */
bool scene_is_name(const char *text);
/* Splits a command line into words by the quotes '...', "..." and \x of the shell, and nothing else
 * of it. @return a NULL-terminated array in one block, to free; NULL: a quote is open, or no word
 */
char **scene_read_words(const char *text, unsigned *count);
/* Finds what a shell would take for itself in a command line: NAME= at its beginning; outside of
 * quotes > < | ; && and & at the end of a word, * but in an address, and ~/; in double quotes too `
 * $NAME ${ and $(, unless they hold a program's text, as after sh -c. @return where it stands, or
 * NULL; *length: of it */
const char *scene_find_shell(const char *line, int *length);
