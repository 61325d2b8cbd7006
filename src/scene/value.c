/* SPDX-License-Identifier: MIT */
/*
 * Numbers with units, in integers: "1.5ms" is 1 and 5 of 10, times 1,000,000. Up to six digits may
 * follow the point, so that fraction times unit fits 64 bits for the largest unit (an hour in ns).
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "scene/value.h"
#include "sockeye/sockeye.h"

struct unit {
    const char *name;
    uint64_t scale;
};

enum { FRACTION_DIGITS = 6 };

/* The unit of this name, or 0 (no unit has that scale). */
static uint64_t unit_scale(const struct unit *units, const char *name)
{
    while (*name == ' ')
        name++;
    for (; units->name != NULL; units++) {
        if (strcmp(units->name, name) == 0)
            return units->scale;
    }
    return 0;
}

/* Reads digits, perhaps a point and more digits, and a unit of the table. */
static bool read_scaled(const char *text, const struct unit *units, uint64_t *value)
{
    uint64_t whole = 0, fraction = 0, power = 1, scale;
    const char *at = text;

    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at); at++) {
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(*at - '0'), &whole))
            return false;
    }
    if (*at == '.') {
        int digits = 0;

        for (at++; isdigit((unsigned char)*at); at++, digits++) {
            fraction = fraction * 10 + (uint64_t)(*at - '0');
            power *= 10;
            if (digits == FRACTION_DIGITS)
                return false;
        }
        if (digits == 0)
            return false;
    }
    scale = unit_scale(units, at);
    if (scale == 0 && !(whole == 0 && fraction == 0 && *at == '\0'))
        return false;
    if (__builtin_mul_overflow(whole, scale, &whole) ||
        __builtin_add_overflow(whole, fraction * scale / power, &whole))
        return false;
    *value = whole;
    return true;
}

bool scene_read_number(const char *text, uint64_t most, uint64_t *value)
{
    static const struct unit units[] = {{"", 1}, {NULL, 0}};
    uint64_t number;

    if (strchr(text, '.') != NULL || strchr(text, ' ') != NULL)
        return false;
    if (!read_scaled(text, units, &number) || number > most)
        return false;
    *value = number;
    return true;
}

bool scene_read_duration(const char *text, int64_t *nanoseconds)
{
    static const struct unit units[] = {
        {"ns", 1},         {"us", 1000},         {"ms", 1000000},
        {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000},
        {NULL, 0},
    };
    uint64_t value;

    if (!read_scaled(text, units, &value) || value > SOCKEYE_WAIT_MOST)
        return false;
    *nanoseconds = (int64_t)value;
    return true;
}

bool scene_read_rate(const char *text, uint64_t *bits)
{
    static const struct unit units[] = {
        {"bit", 1},           {"kbit", 1000},          {"Mbit", 1000000},
        {"Gbit", 1000000000}, {"Tbit", 1000000000000}, {NULL, 0},
    };
    uint64_t value;

    if (strcmp(text, "unlimited") == 0) {
        *bits = 0;
        return true;
    }
    if (!read_scaled(text, units, &value) || value == 0)
        return false;
    *bits = value;
    return true;
}

bool scene_read_chance(const char *text, uint32_t *ppm)
{
    static const struct unit units[] = {{"%", 10000}, {"ppm", 1}, {NULL, 0}};
    uint64_t value;

    if (!read_scaled(text, units, &value) || value > 1000000)
        return false;
    *ppm = (uint32_t)value;
    return true;
}

bool scene_read_bytes(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {
        {"", 1},          {"B", 1},           {"kB", 1000},     {"KB", 1000},
        {"MB", 1000000},  {"GB", 1000000000}, {"KiB", 1 << 10}, {"MiB", 1 << 20},
        {"GiB", 1 << 30}, {NULL, 0},
    };
    uint64_t value;

    if (!read_scaled(text, units, &value))
        return false;
    *bytes = value;
    return true;
}

bool scene_read_bool(const char *text, bool *value)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return false;
    *value = text[0] == 't';
    return true;
}

bool scene_read_ip(const char *text, struct address *ip)
{
    struct address found = {0, 0};
    struct in6_addr bytes;
    const char *end;

    if (strchr(text, ':') == NULL) {
        if (!address_parse(text, &end, &found) || *end != '\0' || !address_is_mapped(found))
            return false;
    } else {
        if (inet_pton(AF_INET6, text, &bytes) != 1)
            return false;
        for (int i = 0; i < 8; i++) {
            found.high = found.high << 8 | bytes.s6_addr[i];
            found.low = found.low << 8 | bytes.s6_addr[i + 8];
        }
        if (address_is_mapped(found))
            return false;
    }
    *ip = found;
    return true;
}

bool scene_read_prefix(const char *text, struct address *ip, int *prefix)
{
    char address[ADDRESS_TEXT_BYTES];
    const char *slash = strchr(text, '/');
    struct address found;
    uint64_t bits;

    if (slash == NULL || (size_t)(slash - text) >= sizeof address)
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    if (!scene_read_ip(address, &found) ||
        !scene_read_number(slash + 1, address_is_mapped(found) ? 32 : 128, &bits))
        return false;
    *ip = found;
    *prefix = (int)bits;
    return true;
}

bool scene_read_mac(const char *text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++, text += 3) {
        char pair[3] = {text[0], '\0', '\0'};

        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
            return false;
        pair[1] = text[1];
        if (text[2] != (i < 5 ? ':' : '\0'))
            return false;
        mac[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return (mac[0] & 1) == 0;
}

bool scene_read_signal(const char *text, int *number)
{
    uint64_t value;

    if (scene_read_number(text, 64, &value)) {
        *number = (int)value;
        return value > 0;
    }
    if (strncmp(text, "SIG", 3) == 0)
        text += 3;
    for (int i = 1; i < NSIG; i++) {
        const char *name = sigabbrev_np(i);

        if (name != NULL && strcmp(name, text) == 0) {
            *number = i;
            return true;
        }
    }
    return false;
}

bool scene_is_name(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length >= SOCKEYE_NAME_BYTES || !isalnum((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    }
    return true;
}

/* Copies one word from *from to *to, quotes resolved, and ends it. @return false: a quote is open
 */
static bool copy_word(const char **from, char **to)
{
    const char *at = *from;
    char *out = *to, quote = '\0';

    for (; *at != '\0' && (quote != '\0' || !isspace((unsigned char)*at)); at++) {
        if (quote == '\0' && (*at == '\'' || *at == '"'))
            quote = *at;
        else if (*at == quote)
            quote = '\0';
        else if (*at == '\\' && quote != '\'' && at[1] != '\0')
            *out++ = *++at;
        else
            *out++ = *at;
    }
    *out++ = '\0';
    *from = at;
    *to = out;
    return quote == '\0';
}

char **scene_read_words(const char *text, unsigned *count)
{
    size_t length = strlen(text), most = length / 2 + 2;
    char **words = calloc(1, most * sizeof *words + length + 2);
    char *bytes;

    if (words == NULL)
        return NULL;
    bytes = (char *)(words + most);
    *count = 0;
    for (;;) {
        while (isspace((unsigned char)*text))
            text++;
        if (*text == '\0')
            break;
        words[(*count)++] = bytes;
        if (!copy_word(&text, &bytes)) {
            free(words);
            return NULL;
        }
    }
    if (*count == 0) {
        free(words);
        return NULL;
    }
    return words;
}

/* How much of what stands at a place of a word is the shell's. */
static int shell_length(const char *word, const char *at)
{
    const char *scheme;
    int length;

    switch (*at) {
    case '>':
    case '<':
    case '|':
    case ';':
    case '`':
        return at[1] == *at ? 2 : 1;
    case '~':
        return at == word && at[1] == '/' ? 2 : 0;
    case '*': /* of file names, unless it is of an address */
        scheme = strstr(word, "://");
        return scheme != NULL && scheme < at ? 0 : 1;
    case '&': /* within a word it may be an address's: http://server/?a=1&b=2 */
        if (at[1] == '&' || at[1] == '>')
            return 2;
        return at[1] == '\0' || isspace((unsigned char)at[1]) ? 1 : 0;
    case '$':
        if (at[1] == '{' || at[1] == '(')
            return 2;
        for (length = 1; isalnum((unsigned char)at[length]) || at[length] == '_';)
            length++;
        return length > 1 ? length : 0;
    default:
        return 0;
    }
}

/* Is what begins at `at` the text of a program, as after sh -c, bash -lc or perl -e? */
static bool is_code(const char *line, const char *at)
{
    const char *end = at, *word;

    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    for (word = end; end < at && word > line && !isspace((unsigned char)word[-1]);)
        word--;
    return end < at && *word == '-' && (end[-1] == 'c' || end[-1] == 'e');
}

/* NAME= at the beginning, which a shell puts into the environment. */
static int assignment_length(const char *line)
{
    int length = 0;

    while (isalpha((unsigned char)line[length]) || line[length] == '_' ||
           (length > 0 && isdigit((unsigned char)line[length])))
        length++;
    return length > 0 && line[length] == '=' ? length + 1 : 0;
}

const char *scene_find_shell(const char *line, int *length)
{
    char quote = '\0';
    bool is_left = false; /* double quotes whose content is not a shell's to expand */

    line += strspn(line, " \t\n");
    *length = assignment_length(line);
    if (*length > 0)
        return line;

    for (const char *at = line, *word = line; *at != '\0'; at++) {
        if (quote == '\0' && at > line && isspace((unsigned char)at[-1]))
            word = at;
        if (quote == '\0' && (*at == '\'' || *at == '"')) {
            quote = *at;
            is_left = is_code(line, at);
        } else if (*at == quote) {
            quote = '\0';
        } else if (*at == '\\' && quote != '\'' && at[1] != '\0') {
            at++;
        } else if ((quote == '\0' || (quote == '"' && !is_left && (*at == '$' || *at == '`'))) &&
                   (*length = shell_length(word, at)) > 0) {
            return at;
        }
    }
    return NULL;
}
