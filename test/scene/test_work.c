/* SPDX-License-Identifier: MIT */
/*
 * The work of checking a lab file grows with its size and not with its square, whatever stands in
 * it. Work is counted and not timed: comparisons of texts, and texts that are formatted, by
 * functions of our own in the place of the C library's.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "scene/check.h"
#include "scene/scene.h"

enum { ITEMS = 1000, FACTOR = 4, MOST_GROWTH = 6 };

static unsigned long long work;

int strcmp(const char *a, const char *b)
{
    work++;
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int snprintf(char *text, size_t size, const char *format, ...)
{
    va_list list;
    int length;

    work++;
    va_start(list, format);
    length = vsnprintf(text, size, format, list);
    va_end(list);
    return length;
}

#define TWO                                                                                        \
    "hosts:\n  - name: a\n    interfaces: [{name: e}]\n  - name: b\n    interfaces: [{name: e}]\n"

/* A text before, one repeated (its number twice in it), and one behind. */
static const struct shape {
    const char *what, *before, *item, *behind;
} shapes[] = {
    {"wires of one name", "wires:\n", "  - {name: w, between: [a.e, b.e]}\n", TWO},
    {"wires", "wires:\n", "  - {name: w%d, between: [a.e%d, b.e]}\n", TWO},
    {"settings without a value", "hosts:\n  - name: a\n    settings:\n", "      - net.x\n", ""},
    {"settings", "hosts:\n  - name: a\n    settings:\n", "      - net.x=%d\n", ""},
    {"programs of one name", "hosts:\n  - name: a\n    programs:\n", "      - {run: ls}\n", ""},
    {"programs that wait", "hosts:\n  - name: a\n    programs:\n",
     "      - {name: p%d, run: ls, after: a.p999.exited}\n", ""},
    {"hosts of one name", "hosts:\n", "  - name: a\n", ""},
    {"hosts", "hosts:\n", "  - name: a%d\n", ""},
    {"interfaces of one host", "hosts:\n  - name: a\n    interfaces:\n",
     "      - {name: e%d, address: 10.0.0.1/24}\n", ""},
    {"one address", "hosts:\n", "  - {name: a%d, interfaces: [{name: e, address: 10.0.0.1/24}]}\n",
     ""},
    {"routes",
     "hosts:\n  - name: a\n    interfaces: [{name: e, address: 10.0.0.1/24}]\n    routes:\n",
     "      - {to: default, via: 10.9.9.9}\n", ""},
    {"traffic", "hosts:\n  - name: a\n    traffic:\n", "      - ping: {to: b%d}\n", ""},
    {"conditions", "hosts:\n  - name: a\n    programs:\n      - run: ls\n        after: \"1s",
     ",x%d", "\"\n"},
    {"networks", "networks:\n", "  - {name: n%d, addresses: [11.0.0.0/8]}\n",
     "hosts: [{name: a}]\n"},
    {"hosts of a network", "networks: [{name: n, addresses: [10.0.0.0/8]}]\nhosts:\n",
     "  - {name: a%d, net: n}\n", ""},
    {"hosts of no room", "networks: [{name: n, addresses: [10.0.0.0/28]}]\nhosts:\n",
     "  - {name: a%d, net: n}\n", ""},
    {"switches", "switches:\n", "  - {name: s%d}\n", "hosts: [{name: a}]\n"},
    {"routers", "networks: [{name: n, addresses: [10.0.0.0/8]}]\nhosts: [{name: a}]\nrouters:\n",
     "  - {name: r%d, net: n}\n", ""},
    {"ports of a switch", "switches: [{name: s}]\nwires:\n",
     "  - {name: w%d, between: [s.p%d, s.q%d]}\n", "hosts: [{name: a}]\n"},
    {"times when a wire is down", "wires:\n  - name: w\n    between: [a.e, b.e]\n    down:\n",
     "      - {at: x}\n", TWO},
};

static unsigned long long work_of(const struct shape *shape, int items)
{
    struct scene_file file;
    char *text = NULL, *said = NULL;
    size_t size = 0, said_size = 0, lines = 0;
    FILE *out = open_memstream(&text, &size), *errors = open_memstream(&said, &said_size);

    fputs(shape->before, out);
    for (int i = 0; i < items; i++) {
        for (const char *at = shape->item; *at != '\0'; at++) {
            if (at[0] == '%' && at[1] == 'd')
                fprintf(out, "%d", i), at++;
            else
                fputc(*at, out);
        }
    }
    fputs(shape->behind, out);
    fclose(out);
    work = 0;
    (void)scene_load_text("lab.yaml", text, size, errors, &file);
    scene_close(&file);
    fclose(errors);
    for (size_t i = 0; i < said_size; i++)
        lines += said[i] == '\n';
    check(lines <= SCENE_CHECK_COMPLAINTS + 1);
    free(text);
    free(said);
    return work;
}

static void work_grows_with_the_size(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        unsigned long long small = work_of(&shapes[i], ITEMS);
        unsigned long long large = work_of(&shapes[i], FACTOR * ITEMS);

        if (large > MOST_GROWTH * small)
            test_fail(__FILE__, __LINE__, "%s: %llu steps for %d, %llu for %d", shapes[i].what,
                      small, ITEMS, large, FACTOR * ITEMS);
    }
}

static const struct test tests[] = {
    {"the work of checking a file grows with its size, and few faults are told",
     work_grows_with_the_size},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
