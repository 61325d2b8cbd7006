/* SPDX-License-Identifier: MIT */
/*
 * Names of AF_UNIX: files and their modes, errors of paths, rename, link and unlink, abstract
 * names, who sends datagrams to whom.
 */
#pragma once
#include <linux/filter.h>
#include <sys/resource.h>

#include "fidelity_unix.h"

static void q_mode(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        q("lstat", -1);
    else
        row("lstat", "%o", st.st_mode);
}

static void of_bind(void)
{
    struct sockaddr_un name;
    socklen_t length;
    int fd = make(), other = make();

    enter("bind");
    length = name_of("n1", &name);
    q("too short", bind(fd, (sa *)&name, 1));
    q("too long", bind(fd, (sa *)&name, sizeof name + 1));
    name.sun_family = AF_INET;
    q("another family", bind(fd, (sa *)&name, length));
    q("no directory", bind_to(fd, "none/n"));
    q("not a directory", bind_to(fd, "kernel.rows/n"));
    q("a directory", bind_to(fd, "/"));
    q("a file", bind_to(fd, "/etc/passwd"));
    mkdir("closed", 0755);
    q("a name", bind_to(fd, "closed/n"));
    q_names(fd);
    q_mode("closed/n");
    q("again", bind_to(fd, "closed/other"));
    q_mode("closed/other");
    q("the same by another", bind_to(other, "closed/n"));
    close(fd);
    q("the same, closed", bind_to(other, "closed/n"));
    unlink("closed/n");
    umask(077);
    q("unlinked", bind_to(other, "./closed/../closed/n"));
    umask(022);
    q_names(other);
    q_mode("closed/n");
    close(other);
    unlink("closed/n");
    fd = make();
    q("fchmod", fchmod(fd, 0640));
    q("bind", bind_to(fd, "closed/n"));
    q_mode("closed/n");
    close(fd);
    unlink("closed/n");
    rmdir("closed");
    fd = make();
    length = name_of("without its end", &name);
    q("without NUL", bind(fd, (sa *)&name, length - 5));
    q_names(fd);
    unlink("without its");
    close(fd);
}

static void of_moved(void)
{
    int s, c;
    char path[32];

    enter("moved");
    s = make_bound(path);
    if (connects())
        listen(s, 5);
    q("connect", join(c = make(), path));
    close(c);
    q("rename", rename(path, "moved"));
    q("connect", join(c = make(), path));
    q("connect to the new name", join(c, "moved"));
    close(c);
    q("link", link("moved", "linked"));
    q("connect to the link", join(c = make(), "linked"));
    q_names(c);
    close(c);
    q("symlink", symlink("linked", "pointer"));
    q("connect by it", join(c = make(), "pointer"));
    close(c);
    q("bind to it", bind_to(c = make(), "pointer"));
    close(c);
    q("unlink", unlink("moved"));
    q("unlink", unlink("linked"));
    q("connect", join(c = make(), "linked"));
    q("connect to a loop", symlink("loop", "loop") < 0 ? -1 : join(c, "loop"));
    close(c);
    q_names(s);
    close(s);
    unlink("pointer");
    unlink("loop");
    q("connect to a file", join(c = make(), "/etc/passwd"));
    q("connect to a directory", join(c, "/"));
    q("connect too long", connect(c, (sa *)&(struct sockaddr_un){.sun_family = AF_UNIX},
                                  sizeof(struct sockaddr_un) + 1));
    q("connect too short", connect(c, (sa *)&(struct sockaddr_un){.sun_family = AF_UNIX}, 1));
    close(c);
}

/* An open directory of another process, and one that has moved. */
static void of_directory(void)
{
    char path[32] = "sub/n";
    int s = make(), c = make(), status;

    enter("directory");
    mkdir("sub", 0755);
    q("bind", bind_to(s, path));
    if (connects())
        listen(s, 5);
    fflush(stdout);
    if (fork() == 0) {
        if (chdir("sub") < 0)
            _exit(2);
        _exit(join(c, "n") < 0 ? errno : 0);
    }
    wait(&status);
    row("connect from there", "%s", error_name(WEXITSTATUS(status)));
    rename("sub", "sub2");
    q("connect", join(c, "sub2/./n") < 0 && errno != EISCONN ? -1 : 0);
    close(c);
    close(s);
    unlink("sub2/n");
    rmdir("sub2");
}

static void of_other_type(void)
{
    int s, c, kind = type;
    char path[32];

    enter("another type");
    s = make_bound(path);
    if (connects())
        listen(s, 5);
    for (int i = 0; i < 3; i++) {
        type = i == 0 ? SOCK_STREAM : i == 1 ? SOCK_DGRAM : SOCK_SEQPACKET;
        c = make();
        q(type_name(), join(c, path));
        close(c);
    }
    type = SOCK_DGRAM;
    c = make();
    q("sendto", send_to(c, path, "x"));
    close(c);
    type = kind;
    close(s);
    unlink(path);
}

static void of_abstract(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int s = make(), c = make(), other = make();

    enter("abstract");
    q("connect", join(c, "@fidelity"));
    q("bind", bind_to(s, "@fidelity"));
    q_names(s);
    q("again", bind_to(other, "@fidelity"));
    if (connects()) {
        q("connect before listen", join(c, "@fidelity"));
        listen(s, 5);
    }
    q("connect", join(c, "@fidelity"));
    q_names(c);
    q("connect to a longer name", join(other, "@fidelity2"));
    close(c);
    close(s);
    q("connect", join(other, "@fidelity"));
    q("bind", bind_to(other, "@fidelity"));
    close(other);
    s = make();
    q("autobind", bind(s, (sa *)&name, offsetof(struct sockaddr_un, sun_path)));
    q_names(s);
    q("autobind again", bind(s, (sa *)&name, offsetof(struct sockaddr_un, sun_path)));
    close(s);
    s = make();
    q("empty abstract name", bind(s, (sa *)&name, offsetof(struct sockaddr_un, sun_path) + 1));
    q_names(s);
    close(s);
    q("D-Bus", join(s = make(), "@/tmp/dbus-none"));
    close(s);
}

static void of_permission(void)
{
    char path[32];
    int s, status;

    enter("permission");
    s = make_bound(path);
    chmod(path, 0600);
    if (connects())
        listen(s, 5);
    fflush(stdout);
    if (fork() == 0) {
        int c = make();

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(99);
        _exit(geteuid() != 65534 || join(c, path) < 0 ? errno : 0);
    }
    wait(&status);
    row("connect by another user", "%s", error_name(WEXITSTATUS(status)));
    chmod(path, 0666);
    fflush(stdout);
    if (fork() == 0) {
        int c = make();

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(99);
        _exit(geteuid() != 65534 || join(c, path) < 0 ? errno : 0);
    }
    wait(&status);
    row("with permission", "%s", error_name(WEXITSTATUS(status)));
    fflush(stdout);
    if (fork() == 0) {
        struct stat st;

        mkdir("theirs", 0777);
        chmod("theirs", 0777);
        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(99);
        if (bind_to(make(), "theirs/n") < 0 || stat("theirs/n", &st) < 0)
            _exit(errno);
        _exit(st.st_uid == geteuid() && st.st_gid == getegid() ? 0 : 98);
    }
    wait(&status);
    row("a file of another user", "%s", error_name(WEXITSTATUS(status)));
    unlink("theirs/n");
    rmdir("theirs");
    close(s);
    unlink(path);
}

static void of_datagrams(void)
{
    char first[32], second[32];
    int a, b, c, count;

    enter("to and fro");
    a = make_bound(first);
    b = make_bound(second);
    c = make();
    q("sendto", send_to(a, second, "one"));
    arrived(b);
    q_poll(b);
    q_from(b);
    q("sendto by an unnamed one", send_to(c, second, "two!"));
    q("sendto", send_to(a, second, "three"));
    arrived(b);
    q_from(b);
    arrived(b);
    q_from(b);
    q("sendto none", send_to(a, "none", "x"));
    q("connect", join(a, second));
    q("sendto while connected", send_to(a, first, "self?"));
    q("send to it from elsewhere", send_to(b, first, "ok"));
    q("send by a third", send_to(c, first, "no"));
    arrived(a);
    q_from(a);
    q_send(a);
    arrived(b);
    q_from(b);
    q("connect to another", join(a, first));
    q_names(a);
    q("connect to none", connect(a, &(sa){.sa_family = AF_UNSPEC}, sizeof(sa)));
    q_names(a);
    q_send(a);
    for (count = 0; count < 100 && send_to(c, second, "many") > 0; count++)
        continue;
    q("error", -1);
    row("fit", "%d", count);
    q_poll(c);
    close(b);
    usleep(LONG_PAUSE_US);
    q("sendto a closed one", send_to(c, second, "x"));
    unlink(second);
    q("sendto none", send_to(c, second, "x"));
    close(a);
    close(c);
    unlink(first);
}

/* Of one call some go to the peer and some to a name. */
static void of_many_for_some(void)
{
    static char texts[4][8] = {"one", "two!", "three", "four"};
    char first[32], second[32];
    struct sockaddr_un name;
    struct iovec parts[4];
    struct mmsghdr messages[4] = {0};
    int a = make_bound(first), b = make_bound(second), c = make();
    socklen_t length = name_of(second, &name);

    enter("many, to a peer and to a name");
    for (int i = 0; i < 4; i++) {
        parts[i] = (struct iovec){texts[i], strlen(texts[i])};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    messages[1].msg_hdr.msg_name = messages[2].msg_hdr.msg_name = &name;
    messages[1].msg_hdr.msg_namelen = messages[2].msg_hdr.msg_namelen = length;
    q("not connected", sendmmsg(c, messages, 4, 0));
    q("connect", join(c, first));
    q("sendmmsg", sendmmsg(c, messages, 4, 0));
    row("lengths", "%u %u %u %u", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len,
        messages[3].msg_len);
    for (int i = 0; i < 2; i++) {
        arrived(a);
        q_from(a);
        arrived(b);
        q_from(b);
    }
    usleep(LONG_PAUSE_US);
    q_recv(a);
    q_recv(b);
    close(b);
    usleep(LONG_PAUSE_US);
    q("one is gone", sendmmsg(c, messages, 4, 0));
    arrived(a);
    q_from(a);
    close(a);
    close(c);
    unlink(first);
    unlink(second);
}

/* Of records, the filter of who receives decides; a stream has one, and does not ask it. */
static void of_filters(void)
{
    struct sock_filter code[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},
                                 {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 'x'},
                                 {BPF_RET | BPF_K, 0, 0, 0},
                                 {BPF_RET | BPF_K, 0, 0, 4}};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    struct sock_filter kept[8];
    socklen_t count = 8;
    int p[2], one = 1;

    enter("filters");
    make_pair(p);
    q("detach none", setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof one));
    q("attach", setsockopt(p[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
    q("SO_GET_FILTER", getsockopt(p[1], SOL_SOCKET, SO_GET_FILTER, kept, &count));
    row("instructions", "%u", count);
    q("sent", send(p[0], "xno", 3, 0));
    q("sent", send(p[0], "yes, long", 9, 0));
    arrived(p[1]);
    usleep(LONG_PAUSE_US);
    q_recv(p[1]);
    q_recv(p[1]);
    q("sent back", send(p[1], "xyz", 3, 0));
    arrived(p[0]);
    q_recv(p[0]);
    q("lock", setsockopt(p[1], SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof one));
    q("detach", setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof one));
    q("sent", send(p[0], "x", 1, 0));
    usleep(LONG_PAUSE_US);
    q_recv(p[1]);
    q("SO_ATTACH_BPF of no program", setsockopt(p[0], SOL_SOCKET, SO_ATTACH_BPF, &one, sizeof one));
    close(p[0]);
    usleep(LONG_PAUSE_US);
    q_poll(p[1]);
    q_recv(p[1]);
    close(p[1]);
}

/* Of a pair for which there is room for one there is none. */
static void of_the_last_descriptor(void)
{
    struct rlimit old, less;
    int free_number = dup(0), pair[2] = {-7, -7}, fd;

    close(free_number);
    enter("pair with room for one");
    getrlimit(RLIMIT_NOFILE, &old);
    less = old;
    less.rlim_cur = (rlim_t)free_number + 1;
    setrlimit(RLIMIT_NOFILE, &less);
    q("socketpair", socketpair(AF_UNIX, type, 0, pair));
    fd = dup(0);
    q("the room is there still", fd == free_number ? 0 : -1);
    close(fd);
    setrlimit(RLIMIT_NOFILE, &old);
    q("socketpair", socketpair(AF_UNIX, type, 0, pair));
    close(pair[0]);
    close(pair[1]);
}

static void run_names(void)
{
    of_the_last_descriptor();
    of_filters();
    of_bind();
    of_moved();
    of_directory();
    of_other_type();
    of_abstract();
    of_permission();
    if (!connects()) {
        of_datagrams();
        of_many_for_some();
    }
}
