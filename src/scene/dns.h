/* SPDX-License-Identifier: MIT */
/*
 * The name servers of a lab: `dns` of a host. Each knows all names of the lab, and is as slow, dead
 * or untrue as the file says; what it does may change while the lab runs (weather.h).
 */
#pragma once
#include "7-application/service_dns.h"
#include "scene/scene.h"

/* As many lies as a server tells at a time. */
enum { SCENE_LIES = 64, SCENE_LIES_SET = 8 /* by sockeye set */ };

/* A server while the lab runs. */
struct scene_dns_server {
    unsigned host;                /* in the file */
    const struct scene_dns *says; /* its own of the file */
    struct service_dns_plan now;  /* with all faults: what the service looks at */
    struct scene_dns_set {        /* what was said by hand */
        bool has_fault, has_delay, has_lies;
        enum service_dns_fault fault;
        int64_t delay;
        unsigned lies_count;
        struct {
            char name[SERVICE_DNS_NAME]; /* "": of all */
            struct address address;
        } lies[SCENE_LIES_SET];
    } set;
    struct service_dns_record lies_set[SCENE_LIES_SET];
};

/* What the file and then sockeye set said of it; faults come on top. */
void scene_dns_begin(struct scene_dns_server *server);
/* A word of sockeye set: "dns=silent", "dns.delay=2s", "dns.lies=www:10.0.0.9,db:10.0.0.8".
 * @return false: not that, *expected says what it is to be; NULL: a server has no such word */
bool scene_dns_set_word(struct scene_dns_set *set, const char *word, const char **expected);

/* What a server does, as far as `says` has a word for it. Its lies stay those of `says`. */
void scene_dns_apply(const struct scene_dns *says, struct service_dns_plan *plan);

/* "silent": by its name in a lab file. @return false: it has none of that name */
bool scene_dns_read_fault(const char *text, enum service_dns_fault *fault);
extern const char scene_dns_faults[]; /* those names, for people */
