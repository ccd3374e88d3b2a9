/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declare.c - an item `natives:` as a provider of fields.
 *
 * In: the item as JSON. Out: a module whose library is open, whose functions are found, and whose
 * tables are what rt_fields_ops wants; or a sentence that says what is wrong.
 */
#include "native.h"
#include <libruntime/runtime.h>

/* ---- members ---- */

static const item *
member(const item *map, const char *key)
{
        for (const item *k = map->first; k; k = k->next->next)
                if (rti_str_is(k->text, key))
                        return k->next;
        return NULL;
}

/* @return NULL: all keys are among @a known; else the first that is not. */
static const char *
unknown_key(const item *map, const char *const *known)
{
        for (const item *k = map->first; k; k = k->next->next) {
                size_t i = 0;

                while (known[i] && !rti_str_is(k->text, known[i]))
                        i++;
                if (!known[i])
                        return k->text.ptr;
        }
        return NULL;
}

/* A text; @a ret_text stays as it is if there is none. */
static int
take_text(const item *map, const char *key, const char **ret_text, const complaint *c)
{
        const item *value = member(map, key);

        if (!value)
                return RT_OK;
        if (value->type != ITEM_TEXT || !value->text.len
            || strlen(value->text.ptr) != value->text.len)
                return natives_complain(c, "'%s' must be a text", key);
        *ret_text = value->text.ptr;
        return RT_OK;
}

static int
take_bool(const item *map, const char *key, bool *ret_bool, const complaint *c)
{
        const char *text = "false";
        const int r = take_text(map, key, &text, c);

        if (r < 0)
                return r;
        *ret_bool = strcmp(text, "true") == 0;
        if (!*ret_bool && strcmp(text, "false") != 0)
                return natives_complain(c, "'%s' must be true or false", key);
        return RT_OK;
}

static size_t
count(const item *list)
{
        size_t n = 0;

        for (const item *it = list->first; it; it = it->next)
                n++;
        return n;
}

/* ---- what a function reads ---- */

static bool
has_source(const module *m, const char *source)
{
        const char *const *s = m->ops.sources;

        if (!s || strcmp(source, "*") == 0)
                return true;
        while (*s && strcmp(*s, source) != 0)
                s++;
        return *s;
}

/* Can parameter @a i be made of the field? One that is not known here is the loader's affair. */
static int
check_read(const module *m, const native *n, size_t i, rt_str read, const complaint *c)
{
        const char *bracket = memchr(read.ptr, '[', read.len);
        const rt_str name = { read.ptr, bracket ? (size_t) (bracket - read.ptr) : read.len };
        rt_field_info info = RT_INIT(rt_field_info);
        bool known = false, list = false;

        for (size_t f = 0; rt_engine_field(m->natives->engine, f, &info) == RT_OK; f++) {
                if (!rti_str_is(name, info.name) || !has_source(m, info.source))
                        continue;
                known = true;
                list = info.flags & RT_FIELD_LIST;
                if (!list
                    && (info.kind == RT_KIND_DYNAMIC
                        || natives_type_takes(n->signature.own.params[i], info.kind)))
                        return RT_OK;
        }
        if (!known)
                return RT_OK;
        return natives_complain(c, "%s: parameter %zu is a %s, which cannot be made of %s%.*s",
                                n->name, i + 1, natives_type_rows[n->signature.own.params[i]].text,
                                list ? "the list " : "", RTI_FMT(name));
}

static int
take_reads(module *m, native *n, const item *map, const complaint *c)
{
        const item *reads = member(map, "reads");
        rt_str all = { "", 0 };
        int r;

        if (!reads)
                return RT_OK;
        if (reads->type != ITEM_LIST)
                return natives_complain(c, "%s: 'reads' must be a list of fields", n->name);
        for (const item *it = reads->first; it; it = it->next) {
                if (it->type != ITEM_TEXT || !it->text.len)
                        return natives_complain(c, "%s: 'reads' must be a list of fields", n->name);
                if (n->n_reads == n->signature.own.n_params)
                        return natives_complain(c, "%s: it reads %zu fields, but has %d parameters",
                                                n->name, count(reads), n->signature.own.n_params);
                r = check_read(m, n, n->n_reads, it->text, c);
                if (r < 0)
                        return r;
                all = n->n_reads++ ? rti_arena_printf(&m->arena, "%.*s, %.*s", RTI_FMT(all),
                                                      RTI_FMT(it->text))
                                   : it->text;
                if (!all.ptr)
                        return RT_ENOMEM;
        }
        n->reads = all.ptr;
        return RT_OK;
}

/* ---- functions ---- */

/* geo.is_ours is geo_is_ours, unless it says otherwise. */
static const char *
default_symbol(rti_arena *arena, const char *name)
{
        const rt_str copy = rti_arena_copy(arena, rti_str_of(name));

        for (size_t i = 0; copy.ptr && i < copy.len; i++)
                if (copy.ptr[i] == '.')
                        ((char *) (uintptr_t) copy.ptr)[i] = '_';
        return copy.ptr;
}

/* What rules can name: a word without a dot is a macro's. */
static bool
is_field_name(const char *name)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_.";
        const size_t n = strlen(name);

        return strspn(name, letters) == n && strchr(name, '.') && name[0] != '.'
               && name[n - 1] != '.' && !(name[0] >= '0' && name[0] <= '9');
}

static int
take_signature(native *n, const complaint *c)
{
        signature_error error;

        if (natives_signature_parse(rti_str_of(n->text), &n->signature, &error) < 0)
                return natives_complain(c, "%s: signature, column %zu: %s", n->name,
                                        error.offset + 1, error.message);
        if (!natives_signature_of_field(&n->signature))
                return natives_complain(
                        c, "%s: void, ptr and callbacks are for scripts, not for fields", n->name);
        if (natives_shape_make(&n->shape, &n->signature.own) < 0)
                return natives_complain(c, "%s: this system cannot call \"%s\"", n->name, n->text);
        return RT_OK;
}

static int
take_function(module *m, native *n, const item *map, const complaint *c)
{
        static const char *const keys[] = { "name", "symbol", "signature", "reads",
                                            "pure", "help",   NULL };
        const char *other;
        int r;

        if (map->type != ITEM_MAP)
                return natives_complain(c, "'functions' must be a list of maps");
        other = unknown_key(map, keys);
        if (other)
                return natives_complain(c, "a function has no '%s'", other);
        n->help = "of a library";
        r = take_text(map, "name", &n->name, c);
        r = r < 0 ? r : take_text(map, "symbol", &n->symbol, c);
        r = r < 0 ? r : take_text(map, "signature", &n->text, c);
        r = r < 0 ? r : take_text(map, "help", &n->help, c);
        r = r < 0 ? r : take_bool(map, "pure", &n->pure, c);
        if (r < 0)
                return r;
        if (!n->name || !n->text)
                return natives_complain(c, "a function has a 'name' and a 'signature'");
        if (!is_field_name(n->name))
                return natives_complain(c, "'%s' is no name of a field, such as geo.is_ours",
                                        n->name);
        if (!n->symbol && !(n->symbol = default_symbol(&m->arena, n->name)))
                return RT_ENOMEM;
        r = take_signature(n, c);
        r = r < 0 ? r : take_reads(m, n, map, c);
        return r < 0 ? r : natives_library_find(&m->library, n, c);
}

static rt_field_desc
describe(const native *n)
{
        rt_field_desc desc = { .name = n->name,
                               .group = "natives",
                               .kind = natives_type_rows[n->signature.own.result].kind,
                               .flags = n->pure ? RT_FIELD_PURE : 0,
                               .help = n->help };

        if (n->n_reads < n->signature.own.n_params)
                desc.flags |= RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_KEY | RT_FIELD_ARG_REQUIRED;
        if (desc.kind != RT_KIND_BOOL && desc.kind != RT_KIND_STRING)
                desc.format = RT_FORMAT_DEC;
        return desc;
}

static int
take_functions(module *m, const item *list, const complaint *c)
{
        const size_t n = list && list->type == ITEM_LIST ? count(list) : 0;
        size_t i = 0;

        if (!n || n > MAX_FUNCTIONS)
                return natives_complain(c, "'functions' must be a list, of up to %d",
                                        MAX_FUNCTIONS);
        m->functions = RTI_NEWN(&m->arena, native, n);
        m->descs = RTI_NEWN(&m->arena, rt_field_desc, n);
        m->reads = RTI_NEWN(&m->arena, const char *, n);
        if (!m->functions || !m->descs || !m->reads)
                return RT_ENOMEM;
        for (const item *it = list->first; it; it = it->next, i++) {
                const int r = take_function(m, &m->functions[i], it, c);

                if (r < 0)
                        return r;
                m->descs[i] = describe(&m->functions[i]);
                m->reads[i] = m->functions[i].reads;
        }
        m->n_functions = n;
        return RT_OK;
}

static int
take_sources(module *m, const item *list, const complaint *c)
{
        const char **sources;
        size_t n = 0;

        if (!list)
                return RT_OK;
        if (list->type != ITEM_LIST || !list->first)
                return natives_complain(c, "'sources' must be a list of sources");
        sources = RTI_NEWN(&m->arena, const char *, count(list) + 1);
        if (!sources)
                return RT_ENOMEM;
        for (const item *it = list->first; it; it = it->next) {
                if (it->type != ITEM_TEXT)
                        return natives_complain(c, "'sources' must be a list of sources");
                sources[n++] = it->text.ptr;
        }
        m->ops.sources = sources;
        return RT_OK;
}

int
natives_declare(module *m, rt_str json, const complaint *c)
{
        static const char *const keys[] = { "natives", "sources", "functions", NULL };
        const char *name = NULL, *other;
        item *root;
        int r = natives_item_read(&m->arena, json, &root);

        if (r == RT_EFORMAT || (r == RT_OK && root->type != ITEM_MAP))
                return natives_complain(c, "it is not a map");
        if (r < 0)
                return r;
        other = unknown_key(root, keys);
        if (other)
                return natives_complain(c, "natives have no '%s'", other);
        r = take_text(root, "natives", &name, c);
        if (r == RT_OK && !name)
                return natives_complain(c, "'natives' must be a text");
        r = r < 0 ? r : take_sources(m, member(root, "sources"), c);
        r = r < 0 ? r : natives_library_open(&m->arena, m->natives, name, &m->library, c);
        return r < 0 ? r : take_functions(m, member(root, "functions"), c);
}
