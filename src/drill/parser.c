/* SPDX-License-Identifier: MIT */
/*
 * Text to events. The grammar, as it is written in scripts:
 *
 *     file     {--name[=value] | event}
 *     event    [time] (packet | call | `command` | %{ code }%)
 *     time     * | [+]seconds [~ [+]seconds] | [+]seconds...seconds    (the last: blocking calls)
 *     call     name(value, ...) = value [ERRNO] [(words)]
 *     value    number | "text" | NAME | ... | [value, ...] | {field, ...} | value|value
 *              | name(value)
 *     field    name = value | name(value) = value | value
 *
 * What follows the errno in parentheses is for people. A command without a time runs at the time of
 * the event before it.
 */
#include "drill/parser.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20, MOST_DEPTH = 16 };

static struct drill_node *node_new(struct drill_lexer *l, enum drill_node_kind kind)
{
    struct drill_node *node = drill_allocate(l->script, sizeof *node);

    if (!node) {
        drill_lexer_fail(l, "out of memory");
        return NULL;
    }
    node->kind = kind;
    node->line = l->line;
    return node;
}

static struct drill_node *parse_value(struct drill_lexer *l, int depth);

static void add_child(struct drill_lexer *l, struct drill_node *node, struct drill_node *child)
{
    if (node->count == NODE_CHILDREN) {
        drill_lexer_fail(l, "more than %d values in a list", NODE_CHILDREN);
        return;
    }
    if (!node->child)
        node->child = drill_allocate(l->script, NODE_CHILDREN * sizeof(struct drill_node *));
    if (node->child)
        node->child[node->count++] = child;
    else
        drill_lexer_fail(l, "out of memory");
}

static void parse_list(struct drill_lexer *l, struct drill_node *list, const char *end, int depth)
{
    while (!l->failed && !drill_lexer_accept(l, end)) {
        if (list->count)
            drill_lexer_expect(l, ",");
        add_child(l, list, parse_value(l, depth + 1));
    }
}

/* NAME, NAME = value, name(value), name(value) = value */
static struct drill_node *parse_named(struct drill_lexer *l, int depth)
{
    struct drill_node *node = node_new(l, NODE_NAME), *field;

    if (!node)
        return NULL;
    node->text = drill_lexer_word(l);
    if (drill_lexer_accept(l, "(")) {
        node->kind = NODE_CALL;
        parse_list(l, node, ")", depth);
    }
    drill_lexer_skip(l);
    if (depth < 2 || drill_lexer_peek(l) != '=')
        return node;
    drill_lexer_expect(l, "=");
    field = node_new(l, NODE_FIELD);
    if (!field)
        return NULL;
    field->text = node->text;
    add_child(l, field, parse_value(l, depth + 1));
    if (node->count)
        add_child(l, field, node->child[0]);
    return field;
}

static struct drill_node *parse_single(struct drill_lexer *l, int depth)
{
    char c = drill_lexer_peek(l);
    struct drill_node *node;

    if (c == '[' || c == '{') {
        node = node_new(l, c == '[' ? NODE_LIST : NODE_RECORD);
        drill_lexer_expect(l, c == '[' ? "[" : "{");
        if (node)
            parse_list(l, node, c == '[' ? "]" : "}", depth + 1);
        return node;
    }
    if (c == '"') {
        node = node_new(l, NODE_TEXT);
        if (node)
            node->text = drill_lexer_string(l, &node->length);
        return node;
    }
    if (drill_lexer_accept(l, "..."))
        return node_new(l, NODE_ELLIPSIS);
    if ((c >= '0' && c <= '9') || c == '-') {
        node = node_new(l, NODE_INTEGER);
        if (node)
            node->integer = drill_lexer_number(l);
        return node;
    }
    return parse_named(l, depth);
}

static struct drill_node *parse_value(struct drill_lexer *l, int depth)
{
    struct drill_node *node, *either;

    if (depth > MOST_DEPTH) {
        drill_lexer_fail(l, "values nested deeper than %d", MOST_DEPTH);
        return NULL;
    }
    node = parse_single(l, depth);
    if (l->failed || drill_lexer_peek(l) != '|')
        return node;
    either = node_new(l, NODE_OR);
    if (!either)
        return NULL;
    add_child(l, either, node);
    while (drill_lexer_accept(l, "|"))
        add_child(l, either, parse_single(l, depth));
    return either;
}

static void parse_call(struct drill_lexer *l, struct drill_event *event)
{
    event->kind = DRILL_CALL;
    event->text = drill_lexer_word(l);
    drill_lexer_expect(l, "(");
    event->arguments = node_new(l, NODE_LIST);
    if (event->arguments)
        parse_list(l, event->arguments, ")", 0);
    drill_lexer_expect(l, "=");
    event->result = parse_single(l, 0);
    /* an errno, on the line of the result */
    drill_lexer_skip(l);
    if (!l->failed && l->at < l->end && *l->at == 'E')
        event->result_errno = drill_lexer_word(l);
    if (drill_lexer_peek(l) == '(')
        drill_lexer_until(l, ")");
}

static bool is_time_next(struct drill_lexer *l)
{
    char c = drill_lexer_peek(l);

    return c == '+' || c == '*' || c == '.' || (c >= '0' && c <= '9');
}

static void parse_time(struct drill_lexer *l, struct drill_event *event)
{
    event->time_kind = TIME_RELATIVE;
    event->end = -1;
    if (!is_time_next(l))
        return;
    if (drill_lexer_accept(l, "*")) {
        event->time_kind = TIME_ANY;
        return;
    }
    event->time_kind = drill_lexer_accept(l, "+") ? TIME_RELATIVE : TIME_ABSOLUTE;
    event->time = drill_lexer_seconds(l);
    if (drill_lexer_accept(l, "...")) {
        event->blocking = true;
        event->end = drill_lexer_seconds(l);
    } else if (drill_lexer_accept(l, "~")) {
        drill_lexer_accept(l, "+");
        event->end = drill_lexer_seconds(l);
    }
    if (event->end >= 0 && event->end < event->time)
        drill_lexer_fail(l, "a range of time that ends before it begins");
    l->script->time += event->end > event->time ? event->end : event->time;
    if (l->script->time >= DRILL_MOST_SECONDS * INT64_C(1000000000))
        drill_lexer_fail(l, "times of %d seconds or more together", DRILL_MOST_SECONDS);
}

static void parse_event(struct drill_lexer *l, const struct drill_options *options)
{
    struct drill_script *script = l->script;
    struct drill_event *event = drill_allocate(script, sizeof *event);

    if (!event) {
        drill_lexer_fail(l, "out of memory");
        return;
    }
    parse_time(l, event);
    drill_lexer_skip(l);
    event->line = l->line;
    if (drill_lexer_accept(l, "`")) {
        event->kind = DRILL_COMMAND;
        event->text = drill_lexer_until(l, "`");
    } else if (drill_lexer_accept(l, "%{")) {
        event->kind = DRILL_CODE;
        event->text = drill_lexer_until(l, "}%");
    } else if (drill_lexer_accept(l, "<") || drill_lexer_accept(l, ">")) {
        event->kind = DRILL_PACKET;
        event->packet = drill_parse_packet(l, options, l->at[-1] == '<');
    } else {
        parse_call(l, event);
    }
    if (script->last)
        script->last->next = event;
    else
        script->first = event;
    script->last = event;
}

static void parse_setting(struct drill_lexer *l)
{
    struct drill_setting *setting = drill_allocate(l->script, sizeof *setting);
    const char *blanks = " \t\r\n";

    if (!setting) {
        drill_lexer_fail(l, "out of memory");
        return;
    }
    setting->line = l->line;
    setting->name = drill_lexer_word(l);
    setting->value = "";
    if (l->at < l->end && *l->at == '=') {
        char allowed[128];
        size_t n = 0;

        for (int c = '!'; c < 127; c++)
            allowed[n++] = (char)c;
        allowed[n] = 0;
        drill_lexer_expect(l, "=");
        if (l->at < l->end && !strchr(blanks, *l->at))
            setting->value = drill_lexer_raw(l, allowed);
    }
    setting->next = l->script->settings;
    l->script->settings = setting;
}

int drill_parse_text(struct drill_script *script, const char *path, const char *text, size_t length,
                     const struct drill_options *options)
{
    struct drill_lexer l = {.script = script, .line = 1};
    char *copy;

    memset(script, 0, sizeof *script);
    script->path = path;
    copy = drill_allocate(script, length + 1);
    if (!copy) {
        snprintf(script->error, sizeof script->error, "out of memory");
        return -1;
    }
    memcpy(copy, text, length);
    l.at = copy;
    l.end = copy + length;
    while (drill_lexer_peek(&l)) {
        if (drill_lexer_accept(&l, "--"))
            parse_setting(&l);
        else
            parse_event(&l, options);
    }
    if (!l.failed && l.at < l.end)
        drill_lexer_fail(&l, "a NUL byte in the script");
    return l.failed ? -1 : 0;
}

int drill_parse(struct drill_script *script, const char *path, const struct drill_options *options)
{
    char *text = malloc(MOST_BYTES);
    FILE *file = text ? fopen(path, "rb") : NULL;
    size_t length;
    int result;

    if (!file) {
        memset(script, 0, sizeof *script);
        script->path = path;
        snprintf(script->error, sizeof script->error, "%s", text ? strerror(errno) : "no memory");
        free(text);
        return -1;
    }
    length = fread(text, 1, MOST_BYTES, file);
    if (ferror(file) || length == MOST_BYTES) {
        memset(script, 0, sizeof *script);
        script->path = path;
        snprintf(script->error, sizeof script->error, "%s",
                 ferror(file) ? "cannot be read" : "longer than 1 MiB");
        result = -1;
    } else {
        result = drill_parse_text(script, path, text, length, options);
    }
    fclose(file);
    free(text);
    return result;
}
