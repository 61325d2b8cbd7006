/* SPDX-License-Identifier: MIT */
/*
 * What a program of a lab is refused, and what names it sees. It is run by the runner on a host
 * called alpha (10.0.0.1) of a lab with a second one, beta (10.0.0.2).
 */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

static void families_are_refused(void)
{
    static const int families[] = {AF_APPLETALK, AF_BLUETOOTH, AF_VSOCK, 9999};

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        check(socket(families[i], SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
        check(socket(families[i], SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT);
    }
    check(socket(AF_INET, SOCK_RAW, 0) < 0 && errno == EPROTONOSUPPORT);
    check(socket(AF_INET, SOCK_SEQPACKET, 0) < 0);
    check(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) < 0 && errno == EPROTONOSUPPORT);
}

static void unix_sockets_are_the_kernels(void)
{
    int pair[2];
    char byte = 0;

    check_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    check_equal(send(pair[0], "u", 1, MSG_MORE), 1);
    check_equal(recvfrom(pair[1], &byte, 1, MSG_TRUNC, NULL, NULL) >= 0, 1);
    check_equal(close(pair[0]), 0);
    check_equal(close(pair[1]), 0);
}

static void io_uring_is_absent(void)
{
    check(syscall(SYS_io_uring_setup, 8, NULL) < 0 && errno == ENOSYS);
    check(syscall(SYS_io_uring_enter, 0, 0, 0, 0, NULL, 0) < 0 && errno == ENOSYS);
}

/* x32 and int 0x80 have numbers of their own for socket(); a filter that looks at the number alone
 * would let them through. */
static void other_call_conventions_are_absent(void)
{
#ifdef __x86_64__
    static const unsigned numbers[] = {359 /* socket */, 102 /* socketcall */, 425 /* io_uring */};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        long result;

        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"(numbers[i]), "b"(AF_INET), "c"(SOCK_STREAM), "d"(0)
                         : "memory", "r8", "r9", "r10", "r11");
        check_equal((int)result, -ENOSYS);
    }
    check(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS);
#endif
    check(syscall(SYS_userfaultfd, 0) < 0 && errno == EPERM);
}

static void devices_of_machine(void)
{
    check(open("/dev/net/tun", O_RDWR) < 0 && errno == EACCES);
    check(open("/dev/vhost-net", O_RDWR) < 0 && errno == EACCES);
}

/* A filter of its own is no way around ours, which comes first where it is stricter. */
static void own_filter_changes_nothing(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    struct sockaddr_in name = {.sin_family = AF_INET}, got;
    socklen_t length = sizeof got;
    int fd;

    check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                  &program) < 0 &&
          errno == EBUSY);
    check_equal(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), 0);
    check(socket(AF_VSOCK, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    check_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    check_equal(getsockname(fd, (struct sockaddr *)&got, &length), 0);
    check_equal(got.sin_family, AF_INET);
    close(fd);
}

static void name_of_host(void)
{
    struct utsname name;
    char text[65], line[80] = {0};
    FILE *file = fopen("/proc/sys/kernel/hostname", "r");

    check_equal(uname(&name), 0);
    check(strcmp(name.nodename, "alpha") == 0);
    check_equal(gethostname(text, sizeof text), 0);
    check(strcmp(text, "alpha") == 0);
    check(file != NULL && fgets(line, sizeof line, file) != NULL && strcmp(line, "alpha\n") == 0);
    fclose(file);
    check(sethostname("omega", 5) < 0 && errno == EPERM);
}

static void names_resolve(void)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *list = NULL;
    struct sockaddr_in found;

    check_equal(getaddrinfo("beta", "80", &hints, &list), 0);
    memcpy(&found, list->ai_addr, sizeof found);
    freeaddrinfo(list);
    check_equal(found.sin_addr.s_addr, inet_addr("10.0.0.2"));
    check(getaddrinfo("no-such-host.example", "80", &hints, &list) != 0);
}

static void contains(const char *path, const char *text, bool wanted)
{
    char bytes[8192] = {0};
    int fd = open(path, O_RDONLY);

    check(fd >= 0);
    check(read(fd, bytes, sizeof bytes - 1) >= 0);
    close(fd);
    if ((strstr(bytes, text) != NULL) != wanted)
        test_fail(__FILE__, __LINE__, "%s: '%s' is %s", path, text, wanted ? "missing" : "there");
}

static void files_of_resolver(void)
{
    int etc = open("/etc", O_RDONLY | O_DIRECTORY), fd;
    char bytes[256] = {0};

    contains("/etc/hosts", "10.0.0.2 beta\n", true);
    contains("/etc/../etc/hosts", "10.0.0.2 beta\n", true);
    contains("/proc/self/root/etc/hosts", "10.0.0.2 beta\n", true);
    contains("/etc/nsswitch.conf", "hosts: files\n", true);
    contains("/etc/resolv.conf", "127.0.0.1", true);
    check(etc >= 0);
    fd = openat(etc, "hosts", O_RDONLY | O_CLOEXEC);
    check(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    check(read(fd, bytes, sizeof bytes - 1) > 0 && strstr(bytes, "beta") != NULL);
    check(write(fd, "x", 1) < 0);
    check(open("/etc/hosts", O_WRONLY) < 0 && errno == EACCES);
    check(open("/etc/resolv.conf", O_RDWR) < 0 && errno == EACCES);
    check(open("/proc/sys/net/ipv4/ip_forward", O_RDWR) < 0 && errno == EACCES);
    check_equal(chdir("/etc"), 0);
    contains("hosts", "10.0.0.2 beta\n", true);
    close(etc);
    close(fd);
}

static void resolvers_of_machine(void)
{
    static const char *const paths[] = {"/run/nscd/socket", "/var/run/nscd/socket",
                                        "/run/systemd/resolve/io.systemd.Resolve",
                                        "/run/dbus/system_bus_socket"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct sockaddr_un name = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        strcpy(name.sun_path, paths[i]);
        check(connect(fd, (struct sockaddr *)&name, sizeof name) < 0 && errno == ENOENT);
        close(fd);
    }
}

/* What /proc has is the host's: its sockets and settings, none of the machine's, and no file that
 * the lab does not make. */
static void proc_is_of_host(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(54321)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    check_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    check_equal(listen(fd, 1), 0);
    contains("/proc/net/tcp", ":D431 ", true);
    contains("/proc/self/net/tcp", ":D431 ", true);
    close(fd);
    contains("/proc/net/tcp", ":D431 ", false);
    contains("/proc/net/if_inet6", "ifb0", false);
    check(open("/proc/net/fib_trie", O_RDONLY) < 0 && errno == ENOENT);
    check(open("/proc/sys/net/core/dev_weight", O_RDONLY) < 0 && errno == ENOENT);
    check(open("/proc/sys/kernel/../net/core/dev_weight", O_RDONLY) < 0 && errno == ENOENT);
    contains("/sys/class/net/eth0/mtu", "1500\n", true);
    check(open("/sys/class/net/eth9/mtu", O_RDONLY) < 0 && errno == ENOENT);
}

static void settings_are_of_host(void)
{
    int fd = open("/proc/sys/net/ipv4/ip_default_ttl", O_WRONLY | O_CREAT | O_TRUNC, 0644);

    check(fd >= 0);
    check_equal(write(fd, "33\n", 3), 3);
    contains("/proc/sys/net/ipv4/ip_default_ttl", "33\n", true);
    check_equal(write(fd, "9999\n", 5), 5); /* it is none: the report says so */
    contains("/proc/sys/net/ipv4/ip_default_ttl", "33\n", true);
    check_equal(write(fd, "64\n", 3), 3);
    close(fd);
    check_equal(chdir("/proc/sys/net/ipv4"), 0);
    contains("ip_default_ttl", "64\n", true);
    check(open("conf/eth0/rp_filter", O_WRONLY) < 0 && errno == EACCES); /* all have one */
    contains("conf/eth0/rp_filter", "0\n", true);
    check_equal(chdir("/"), 0);
}

static void interfaces_of_machine(void)
{
    struct ifreq request = {.ifr_name = "lo"}, rows[8] = {{.ifr_name = ""}};
    struct ifconf list = {.ifc_len = sizeof rows, .ifc_req = rows};
    int fd = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_UNIX, SOCK_DGRAM, 0);

    check(ioctl(fd, SIOCSIFNAME, &request) < 0);
    check(ioctl(other, SIOCSIFNAME, &request) < 0);
    check_equal(ioctl(other, SIOCGIFCONF, &list), 0); /* the lab's */
    check_equal(list.ifc_len, 2 * sizeof *rows);
    check(strcmp(rows[1].ifr_name, "eth0") == 0);
    close(fd);
    close(other);
}

static void undumpable_stays_in_hand(void)
{
    int fd;
    struct sockaddr_in name = {.sin_family = AF_INET};

    check_equal(prctl(PR_SET_DUMPABLE, 0), 0);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    check(fd >= 0);
    check_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    close(fd);
}

static void bad_arguments(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
    void *nowhere = (void *)8;
    socklen_t length = 16;

    check(connect(fd, nowhere, 16) < 0 && errno == EFAULT);
    check(bind(fd, nowhere, 16) < 0 && errno == EFAULT);
    check(bind(fd, nowhere, (socklen_t)-1) < 0 && errno == EINVAL);
    check(getsockname(fd, nowhere, &length) < 0 && errno == EFAULT);
    check(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, nowhere, 4) < 0 && errno == EFAULT);
    check(getsockopt(fd, SOL_SOCKET, SO_TYPE, nowhere, &length) < 0 && errno == EFAULT);
    check(sendmsg(u, nowhere, 0) < 0 && errno == EFAULT);
    check(recvmsg(u, nowhere, MSG_DONTWAIT) < 0 && errno == EFAULT);
    check(shutdown(fd, 7) < 0 && errno == EINVAL);
    check(accept4(fd, NULL, NULL, 0x12345) < 0 && errno == EINVAL);
    close(fd);
    close(u);
}

static const struct test tests[] = {
    {"every other family, and a raw socket of no protocol, are refused", families_are_refused},
    {"AF_UNIX sockets are the kernel's own", unix_sockets_are_the_kernels},
    {"io_uring answers ENOSYS", io_uring_is_absent},
    {"int 0x80 and x32 answer ENOSYS, userfaultfd EPERM", other_call_conventions_are_absent},
    {"devices that are interfaces of the machine are refused", devices_of_machine},
    {"a filter of its own changes nothing, and a listener of its own is refused",
     own_filter_changes_nothing},
    {"the host has its name", name_of_host},
    {"names of the lab resolve, others fail", names_resolve},
    {"the resolver's files are the lab's, by any path", files_of_resolver},
    {"the machine's resolvers are not there", resolvers_of_machine},
    {"/proc/net and /sys/class/net are the host's", proc_is_of_host},
    {"/proc/sys/net is the host's, to read and to write", settings_are_of_host},
    {"the machine's interfaces cannot be changed or listed, the lab's are told and keep their "
     "names",
     interfaces_of_machine},
    {"a program that would not be dumpable stays in hand", undumpable_stays_in_hand},
    {"bad arguments give EFAULT and EINVAL", bad_arguments},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
