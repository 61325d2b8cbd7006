/* SPDX-License-Identifier: MIT */
/*
 * Who descends from a process, by /proc, and their end. Programs that call themselves daemons stay
 * below a subreaper, so they are found here too.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/state.h"

enum { GENERATIONS = 1000 };

/* A process: its parent, and whether it has a filter. @return false: it is gone */
static bool read_process(pid_t pid, pid_t *parent, bool *filtered)
{
    char path[40], line[128];
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    *parent = 0;
    *filtered = false;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "PPid:", 5) == 0)
            *parent = (pid_t)strtol(line + 5, NULL, 10);
        else if (strncmp(line, "Seccomp:", 8) == 0)
            *filtered = strtol(line + 8, NULL, 10) == 2;
    }
    fclose(file);
    return true;
}

static bool is_descendant(pid_t pid, bool filtered_only)
{
    pid_t us = getpid(), parent;
    bool filtered, ignored;

    if (!read_process(pid, &parent, &filtered) || (filtered_only && !filtered))
        return false;
    for (int depth = 0; depth < GENERATIONS && parent != us; depth++)
        if (parent <= 1 || !read_process(parent, &parent, &ignored))
            return false;
    return parent == us; /* which is 1 in a container of our own */
}

int guest_kin_kill(pid_t group, int signal, bool filtered_only)
{
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    if (directory == NULL)
        return 0;
    while ((entry = readdir(directory)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 1 && (group == 0 || getpgid(pid) == group) && is_descendant(pid, filtered_only)) {
            kill(pid, signal);
            count++;
        }
    }
    closedir(directory);
    return count;
}
