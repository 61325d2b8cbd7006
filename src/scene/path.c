/* SPDX-License-Identifier: MIT */
/*
 * Paths of a lab file. They are seen from the folder in which the file stands, so that a lab does
 * the same from wherever it is started. A lab that is read from a pipe stands nowhere: its paths
 * are seen from the working directory.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "scene/scene.h"

/* How much of the file's path is its folder; 0: the working directory. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat status;

    if (slash == NULL || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    return slash == path ? 1 : (size_t)(slash - path);
}

char *scene_path(const struct scene_file *file, const char *text)
{
    size_t length = folder_length(file->path);
    char *path;

    if (text == NULL)
        return strndup(length == 0 ? "." : file->path, length == 0 ? 1 : length);
    if (text[0] == '/' || length == 0)
        return strdup(text);
    path = malloc(length + strlen(text) + 2);
    if (path != NULL) {
        memcpy(path, file->path, length);
        path[length] = '/';
        strcpy(path + length + 1, text);
    }
    return path;
}
