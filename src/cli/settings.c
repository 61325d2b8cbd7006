/* SPDX-License-Identifier: MIT */
/* `sockeye settings`: every setting of a host, its default, and a line of help. */
#include "cli/cli.h"
#include "sockeye/sockeye.h"

static const char help_text[] =
    "Usage: sockeye settings\n"
    "Lists the settings of a host: name, default, what it means. A lab file sets them:\n"
    "  settings: [net.ipv4.tcp_sack=0]     of the lab, or of one host\n";

int cli_settings(int argc, char **argv)
{
    struct sockeye *lab = NULL;
    const char *name, *help;
    bool is_done;
    int code = cli_takes_nothing(argc, argv, help_text, &is_done), result, host;

    if (code != CLI_OK || is_done)
        return code;
    result = sockeye_open(&(struct sockeye_config){.hosts = 1, .wires = 1, .sockets = 16}, &lab);
    host = result < 0 ? result : sockeye_host(lab, "host");
    if (host < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], sockeye_strerror(host));
        sockeye_close(lab);
        return CLI_FAILED;
    }
    for (int i = 0; (name = sockeye_setting(i, &help)) != NULL; i++) {
        char value[128];

        if (sockeye_get(lab, host, name, value, sizeof value) < 0)
            snprintf(value, sizeof value, "?");
        printf("%s = %s\n    %s\n", name, value, help == NULL ? "" : help);
    }
    sockeye_close(lab);
    return CLI_OK;
}
