/* SPDX-License-Identifier: MIT */
/*
 * Any text as a packetdrill script: read, and run against its host in virtual time. What is wrong
 * is told in one line with its number. Scripts with Python code are only read, as python3 is not
 * what is tried here; scripts of more than MOST_SECONDS too, as they only cost time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "drill/ast.h"

enum { MOST_SECONDS = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool is_quick(const struct drill_script *script)
{
    int64_t most = INT64_C(1000000000) * MOST_SECONDS, sum = 0;

    for (const struct drill_event *e = script->first; e; e = e->next) {
        int64_t time = e->end > e->time ? e->end : e->time;

        if (e->kind == DRILL_CODE || time > most)
            return false;
        sum += time;
        if (sum > most)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    struct drill_options options = {.seed = 1};
    struct drill_script script;
    char *said = NULL;
    size_t size = 0;
    FILE *report = open_memstream(&said, &size);
    int result = drill_parse_text(&script, "script.pkt", text, length, &options);

    ensure(report);
    ensure((result < 0) == (script.error[0] != '\0'));
    options.parse_only = result == 0 && !is_quick(&script);
    drill_free(&script);
    result = drill_run_text("script.pkt", text, length, &options, report);
    ensure(fclose(report) == 0);
    ensure((result == DRILL_PASS) == (size == 0));
    free(said);
    return 0;
}
