/* SPDX-License-Identifier: MIT */
/*
 * What programs asked for and did not get, each said once and counted; and the last error in one
 * line.
 */
#include <stdarg.h>
#include <string.h>

#include "guest/state.h"
#include "guest/words.h"

void guest_report_add(struct guest_runner *runner, int program, const char *format, ...)
{
    struct guest_complaint new = {.program = program, .count = 1};
    va_list list;

    snprintf(new.name, sizeof new.name, "%s", runner->programs[program]->name);
    va_start(list, format);
    vsnprintf(new.text, sizeof new.text, format, list);
    va_end(list);
    for (int i = 0; i < runner->complaint_count; i++) {
        struct guest_complaint *old = &runner->complaints[i];

        if (old->program == program && strcmp(old->text, new.text) == 0) {
            old->count++;
            return;
        }
    }
    if (runner->complaint_count == GUEST_REPORTS)
        return;
    new.cure = guest_words_cure(new.text);
    runner->complaints[runner->complaint_count++] = new;
}

void guest_report_unreached(const struct guest_call *call, const struct sockaddr_storage *address)
{
    struct guest_runner *runner = call->runner;
    struct guest_unreached new = {.host = call->program->host};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (address->ss_family == AF_INET) {
        memcpy(&in, address, sizeof in);
        new.to = address_from_ip4(ntohl(in.sin_addr.s_addr));
    } else if (address->ss_family == AF_INET6) {
        memcpy(&in6, address, sizeof in6);
        for (size_t i = 0; i < 8; i++) {
            new.to.high = new.to.high << 8 | in6.sin6_addr.s6_addr[i];
            new.to.low = new.to.low << 8 | in6.sin6_addr.s6_addr[8 + i];
        }
    } else {
        return;
    }
    for (size_t i = 0; i < runner->unreached_count; i++)
        if (runner->unreached[i].host == new.host && address_equal(runner->unreached[i].to, new.to))
            return;
    if (runner->unreached_count < GUEST_UNREACHED)
        runner->unreached[runner->unreached_count++] = new;
}

size_t guest_unreached(const struct guest_runner *runner, const struct guest_unreached **list)
{
    *list = runner->unreached;
    return runner->unreached_count;
}

int guest_report_want(struct guest_runner *runner, int program, const char *call, int error)
{
    if (error == -EMFILE || error == -ENFILE) {
        guest_report_add(runner, program,
                         "%s(): ENFILE: the lab itself has no descriptor left (ulimit -Hn)", call);
        return -ENFILE;
    }
    guest_report_add(runner, program, "%s(): the lab could not make its part: %s", call,
                     sockeye_strerror(error));
    return error;
}

bool guest_report(const struct guest_runner *runner, int i, struct guest_complaint *complaint)
{
    if (i < 0 || i >= runner->complaint_count)
        return false;
    *complaint = runner->complaints[i];
    return true;
}

static char open_error[256];

/* Keeps the line for guest_error; `runner` may be NULL. @return -error */
int guest_report_fail(struct guest_runner *runner, int error, const char *format, ...)
{
    char *to = runner == NULL ? open_error : runner->error;
    va_list list;

    va_start(list, format);
    vsnprintf(to, sizeof open_error, format, list);
    va_end(list);
    if (runner != NULL) /* guest_open may fail after it was made */
        memcpy(open_error, runner->error, sizeof open_error);
    return error < 0 ? error : -error;
}

const char *guest_error(const struct guest_runner *runner)
{
    return runner == NULL ? open_error : runner->error;
}

void guest_statistics(const struct guest_runner *runner, struct guest_statistics *statistics)
{
    *statistics = runner->statistics;
}
