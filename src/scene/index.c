/* SPDX-License-Identifier: MIT */
/*
 * A stack of open mappings and sequences gives each node its path. Depth and number of nodes are
 * bounded, directives are refused here and aliases by the loader, so a hostile file costs no more
 * than its length. Paths are looked for by halves.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "scene/index.h"

enum { DEPTH = 16, PATH_BYTES = 512, NODES = 200000 };

struct index_node {
    char *path;
    char *value; /* of a scalar, else NULL */
    int line;
    unsigned place; /* in the file */
};

struct scene_index {
    struct index_node *nodes;
    size_t count, room;
    struct index_node *sorted; /* by path, then by place; once somebody has asked for one */
};

struct level {
    bool is_sequence;
    bool has_key;  /* a mapping's key was read, its value comes next */
    unsigned next; /* a sequence's next entry */
    size_t length; /* of the path up to this collection */
};

struct walk {
    struct scene_index *index;
    const char *problem; /* what is wrong, when the file is */
    struct level level[DEPTH];
    int depth, documents;
    char path[PATH_BYTES];
    int key_line;
};

static const char too_long[] = "a key that is too long (511 bytes with those it stands under)";

static int fail(struct walk *walk, const char *problem)
{
    walk->problem = problem;
    return -EINVAL;
}

static int add(struct walk *walk, const char *value, int line)
{
    struct scene_index *index = walk->index;
    struct index_node *node;

    if (index->count == NODES)
        return fail(walk, "more than 200000 keys and values");
    if (index->count == index->room) {
        size_t room = index->room == 0 ? 64 : index->room * 2;
        struct index_node *nodes = realloc(index->nodes, room * sizeof *nodes);

        if (nodes == NULL)
            return -ENOMEM;
        index->nodes = nodes;
        index->room = room;
    }
    node = &index->nodes[index->count];
    node->path = strdup(walk->path);
    node->value = value == NULL ? NULL : strdup(value);
    node->line = line;
    node->place = (unsigned)index->count;
    index->count++;
    return node->path == NULL || (value != NULL && node->value == NULL) ? -ENOMEM : 0;
}

/* Puts the step to the node that begins now at the end of the path. */
static int enter(struct walk *walk, int *line)
{
    struct level *level;
    size_t length;

    if (walk->depth == 0) {
        walk->path[0] = '\0';
        return 0;
    }
    level = &walk->level[walk->depth - 1];
    if (!level->is_sequence) {
        level->has_key = false;
        *line = walk->key_line;
        return 0;
    }
    length = (size_t)snprintf(walk->path + level->length, PATH_BYTES - level->length, "[%u]",
                              level->next++);
    return level->length + length < PATH_BYTES ? 0 : fail(walk, too_long);
}

static int open_collection(struct walk *walk, const yaml_event_t *event)
{
    int line = (int)event->start_mark.line + 1;
    int result = enter(walk, &line);

    if (result == 0)
        result = add(walk, NULL, line);
    if (result == 0 && walk->depth == DEPTH)
        result = fail(walk, "nested deeper than 16");
    if (result != 0)
        return result;
    walk->level[walk->depth].is_sequence = event->type == YAML_SEQUENCE_START_EVENT;
    walk->level[walk->depth].has_key = false;
    walk->level[walk->depth].next = 0;
    walk->level[walk->depth].length = strlen(walk->path);
    walk->depth++;
    return 0;
}

static int on_scalar(struct walk *walk, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    int line = (int)event->start_mark.line + 1, result;

    if (memchr(value, 0, event->data.scalar.length) != NULL)
        return fail(walk, "a NUL in a key or value");
    if (walk->depth > 0) {
        struct level *level = &walk->level[walk->depth - 1];

        if (!level->is_sequence && !level->has_key) {
            size_t length = (size_t)snprintf(walk->path + level->length, PATH_BYTES - level->length,
                                             "%s%s", level->length == 0 ? "" : ".", value);

            level->has_key = true;
            walk->key_line = line;
            return level->length + length < PATH_BYTES ? 0 : fail(walk, too_long);
        }
    }
    result = enter(walk, &line);
    return result != 0 ? result : add(walk, value, line);
}

static int on_event(struct walk *walk, const yaml_event_t *event)
{
    int line = (int)event->start_mark.line + 1, result;

    switch ((int)event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(walk, event);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(walk, event);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        walk->depth--;
        walk->path[walk->level[walk->depth].length] = '\0';
        return 0;
    case YAML_DOCUMENT_START_EVENT:
        return walk->documents++ == 0 ? 0 : fail(walk, "a second document (---)");
    case YAML_ALIAS_EVENT:
        result = enter(walk, &line);
        return result != 0 ? result : add(walk, NULL, line);
    default:
        return 0;
    }
}

static int walk_events(struct walk *walk, yaml_parser_t *parser, int *line, char *message,
                       size_t size)
{
    for (;;) {
        yaml_event_t event;
        bool is_end;
        int result;

        if (yaml_parser_parse(parser, &event) == 0) {
            *line = (int)parser->problem_mark.line + 1;
            snprintf(message, size, "%s%s%s",
                     parser->problem == NULL ? "bad YAML" : parser->problem,
                     parser->context == NULL ? "" : ", ",
                     parser->context == NULL ? "" : parser->context);
            return -EINVAL;
        }
        *line = (int)event.start_mark.line + 1;
        is_end = event.type == YAML_STREAM_END_EVENT;
        result = on_event(walk, &event);
        yaml_event_delete(&event);
        if (result != 0)
            snprintf(message, size, "%s", result == -ENOMEM ? "out of memory" : walk->problem);
        if (result != 0 || is_end)
            return result;
    }
}

/* The first line that begins with %, or 0: libyaml compares each %TAG with all before it. */
static int directive_line(const char *text, size_t length)
{
    int line = 1;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%' && (i == 0 || text[i - 1] == '\n'))
            return line;
        line += text[i] == '\n';
    }
    return 0;
}

int scene_index_open(const char *text, size_t length, struct scene_index **index, int *line,
                     char *message, size_t size)
{
    struct walk *walk = calloc(1, sizeof *walk);
    yaml_parser_t parser;
    int result;

    *index = calloc(1, sizeof **index);
    if (walk == NULL || *index == NULL || yaml_parser_initialize(&parser) == 0) {
        snprintf(message, size, "out of memory");
        free(walk);
        return -ENOMEM;
    }
    walk->index = *index;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    *line = directive_line(text, length);
    if (*line == 0) {
        result = walk_events(walk, &parser, line, message, size);
    } else {
        snprintf(message, size, "directives (%%...) are not supported");
        result = -EINVAL;
    }
    yaml_parser_delete(&parser);
    free(walk);
    return result;
}

void scene_index_close(struct scene_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++) {
        free(index->nodes[i].path);
        free(index->nodes[i].value);
    }
    free(index->nodes);
    free(index->sorted);
    free(index);
}

static int compare(const void *left, const void *right)
{
    const struct index_node *a = left, *b = right;
    int order = strcmp(a->path, b->path);

    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

/* Only a file with a fault is asked for paths, so they are put in order no sooner. */
static bool sort(struct scene_index *index)
{
    if (index->sorted != NULL)
        return true;
    index->sorted = calloc(index->count + 1, sizeof *index->sorted);
    if (index->sorted == NULL)
        return false;
    if (index->count > 0)
        memcpy(index->sorted, index->nodes, index->count * sizeof *index->sorted);
    qsort(index->sorted, index->count, sizeof *index->sorted, compare);
    return true;
}

/* The last of this path: of a key that stands twice, the second is the wrong one. */
static const struct index_node *find(struct scene_index *index, const char *path)
{
    size_t from = 0, to;

    if (index == NULL || !sort(index))
        return NULL;
    for (to = index->count; from < to;) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(index->sorted[middle].path, path) <= 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0 || strcmp(index->sorted[from - 1].path, path) != 0)
        return NULL;
    return &index->sorted[from - 1];
}

int scene_index_line(struct scene_index *index, const char *path)
{
    char text[PATH_BYTES];
    size_t length = (size_t)snprintf(text, sizeof text, "%s", path);

    if (length >= sizeof text)
        length = sizeof text - 1;
    for (;;) {
        const struct index_node *node = find(index, text);

        if (node != NULL)
            return node->line;
        if (length == 0)
            return 0;
        do
            length--;
        while (length > 0 && text[length] != '.' && text[length] != '[');
        text[length] = '\0';
    }
}

void scene_index_show(struct scene_index *index, const char *path, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (const char *at = path; *at != '\0' && used + 1 < size;) {
        size_t step = *at == '[' ? strcspn(at, "]") : 1;
        const struct index_node *node = NULL;
        int written;

        step += at[step] == ']';
        if (*at == '[') {
            char name[PATH_BYTES];

            snprintf(name, sizeof name, "%.*s.name", (int)((size_t)(at - path) + step), path);
            node = find(index, name);
        }
        if (node != NULL && node->value != NULL)
            written = snprintf(text + used, size - used, ".%s", node->value);
        else
            written = snprintf(text + used, size - used, "%.*s", (int)step, at);
        used += (size_t)written;
        at += step;
    }
}
