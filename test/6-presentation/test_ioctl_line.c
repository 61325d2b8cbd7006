/* SPDX-License-Identifier: MIT */
/* Routes of X.25 and lines, by the ioctls of linux/x25.h. */
#include "6-presentation/abi.h"

#include <linux/sockios.h>
#include <linux/x25.h>

#include "check.h"
#include "fake_host.h"

static int fd;

static void begin(void)
{
    fake_host_begin();
    has_fake_route = false;
    fd = call_socket(&fake_host, AF_X25, SOCK_SEQPACKET, 0, 0);
    check_equal(fd, 3);
}

static int route(unsigned long request, const char *digits, unsigned count, const char *device)
{
    struct x25_route_struct r = {.sigdigits = count};
    size_t length = sizeof r;

    strcpy(r.address.x25_addr, digits);
    strcpy(r.device, device);
    return call_ioctl_circuit(&fake_host, fd, request, &r, &length, 0);
}

static void route_has_digits_and_a_device(void)
{
    begin();
    check_equal(route(SIOCADDRT, "12345", 3, "eth0"), 0);
    check_equal(fake_route.length, 3);
    check(memcmp(fake_route.digit, "123\0\0", 5) == 0);
    check_equal(route(SIOCADDRT, "12345", 3, "eth0"), -EINVAL);
    check_equal(route(SIOCDELRT, "12345", 3, "eth0"), 0);
    check_equal(route(SIOCDELRT, "12345", 3, "eth0"), -EINVAL);
    check_equal(route(SIOCADDRT, "", 0, "eth0"), 0); /* everybody's */
    check_equal(fake_route.length, 0);
}

static void wrong_routes_are_invalid(void)
{
    struct x25_route_struct r = {.sigdigits = 1};
    size_t length = sizeof r - 1;

    begin();
    check_equal(route(SIOCADDRT, "123456789012345", 16, "eth0"), -EINVAL);
    check_equal(route(SIOCADDRT, "12", 3, "eth0"), -EINVAL);
    check_equal(route(SIOCADDRT, "1x", 2, "eth0"), -EINVAL);
    check_equal(route(SIOCADDRT, "12", 2, "nowhere"), -EINVAL);
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCADDRT, &r, &length, 0), -EFAULT);
    length = 0;
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCADDRT, NULL, &length, 0), -EFAULT);
    memset(r.device, 'e', sizeof r.device); /* a name without an end */
    length = sizeof r;
    memset(&r.address, '1', sizeof r.address);
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCADDRT, &r, &length, 0), -EINVAL);
}

static void line_is_told_and_asked(void)
{
    struct x25_subscrip_struct s = {.device = "eth0"};
    size_t length = sizeof s;

    begin();
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCX25GSUBSCRIP, &s, &length, 0), 0);
    check_equal(length, sizeof s);
    check(s.global_facil_mask == 15 && s.extended == 0);
    s.extended = 1;
    s.global_facil_mask = X25_MASK_WINDOW_SIZE;
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCX25SSUBSCRIP, &s, &length, 0), 0);
    check_equal(length, 0);
    check(fake_line.extended && fake_line.negotiates == X25_MASK_WINDOW_SIZE);
    s.extended = 2;
    length = sizeof s;
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCX25SSUBSCRIP, &s, &length, 0), -EINVAL);
    strcpy(s.device, "lo");
    length = sizeof s;
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCX25GSUBSCRIP, &s, &length, 0), -EINVAL);
}

static void other_sockets_have_no_lines(void)
{
    struct x25_subscrip_struct s = {.device = "eth0"};
    size_t length = sizeof s;

    begin();
    fd = call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0);
    check_equal(call_ioctl_circuit(&fake_host, fd, SIOCX25GSUBSCRIP, &s, &length, 0), -ENOTTY);
    check_equal(call_ioctl_circuit(&fake_host, 99, SIOCX25GSUBSCRIP, &s, &length, 0), -EBADF);
}

static const struct test tests[] = {
    {"a route has digits and a device", route_has_digits_and_a_device},
    {"what is wrong with a route is EINVAL, too few bytes are EFAULT", wrong_routes_are_invalid},
    {"a line is told, and asked", line_is_told_and_asked},
    {"sockets of other families have no lines", other_sockets_have_no_lines},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
