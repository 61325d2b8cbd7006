/* SPDX-License-Identifier: MIT */
/* Integers to text, with no float between: what is shown is cut, never rounded up. */
#include "scene/text.h"

#include <stdio.h>

struct scene_text scene_text_seconds(int64_t time)
{
    struct scene_text text;

    snprintf(text.bytes, sizeof text.bytes, "%lld.%03lld s", (long long)(time / 1000000000),
             (long long)(time % 1000000000 / 1000000));
    return text;
}

struct scene_text scene_text_time(int64_t time)
{
    static const struct {
        int64_t unit;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
    struct scene_text text;

    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t whole = time / units[i].unit;

        if (whole == 0)
            continue;
        if (whole >= 100)
            snprintf(text.bytes, sizeof text.bytes, "%lld %s", (long long)whole, units[i].name);
        else
            snprintf(text.bytes, sizeof text.bytes, "%lld.%lld %s", (long long)whole,
                     (long long)(time % units[i].unit * 10 / units[i].unit), units[i].name);
        return text;
    }
    snprintf(text.bytes, sizeof text.bytes, "%lld ns", (long long)time);
    return text;
}

struct scene_text scene_text_count(uint64_t n)
{
    struct scene_text text;
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), at = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text.bytes[at++] = ',';
        text.bytes[at++] = digits[i];
    }
    text.bytes[at] = '\0';
    return text;
}

struct scene_text scene_text_bytes(uint64_t n)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t unit = 1000;
    struct scene_text text;
    unsigned i = 0;

    if (n < 10000) {
        snprintf(text.bytes, sizeof text.bytes, "%.40s byte%s", scene_text_count(n).bytes,
                 n == 1 ? "" : "s");
        return text;
    }
    while (n / unit >= 1000) {
        unit *= 1000;
        i++;
    }
    snprintf(text.bytes, sizeof text.bytes, "%llu.%llu %s", (unsigned long long)(n / unit),
             (unsigned long long)(n % unit / (unit / 10)), units[i]);
    return text;
}

struct scene_text scene_text_plural(uint64_t n, const char *noun)
{
    struct scene_text text;

    snprintf(text.bytes, sizeof text.bytes, "%.40s %.200s%s", scene_text_count(n).bytes, noun,
             n == 1 ? "" : "s");
    return text;
}
