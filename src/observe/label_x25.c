/* SPDX-License-Identifier: MIT */
/* What a frame of LAPB and the packet of X.25 in it say, and a segment of XOT, in words. */
#include "observe/label.h"
#include "observe/words.h"

/* P of a command, F of a response; of supervisory frames both are possible. */
static const char *poll_word(uint8_t kind)
{
    if (kind == DECODE_LAPB_UA || kind == DECODE_LAPB_DM || kind == DECODE_LAPB_FRMR)
        return "F";
    return kind == DECODE_LAPB_RR || kind == DECODE_LAPB_RNR || kind == DECODE_LAPB_REJ ? "P/F"
                                                                                        : "P";
}

static void add_lapb(struct words *w, const struct decode_lapb *lapb)
{
    words_add(w, 0, "%s", decode_lapb_name(lapb->kind));
    if (lapb->kind == DECODE_LAPB_I)
        words_add(w, 2, "ns=%u", lapb->ns);
    if (lapb->kind <= DECODE_LAPB_REJ)
        words_add(w, lapb->kind == DECODE_LAPB_I ? 4 : 1, "nr=%u", lapb->nr);
    if (lapb->poll)
        words_add(w, 2, "%s", poll_word(lapb->kind));
    if (lapb->has_reject)
        words_add(w, 3, "reasons=%u", lapb->reasons);
}

static void add_packet(struct words *w, const struct decode_x25 *x)
{
    words_add(w, 1, "%s", decode_x25_name(x->type));
    words_add(w, 5, "lcn=%u", x->lcn);
    if (x->type == DECODE_X25_DATA)
        words_add(w, 3, "ps=%u", x->ps);
    if (decode_x25_is_numbered(x->type))
        words_add(w, 3, "pr=%u", x->pr);
    if (x->type == DECODE_X25_DATA)
        words_add(w, 4, "len=%u", x->length);
    if (x->more)
        words_add(w, 4, "M");
    if (x->qualified)
        words_add(w, 4, "Q");
    if (x->delivery)
        words_add(w, 6, "D");
    if (x->called[0])
        words_add(w, 3, "to %s", x->called);
    if (x->calling[0])
        words_add(w, 5, "from %s", x->calling);
    if (x->has_reason)
        words_add(w, 3, "cause=%u diagnostic=%u", x->cause, x->diagnostic);
}

void label_x25(char label[LABEL_BYTES], int room, const struct decode *d, unsigned mark)
{
    struct words w = {.count = 0};
    const char *why = label_mark(mark);

    if (d->has_lapb)
        add_lapb(&w, &d->lapb);
    else
        words_add(&w, 4, "XOT");
    if (d->x25s > 0)
        add_packet(&w, &d->x25[0]);
    if (d->xot_packets > 1)
        words_add(&w, 2, "and %u more", d->xot_packets - 1);
    if (why)
        words_add(&w, 1, "%s", why);
    words_put(label, LABEL_BYTES, room, &w);
}
