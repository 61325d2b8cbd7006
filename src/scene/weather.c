/* SPDX-License-Identifier: MIT */
/* Putting together what is said of each wire, and telling the lab. Theory in weather.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "scene/stages.h"
#include "scene/weather.h"

int scene_weather_open(struct scene_weather *weather, const struct scene *scene,
                       struct sockeye *lab)
{
    weather->scene = scene;
    weather->lab = lab;
    weather->wires = calloc(scene->wires_count + 1, sizeof *weather->wires);
    if (weather->wires == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < scene->wires_count; i++) {
        const struct sockeye_wire_config *config = scene->wires[i].config;

        memcpy(weather->wires[i].base, config, sizeof weather->wires[i].base);
        memcpy(weather->wires[i].now, config, sizeof weather->wires[i].now);
    }
    return 0;
}

void scene_weather_close(struct scene_weather *weather)
{
    free(weather->wires);
    weather->wires = NULL;
}

/* Tells the lab what a direction of a wire is to be, if that is not what it is. */
static int apply(struct scene_weather *weather, unsigned wire, int direction)
{
    struct scene_weather_wire *w = &weather->wires[wire];
    struct sockeye_wire_config config;
    int number = weather->scene->wires[wire].number, result = 0;
    bool is_down = w->is_down[direction];

    memcpy(&config, &w->base[direction], sizeof config);
    if (memcmp(&config, &w->now[direction], sizeof config) != 0)
        result = sockeye_wire_change(weather->lab, number, direction, &config);
    if (result < 0)
        return result;
    memcpy(&w->now[direction], &config, sizeof config);
    if (is_down != w->was_down[direction])
        result =
            sockeye_wire_link(weather->lab, number, direction, !is_down, sockeye_now(weather->lab));
    if (result >= 0)
        w->was_down[direction] = is_down;
    return result;
}

__attribute__((format(printf, 2, 3))) static int refuse(char answer[SCENE_WEATHER_ANSWER_BYTES],
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(answer, SCENE_WEATHER_ANSWER_BYTES, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* What is asked of a wire, put together before any of it is done. */
struct wish {
    struct sockeye_wire_config config[2];
    bool is_down[2];
    bool hits[2]; /* the directions that the next words mean */
};

static int read_value(struct wish *wish, const char *word, const char *equals,
                      char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    char name[32];
    const char *expected = NULL;

    snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    for (int d = 0; d < 2; d++) {
        if (!wish->hits[d] || scene_stage_set(name, equals + 1, &wish->config[d], &expected))
            continue;
        if (expected == NULL)
            return refuse(answer, "a wire has no \"%s\"", name);
        return refuse(answer, "%s: \"%.60s\" is not %s", name, equals + 1, expected);
    }
    return 0;
}

static int read_word(struct wish *wish, const char *word, char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    const char *equals = strchr(word, '=');
    bool is_down = strcmp(word, "down") == 0;

    if (equals != NULL)
        return read_value(wish, word, equals, answer);
    if (strcmp(word, "forth") == 0 || strcmp(word, "back") == 0 || strcmp(word, "both") == 0) {
        wish->hits[0] = strcmp(word, "back") != 0;
        wish->hits[1] = strcmp(word, "forth") != 0;
        return 0;
    }
    if (!is_down && strcmp(word, "up") != 0)
        return refuse(answer, "\"%.60s\" is none of KEY=VALUE, up, down, forth, back, both", word);
    for (int d = 0; d < 2; d++) {
        if (wish->hits[d])
            wish->is_down[d] = is_down;
    }
    return 0;
}

static int set_wire(struct scene_weather *weather, unsigned wire, char **words, unsigned count,
                    char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    struct scene_weather_wire *w = &weather->wires[wire];
    struct wish wish = {.hits = {true, true}};
    int result = 0;

    for (int d = 0; d < 2; d++) {
        memcpy(&wish.config[d], &w->base[d], sizeof wish.config[d]);
        wish.is_down[d] = w->is_down[d];
    }
    for (unsigned i = 0; i < count && result == 0; i++)
        result = read_word(&wish, words[i], answer);
    for (int d = 0; d < 2 && result == 0; d++) {
        memcpy(&w->base[d], &wish.config[d], sizeof w->base[d]);
        w->is_down[d] = wish.is_down[d];
        result = apply(weather, wire, d);
        if (result < 0)
            return refuse(answer, "%s", sockeye_strerror(result));
    }
    return result;
}

int scene_weather_set(struct scene_weather *weather, char **words, unsigned count,
                      char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    int wire = count == 0 ? -1 : scene_lookup_find(&weather->scene->wire_names, words[0]);

    if (wire < 0)
        return refuse(answer, "there is no wire \"%.60s\" in this lab", count == 0 ? "" : words[0]);
    if (count == 1)
        return refuse(answer, "what is to become of it? Say KEY=VALUE, up or down");
    return set_wire(weather, (unsigned)wire, words + 1, count - 1, answer);
}
