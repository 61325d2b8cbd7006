/* SPDX-License-Identifier: MIT */
/* Names and servers of names of a lab, as the runner wants them. */
#pragma once
#include "7-application/service_dns.h"
#include "guest/guest.h"
#include "scene/scene.h"

struct scene_names_live;

struct scene_names {
    const struct scene *lab;
    struct guest_config config; /* all but the directory */
    struct guest_name *rows;
    struct guest_server *servers;
    struct service_dns_record *records; /* the rows, as the lab's name servers have them */
    struct scene_names_live *live;      /* whose address the row is, if that comes while it runs */
    char (*text)[ADDRESS_TEXT_BYTES], (*server_text)[ADDRESS_TEXT_BYTES];
};

/* @return 0, or -1: no memory; scene_names_close is right in both cases */
int scene_names_open(struct scene_names *names, const struct scene *lab);
/* Addresses that came meanwhile. */
void scene_names_refresh(struct scene_names *names, const struct sockeye *lab);
void scene_names_close(struct scene_names *names);
