/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses inside parameters: what is accepted, how it prints. */
#include "sources/syscall/state/net.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

static rt_str
tuple4(char *to, const char *sip, uint16_t sport, const char *dip, uint16_t dport)
{
        to[0] = RTI_AF_INET;
        inet_pton(AF_INET, sip, to + 1);
        memcpy(to + 5, &sport, 2);
        inet_pton(AF_INET, dip, to + 7);
        memcpy(to + 11, &dport, 2);
        return (rt_str){ to, 13 };
}

static rt_str
tuple6(char *to, const char *sip, uint16_t sport, const char *dip, uint16_t dport)
{
        to[0] = RTI_AF_INET6;
        inet_pton(AF_INET6, sip, to + 1);
        memcpy(to + 17, &sport, 2);
        inet_pton(AF_INET6, dip, to + 19);
        memcpy(to + 35, &dport, 2);
        return (rt_str){ to, 37 };
}

static rt_str
tuple_unix(char *to, uint64_t source, uint64_t dest, const char *path)
{
        to[0] = RTI_AF_UNIX;
        memcpy(to + 1, &source, 8);
        memcpy(to + 9, &dest, 8);
        memcpy(to + 17, path, strlen(path) + 1);
        return (rt_str){ to, 17 + strlen(path) + 1 };
}

static void
assert_tuple(rt_str param, const char *wanted)
{
        char to[RTI_TUPLE_ROOM];
        const rt_str text = { to, rti_print_tuple(to, param) };

        cr_assert(rti_str_is(text, wanted), "got %.*s, wanted %s", RTI_FMT(text), wanted);
}

Test(fd_net, tuples_print_as_the_reference_prints_them)
{
        char to[64];

        assert_tuple(tuple4(to, "127.0.0.1", 45410, "10.0.200.9", 80),
                     "127.0.0.1:45410->10.0.200.9:80");
        assert_tuple(tuple6(to, "2001:db8::4", 54405, "::1", 0), "2001:db8::4:54405->::1:0");
        assert_tuple(tuple6(to, "::", 0, "::1", 2345), ":::0->::1:2345");
        assert_tuple(tuple6(to, "::ffff:1.2.3.4", 5, "::ffff:6.7.8.9", 10),
                     "1.2.3.4:5->6.7.8.9:10");
        assert_tuple(tuple6(to, "::ffff:1.2.3.4", 5, "2001::", 10), "::ffff:1.2.3.4:5->2001:::10");
        assert_tuple(tuple_unix(to, 0xffff88003c1d1800, 0xabc, "/dev/log"),
                     "ffff88003c1d1800->abc /dev/log");
        assert_tuple(tuple_unix(to, 0, 0, ""), "0->0 ");
        assert_tuple((rt_str){ "\x10..", 3 }, "family 16");
        assert_tuple((rt_str){ "\xff", 1 }, "family 255");
        assert_tuple((rt_str){ "", 1 }, "family 0");
        assert_tuple((rt_str){ NULL, 0 }, "");
}

Test(fd_net, a_parameter_that_is_too_short_is_nothing)
{
        char to[64];
        rti_tuple tuple;
        rt_str param = tuple4(to, "1.2.3.4", 5, "6.7.8.9", 10);

        for (param.len = 0; param.len < 13; param.len++)
                cr_assert_not(rti_tuple_of(param, &tuple));
        param = tuple6(to, "1::2", 5, "3::4", 10);
        for (param.len = 1; param.len < 37; param.len++) {
                cr_assert_not(rti_tuple_of(param, &tuple));
                assert_tuple(param, "");
        }
        param = tuple_unix(to, 1, 2, "/a");
        for (param.len = 1; param.len < 18; param.len++)
                cr_assert_not(rti_tuple_of(param, &tuple));
        cr_assert(rti_tuple_of((rt_str){ to, 18 }, &tuple));
}

Test(fd_net, a_path_without_its_nul_ends_with_the_parameter_and_is_cut_to_the_room)
{
        char param[1000], to[RTI_TUPLE_ROOM];
        size_t n;

        memset(param, 'p', sizeof param);
        param[0] = RTI_AF_UNIX;
        memset(param + 1, 0xff, 16);
        n = rti_print_tuple(to, (rt_str){ param, sizeof param });
        cr_assert_eq(n, RTI_TUPLE_ROOM);
        cr_assert_eq(rti_print_sockaddr(to, (rt_str){ param, sizeof param }), RTI_TUPLE_ROOM);
        n = rti_print_tuple(to, (rt_str){ param, 20 });
        cr_assert(rti_str_is((rt_str){ to, n }, "ffffffffffffffff->ffffffffffffffff ppp"));
}

static void
assert_sockaddr(const char *bytes, size_t len, const char *wanted)
{
        char to[RTI_TUPLE_ROOM];
        const rt_str text = { to, rti_print_sockaddr(to, (rt_str){ bytes, len }) };

        cr_assert(rti_str_is(text, wanted), "got %.*s, wanted %s", RTI_FMT(text), wanted);
}

Test(fd_net, addresses_print_as_the_reference_prints_them)
{
        assert_sockaddr("\x02\x7f\0\0\x01\x50\0", 7, "127.0.0.1:80");
        assert_sockaddr("\x02\x7f\0\0\x01\x50", 6, "");
        assert_sockaddr("\x0a\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x04\x01\0", 19,
                        "2001:db8::4:1");
        assert_sockaddr("\x0a\0\0\0\0\0\0\0\0\0\0\xff\xff\x01\x02\x03\x04\x01\0", 19,
                        "::ffff:1.2.3.4:1");
        assert_sockaddr("\x01/var/run/nscd/socket", 22, "/var/run/nscd/socket");
        assert_sockaddr("\x01", 1, "");
        assert_sockaddr("\x10", 1, "family 16");
        assert_sockaddr("", 0, "");
}

Test(fd_net, addresses_print_as_inet_ntop_prints_them)
{
        uint8_t address[16];
        char wanted[INET6_ADDRSTRLEN], to[RTI_TUPLE_ROOM];
        size_t n;

        srand(5);
        for (int i = 0; i < 20000; i++) {
                for (size_t k = 0; k < sizeof address; k++)
                        address[k] = rand() % 3 ? 0 : (uint8_t) rand();
                n = rti_print_ip4(to, address);
                inet_ntop(AF_INET, address, wanted, sizeof wanted);
                cr_assert(rti_str_is((rt_str){ to, n }, wanted));
                n = rti_print_ip6(to, address);
                inet_ntop(AF_INET6, address, wanted, sizeof wanted);
                cr_assert(rti_str_is((rt_str){ to, n }, wanted));
        }
}

Test(fd_net, an_ipv6_end_is_ipv4_inside_only_if_it_is_mapped_or_missing)
{
        static const char *const inside[] = { "::ffff:1.2.3.4", "::ffff:0.0.0.0", "::" };
        static const char *const outside[] = { "::1", "::1.2.3.4", "1::ffff:1.2.3.4",
                                               "::fffe:0:0" };
        uint8_t address[16];

        for (size_t i = 0; i < RTI_COUNT(inside); i++) {
                inet_pton(AF_INET6, inside[i], address);
                cr_assert(rti_ip6_is_mapped(address), "%s", inside[i]);
        }
        for (size_t i = 0; i < RTI_COUNT(outside); i++) {
                inet_pton(AF_INET6, outside[i], address);
                cr_assert_not(rti_ip6_is_mapped(address), "%s", outside[i]);
        }
}
