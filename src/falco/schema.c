/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c - is a configuration what the plug-in's JSON schema wants?
 *
 *   in   two documents: the schema, written by a plug-in, and the configuration, by its user
 *   out  the first thing that is wrong, with its path and what is expected there
 *
 * Of JSON Schema what makers of schemas for plug-ins write: type, properties, required, items,
 * additionalProperties, enum, const, bounds of numbers, $ref within the document. What else a
 * schema says is not looked at. Recursion: RTI_FP_MAX_SCHEMA_DEPTH schemas inside one another.
 */
#include "falco/document.h"
#include "falco/schema.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct checker {
        const rti_json *schema, *config;
        const rti_fp_message *message;
        char path[256]; /* of the value; cut if it is longer */
        size_t used;
        unsigned depth;
} checker;

static const char *const type_names[] = {
        [RTI_JSON_NULL] = "null",     [RTI_JSON_TRUE] = "boolean",  [RTI_JSON_FALSE] = "boolean",
        [RTI_JSON_NUMBER] = "number", [RTI_JSON_STRING] = "string", [RTI_JSON_ARRAY] = "array",
        [RTI_JSON_OBJECT] = "object",
};

static int check(checker *c, rti_json_node schema, rti_json_node value);

/* ---- paths ---- */

/* The path grows by a piece while something below is looked at: what to give to leave(). */
static size_t
enter(checker *c, const char *mark, rt_str name)
{
        const size_t before = c->used, room = sizeof c->path - c->used;
        const int n = snprintf(c->path + c->used, room, "%s%.*s", mark,
                               (int) (name.len < room ? name.len : room), name.ptr);

        if (n > 0)
                c->used += (size_t) n < room ? (size_t) n : room - 1;
        return before;
}

static void
leave(checker *c, size_t before)
{
        c->used = before;
        c->path[before] = '\0';
}

/* ---- values ---- */

static double
number_of(const rti_json *doc, rti_json_node node)
{
        const rt_str raw = rti_json_raw(doc, node);
        char text[64];

        if (raw.len >= sizeof text)
                return 0;
        memcpy(text, raw.ptr, raw.len);
        text[raw.len] = '\0';
        return strtod(text, NULL);
}

/* 1.0 is an integer, too. */
static bool
is_integer(const rti_json *doc, rti_json_node node)
{
        const double number = number_of(doc, node);

        return number >= -0x1p63 && number < 0x1p64
               && (number < 0 ? (double) (int64_t) number : (double) (uint64_t) number) == number;
}

static bool
has_type(const checker *c, rti_json_node value, rti_json_node name)
{
        const enum rti_json_type type = rti_json_type(c->config, value);
        rt_str text;

        if (!rti_json_simple(c->schema, name, &text))
                return false;
        if (rti_str_is(text, "integer"))
                return type == RTI_JSON_NUMBER && is_integer(c->config, value);
        return rti_str_is(text, type_names[type]);
}

static int
check_type(checker *c, rti_json_node schema, rti_json_node value)
{
        const rti_json_node type = rti_json_get(c->schema, schema, RTI_STR("type"));
        rti_json_node one;
        rt_str text;

        if (type == RTI_JSON_NONE)
                return RT_OK;
        if (rti_json_type(c->schema, type) == RTI_JSON_ARRAY) {
                for (one = rti_json_first(c->schema, type); one != RTI_JSON_NONE;
                     one = rti_json_next(c->schema, one))
                        if (has_type(c, value, one))
                                return RT_OK;
        } else if (has_type(c, value, type)) {
                return RT_OK;
        }
        text = rti_json_raw(c->schema, type);
        return rti_fp_fail(c->message, RT_EINVAL, "%s must be of type %.*s", c->path,
                           (int) text.len, text.ptr);
}

/* Texts as written, numbers as numbers. */
static bool
is_same(const checker *c, rti_json_node wanted, rti_json_node value)
{
        if (rti_json_type(c->schema, wanted) == RTI_JSON_NUMBER
            && rti_json_type(c->config, value) == RTI_JSON_NUMBER)
                return number_of(c->schema, wanted) == number_of(c->config, value);
        return rti_str_eq(rti_json_raw(c->schema, wanted), rti_json_raw(c->config, value));
}

static int
check_choice(checker *c, rti_json_node schema, rti_json_node value)
{
        const rti_json_node all = rti_json_get(c->schema, schema, RTI_STR("enum")),
                            only = rti_json_get(c->schema, schema, RTI_STR("const"));
        rt_str text;

        if (only != RTI_JSON_NONE && !is_same(c, only, value)) {
                text = rti_json_raw(c->schema, only);
                return rti_fp_fail(c->message, RT_EINVAL, "%s must be %.*s", c->path,
                                   (int) text.len, text.ptr);
        }
        if (rti_json_type(c->schema, all) != RTI_JSON_ARRAY)
                return RT_OK;
        for (rti_json_node one = rti_json_first(c->schema, all); one != RTI_JSON_NONE;
             one = rti_json_next(c->schema, one))
                if (is_same(c, one, value))
                        return RT_OK;
        text = rti_json_raw(c->schema, all);
        return rti_fp_fail(c->message, RT_EINVAL, "%s must be one of %.*s", c->path, (int) text.len,
                           text.ptr);
}

static int
check_bounds(checker *c, rti_json_node schema, rti_json_node value)
{
        static const struct {
                const char *key, *what;
                int sign, equal;
        } bounds[] = { { "minimum", "at least", 1, 1 },
                       { "maximum", "at most", -1, 1 },
                       { "exclusiveMinimum", "more than", 1, 0 },
                       { "exclusiveMaximum", "less than", -1, 0 } };

        for (size_t i = 0; i < RTI_COUNT(bounds); i++) {
                const rti_json_node bound =
                        rti_json_get(c->schema, schema, rti_str_of(bounds[i].key));
                double over;

                if (bound == RTI_JSON_NONE || rti_json_type(c->schema, bound) != RTI_JSON_NUMBER
                    || rti_json_type(c->config, value) != RTI_JSON_NUMBER)
                        continue;
                over = bounds[i].sign * (number_of(c->config, value) - number_of(c->schema, bound));
                if (over > 0 || (over >= 0 && bounds[i].equal))
                        continue;
                return rti_fp_fail(c->message, RT_EINVAL, "%s must be %s %.*s", c->path,
                                   bounds[i].what, (int) rti_json_raw(c->schema, bound).len,
                                   rti_json_raw(c->schema, bound).ptr);
        }
        return RT_OK;
}

/* ---- containers ---- */

static int
check_required(checker *c, rti_json_node schema, rti_json_node value)
{
        const rti_json_node all = rti_json_get(c->schema, schema, RTI_STR("required"));
        rt_str name;

        if (rti_json_type(c->schema, all) != RTI_JSON_ARRAY)
                return RT_OK;
        for (rti_json_node one = rti_json_first(c->schema, all); one != RTI_JSON_NONE;
             one = rti_json_next(c->schema, one))
                if (rti_json_simple(c->schema, one, &name)
                    && rti_json_get(c->config, value, name) == RTI_JSON_NONE)
                        return rti_fp_fail(c->message, RT_EINVAL, "%s must have '%.*s'", c->path,
                                           (int) name.len, name.ptr);
        return RT_OK;
}

static int
check_object(checker *c, rti_json_node schema, rti_json_node value)
{
        const rti_json_node known = rti_json_get(c->schema, schema, RTI_STR("properties")),
                            rest = rti_json_get(c->schema, schema, RTI_STR("additionalProperties"));
        int r = check_required(c, schema, value);

        for (rti_json_node one = rti_json_first(c->config, value);
             r == RT_OK && one != RTI_JSON_NONE; one = rti_json_next(c->config, one)) {
                const rt_str name = rti_json_raw_name(c->config, one);
                rti_json_node its = rti_json_get(c->schema, known, name);
                const size_t before = enter(c, ".", name);

                if (its == RTI_JSON_NONE)
                        its = rest;
                if (its == rest && rest != RTI_JSON_NONE
                    && rti_json_type(c->schema, rest) == RTI_JSON_FALSE)
                        r = rti_fp_fail(c->message, RT_EINVAL, "%s is not known", c->path);
                else if (its != RTI_JSON_NONE)
                        r = check(c, its, one);
                leave(c, before);
        }
        return r;
}

static int
check_array(checker *c, rti_json_node schema, rti_json_node value)
{
        const rti_json_node items = rti_json_get(c->schema, schema, RTI_STR("items"));
        uint64_t index = 0;
        int r = RT_OK;

        if (items == RTI_JSON_NONE)
                return RT_OK;
        for (rti_json_node one = rti_json_first(c->config, value);
             r == RT_OK && one != RTI_JSON_NONE; one = rti_json_next(c->config, one), index++) {
                char number[32];
                size_t before;

                snprintf(number, sizeof number, "[%llu]", (unsigned long long) index);
                before = enter(c, number, RTI_STR(""));
                r = check(c, items, one);
                leave(c, before);
        }
        return r;
}

/* ---- schemas ---- */

/* "#/$defs/Config": what it means in the schema's own document; RTI_JSON_NONE: nothing. */
static rti_json_node
refer(const checker *c, rt_str path)
{
        rti_json_node at = rti_json_root(c->schema);

        if (!path.len || path.ptr[0] != '#')
                return RTI_JSON_NONE;
        path = rti_str_sub(path, 1, path.len);
        while (path.len && at != RTI_JSON_NONE) {
                const char *end = memchr(path.ptr + 1, '/', path.len - 1);
                const size_t len = end ? (size_t) (end - path.ptr) : path.len;

                at = path.ptr[0] == '/' ? rti_json_get(c->schema, at, rti_str_sub(path, 1, len))
                                        : RTI_JSON_NONE;
                path = rti_str_sub(path, len, path.len);
        }
        return at;
}

static int
check_all(checker *c, rti_json_node schema, rti_json_node value)
{
        const rti_json_node ref = rti_json_get(c->schema, schema, RTI_STR("$ref"));
        rti_json_node to = RTI_JSON_NONE;
        rt_str path;
        int r = RT_OK;

        if (ref != RTI_JSON_NONE && rti_json_simple(c->schema, ref, &path))
                to = refer(c, path);
        if (to != RTI_JSON_NONE)
                r = check(c, to, value);
        r = r < 0 ? r : check_type(c, schema, value);
        r = r < 0 ? r : check_choice(c, schema, value);
        r = r < 0 ? r : check_bounds(c, schema, value);
        if (r == RT_OK && rti_json_type(c->config, value) == RTI_JSON_OBJECT)
                r = check_object(c, schema, value);
        if (r == RT_OK && rti_json_type(c->config, value) == RTI_JSON_ARRAY)
                r = check_array(c, schema, value);
        return r;
}

static int
check(checker *c, rti_json_node schema, rti_json_node value)
{
        int r;

        if (rti_json_type(c->schema, schema) != RTI_JSON_OBJECT)
                return RT_OK;
        if (c->depth >= RTI_FP_MAX_SCHEMA_DEPTH)
                return rti_fp_fail(c->message, RT_ELIMIT,
                                   "get_init_schema: more than %d schemas inside one another",
                                   (int) RTI_FP_MAX_SCHEMA_DEPTH);
        c->depth++;
        r = check_all(c, schema, value);
        c->depth--;
        return r;
}

int
rti_fp_schema_check(const rti_json *schema, const rti_json *config, const rti_fp_message *message)
{
        checker c = { .schema = schema, .config = config, .message = message };

        enter(&c, "init_config", RTI_STR(""));
        return check(&c, rti_json_root(schema), rti_json_root(config));
}
