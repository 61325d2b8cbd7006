/* SPDX-License-Identifier: MIT */
/* Answers of the lab's name server: theory in service_dns.h. */
#include "7-application/service_dns.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

enum {
    HEADER_BYTES = 12,
    LABEL_MOST = 63,
    TYPE_A = 1,
    TYPE_PTR = 12,
    TYPE_AAAA = 28,
    TYPE_OPT = 41,
    CLASS_IN = 1,
    CLASS_ANY = 255,
    OPT_BYTES = 11,    /* of the record of EDNS without options */
    QUESTION = 0xc00c, /* the name of the question, as a pointer (RFC 1035 4.1.4) */
    REVERSE_TEXT = 80
};

enum flag {
    FLAG_RESPONSE = 0x8000,
    FLAG_AUTHORITY = 0x0400,
    FLAG_TRUNCATED = 0x0200,
    FLAG_RECURSION_DESIRED = 0x0100
};
enum code { NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NO_SUCH_NAME, NOT_IMPLEMENTED };

struct question {
    char name[SERVICE_DNS_NAME]; /* with dots, as the query wrote it, without the last dot */
    uint16_t type, class;
    const uint8_t *bytes; /* as it stands in the query */
    size_t length;
    bool has_edns;
    uint16_t edns_bytes; /* what the asker takes in a datagram (RFC 6891 6.2.3) */
    bool is_cut;         /* not all of the answer had room */
};

/* RFC 1035 3.1: labels. A question has no pointers; a byte that would end the text is refused. */
static bool name_read(struct reader *r, char name[SERVICE_DNS_NAME])
{
    size_t at = 0;

    for (;;) {
        uint8_t length = read_u8(r);
        const uint8_t *label;

        if (r->failed || length > LABEL_MOST)
            return false;
        if (length == 0)
            break;
        label = read_bytes(r, length);
        if (!label || at + length + 2 > SERVICE_DNS_NAME || memchr(label, '\0', length) ||
            memchr(label, '.', length))
            return false;
        if (at > 0)
            name[at++] = '.';
        memcpy(name + at, label, length);
        at += length;
    }
    name[at] = '\0';
    return true;
}

static bool question_read(struct reader *r, struct question *q)
{
    q->bytes = r->at;
    if (!name_read(r, q->name))
        return false;
    q->type = read_u16(r);
    q->class = read_u16(r);
    q->length = (size_t)(r->at - q->bytes);
    return !r->failed;
}

/* Is there an OPT record? Others behind the question are not looked at. */
static bool edns_read(struct reader *r, unsigned records, uint16_t *bytes)
{
    char name[SERVICE_DNS_NAME];

    for (; records > 0; records--) {
        uint16_t type;

        if (!name_read(r, name))
            return false;
        type = read_u16(r);
        *bytes = read_u16(r); /* where others have their class */
        read_skip(r, 4);      /* time to live */
        read_skip(r, read_u16(r));
        if (r->failed)
            return false;
        if (type == TYPE_OPT)
            return true;
    }
    return false;
}

/* RFC 1035 2.3.3: whatever the case of ASCII. */
static bool is_same(const char *a, const char *b)
{
    for (; *a != '\0' || *b != '\0'; a++, b++) {
        char low_a = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        char low_b = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;

        if (low_a != low_b)
            return false;
    }
    return true;
}

/* The name under which an address stands in in-addr.arpa or ip6.arpa. */
static void reverse_of(struct address a, char text[REVERSE_TEXT])
{
    uint32_t ip4 = (uint32_t)a.low;
    size_t at = 0;

    if (a.high == 0 && a.low >> 32 == 0xffff) {
        snprintf(text, REVERSE_TEXT, "%u.%u.%u.%u.in-addr.arpa", ip4 & 255, ip4 >> 8 & 255,
                 ip4 >> 16 & 255, ip4 >> 24);
        return;
    }
    for (unsigned i = 0; i < 32; i++) {
        uint64_t half = i < 16 ? a.low : a.high;

        text[at++] = "0123456789abcdef"[half >> (4 * (i & 15)) & 15];
        text[at++] = '.';
    }
    memcpy(text + at, "ip6.arpa", sizeof "ip6.arpa");
}

static bool is_ip4(struct address a)
{
    return address_is_mapped(a);
}

/* One resource record behind the question's name. */
static void record_write(struct writer *w, uint16_t type, uint32_t ttl, const void *data,
                         uint16_t length)
{
    write_u16(w, QUESTION);
    write_u16(w, type);
    write_u16(w, CLASS_IN);
    write_u32(w, ttl);
    write_u16(w, length);
    write_copy(w, data, length);
}

static void address_write(struct writer *w, struct address a, uint32_t ttl)
{
    uint8_t bytes[16];

    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(a.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(a.low >> (56 - 8 * i));
    }
    if (is_ip4(a))
        record_write(w, TYPE_A, ttl, bytes + 12, 4);
    else
        record_write(w, TYPE_AAAA, ttl, bytes, 16);
}

static void name_write(struct writer *w, const char *name, uint32_t ttl)
{
    uint8_t bytes[SERVICE_DNS_NAME];
    size_t at = 0;

    while (*name != '\0') {
        const char *dot = strchr(name, '.');
        size_t length = dot ? (size_t)(dot - name) : strlen(name);

        if (length == 0 || length > LABEL_MOST || at + length + 2 > sizeof bytes)
            return; /* no name of the wire */
        bytes[at++] = (uint8_t)length;
        memcpy(bytes + at, name, length);
        at += length;
        name += length + (dot ? 1 : 0);
    }
    bytes[at++] = 0;
    record_write(w, TYPE_PTR, ttl, bytes, (uint16_t)at);
}

/* One record, of the type that is asked for. @return false: no room, and it is not written */
static bool address_fits(struct question *q, struct address a, uint32_t ttl, struct writer *w,
                         unsigned *count)
{
    struct writer before = *w;

    if (address_is_unspecified(a) || q->type != (is_ip4(a) ? TYPE_A : TYPE_AAAA))
        return true;
    address_write(w, a, ttl);
    if (w->failed) { /* what there is is told */
        *w = before;
        q->is_cut = true;
        return false;
    }
    ++*count;
    return true;
}

static bool has_name(const struct service_dns_plan *plan, const char *name)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        if (is_same(name, plan->records[i].name))
            return true;
    }
    return false;
}

/* @return false: nothing false is said of this name */
static bool lies_write(const struct service_dns_plan *plan, struct question *q, struct writer *w,
                       unsigned *count)
{
    bool is_lied_about = false, has_room = true;

    for (uint32_t i = 0; i < plan->lies_count && has_room; i++) {
        const struct service_dns_record *lie = &plan->lies[i];

        if (lie->name ? !is_same(q->name, lie->name) : !has_name(plan, q->name))
            continue;
        is_lied_about = true;
        has_room = address_fits(q, lie->address, plan->ttl, w, count);
    }
    return is_lied_about;
}

/* What is known of a name. @return how many records were written; *exists: there is such a name */
static unsigned records_write(const struct service_dns_plan *plan, struct question *q,
                              struct writer *w, bool *exists)
{
    unsigned count = 0;
    bool has_room = true;

    *exists = lies_write(plan, q, w, &count);
    if (*exists)
        return count;
    for (uint32_t i = 0; i < plan->count && has_room; i++) {
        const struct service_dns_record *r = &plan->records[i];

        if (is_same(q->name, r->name)) {
            *exists = true;
            has_room = address_fits(q, r->address, plan->ttl, w, &count);
        }
    }
    return count;
}

/* The names of an address, if the question is of one in in-addr.arpa or ip6.arpa. */
static unsigned names_write(const struct service_dns_plan *plan, struct question *q,
                            struct writer *w, bool *exists)
{
    size_t length = strlen(q->name);
    unsigned count = 0;

    if (length < 5 || !is_same(q->name + length - 5, ".arpa"))
        return 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct service_dns_record *r = &plan->records[i];
        struct writer before = *w;
        char reverse[REVERSE_TEXT];

        if (address_is_unspecified(r->address))
            continue;
        reverse_of(r->address, reverse);
        if (!is_same(q->name, reverse))
            continue;
        *exists = true;
        if (q->type == TYPE_PTR)
            name_write(w, r->name, plan->ttl);
        if (w->failed) {
            *w = before;
            q->is_cut = true;
            break;
        }
        count += w->at != before.at;
    }
    return count;
}

/* RFC 1035 4.1.1. */
static size_t finish(const uint8_t *query, const struct question *q, uint16_t flags, enum code code,
                     unsigned records, struct writer *w, uint8_t *answer)
{
    struct writer head = writer_of(answer, HEADER_BYTES);

    write_copy(&head, query, 2);
    write_u16(&head,
              (uint16_t)(FLAG_RESPONSE | (flags & 0x7800) | (flags & FLAG_RECURSION_DESIRED) |
                         (unsigned)code | (q && q->is_cut ? FLAG_TRUNCATED : 0) |
                         (code == NO_ERROR || code == NO_SUCH_NAME ? FLAG_AUTHORITY : 0)));
    write_u16(&head, q ? 1 : 0);
    write_u16(&head, (uint16_t)records);
    write_u16(&head, 0);
    write_u16(&head, q && q->has_edns ? 1 : 0);
    if (q && q->has_edns) { /* RFC 6891 6.1.2: the root, OPT, our size, nothing else */
        write_u8(w, 0);
        write_u16(w, TYPE_OPT);
        write_u16(w, SERVICE_DNS_BYTES);
        write_u32(w, 0);
        write_u16(w, 0);
    }
    return (size_t)(w->at - answer);
}

/* RFC 1035 4.2.1, RFC 6891 6.2.5: what a datagram may have. */
static size_t room_of(const struct question *q)
{
    if (!q->has_edns || q->edns_bytes < SERVICE_DNS_BYTES_LEAST)
        return SERVICE_DNS_BYTES_LEAST;
    return q->edns_bytes < SERVICE_DNS_BYTES ? q->edns_bytes : SERVICE_DNS_BYTES;
}

size_t service_dns_answer(const struct service_dns_plan *plan, const uint8_t *query, size_t length,
                          bool is_stream, uint8_t answer[SERVICE_DNS_BYTES])
{
    struct writer w = writer_of(answer + HEADER_BYTES, SERVICE_DNS_BYTES - HEADER_BYTES);
    struct reader r = reader_of(query, length);
    struct question q = {0};
    uint16_t flags, questions, answers, authorities, others;
    unsigned count;
    bool exists;

    read_skip(&r, 2);
    flags = read_u16(&r);
    questions = read_u16(&r);
    answers = read_u16(&r);
    authorities = read_u16(&r);
    others = read_u16(&r);
    if (r.failed || flags & FLAG_RESPONSE || plan->fault == DNS_SILENT)
        return 0;
    if (flags & 0x7800)
        return finish(query, NULL, flags, NOT_IMPLEMENTED, 0, &w, answer);
    if (questions != 1 || !question_read(&r, &q))
        return finish(query, NULL, flags, FORMAT_ERROR, 0, &w, answer);
    q.has_edns = answers == 0 && authorities == 0 && edns_read(&r, others, &q.edns_bytes);
    write_copy(&w, q.bytes, q.length);
    if (plan->fault == DNS_FAILS)
        return finish(query, &q, flags, SERVER_FAILURE, 0, &w, answer);
    if (plan->fault == DNS_DENIES || (q.class != CLASS_IN && q.class != CLASS_ANY))
        return finish(query, &q, flags, NO_SUCH_NAME, 0, &w, answer);
    w.end = answer + (is_stream ? SERVICE_DNS_BYTES : room_of(&q)) - (q.has_edns ? OPT_BYTES : 0);
    count = records_write(plan, &q, &w, &exists);
    count += names_write(plan, &q, &w, &exists);
    w.end = answer + SERVICE_DNS_BYTES;
    return finish(query, &q, flags, exists ? NO_ERROR : NO_SUCH_NAME, count, &w, answer);
}
