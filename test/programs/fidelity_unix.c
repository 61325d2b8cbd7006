/* SPDX-License-Identifier: MIT */
/*
 * The oracle of AF_UNIX: what a program sees of it, for streams, datagrams and sequenced packets
 * (fidelity.h says how). Run on the kernel's own sockets and in a lab it must print the same;
 * fidelity_unix.sh compares. It knows nothing of Sockeye. Files of names are made in the working
 * directory.
 *
 *     fidelity_unix FILE
 */
#include "fidelity_unix_names.h"
#include "fidelity_unix_rights.h"
#include "fidelity_unix_states.h"

int main(int count, char **words)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

    signal(SIGPIPE, SIG_IGN);
    alarm(100);
    if (count < 2 || freopen(words[1], "w", stdout) == NULL)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        type = types[i];
        run_states();
        run_names();
        run_rights();
    }
    printf("end\n");
    return 0;
}
