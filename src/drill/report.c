/* SPDX-License-Identifier: MIT */
/* What is said of a script, and by whose fault it ends: only the first is told. */
#include "drill/state.h"
#include <stdarg.h>

__attribute__((format(printf, 4, 0))) static void
say(struct drill_run *run, enum drill_result result, int line, const char *format, va_list list)
{
    if (run->result != DRILL_PASS)
        return;
    run->result = result;
    fprintf(run->report, "%s:%d: ", run->script->path, line);
    vfprintf(run->report, format, list);
    fputc('\n', run->report);
}

void drill_fail(struct drill_run *run, int line, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(run, DRILL_FAIL, line, format, list);
    va_end(list);
}

void drill_unsupported(struct drill_run *run, int line, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(run, DRILL_UNSUPPORTED, line, format, list);
    va_end(list);
}

void drill_say(struct drill_run *run, const char *format, ...)
{
    va_list list;

    if (!run->options->verbose)
        return;
    va_start(list, format);
    vfprintf(run->report, format, list);
    va_end(list);
    fputc('\n', run->report);
}
