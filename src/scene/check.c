/* SPDX-License-Identifier: MIT */
/*
 * What the checks of a lab file stand on: a path that goes down and back up, complaints about a key
 * of the part where it is, and keys read by kind.
 */
#include <stdarg.h>
#include <string.h>
#include "scene/check.h"
#include "scene/index.h"
#include "scene/tell.h"
#include "scene/value.h"

size_t scene_check_enter(struct scene_check *check, const char *format, ...)
{
    size_t before = check->length, room = sizeof check->path - before;
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vsnprintf(check->path + before, room, format, arguments);
    va_end(arguments);
    check->length += (size_t)written < room ? (size_t)written : room - 1;
    return before;
}

void scene_check_leave(struct scene_check *check, size_t before)
{
    check->path[before] = '\0';
    check->length = before;
}

void scene_check_fail(struct scene_check *check, const char *key, const char *format, ...)
{
    size_t before;
    struct scene_where where;
    char shown[600];
    va_list arguments;

    if (check->count++ >= SCENE_CHECK_COMPLAINTS)
        return;
    before = scene_check_enter(
        check, "%s%s", check->length == 0 || key[0] == '\0' || key[0] == '[' ? "" : ".", key);
    where = scene_where(check->lab, check->path);
    scene_index_show(check->file->index, where.path, shown, sizeof shown);
    va_start(arguments, format);
    scene_tell_list(check->file, check->errors, scene_index_line(check->file->index, where.path),
                    shown, format, arguments);
    va_end(arguments);
    scene_check_leave(check, before);
}

void scene_check_duration(struct scene_check *check, const char *key, const char *text,
                          int64_t *value)
{
    if (text != NULL && !scene_read_duration(text, value))
        scene_check_fail(check, key, "\"%s\" is not a time such as 250us, 1.5ms, 2s, 5min or 1h",
                         text);
}

void scene_check_number(struct scene_check *check, const char *key, const char *text,
                        uint32_t least, uint32_t most, uint32_t *value)
{
    uint64_t number;

    if (text == NULL)
        return;
    if (!scene_read_number(text, most, &number) || number < least)
        scene_check_fail(check, key, "\"%s\" is not a whole number from %u to %u", text, least,
                         most);
    else
        *value = (uint32_t)number;
}

void scene_check_bytes(struct scene_check *check, const char *key, const char *text, uint64_t most,
                       uint64_t *value)
{
    uint64_t number;

    if (text == NULL)
        return;
    if (!scene_read_bytes(text, &number))
        scene_check_fail(check, key, "\"%s\" is not a size such as 1500, 64KiB or 10MB", text);
    else if (number > most)
        scene_check_fail(check, key, "\"%s\" is more than %llu bytes", text,
                         (unsigned long long)most);
    else
        *value = number;
}

void scene_check_bool(struct scene_check *check, const char *key, const char *text, bool *value)
{
    if (text != NULL && !scene_read_bool(text, value))
        scene_check_fail(check, key, "\"%s\" is neither true nor false", text);
}

void scene_check_pairs(struct scene_check *check, const char *key, char **list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *equals = strchr(list[i], '=');
        char at[64];

        if (equals != NULL && equals != list[i])
            continue;
        snprintf(at, sizeof at, "%s[%u]", key, i);
        scene_check_fail(check, at, "\"%s\" is not of the form NAME=VALUE", list[i]);
    }
}
