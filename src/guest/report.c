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
