/* SPDX-License-Identifier: Apache-2.0 */
/*
 * natives.c - a library whose functions rule files call: who has which network.
 *
 *   build   cc -shared -fPIC -fvisibility=hidden natives.c -o liboffices.so \
 *              $(pkg-config --cflags libruntime-natives)
 *   use     rtctl run -r natives/rules.yaml --natives-path DIRECTORY -s aws_cloudtrail INPUT
 *
 * It needs libruntime's header and nothing else: no agent is written. It is called on each worker's
 * thread, so it has no state. docs/native-functions.md says what types there are.
 */
#include <libruntime-natives/natives.h>
#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

RT_API const char *office_of(const char *ip);
RT_API bool office_is_home(const char *ip, const char *user);
RT_API uint32_t text_letters(rt_str text);

/* Networks of the examples in RFC 5737, and who has them here. */
static const struct {
        uint8_t network[3];
        const char *office, *admin;
} table[] = {
        { { 192, 0, 2 }, "Bern", "alice" },
        { { 198, 51, 100 }, "Malmo", "bob" },
        { { 203, 0, 113 }, "Osaka", "root" },
};

static size_t
find(const char *ip)
{
        uint8_t bytes[4];
        size_t i = 0;

        if (inet_pton(AF_INET, ip, bytes) != 1)
                return sizeof table / sizeof *table;
        while (i < sizeof table / sizeof *table && memcmp(table[i].network, bytes, 3) != 0)
                i++;
        return i;
}

/* `string (string)`: the office that has the address; NULL, and so no field, if none has. */
const char *
office_of(const char *ip)
{
        const size_t i = find(ip);

        return i < sizeof table / sizeof *table ? table[i].office : NULL;
}

/* `bool (string, string?)`: is the user where he administrates? NULL: the event names nobody. */
bool
office_is_home(const char *ip, const char *user)
{
        const size_t i = find(ip);

        return i < sizeof table / sizeof *table && user && strcmp(table[i].admin, user) == 0;
}

/* `u32 (str)`: how many different bytes a text has. */
uint32_t
text_letters(rt_str text)
{
        bool seen[256] = { false };
        uint32_t n = 0;

        for (size_t i = 0; i < text.len; i++) {
                n += !seen[(uint8_t) text.ptr[i]];
                seen[(uint8_t) text.ptr[i]] = true;
        }
        return n;
}

/* Whoever declares them otherwise is refused. */
RT_NATIVES_DESCRIBE({ "office_of", "string (string)" },
                    { "office_is_home", "bool (string, string)" }, { "text_letters", "u32 (str)" })
