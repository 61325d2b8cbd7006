/* SPDX-License-Identifier: MIT */
/* What Linux does with SO_ATTACH_FILTER and its like; the theory is in filter.h. */
#include "4-transport/filter.h"

#include <errno.h>

static int attach(struct filter *f, struct bpf_store *store, const struct transport_filter *given)
{
    struct bpf_program *fresh = NULL;
    int status;

    if (f->is_locked)
        return -EPERM;
    status = bpf_open(store, given->program, given->length, &fresh);
    if (status)
        return status;
    bpf_close(store, f->program);
    f->program = fresh;
    return 0;
}

static int detach(struct filter *f, struct bpf_store *store)
{
    if (f->is_locked)
        return -EPERM;
    if (!f->program)
        return -ENOENT;
    filter_done(f, store);
    return 0;
}

static int give(const struct filter *f, struct transport_filter *given)
{
    size_t length = f->program ? (size_t)f->program->count * BPF_INSTRUCTION_BYTES : 0;

    given->is_locked = f->is_locked;
    if (given->length > 0 && given->length < length)
        return -EINVAL;
    if (given->length > 0 && length > 0)
        bpf_copy(f->program, given->room);
    given->length = length;
    return 0;
}

int filter_call(struct filter *f, struct bpf_store *store, enum transport_filter_call call,
                struct transport_filter *given)
{
    switch (call) {
    case TRANSPORT_FILTER_ATTACH:
        return attach(f, store, given);
    case TRANSPORT_FILTER_DETACH:
        return detach(f, store);
    case TRANSPORT_FILTER_LOCK:
        if (f->is_locked && !given->is_locked)
            return -EPERM;
        f->is_locked = given->is_locked;
        return 0;
    case TRANSPORT_FILTER_READ:
        break;
    }
    return give(f, given);
}

void filter_done(struct filter *f, struct bpf_store *store)
{
    bpf_close(store, f->program);
    f->program = NULL;
}
