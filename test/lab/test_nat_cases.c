/* SPDX-License-Identifier: MIT */
/* Every demand of RFC 4787, 5382, 5508, 6296 and 7857 on a translator, as plays of packets. */
#include "lab/nat_bed.h"
#include "lab/nat_cases_tcp.h"

static const struct {
    const struct nat_case *cases;
    size_t count;
} tables[] = {{nat_cases_udp, sizeof nat_cases_udp / sizeof *nat_cases_udp},
              {nat_cases_tcp, sizeof nat_cases_tcp / sizeof *nat_cases_tcp}};

/* With a number: that one alone. */
int main(int count, char **words)
{
    volatile int failed = 0, number = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", tables[0].count + tables[1].count);
    for (volatile size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (volatile size_t i = 0; i < tables[t].count; i++) {
            const struct nat_case *c = &tables[t].cases[i];
            bool ok;

            number++;
            ok = setjmp(test_failed) == 0;
            if (ok && (count < 2 || atoi(words[1]) == number))
                nat_play(c->settings, c->lines);
            sockeye_close(nat_lab);
            nat_lab = NULL;
            printf("%sok %d - %s\n", ok ? "" : "not ", number, c->name);
            failed += !ok;
        }
    return failed != 0;
}
