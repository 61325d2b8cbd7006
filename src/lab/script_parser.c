/* SPDX-License-Identifier: MIT */
/*
 * Text to events. The grammar, as it is written in scripts:
 *
 *     file     {--name[=value] | event}
 *     event    [time] (packet | call | `command` | %{ code }%)
 *     time     * | [+]seconds [~ [+]seconds] | [+]seconds...seconds    (the last: blocking calls)
 *     call     name(value, ...) = value [ERRNO] [(words)]
 *     value    number | "text" | NAME | ... | [value, ...] | {field, ...} | value|value |
 * name(value) field    name = value | name(value) = value | value
 *
 * What follows the errno in parentheses is for people. A command without a time runs at the time of
 * the event before it.
 */
#include "script_parser.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 4 << 20, MOST_DEPTH = 16 };

struct script_block {
    struct script_block *next;
    max_align_t bytes[];
};

void *script_allocate(struct script *script, size_t size)
{
    struct script_block *block = calloc(1, sizeof *block + size);

    if (!block)
        return NULL;
    block->next = script->blocks;
    script->blocks = block;
    return block->bytes;
}

void script_free(struct script *script)
{
    struct script_block *block = script->blocks;

    while (block) {
        struct script_block *next = block->next;

        free(block);
        block = next;
    }
    memset(script, 0, sizeof *script);
}

static struct script_node *node_new(struct lexer *l, enum script_node_kind kind)
{
    struct script_node *node = script_allocate(l->script, sizeof *node);

    if (!node) {
        lexer_fail(l, "out of memory");
        return NULL;
    }
    node->kind = kind;
    node->line = l->line;
    return node;
}

static struct script_node *parse_value(struct lexer *l, int depth);

static void add_child(struct lexer *l, struct script_node *node, struct script_node *child)
{
    if (node->count == NODE_CHILDREN) {
        lexer_fail(l, "more than %d values in a list", NODE_CHILDREN);
        return;
    }
    node->child[node->count++] = child;
}

static void parse_list(struct lexer *l, struct script_node *list, const char *end, int depth)
{
    while (!l->failed && !lexer_accept(l, end)) {
        if (list->count)
            lexer_expect(l, ",");
        add_child(l, list, parse_value(l, depth + 1));
    }
}

/* NAME, NAME = value, name(value), name(value) = value */
static struct script_node *parse_named(struct lexer *l, int depth)
{
    struct script_node *node = node_new(l, NODE_NAME), *field;

    if (!node)
        return NULL;
    node->text = lexer_word(l);
    if (lexer_accept(l, "(")) {
        node->kind = NODE_CALL;
        parse_list(l, node, ")", depth);
    }
    lexer_skip(l);
    if (depth < 2 || lexer_peek(l) != '=')
        return node;
    lexer_expect(l, "=");
    field = node_new(l, NODE_FIELD);
    if (!field)
        return NULL;
    field->text = node->text;
    add_child(l, field, parse_value(l, depth + 1));
    if (node->count)
        add_child(l, field, node->child[0]);
    return field;
}

static struct script_node *parse_single(struct lexer *l, int depth)
{
    char c = lexer_peek(l);
    struct script_node *node;

    if (c == '[' || c == '{') {
        node = node_new(l, c == '[' ? NODE_LIST : NODE_RECORD);
        lexer_expect(l, c == '[' ? "[" : "{");
        if (node)
            parse_list(l, node, c == '[' ? "]" : "}", depth + 1);
        return node;
    }
    if (c == '"') {
        node = node_new(l, NODE_TEXT);
        if (node)
            node->text = lexer_string(l, &node->length);
        return node;
    }
    if (lexer_accept(l, "..."))
        return node_new(l, NODE_ELLIPSIS);
    if ((c >= '0' && c <= '9') || c == '-') {
        node = node_new(l, NODE_INTEGER);
        if (node)
            node->integer = lexer_number(l);
        return node;
    }
    return parse_named(l, depth);
}

static struct script_node *parse_value(struct lexer *l, int depth)
{
    struct script_node *node, *either;

    if (depth > MOST_DEPTH) {
        lexer_fail(l, "values nested deeper than %d", MOST_DEPTH);
        return NULL;
    }
    node = parse_single(l, depth);
    if (l->failed || lexer_peek(l) != '|')
        return node;
    either = node_new(l, NODE_OR);
    if (!either)
        return NULL;
    add_child(l, either, node);
    while (lexer_accept(l, "|"))
        add_child(l, either, parse_single(l, depth));
    return either;
}

static void parse_call(struct lexer *l, struct script_event *event)
{
    event->kind = SCRIPT_CALL;
    event->text = lexer_word(l);
    lexer_expect(l, "(");
    event->arguments = node_new(l, NODE_LIST);
    if (event->arguments)
        parse_list(l, event->arguments, ")", 0);
    lexer_expect(l, "=");
    event->result = parse_single(l, 0);
    /* an errno, on the line of the result */
    lexer_skip(l);
    if (!l->failed && l->at < l->end && *l->at == 'E')
        event->result_errno = lexer_word(l);
    if (lexer_peek(l) == '(')
        lexer_until(l, ")");
}

static bool is_time_next(struct lexer *l)
{
    char c = lexer_peek(l);

    return c == '+' || c == '*' || c == '.' || (c >= '0' && c <= '9');
}

static void parse_time(struct lexer *l, struct script_event *event)
{
    event->time_kind = TIME_RELATIVE;
    event->end = -1;
    if (!is_time_next(l))
        return;
    if (lexer_accept(l, "*")) {
        event->time_kind = TIME_ANY;
        return;
    }
    event->time_kind = lexer_accept(l, "+") ? TIME_RELATIVE : TIME_ABSOLUTE;
    event->time = lexer_seconds(l);
    if (lexer_accept(l, "...")) {
        event->blocking = true;
        event->end = lexer_seconds(l);
    } else if (lexer_accept(l, "~")) {
        lexer_accept(l, "+");
        event->end = lexer_seconds(l);
    }
    if (event->end >= 0 && event->end < event->time)
        lexer_fail(l, "a range of time that ends before it begins");
}

static void parse_event(struct lexer *l, const struct script_options *options)
{
    struct script *script = l->script;
    struct script_event *event = script_allocate(script, sizeof *event);

    if (!event) {
        lexer_fail(l, "out of memory");
        return;
    }
    parse_time(l, event);
    lexer_skip(l);
    event->line = l->line;
    if (lexer_accept(l, "`")) {
        event->kind = SCRIPT_COMMAND;
        event->text = lexer_until(l, "`");
    } else if (lexer_accept(l, "%{")) {
        event->kind = SCRIPT_CODE;
        event->text = lexer_until(l, "}%");
    } else if (lexer_accept(l, "<") || lexer_accept(l, ">")) {
        event->kind = SCRIPT_PACKET;
        event->packet = parse_packet(l, options, l->at[-1] == '<');
    } else {
        parse_call(l, event);
    }
    if (script->last)
        script->last->next = event;
    else
        script->first = event;
    script->last = event;
}

static void parse_setting(struct lexer *l)
{
    struct script_setting *setting = script_allocate(l->script, sizeof *setting);
    const char *blanks = " \t\r\n";

    if (!setting) {
        lexer_fail(l, "out of memory");
        return;
    }
    setting->line = l->line;
    setting->name = lexer_word(l);
    setting->value = "";
    if (l->at < l->end && *l->at == '=') {
        char allowed[128];
        size_t n = 0;

        for (int c = '!'; c < 127; c++)
            allowed[n++] = (char)c;
        allowed[n] = 0;
        lexer_expect(l, "=");
        if (l->at < l->end && !strchr(blanks, *l->at))
            setting->value = lexer_raw(l, allowed);
    }
    setting->next = l->script->settings;
    l->script->settings = setting;
}

int script_parse_text(struct script *script, const char *path, const char *text, size_t length,
                      const struct script_options *options)
{
    struct lexer l = {.script = script, .line = 1};
    char *copy;

    memset(script, 0, sizeof *script);
    script->path = path;
    copy = script_allocate(script, length + 1);
    if (!copy) {
        snprintf(script->error, sizeof script->error, "out of memory");
        return -1;
    }
    memcpy(copy, text, length);
    l.at = copy;
    l.end = copy + length;
    while (lexer_peek(&l)) {
        if (lexer_accept(&l, "--"))
            parse_setting(&l);
        else
            parse_event(&l, options);
    }
    if (!l.failed && l.at < l.end)
        lexer_fail(&l, "a NUL byte in the script");
    return l.failed ? -1 : 0;
}

int script_parse(struct script *script, const char *path, const struct script_options *options)
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
                 ferror(file) ? "cannot be read" : "longer than 4 MiB");
        result = -1;
    } else {
        result = script_parse_text(script, path, text, length, options);
    }
    fclose(file);
    free(text);
    return result;
}
