/* SPDX-License-Identifier: Apache-2.0 */
/* json_c.c - json-c as a contender, in a library of its own: its names clash with jansson's. */
#include "bench.h"
#include <json-c/json.h>

const char *
bench_json_c_version(void)
{
        return json_c_version();
}

/* The member, NULL if there is none. */
static json_object *
member(json_object *object, const char *name)
{
        json_object *value = NULL;

        if (json_object_is_type(object, json_type_object))
                json_object_object_get_ex(object, name, &value);
        return value;
}

uint64_t
bench_json_c(const bench_records *records, void *user)
{
        const bench_path *paths = user;
        json_tokener *reader = json_tokener_new();
        uint64_t sum = 0;

        for (size_t i = 0; i < records->n; i++) {
                const size_t len = records->starts[i + 1] - records->starts[i];
                json_object *root = json_tokener_parse_ex(
                        reader, records->text + records->starts[i], (int) len);

                for (unsigned p = 0; p < BENCH_SIX; p++) {
                        json_object *v = member(root, paths[p][0]);

                        if (paths[p][1])
                                v = member(v, paths[p][1]);
                        if (json_object_is_type(v, json_type_string))
                                sum += (uint64_t) json_object_get_string_len(v) + 1;
                }
                json_object_put(root);
                json_tokener_reset(reader);
        }
        json_tokener_free(reader);
        return sum;
}
