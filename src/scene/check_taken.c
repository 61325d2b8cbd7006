/* SPDX-License-Identifier: MIT */
/*
 * No two interfaces of a lab have one address, or one MAC. All of them are put in order by value,
 * so that equals stand beside each other, and those that an earlier place of the file has are told,
 * with the line of the first. A link-local address is of its wire alone, and not looked at.
 */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"

struct place {
    unsigned host, interface, which;
};

struct taken {
    struct address value; /* an address, or a MAC in the low bytes */
    struct place place, first;
};

static int compare_numbers(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    const struct taken *a = left, *b = right;
    int order = compare_numbers(a->place.host, b->place.host);

    if (order == 0)
        order = compare_numbers(a->place.interface, b->place.interface);
    return order != 0 ? order : compare_numbers(a->place.which, b->place.which);
}

static int compare_values(const void *left, const void *right)
{
    const struct taken *a = left, *b = right;

    if (a->value.high != b->value.high)
        return a->value.high < b->value.high ? -1 : 1;
    if (a->value.low != b->value.low)
        return a->value.low < b->value.low ? -1 : 1;
    return compare_places(left, right);
}

/* Leaves those whose value an earlier one has, in the order of the file. @return how many */
static size_t keep_taken(struct taken *all, size_t count)
{
    struct taken first = {0};
    size_t taken = 0;

    if (count == 0)
        return 0;
    qsort(all, count, sizeof *all, compare_values);
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || !address_equal(all[i].value, first.value);

        if (is_first)
            first = all[i];
        else
            all[taken++] = (struct taken){all[i].value, all[i].place, first.place};
    }
    qsort(all, taken, sizeof *all, compare_places);
    return taken;
}

/* "hosts[0].interfaces[1].address" */
static void write_path(const struct scene *lab, struct place place, bool is_mac, char path[80])
{
    char key[SCENE_ADDRESS_KEY_BYTES];

    snprintf(path, 80, "hosts[%u].interfaces[%u].%s", place.host, place.interface,
             is_mac ? "mac"
                    : scene_address_key(&lab->hosts[place.host].interfaces[place.interface],
                                        place.which, key));
}

static void tell(struct scene_check *check, const struct taken *taken, bool is_mac)
{
    const struct scene *lab = check->lab;
    const struct scene_host *other = &lab->hosts[taken->first.host];
    const char *mac = lab->hosts[taken->place.host].interfaces[taken->place.interface].mac;
    char path[80], text[ADDRESS_TEXT_BYTES];
    int line;

    if (check->count >= SCENE_CHECK_COMPLAINTS) {
        check->count++;
        return;
    }
    write_path(lab, taken->first, is_mac, path);
    line = scene_line(check->file, path);
    write_path(lab, taken->place, is_mac, path);
    if (!is_mac)
        address_format(taken->value, text);
    scene_check_fail(check, path, "\"%s\" is %s.%s's too, in line %d", is_mac ? mac : text,
                     other->name, other->interfaces[taken->first.interface].name, line);
}

static void tell_all(struct scene_check *check, struct taken *all, size_t count, bool is_mac)
{
    size_t taken = keep_taken(all, count);

    for (size_t i = 0; i < taken; i++)
        tell(check, &all[i], is_mac);
}

static size_t gather_macs(const struct scene *lab, struct taken *all)
{
    size_t count = 0;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *interface = &lab->hosts[i].interfaces[k];
            struct taken mac = {.place = {i, k, 0}};

            for (int b = 0; b < 6; b++)
                mac.value.low = mac.value.low << 8 | interface->mac_bytes[b];
            if (mac.value.low != 0)
                all[count++] = mac;
        }
    }
    return count;
}

static size_t gather_addresses(const struct scene *lab, struct taken *all)
{
    size_t count = 0;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *interface = &lab->hosts[i].interfaces[k];

            for (unsigned a = 0; a < interface->ip_count; a++) {
                if (!scene_is_link_local(interface->ip[a].ip))
                    all[count++] = (struct taken){.value = interface->ip[a].ip, .place = {i, k, a}};
            }
        }
    }
    return count;
}

void scene_check_taken(struct scene_check *check)
{
    const struct scene *lab = check->lab;
    size_t most = 1;
    struct taken *all;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            most += 1 + lab->hosts[i].interfaces[k].ip_count;
    }
    all = calloc(most, sizeof *all);
    if (all == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    tell_all(check, all, gather_addresses(lab, all), false);
    memset(all, 0, most * sizeof *all);
    tell_all(check, all, gather_macs(lab, all), true);
    free(all);
}
