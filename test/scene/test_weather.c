/* SPDX-License-Identifier: MIT */
/* Faults with a time: they combine in the order of the file, and each end restores the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "scene/weather.h"
#include "sockeye/event.h"

#define SECOND INT64_C(1000000000)
#define HOSTS                                                                                      \
    "hosts:\n  - {name: a, interfaces: [{name: eth0, address: 10.0.0.1/24}]}\n"                    \
    "  - {name: b, interfaces: [{name: eth0, address: 10.0.0.2/24}], dns: {delay: 1s}}\n"

static struct scene_file file;
static struct sockeye *lab;
static struct scene_weather weather;
static char told[64];

static void on_host(void *context, unsigned host, enum scene_weather_host what)
{
    static const char letters[] = {[SCENE_HOST_CRASHES] = 'x',
                                   [SCENE_HOST_STARTS] = 's',
                                   [SCENE_HOST_STOPS] = 'p',
                                   [SCENE_HOST_GOES_ON] = 'g'};
    size_t length = strlen(told);

    (void)context;
    snprintf(told + length, sizeof told - length, "%c%u", letters[what], host);
}

/* A wire of 1 % loss and 10 ms, and these faults; @return what was wrong with the file. */
static int open_weather(const char *faults)
{
    const struct scene_weather_programs programs = {NULL, on_host};
    struct sockeye_config config;
    char text[2000];
    FILE *errors = fopen("/dev/null", "w");
    int result;

    told[0] = '\0';
    snprintf(text, sizeof text,
             "wires:\n  - {name: w, between: [a.eth0, b.eth0], loss: 1%%, delay: 10ms}\n"
             "faults:\n%s" HOSTS,
             faults);
    check(errors != NULL);
    memset(&weather, 0, sizeof weather);
    result = scene_load_text("test", text, strlen(text), errors, &file);
    if (result == 0) {
        config = scene_config(file.lab, 1);
        check_equal(sockeye_open(&config, &lab), 0);
        check_equal(scene_build(&file, lab, stderr), 0);
        check_equal(scene_weather_open(&weather, file.lab, lab, &programs), 0);
    }
    fclose(errors);
    if (result != 0)
        scene_close(&file);
    return result;
}

static void close_weather(void)
{
    scene_weather_close(&weather);
    sockeye_close(lab);
    scene_close(&file);
}

/* To a time; @return when the next fault is due. */
static int64_t go(int64_t time)
{
    sockeye_advance(lab, time);
    return scene_weather_on_time(&weather);
}

static const struct sockeye_wire_config *now(int direction)
{
    return &weather.wires[0].now[direction];
}

static void faults_combine_and_restore(void)
{
    check_equal(open_weather("  - {at: 1s, for: 4s, wire: w, loss: 10%, jitter: 5ms}\n"
                             "  - {at: 2s, for: 1s, wire: w, direction: back, loss: 50%}\n"
                             "  - {at: 0s, for: 3s, wire: all, loss: 20%, delay: 1s}\n"),
                0);
    check_equal(go(0), SECOND);
    check_equal(now(0)->loss_ppm, 200000);
    check_equal(now(0)->delay_ns, SECOND);
    check_equal(go(SECOND), 2 * SECOND);
    check_equal(now(0)->loss_ppm, 200000); /* the later in the file says it last */
    check_equal(now(0)->jitter_ns, 5000000);
    check_equal(go(3 * SECOND), 5 * SECOND);
    check_equal(now(0)->loss_ppm, 100000);
    check_equal(now(0)->delay_ns, 10000000);
    check_equal(now(1)->loss_ppm, 100000); /* 50 % has come and gone */
    check_equal(go(5 * SECOND), SOCKEYE_NEVER);
    check(memcmp(now(0), &file.lab->wires[0].config[0], sizeof *now(0)) == 0);
    check(memcmp(now(1), &file.lab->wires[0].config[1], sizeof *now(1)) == 0);
    close_weather();
}

static void what_is_set_outlives_faults(void)
{
    char road[] = "w", loss[] = "loss=3%", back[] = "back", down[] = "down";
    char *words[] = {road, loss, back, down}, answer[SCENE_WEATHER_ANSWER_BYTES];

    check_equal(open_weather("  - {at: 1s, for: 2s, wire: w, loss: 100%, down: true}\n"), 0);
    check_equal(go(SECOND), 3 * SECOND);
    check(weather.wires[0].was_down[0] && weather.wires[0].was_down[1]);
    check_equal(scene_weather_set(&weather, words, 4, answer), 0);
    check_equal(now(0)->loss_ppm, 1000000); /* the fault still says it */
    go(3 * SECOND);
    check_equal(now(0)->loss_ppm, 30000);
    check(!weather.wires[0].was_down[0] && weather.wires[0].was_down[1]);
    close_weather();
}

static void hosts_crash_and_pause(void)
{
    char a[] = "a", crash[] = "crash", *words[] = {a, crash}, answer[SCENE_WEATHER_ANSWER_BYTES];

    check_equal(open_weather("  - {at: 1s, for: 1s, crash: a}\n  - {at: 4s, crash: b}\n"
                             "  - {at: 5s, restart: b}\n  - {at: 6s, for: 1s, pause: b}\n"),
                0);
    for (int64_t second = 0; second < 8; second++)
        go(second * SECOND);
    check(strcmp(told, "x0s0x1s1p1g1") == 0);
    check_equal(scene_weather_set(&weather, words, 2, answer), 0);
    check_equal(scene_weather_set(&weather, words, 2, answer), -EINVAL);
    check(strcmp(answer, "it has crashed already") == 0);
    close_weather();
}

/* What befell the hosts by these faults until the tenth second. */
static const char *told_of(const char *faults)
{
    check_equal(open_weather(faults), 0);
    for (int64_t second = 0; second < 10; second++)
        go(second * SECOND);
    close_weather();
    return told;
}

static void crashes_and_pauses_overlap(void)
{
    check(strcmp(told_of("  - {at: 1s, for: 3s, pause: a}\n  - {at: 2s, for: 5s, crash: a}\n"),
                 "p0x0s0") == 0);
    check(strcmp(told_of("  - {at: 1s, for: 3s, crash: a}\n  - {at: 2s, for: 5s, pause: a}\n"),
                 "x0s0p0g0") == 0);
    check(strcmp(told_of("  - {at: 1s, for: 2s, pause: a}\n  - {at: 2s, for: 3s, pause: a}\n"),
                 "p0g0") == 0);
    check(strcmp(told_of("  - {at: 1s, crash: a}\n  - {at: 2s, restart: a}\n"
                         "  - {at: 3s, for: 1s, crash: a}\n"),
                 "x0s0x0s0") == 0);
    check(strcmp(told_of("  - {at: 1s, for: 1s, pause: a}\n  - {at: 1s, restart: a}\n"), "p0g0") ==
          0);
}

static void who_comes_late_keeps_the_order(void)
{
    check_equal(open_weather("  - {at: 2s, restart: a}\n  - {at: 1s, crash: a}\n"), 0);
    check_equal(go(3 * SECOND), SOCKEYE_NEVER);
    check(strcmp(told, "x0s0") == 0);
    close_weather();
}

static void partitions_come_and_go(void)
{
    char name[] = "partition", from[] = "from=a", to[] = "to=b,a", ports[] = "ports=80,443";
    char reset[] = "action=reset", heal[] = "heal", *heals[] = {heal};
    char *words[] = {name, from, to, ports, reset}, answer[SCENE_WEATHER_ANSWER_BYTES];
    char nobody[] = "from=c", *wrong[] = {name, nobody, to};

    check_equal(open_weather("  - {at: 1s, for: 1s, partition: {from: [a], both_ways: true}}\n"),
                0);
    check_equal(go(SECOND), 2 * SECOND);
    check_equal(weather.faults[0].partition[1], 1);
    check_equal(scene_weather_set(&weather, words, 5, answer), 0);
    check_equal(weather.by_hand[0], 2);
    check_equal(scene_weather_set(&weather, wrong, 3, answer), -EINVAL);
    check(strcmp(answer, "there is no host \"c\" in this lab") == 0);
    go(2 * SECOND);
    check_equal(sockeye_heal(lab, 0), -EINVAL);
    check_equal(scene_weather_set(&weather, heals, 1, answer), 0);
    check_equal(sockeye_heal(lab, 2), -EINVAL);
    close_weather();
}

static void a_partition_has_room_for_both_ways_or_is_none(void)
{
    char name[] = "partition", answer[SCENE_WEATHER_ANSWER_BYTES];
    unsigned set = 0;

    check_equal(open_weather("  - {at: 1s, for: 1s, wire: w, loss: 2%}\n"), 0);
    for (; set < 40; set++) {
        char from[] = "from=a", to[] = "to=b", both[] = "both_ways";
        char *words[] = {name, from, to, both};

        if (scene_weather_set(&weather, words, set == 0 ? 3 : 4, answer) < 0)
            break;
    }
    check_equal(set, 16); /* one, and 15 of two: a place is left */
    check_equal(weather.by_hand_count, 31);
    check_equal(sockeye_heal(lab, 31), -EINVAL);
    close_weather();
}

static void the_mtu_of_a_wire_changes(void)
{
    char w[] = "w", mtu[] = "mtu=600", back[] = "back", *words[] = {w, back, mtu};
    char answer[SCENE_WEATHER_ANSWER_BYTES];

    check_equal(open_weather("  - {at: 1s, for: 2s, wire: w, mtu: 900}\n"
                             "  - {at: 2s, for: 3s, wire: w, direction: forth, mtu: 700}\n"),
                0);
    check_equal(weather.wires[0].mtu, 1500);
    check_equal(go(SECOND), 2 * SECOND);
    check_equal(weather.wires[0].mtu, 900);
    check_equal(go(2 * SECOND), 3 * SECOND);
    check_equal(weather.wires[0].mtu, 700); /* the lesser of both directions */
    check_equal(go(3 * SECOND), 5 * SECOND);
    check_equal(weather.wires[0].mtu, 700);
    check_equal(scene_weather_set(&weather, words, 3, answer), 0);
    check_equal(weather.wires[0].mtu, 600);
    check_equal(go(5 * SECOND), SOCKEYE_NEVER);
    check_equal(weather.wires[0].mtu, 600);
    check_equal(sockeye_address(lab, 0, 1, "fd00::1/64") < 0, 1); /* RFC 8200 5 */
    close_weather();
}

/* Of a server that the file makes slow. */
static void name_servers_fail_and_heal(void)
{
    char ns[] = "b", lies[] = "dns.lies=a:10.0.0.9", does[] = "dns=denying";
    char delay[] = "dns.delay=2", *words[] = {ns, lies, does, delay};
    char answer[SCENE_WEATHER_ANSWER_BYTES];
    const struct service_dns_plan *plan;

    check_equal(open_weather("  - {at: 1s, for: 3s, dns: {server: b, fault: silent}}\n"
                             "  - {at: 2s, for: 1s, dns: {server: b, delay: 9s, lies: [{address: "
                             "10.0.0.8}]}}\n"),
                0);
    plan = &weather.servers[0].now;
    check_equal(weather.servers_count, 1);
    check_equal(plan->fault, DNS_HONEST);
    check_equal(plan->delay, SECOND);
    check_equal(go(SECOND), 2 * SECOND);
    check_equal(plan->fault, DNS_SILENT);
    check_equal(go(2 * SECOND), 3 * SECOND);
    check_equal(plan->fault, DNS_SILENT);
    check_equal(plan->delay, 9 * SECOND);
    check_equal(plan->lies_count, 1);
    check(plan->lies[0].name == NULL);
    check_equal(scene_weather_set(&weather, words, 4, answer), -EINVAL);
    check(strstr(answer, "\"2\" is not a time") != NULL);
    check_equal(scene_weather_set(&weather, words, 3, answer), 0);
    check_equal(plan->fault, DNS_SILENT); /* the faults still say it */
    check_equal(go(3 * SECOND), 4 * SECOND);
    check_equal(plan->delay, SECOND);
    check_equal(plan->lies_count, 1);
    check(strcmp(plan->lies[0].name, "a") == 0);
    check_equal(go(4 * SECOND), SOCKEYE_NEVER);
    check_equal(plan->fault, DNS_DENIES);
    words[0][0] = 'a';
    check_equal(scene_weather_set(&weather, words, 3, answer), -EINVAL);
    close_weather();
}

static void what_is_wrong_is_refused(void)
{
    static const char *const wrong[] = {
        "  - {at: 1, wire: w, loss: 1%}\n",
        "  - {at: 1s, wire: road, loss: 1%}\n",
        "  - {at: 1s, wire: w, loss: 1}\n",
        "  - {at: 1s, wire: w, mtu: 67}\n",
        "  - {at: 1s, wire: w, crash: a}\n",
        "  - {at: 1s}\n",
        "  - {at: 1s, crash: c}\n",
        "  - {at: 1s, for: 1s, restart: a}\n",
        "  - {at: 1s, partition: {action: drop}}\n",
        "  - {at: 1s, partition: {from: [c]}}\n",
        "  - {at: 1s, partition: {from: [a], action: ignore}}\n",
        "  - {at: 1s, partition: {from: [a], ports: [0]}}\n",
        "  - {at: 1s, partition: {from: [a], ports: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}\n",
        "  - {at: 1s, wire: w, direction: up, loss: 1%}\n",
        "  - {at: 1s, dns: {server: a, fault: silent}}\n",
        "  - {at: 1s, dns: {server: c, fault: silent}}\n",
        "  - {at: 1s, dns: {server: b}}\n",
        "  - {at: 1s, dns: {server: b, fault: dead}}\n",
        "  - {at: 1s, dns: {server: b, delay: 3}}\n",
        "  - {at: 1s, dns: {server: b, lies: [{name: a, address: a}]}}\n",
        "  - {at: 1s, dns: {server: b, fault: silent}, loss: 1%}\n",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (open_weather(wrong[i]) == 0)
            test_fail(__FILE__, __LINE__, "%s", wrong[i]);
}

static const struct test tests[] = {
    {"faults combine in the order of the file, and each end restores the rest",
     faults_combine_and_restore},
    {"what is set outlives the faults that hold", what_is_set_outlives_faults},
    {"hosts crash, start again, stand still and go on", hosts_crash_and_pause},
    {"crashes and pauses of a host overlap, and each end leaves the others",
     crashes_and_pauses_overlap},
    {"who comes late does what was due in its order", who_comes_late_keeps_the_order},
    {"partitions come and go, by the file and by hand", partitions_come_and_go},
    {"a partition of both ways that has no room for one is none",
     a_partition_has_room_for_both_ways_or_is_none},
    {"the MTU of a wire changes, by the file and by hand", the_mtu_of_a_wire_changes},
    {"name servers fail and heal, by the file and by hand", name_servers_fail_and_heal},
    {"what is wrong is refused", what_is_wrong_is_refused},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
