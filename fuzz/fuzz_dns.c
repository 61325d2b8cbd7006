/* SPDX-License-Identifier: MIT */
/* The lab's name server on any bytes as a query, in each of its moods: its answer is a message that
 * can be walked to its end, to that query, and no longer than may be (RFC 1035 4, RFC 6891 6.2). */
#include <string.h>
#include "7-application/service_dns.h"
#include "base/bytes.h"
#include "base/compiler.h"

enum { HEADER = 12, LEAST = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct service_dns_record records[] = {
    {"a", {0, UINT64_C(0xffff0a000001)}},
    {"a", {UINT64_C(0xfd00) << 48, 1}},
    {"server", {0, UINT64_C(0xffff0a000002)}},
    {"live", {0, 0}},
    {"many.dots.in-it", {0, UINT64_C(0xffff0a000003)}}};
static const struct service_dns_record lies[] = {{"server", {UINT64_C(0xfd00) << 48, 9}},
                                                 {NULL, {0, UINT64_C(0xffff0a000009)}}};

/* Of the question or a record: labels to the root, or a pointer to the question. */
static bool name_skip(struct reader *r)
{
    for (;;) {
        uint8_t label = read_u8(r);

        if (r->failed)
            return false;
        if (label == 0)
            return true;
        if (label >= 0xc0)
            return read_u8(r) == HEADER && !r->failed;
        ensure(label <= 63);
        read_skip(r, label);
    }
}

static void walk(const uint8_t *answer, size_t length)
{
    struct reader r = reader_of(answer, length);
    unsigned questions, others;

    read_skip(&r, 4);
    questions = read_u16(&r);
    others = read_u16(&r);
    others += read_u16(&r);
    others += read_u16(&r);
    ensure(!r.failed && questions <= 1);
    if (questions == 1) {
        ensure(name_skip(&r));
        read_skip(&r, 4);
    }
    for (unsigned i = 0; i < others; i++) {
        ensure(name_skip(&r));
        read_skip(&r, 8);
        read_skip(&r, read_u16(&r));
        ensure(!r.failed);
    }
    ensure(!r.failed && reader_left(&r) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct service_dns_plan plan = {
        .records = records, .count = sizeof records / sizeof *records, .ttl = 60, .lies = lies};
    uint8_t answer[SERVICE_DNS_BYTES];
    size_t is;

    if (length < 1)
        return 0;
    plan.fault = (enum service_dns_fault)(bytes[0] & 3);
    plan.lies_count = bytes[0] >> 2 & 3;
    if (plan.lies_count > 2)
        plan.lies_count = 0;
    is = service_dns_answer(&plan, bytes + 1, length - 1, (bytes[0] & 16) != 0, answer);
    ensure(is <= SERVICE_DNS_BYTES && (is == 0 || is >= HEADER));
    ensure(plan.fault != DNS_SILENT || is == 0);
    if (is == 0)
        return 0;
    ensure(memcmp(answer, bytes + 1, 2) == 0 && (answer[2] & 0x80) != 0);
    ensure((bytes[0] & 16) != 0 || is <= LEAST || answer[11] == 1); /* only EDNS takes more */
    walk(answer, is);
    return 0;
}
