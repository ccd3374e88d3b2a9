/* SPDX-License-Identifier: Apache-2.0 */
/* probe_check.c - operations on conditions and formats whose fields are looked up. */
#include "base/alloc.h"
#include "compiler/cond/details.h"
#include "compiler/cond/macros.h"
#include "compiler/cond/typed.h"
#include "lang/diag.h"
#include "probe.h"
#include "sources/builtin.h"

/* ---- the registry: all built-in sources, and "mock" with the request's mock_fields ---- */

static uint32_t
kind_named(const char *name)
{
        for (uint32_t kind = 0; name && kind <= RT_KIND_LIST; kind++)
                if (strcmp(rti_kinds[kind].name, name) == 0)
                        return kind;
        return name && strcmp(name, "bytebuf") == 0 ? RT_KIND_BYTES : RT_KIND_STRING;
}

/* The source "mock"; false: no memory. */
static bool
mock_source(probe *p, rt_source_ops *ret_ops)
{
        json_t *mock = json_object_get(p->request, "mock_fields"), *value;
        rt_field_desc *fields = RTI_NEWN(&p->arena, rt_field_desc, json_object_size(mock) + 1);
        const char *name;
        size_t n = 0;

        if (!fields)
                return false;
        json_object_foreach(mock, name, value)
        {
                fields[n].name = name;
                fields[n].group = fields[n].help = "mock";
                fields[n++].kind = kind_named(json_string_value(json_object_get(value, "type")));
        }
        *ret_ops = (rt_source_ops){
                .size = sizeof *ret_ops,
                .abi = RT_SOURCE_ABI,
                .name = "mock",
                .plugin = "mock",
                .fields = fields,
                .n_fields = n,
                .field_stride = sizeof *fields,
        };
        return true;
}

/* A checker for the request's "source" (syscall). RT_OK; the registry is the caller's. */
static int
checker_init(probe *p, rti_checker *checker, rti_registry **ret_registry)
{
        rt_str source = probe_text(p, "source");
        rt_source_ops mock;
        int r;

        if (!source.ptr)
                source = RTI_STR("syscall");
        *checker = (rti_checker){ .arena = &p->arena };
        if (!mock_source(p, &mock))
                return RT_ENOMEM;
        r = rti_registry_new(&rti_alloc_default, ret_registry);
        if (r < 0)
                return r;
        r = rti_registry_add_list(*ret_registry, rti_builtin_sources, NULL);
        if (r >= 0 && mock.n_fields > 0)
                r = rti_registry_add(*ret_registry, &mock);
        checker->registry = *ret_registry;
        checker->source = rti_registry_find_source(*ret_registry, source);
        if (r >= 0 && checker->source == SIZE_MAX)
                r = RT_ENOENT;
        if (r < 0)
                rti_registry_unref(*ret_registry);
        return r;
}

/* ---- answers ---- */

static json_t *
text_json(rt_str text)
{
        json_t *value = json_stringn(text.ptr ? text.ptr : "", text.len);

        return value ? value : json_string("(not UTF-8)");
}

/* {code: Falco's or "NOT_PORTABLE", message, field}, in the order found. */
static void
set_warnings(probe *p, const rti_checker *checker)
{
        json_t *list = json_array();

        for (const rti_check_warning *w = checker->warnings; w; w = w->next) {
                const char *code = rti_diag_infos[w->diag].falco;

                json_array_insert_new(
                        list, 0,
                        json_pack("{s:s,s:o,s:o}", "code", code ? code : "NOT_PORTABLE", "message",
                                  text_json(w->message), "field", text_json(w->field)));
        }
        probe_set(p, "warnings", list);
}

/* {message, hint, pos: [offset, line, column], end} */
static void
set_errors(probe *p, const rti_checker *checker)
{
        json_t *list = json_array();

        for (const rti_check_error *e = &checker->error; e && checker->n_errors; e = e->next)
                json_array_append_new(list,
                                      json_pack("{s:o,s:o,s:[i,i,i],s:i}", "message",
                                                text_json(e->message), "hint", text_json(e->hint),
                                                "pos", (int) e->pos.offset, (int) e->pos.line,
                                                (int) e->pos.column, "end", (int) e->end));
        probe_set(p, "errors", list);
}

static void
fail_check(probe *p, const rti_checker *checker, int r)
{
        if (r != RT_ERULES) {
                probe_fail_status(p, r);
                return;
        }
        probe_fail(p, checker->error.message);
        set_errors(p, checker);
}

/* The request's "condition". False: the answer says why. */
static bool
parse(probe *p, rti_node **ret_root)
{
        rti_parse_error error;
        const int r = rti_cond_parse(&p->arena, probe_text(p, "condition"), RTI_MAX_CONDITION_DEPTH,
                                     ret_root, &error);

        if (r == RT_ERULES)
                probe_fail(p, error.message);
        else if (r < 0)
                probe_fail_status(p, r);
        return r == RT_OK;
}

/* ---- operations ---- */

static const rti_node *
no_macro(rt_str name, void *user)
{
        (void) name;
        (void) user;
        return NULL;
}

/* check_filter {source (syscall), condition, mock_fields}
 * -> {warnings: [{code, message, field}], errors: [{message, hint, pos, end}]} */
static void
run_check_filter(probe *p)
{
        const rti_node *at;
        rti_registry *registry;
        rti_checker checker;
        rti_node *root;
        rti_tnode *typed;
        rt_str error;
        int r;

        if (!parse(p, &root))
                return;
        r = rti_macros_resolve(&p->arena, &root, no_macro, NULL, &error, &at);
        if (r < 0) {
                r == RT_ERULES ? probe_fail(p, error) : probe_fail_status(p, r);
                return;
        }
        r = checker_init(p, &checker, &registry);
        if (r < 0) {
                probe_fail_status(p, r);
                return;
        }
        r = rti_cond_warn(&checker, root);
        if (r == RT_OK)
                r = rti_cond_resolve(&checker, root, &typed);
        if (r < 0)
                fail_check(p, &checker, r);
        set_warnings(p, &checker);
        rti_registry_unref(registry);
}

/* warn {condition} -> {warnings}: those that do not need the fields to exist */
static void
run_warn(probe *p)
{
        rti_checker checker = { .arena = &p->arena };
        rti_node *root;

        if (parse(p, &root) && rti_cond_warn(&checker, root) == RT_OK)
                set_warnings(p, &checker);
}

static json_t *
codes_json(const rti_event_set *set)
{
        json_t *codes = json_array();

        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                if (rti_event_set_has(set, code))
                        json_array_append_new(codes, json_integer(code));
        return codes;
}

/* event_set {condition} -> {codes: event codes for which it can be true, n_codes: of all} */
static void
run_event_set(probe *p)
{
        rti_checker checker = { .arena = &p->arena };
        rti_event_set set;
        rti_node *root;
        int r;

        if (!parse(p, &root))
                return;
        r = rti_cond_events(&checker, root, &set);
        if (r < 0) {
                fail_check(p, &checker, r);
                return;
        }
        probe_set(p, "codes", codes_json(&set));
        probe_set(p, "n_codes", json_integer(RTI_N_EVENT_CODES));
}

/* events_named {names: [...]} -> {codes: of all of them} */
static void
run_events_named(probe *p)
{
        rti_event_set all = { 0 };
        json_t *name;
        size_t i;

        json_array_foreach(json_object_get(p->request, "names"), i, name)
        {
                rti_event_set set = { 0 };
                const rt_str text = { json_string_value(name), json_string_length(name) };

                if (!rti_events_named(text, &set)) {
                        probe_fail(p, text);
                        return;
                }
                for (size_t w = 0; w < RTI_EVENT_WORDS; w++)
                        all.word[w] |= set.word[w];
        }
        probe_set(p, "codes", codes_json(&all));
}

static bool
is_known(const json_t *names, rt_str name)
{
        const json_t *known;
        size_t i;

        if (!names)
                return true;
        json_array_foreach(names, i,
                           known) if (rti_str_is(name, json_string_value(known))) return true;
        return false;
}

static bool
known_macro(rt_str name, void *user)
{
        return is_known(json_object_get(user, "known_macros"), name);
}

static bool
known_list(rt_str name, void *user)
{
        return is_known(json_object_get(user, "known_lists"), name);
}

static json_t *
names_json(const rti_names *names)
{
        json_t *list = json_array();

        for (uint32_t i = 0; i < names->n; i++)
                json_array_append_new(list, text_json(names->at[i]));
        return list;
}

/* details {condition, known_macros, known_lists (all)}
 * -> {fields, macros, operators, lists, transformers} */
static void
run_details(probe *p)
{
        const rti_details_known known = { known_macro, known_list, p->request };
        rti_details details;
        rti_node *root;

        if (!parse(p, &root) || rti_details_find(&p->arena, root, &known, &details) < 0)
                return;
        probe_set(p, "fields", names_json(&details.fields));
        probe_set(p, "macros", names_json(&details.macros));
        probe_set(p, "operators", names_json(&details.operators));
        probe_set(p, "lists", names_json(&details.lists));
        probe_set(p, "transformers", names_json(&details.transformers));
}

/* format_parse {source (syscall), format, mock_fields}
 * -> {tokens: [text or {name, width}], field_names: of tokens and of fields inside of them,
 *     plain_field_names: fields only, lenient} or {errors} */
static void
run_format_parse(probe *p)
{
        json_t *tokens = json_array(), *names = json_array(), *plain = json_array();
        rti_registry *registry;
        rti_checker checker;
        rti_format *format;
        int r = checker_init(p, &checker, &registry);

        if (r < 0) {
                probe_fail_status(p, r);
                return;
        }
        r = rti_format_parse(&checker, probe_text(p, "format"), &format);
        if (r < 0)
                fail_check(p, &checker, r);
        for (uint32_t i = 0; r == RT_OK && i < format->n_tokens; i++) {
                const rti_format_token *token = &format->tokens[i];

                json_array_append_new(tokens, token->expr ? json_pack("{s:o,s:i}", "name",
                                                                      text_json(token->name),
                                                                      "width", (int) token->width)
                                                          : text_json(token->text));
        }
        for (uint32_t i = 0; r == RT_OK && i < format->n_fields; i++) {
                json_array_append_new(names, text_json(format->fields[i].name));
                if (format->fields[i].expr->what == RTI_V_FIELD)
                        json_array_append_new(plain, text_json(format->fields[i].name));
        }
        probe_set(p, "tokens", tokens);
        probe_set(p, "field_names", names);
        probe_set(p, "plain_field_names", plain);
        if (r == RT_OK)
                probe_set(p, "lenient", json_boolean(format->lenient));
        rti_registry_unref(registry);
}

const probe_op probe_check_ops[] = {
        { "check_filter", run_check_filter },
        { "warn", run_warn },
        { "event_set", run_event_set },
        { "events_named", run_events_named },
        { "details", run_details },
        { "format_parse", run_format_parse },
        { NULL, NULL },
};
