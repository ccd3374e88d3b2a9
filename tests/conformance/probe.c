/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c - lets a script ask the compiler's and the engine's parts single questions.
 *
 *   in   one JSON object a line: {"op": NAME, ...}; what each operation takes and answers stands
 *        above its function (probe_*.c)
 *   out  one JSON object a line, in the same order: {"ok": bool, "error": text if not ok, ...},
 *        and the request's "id" if it had one
 *
 * Texts that JSON cannot carry are given as KEY_hex instead of KEY. A test-only program: it links
 * the library's internals.
 */
#include "probe.h"
#include "base/alloc.h"
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>

static const probe_op *const tables[] = {
        probe_parse_ops, probe_check_ops, probe_fields_ops,
        probe_load_ops,  probe_eval_ops,  probe_split_ops,
};

static int
hex_digit(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *at = c ? strchr(digits, c | 0x20) : NULL;

        return at ? (int) (at - digits) : -1;
}

static rt_str
unhex(probe *p, rt_str hex)
{
        char *bytes = rti_arena_get(&p->arena, hex.len / 2 + 1);

        if (!bytes)
                return (rt_str){ NULL, 0 };
        for (size_t i = 0; i + 1 < hex.len; i += 2)
                bytes[i / 2] = (char) (hex_digit(hex.ptr[i]) << 4 | hex_digit(hex.ptr[i + 1]));
        return (rt_str){ bytes, hex.len / 2 };
}

rt_str
probe_text(probe *p, const char *key)
{
        const rt_str hex_key = rti_arena_printf(&p->arena, "%s_hex", key);
        const json_t *text = json_object_get(p->request, key);

        if (json_is_string(text))
                return (rt_str){ json_string_value(text), json_string_length(text) };
        text = json_object_get(p->request, hex_key.ptr);
        if (json_is_string(text))
                return unhex(p, (rt_str){ json_string_value(text), json_string_length(text) });
        return (rt_str){ NULL, 0 };
}

void
probe_set(probe *p, const char *key, json_t *value)
{
        if (json_object_set_new(p->answer, key, value) < 0)
                abort();
}

void
probe_set_text(probe *p, const char *key, rt_str text)
{
        json_t *value = json_stringn(text.ptr, text.len);

        if (value)
                probe_set(p, key, value);
        else /* not UTF-8 */
                probe_set_hex(p, rti_arena_printf(&p->arena, "%s_hex", key).ptr, text);
}

void
probe_set_hex(probe *p, const char *key, rt_str bytes)
{
        static const char digits[] = "0123456789abcdef";
        char *hex = rti_arena_get(&p->arena, bytes.len * 2 + 1);

        if (!hex)
                abort();
        for (size_t i = 0; i < bytes.len; i++) {
                hex[2 * i] = digits[(unsigned char) bytes.ptr[i] >> 4];
                hex[2 * i + 1] = digits[bytes.ptr[i] & 15];
        }
        probe_set(p, key, json_stringn(hex, bytes.len * 2));
}

void
probe_fail(probe *p, rt_str error)
{
        probe_set(p, "ok", json_false());
        probe_set_text(p, "error", error);
}

void
probe_fail_status(probe *p, int status)
{
        probe_fail(p, rti_str_of(rt_status_name(status)));
}

static void
dispatch(probe *p)
{
        const char *name = json_string_value(json_object_get(p->request, "op"));

        probe_set(p, "ok", json_true());
        for (size_t i = 0; i < RTI_COUNT(tables); i++)
                for (const probe_op *op = tables[i]; op->name; op++)
                        if (name && strcmp(op->name, name) == 0) {
                                op->run(p);
                                return;
                        }
        probe_fail(p, RTI_STR("no such op"));
}

static void
answer_line(probe *p, const char *line, size_t len)
{
        json_error_t error;
        json_t *id;

        p->answer = json_object();
        p->request = json_loadb(line, len, JSON_ALLOW_NUL, &error);
        if (p->request)
                dispatch(p);
        else
                probe_fail(p, rti_str_of(error.text));
        id = json_object_get(p->request, "id");
        if (id)
                json_object_set(p->answer, "id", id);
        json_dumpf(p->answer, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
        json_decref(p->request);
        json_decref(p->answer);
        rti_arena_reset(&p->arena);
}

int
main(void)
{
        probe p = { 0 };
        char *line = NULL;
        size_t room = 0;
        ssize_t n;

        rti_arena_init(&p.arena, &rti_alloc_default, 0);
        while ((n = getline(&line, &room, stdin)) > 0)
                answer_line(&p, line, (size_t) n);
        free(line);
        rti_arena_done(&p.arena);
        return 0;
}
