/* SPDX-License-Identifier: MIT */
/* Below 16 ns each class is one value; above, the four bits below the highest tell the class. */
#include "drive/lateness.h"

static unsigned class_of(int64_t late)
{
    unsigned high, shift;

    if (late < 16)
        return late < 0 ? 0 : (unsigned)late;
    high = 63 - (unsigned)__builtin_clzll((unsigned long long)late);
    shift = high - 4;
    return (high - 3) * 16 + ((unsigned)(late >> shift) & 15);
}

static int64_t least_of(unsigned class)
{
    if (class < 16)
        return class;
    return (int64_t)(16 + class % 16) << (class / 16 - 1);
}

void drive_lateness_add(struct drive_lateness *lateness, int64_t late)
{
    lateness->count[class_of(late)]++;
    lateness->events++;
    if (late > lateness->most)
        lateness->most = late;
}

int64_t drive_lateness_p99(const struct drive_lateness *lateness)
{
    uint64_t above = lateness->events / 100, seen = 0;

    for (unsigned class = DRIVE_LATENESS_CLASSES; class -- > 0;) {
        seen += lateness->count[class];
        if (seen > above) { /* the highest classes have no value of 63 bits, and no entry */
            int64_t least = least_of(class);

            return least < lateness->most ? least : lateness->most;
        }
    }
    return 0;
}
