/* SPDX-License-Identifier: MIT */
/*
 * Names of AF_UNIX (unix(7), "Address format").
 *
 * A path is found as it is written: there are no files here. Binding makes it, closing leaves it
 * behind, where it refuses (ECONNREFUSED) and is in the way of others (EADDRINUSE) until it is
 * taken away. Who has files of his own gives each bound path a place, a number: the path is then
 * only what is shown, and the place is what is found; a place that is given again is that of
 * another file.
 *
 * An abstract name is found by its bytes and the kind of socket, and goes when its socket is
 * closed. A socket that needs a name and has none gets an abstract one of five digits, the first
 * free one from a number on that is drawn.
 *
 * One table has all three; a name is in it as long as it leads somewhere, and in memory as long as
 * somebody shows it.
 */
#include "5-session/unix_end.h"

#include <errno.h>
#include <string.h>

#include "base/bucket.h"
#include "base/compiler.h"

static bool is_unnamed(const struct name_unix *n)
{
    return n->length == 0 && n->place == 0;
}

static enum unix_space space_of(const struct name_unix *n)
{
    if (n->place)
        return UNIX_PLACES;
    return n->bytes[0] ? UNIX_PATHS : UNIX_ABSTRACT;
}

/* What a name is looked up by. */
struct lookup {
    uint64_t hash;
    enum unix_space space;
    uint32_t kind; /* of abstract names; else 0 */
};

static struct lookup key_of(const struct unix_host *h, const struct name_unix *n, uint32_t kind)
{
    struct lookup key = {.space = space_of(n)};
    uint64_t words[2];

    key.kind = key.space == UNIX_ABSTRACT ? kind : 0;
    words[0] = (uint64_t)key.space << 32 | key.kind;
    words[1] = key.space == UNIX_PLACES ? n->place : siphash(h->key, n->bytes, n->length);
    key.hash = bucket_of_words(h->key, words, 2);
    return key;
}

static struct unix_name *look_up(const struct unix_host *h, const struct name_unix *n,
                                 const struct lookup *key)
{
    for (struct table_link *l = table_first(&h->names, key->hash); l; l = table_next(l)) {
        struct unix_name *known = container_of(l, struct unix_name, link);

        if (known->space != key->space || known->kind != key->kind)
            continue;
        if (key->space == UNIX_PLACES
                ? known->place == n->place
                : known->length == n->length && memcmp(known->bytes, n->bytes, n->length) == 0)
            return known;
    }
    return NULL;
}

void unix_name_release(struct unix_host *h, struct unix_name *name)
{
    if (--name->references)
        return;
    h->names_count--;
    pool_put(h->name_pool, name);
}

/* It leads nowhere any more. */
static void unlist(struct unix_host *h, struct unix_name *name)
{
    table_remove(&h->names, &name->link);
    name->listed = 0;
    name->end = NULL;
    unix_name_release(h, name);
}

static int make(struct unix_end *e, const struct name_unix *n, const struct lookup *key)
{
    struct unix_host *h = e->host;
    struct unix_name *name = h->names_count < h->name_limit ? pool_get(h->name_pool) : NULL;

    if (!name)
        return -ENOBUFS;
    h->names_count++;
    name->end = e;
    name->place = n->place;
    name->kind = key->kind;
    name->space = (uint8_t)key->space;
    name->length = n->length;
    if (n->length)
        memcpy(name->bytes, n->bytes, n->length);
    name->references = 2; /* the end's and the table's */
    name->listed = 1;
    table_add(&h->names, &name->link, key->hash);
    e->name = name;
    return 0;
}

int unix_name_bind(struct unix_end *e, const struct name *name)
{
    const struct name_unix *n = &name->unix_name;
    struct unix_name *known;
    struct lookup key;

    if (is_unnamed(n))
        return unix_name_choose(e);
    key = key_of(e->host, n, e->end.kind);
    known = look_up(e->host, n, &key);
    if (known && key.space == UNIX_PATHS) /* the file is looked at first */
        return -EADDRINUSE;
    if (e->name)
        return -EINVAL;
    if (known && key.space == UNIX_ABSTRACT)
        return -EADDRINUSE;
    if (known)
        unlist(e->host, known);
    return make(e, n, &key);
}

int unix_name_choose(struct unix_end *e)
{
    static const char digits[] = "0123456789abcdef";
    const uint32_t names = UINT32_C(1) << 4 * UNIX_AUTOBIND_DIGITS;
    uint8_t bytes[1 + UNIX_AUTOBIND_DIGITS] = {0};
    const struct name_unix n = {.bytes = bytes, .length = sizeof bytes};
    struct unix_host *h = e->host;
    uint32_t from;

    if (e->name)
        return 0;
    from = (uint32_t)random_draw(h->key, RANDOM_UNIX, h->chosen++);
    for (uint32_t i = 0; i < names; i++) {
        uint32_t number = from + i;
        struct lookup key;

        for (unsigned at = 0; at < UNIX_AUTOBIND_DIGITS; at++)
            bytes[UNIX_AUTOBIND_DIGITS - at] = (uint8_t)digits[number >> 4 * at & 15];
        key = key_of(h, &n, e->end.kind);
        if (!look_up(h, &n, &key))
            return make(e, &n, &key);
    }
    return -ENOSPC;
}

int unix_name_find(const struct unix_host *h, const struct name *name, uint32_t kind,
                   struct unix_end **found)
{
    const struct name_unix *n = &name->unix_name;
    struct unix_name *known;
    struct lookup key;

    if (is_unnamed(n))
        return -EINVAL;
    key = key_of(h, n, kind);
    known = look_up(h, n, &key);
    if (!known)
        return key.space == UNIX_PATHS ? -ENOENT : -ECONNREFUSED;
    if (!known->end)
        return -ECONNREFUSED;
    if (known->end->end.kind != kind)
        return -EPROTOTYPE;
    *found = known->end;
    return 0;
}

void unix_name_share(struct unix_end *e, struct unix_name *name)
{
    name->references++;
    e->name = name;
}

void unix_name_close(struct unix_end *e)
{
    if (!e->name || e->name->end != e)
        return;
    if (e->name->space == UNIX_PATHS)
        e->name->end = NULL;
    else
        unlist(e->host, e->name);
}

void unix_name_tell(const struct unix_end *e, struct name *name)
{
    memset(name, 0, sizeof *name);
    name->family = NAME_UNIX;
    if (!e->name)
        return;
    name->unix_name.bytes = e->name->bytes;
    name->unix_name.length = e->name->length;
}

int unix_name_unlink(struct unix_host *h, const struct name *name)
{
    const struct name_unix *n = &name->unix_name;
    struct unix_name *known = NULL;
    struct lookup key;

    if (!is_unnamed(n)) {
        key = key_of(h, n, 0);
        if (key.space == UNIX_PATHS)
            known = look_up(h, n, &key);
    }
    if (!known)
        return -ENOENT;
    unlist(h, known);
    return 0;
}
