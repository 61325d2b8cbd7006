/* SPDX-License-Identifier: MIT */
/*
 * The oracle of what a program sees of sockets: it drives them through states and prints every
 * answer (fidelity.h says how). Run on the kernel's own sockets and in a lab, it must print the
 * same; fidelity.sh compares. It knows nothing of Sockeye.
 *
 *     fidelity FILE                     both sides in this program, by 127.0.0.1; rows go to FILE
 *     fidelity FILE ADDRESS             the peer is the one that serves at ADDRESS
 *     fidelity --6 ..., --mapped ...    by IPv6 (::1); the same, by IPv4's mapped addresses
 *     fidelity --serve                  that one, for one user after the other
 */
#include "fidelity_options.h"

enum { SERVICE = 7000 };

static void run_states(const struct state *states, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int fd;

        state_name = states[i].name;
        row_number = 0;
        fd = states[i].enter();
        if (fd >= 0 && states[i].questions[0] != '\0')
            put_questions(fd, states[i].questions);
        shut(&fd);
        shut(&filler);
        ask("clean");
    }
}

static void run_all(void)
{
    struct sigaction action = {.sa_handler = on_pipe};

    sigaction(SIGPIPE, &action, NULL);
    peer_port = (uint16_t)atoi(ask("listener"));
    datagram_port = (uint16_t)atoi(ask("datagram-port"));
    run_states(streams, sizeof streams / sizeof *streams);
    run_states(datagrams, sizeof datagrams / sizeof *datagrams);
    run_states(sharing, sizeof sharing / sizeof *sharing);
    run_states(rare, sizeof rare / sizeof *rare);
    printf("end\n");
}

static void begin_here(void)
{
    int ends[2];

    there = address_of(family == AF_INET || is_mapped() ? "127.0.0.1" : "::1");
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        give_up("socketpair: %s", strerror(errno));
    switch (fork()) {
    case -1:
        give_up("fork: %s", strerror(errno));
    case 0:
        close(ends[0]);
        peer_serve(ends[1], there);
        exit(0);
    default:
        close(ends[1]);
        control = ends[0];
    }
}

static void begin_there(const char *address)
{
    int fd;

    there = address_of(address);
    fd = new_tcp();
    set_blocking(fd, true);
    if (connect_to(fd, SERVICE) < 0)
        give_up("connect: %s", strerror(errno));
    set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    control = fd;
}

__attribute__((noreturn)) static void serve(void)
{
    place name, from;
    socklen_t length = sizeof from;
    int listener, fd;

    family = AF_INET6;
    name = at(in6addr_any, SERVICE);
    listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (bind(listener, (sa *)&name, sizeof name) < 0 || listen(listener, 1) < 0)
        give_up("listen: %s", strerror(errno));
    while ((fd = accept(listener, (sa *)&from, &length)) >= 0) {
        set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        there = from.six.sin6_addr;
        family = is_mapped() ? AF_INET : AF_INET6;
        peer_serve(fd, there);
        close(fd);
    }
    give_up("accept: %s", strerror(errno));
}

int main(int count, char **words)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(60);
    if (count == 2 && strcmp(words[1], "--serve") == 0)
        serve();
    if (count > 2 && (strcmp(words[1], "--6") == 0 || strcmp(words[1], "--mapped") == 0)) {
        family = AF_INET6;
        if (strcmp(words[1], "--mapped") == 0)
            there = address_of("127.0.0.1");
        count--;
        words++;
    }
    if (count < 2 || freopen(words[1], "w", stdout) == NULL)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count > 2)
        begin_there(words[2]);
    else
        begin_here();
    run_all();
    return 0;
}
