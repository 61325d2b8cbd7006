/* SPDX-License-Identifier: MIT */
/* `sockeye doctor`: what this machine lacks to run unmodified programs, and the cure. */
#include "guest/doctor.h"
#include "cli/cli.h"

static const char help_text[] =
    "Usage: sockeye doctor\n"
    "Tries what sockeye lab needs of this machine, as the user you are, and says for\n"
    "each thing that is missing the exact cure. Exit code: 0 all is there, 1 not.\n";

int cli_doctor(int argc, char **argv)
{
    bool is_done;
    int code = cli_takes_nothing(argc, argv, help_text, &is_done);

    if (code != CLI_OK || is_done)
        return code;
    return guest_doctor(stdout) == 0 ? CLI_OK : CLI_FAILED;
}
