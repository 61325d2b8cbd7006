/* SPDX-License-Identifier: MIT */
/*
 * A stack of open mappings and sequences gives each node its path. Depth and number of nodes are
 * bounded, and aliases are refused by the loader, so a hostile file costs no more than its length.
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
};

struct scene_index {
    struct index_node *nodes;
    size_t count, room;
};

struct level {
    bool is_sequence;
    bool has_key;  /* a mapping's key was read, its value comes next */
    unsigned next; /* a sequence's next entry */
    size_t length; /* of the path up to this collection */
};

struct walk {
    struct scene_index *index;
    struct level level[DEPTH];
    int depth;
    char path[PATH_BYTES];
    int key_line;
};

static int add(struct scene_index *index, const char *path, const char *value, int line)
{
    struct index_node *node;

    if (index->count == NODES)
        return -EINVAL;
    if (index->count == index->room) {
        size_t room = index->room == 0 ? 64 : index->room * 2;
        struct index_node *nodes = realloc(index->nodes, room * sizeof *nodes);

        if (nodes == NULL)
            return -ENOMEM;
        index->nodes = nodes;
        index->room = room;
    }
    node = &index->nodes[index->count];
    node->path = strdup(path);
    node->value = value == NULL ? NULL : strdup(value);
    node->line = line;
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
    return level->length + length < PATH_BYTES ? 0 : -EINVAL;
}

static int open_collection(struct walk *walk, const yaml_event_t *event)
{
    int line = (int)event->start_mark.line + 1;
    int result = enter(walk, &line);

    if (result == 0)
        result = add(walk->index, walk->path, NULL, line);
    if (result != 0 || walk->depth == DEPTH)
        return result != 0 ? result : -EINVAL;
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

    if (walk->depth > 0) {
        struct level *level = &walk->level[walk->depth - 1];

        if (!level->is_sequence && !level->has_key) {
            size_t length = (size_t)snprintf(walk->path + level->length, PATH_BYTES - level->length,
                                             "%s%s", level->length == 0 ? "" : ".", value);

            level->has_key = true;
            walk->key_line = line;
            return level->length + length < PATH_BYTES ? 0 : -EINVAL;
        }
    }
    result = enter(walk, &line);
    return result != 0 ? result : add(walk->index, walk->path, value, line);
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
    case YAML_ALIAS_EVENT:
        result = enter(walk, &line);
        return result != 0 ? result : add(walk->index, walk->path, NULL, line);
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
            snprintf(message, size, "%s",
                     result == -ENOMEM ? "out of memory" : "nested too deep, or too long");
        if (result != 0 || is_end)
            return result;
    }
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
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    result = walk_events(walk, &parser, line, message, size);
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
    free(index);
}

static const struct index_node *find(const struct scene_index *index, const char *path)
{
    if (index == NULL)
        return NULL;
    /* From the end: of a key that stands twice, the second is the wrong one. */
    for (size_t i = index->count; i > 0; i--) {
        if (strcmp(index->nodes[i - 1].path, path) == 0)
            return &index->nodes[i - 1];
    }
    return NULL;
}

int scene_index_line(const struct scene_index *index, const char *path)
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

void scene_index_show(const struct scene_index *index, const char *path, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (const char *at = path; *at != '\0' && used + 1 < size;) {
        size_t step = *at == '[' ? strcspn(at, "]") + 1 : 1;
        const struct index_node *node = NULL;
        int written;

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
