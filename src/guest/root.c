/* SPDX-License-Identifier: MIT */
/*
 * Programs as root (`as: root` of a host). A host's programs are its root: the lab lets every one
 * open raw sockets and change its host. Some look at their user first and do not even ask (nmap
 * takes another scan, netstat says less); others refuse to run as root (postgres). So a host says
 * which of the two its programs shall see, and an ordinary user is what they see otherwise.
 *
 * What is said is about the calls by which a process asks who it is: its user and group are 0, it
 * has every capability, and who gives them away (setuid, setgroups, capset) hears that it is done,
 * and stays who he is. The filter itself says the numbers, so they cost nothing; where one is
 * written to memory, the call comes to us. Nothing else changes: files, signals, /proc and the
 * credentials of AF_UNIX are those of the user who runs the lab, and no more is allowed to anybody
 * than it was. A user namespace would tell the same, but many machines forbid it, and there root's
 * own change of user (tcpdump, dhclient) fails, for no other user is in it.
 */
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>

#include "guest/state.h"

/* Of capabilities above 31, CAP_LAST_CAP being 40. */
enum { UPPER = (1 << (CAP_LAST_CAP - 31)) - 1 };

/* getresuid, getresgid: three numbers, each to its place. */
int64_t guest_root_getres(struct guest_call *call)
{
    uint32_t root = 0;

    for (int i = 0; i < 3; i++)
        if (guest_target_write(call, call->notif.data.args[i], &root, sizeof root) < 0)
            return -EFAULT;
    return 0;
}

/* Who asks of the version, or of one that the kernel does not know, is answered by it. */
int64_t guest_root_capget(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    size_t length;

    if (args[1] == 0 || guest_target_read(call, args[0], &header, sizeof header) < 0)
        return GUEST_CONTINUE;
    if (header.version == _LINUX_CAPABILITY_VERSION_1)
        length = sizeof data[0];
    else if (header.version == _LINUX_CAPABILITY_VERSION_2 ||
             header.version == _LINUX_CAPABILITY_VERSION_3)
        length = sizeof data;
    else
        return GUEST_CONTINUE;
    memset(data, 0, sizeof data);
    data[0].effective = data[0].permitted = UINT32_MAX;
    data[1].effective = data[1].permitted = UPPER;
    return guest_target_write(call, args[1], data, length) < 0 ? -EFAULT : 0;
}

/* A capability leaves the bounding set, which needs one. */
int64_t guest_root_drop(const struct guest_call *call)
{
    return guest_root_is(call->runner, call->program->host) ? 0 : GUEST_CONTINUE;
}

bool guest_root_is(const struct guest_runner *runner, int host)
{
    const struct guest_config *config = &runner->config;

    return config->is_root != NULL && config->is_root(config->context, host);
}
