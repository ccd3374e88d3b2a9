/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c - Falco's JSON schema of rule files, applied to YAML.
 *
 * The schema looks at one union of the keys of all items, knows priorities in capitals only, and
 * compares scalars by what they could be read as. What does not fit it loads all the same.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* The way from the root to what is looked at; written out only when there is something to say. */
typedef struct step {
        const struct step *outer;
        rt_str key; /* ptr NULL: an element of a list */
        uint32_t number;
} step;

typedef struct validator {
        rti_loader *loader;
        const step *at; /* NULL: the root */
        rti_buf path;   /* "<root>[0][exceptions]" */
} validator;

/* As deep as the nodes are, which is bounded. */
static void
write_path(validator *v, const step *at)
{
        if (!at) {
                rti_buf_clear(&v->path);
                rti_buf_add_text(&v->path, "<root>");
                return;
        }
        write_path(v, at->outer);
        rti_buf_add_char(&v->path, '[');
        if (at->key.ptr)
                rti_buf_add(&v->path, at->key);
        else
                rti_buf_add_u64(&v->path, at->number);
        rti_buf_add_char(&v->path, ']');
}

static bool
complain(validator *v, const char *what, rt_str about)
{
        rt_str text;

        write_path(v, v->at);
        text = rti_arena_printf(&v->loader->work, "failed for %.*s: %s%s%.*s%s", (int) v->path.len,
                                v->path.ptr, what, about.ptr ? " '" : "", (int) about.len,
                                about.ptr ? about.ptr : "", about.ptr ? "'" : "");
        if (!text.ptr)
                v->loader->status = RT_ENOMEM;
        rti_diags_schema(v->loader->diags, text);
        return false;
}

/* ---- scalars ---- */

static bool
is_scalar(validator *v, const rti_yaml_node *node)
{
        return node->kind <= RTI_YAML_SCALAR || complain(v, "not a text", (rt_str){ NULL, 0 });
}

static bool
is_one_of(validator *v, const rti_yaml_node *node, const char *const *words)
{
        for (; node->kind == RTI_YAML_SCALAR && *words; words++)
                if (rti_str_is(node->text, *words))
                        return true;
        return complain(v, "not one of the values allowed",
                        node->kind == RTI_YAML_SCALAR ? node->text : (rt_str){ NULL, 0 });
}

static bool
is_integer(validator *v, const rti_yaml_node *node)
{
        size_t at = 0;
        const rt_str text = node->text;

        if (node->kind == RTI_YAML_SCALAR && text.len) {
                at = text.ptr[0] == '-' || text.ptr[0] == '+';
                while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
                        at++;
        }
        return (at > 0 && at == text.len && text.ptr[at - 1] >= '0')
               || complain(v, "not a whole number", (rt_str){ NULL, 0 });
}

/* ---- containers ---- */

static bool check_map(validator *v, const rti_yaml_node *node, enum rti_item_kind kind);
static bool check_override(validator *v, const rti_yaml_node *node);

static bool
check_list(validator *v, const rti_yaml_node *node, enum rti_item_kind kind)
{
        bool ok = true;

        if (node->kind == RTI_YAML_NULL)
                return true;
        if (node->kind != RTI_YAML_LIST)
                return complain(v, "not a list", (rt_str){ NULL, 0 });
        for (uint32_t i = 0; i < node->n; i++) {
                const step inside = { v->at, { NULL, 0 }, i };

                v->at = &inside;
                ok &= kind == RTI_N_ITEM_KINDS ? is_scalar(v, node->child[i])
                                               : check_map(v, node->child[i], kind);
                v->at = inside.outer;
        }
        return ok;
}

static bool
check_value(validator *v, const rti_yaml_node *node, enum rti_key_type type)
{
        static const char *const booleans[] = { "true", "false", NULL };
        static const char *const priorities[] = { "EMERGENCY", "ALERT",         "CRITICAL",
                                                  "ERROR",     "WARNING",       "NOTICE",
                                                  "INFO",      "INFORMATIONAL", "DEBUG",
                                                  NULL };

        switch (type) {
        case RTI_KEY_TEXT:
        case RTI_KEY_CONDITION:
        case RTI_KEY_VERSION:
                return is_scalar(v, node);
        case RTI_KEY_PRIORITY:
                return is_one_of(v, node, priorities);
        case RTI_KEY_BOOL:
                return is_one_of(v, node, booleans);
        case RTI_KEY_UINT:
                return is_integer(v, node);
        case RTI_KEY_TEXTS:
        case RTI_KEY_ITEMS:
                return check_list(v, node, RTI_N_ITEM_KINDS);
        case RTI_KEY_PLUGINS:
                return check_list(v, node, RTI_ITEM_PLUGIN);
        case RTI_KEY_ALTERNATIVES:
                return check_list(v, node, RTI_ITEM_ALTERNATIVE);
        case RTI_KEY_EXCEPTIONS:
                return check_list(v, node, RTI_ITEM_EXCEPTION);
        case RTI_KEY_OVERRIDE:
                return check_override(v, node);
        case RTI_KEY_ANY:
                return true;
        }
        return true;
}

/* The row of a key; of a top level item, any row of the union. */
static const rti_item_key *
find_key(rt_str key, enum rti_item_kind kind)
{
        for (size_t i = 0; i < rti_n_item_keys; i++)
                if ((rti_item_keys[i].item == kind
                     || (kind <= RTI_ITEM_RULE && rti_item_keys[i].item <= RTI_ITEM_RULE))
                    && rti_str_eq(rti_item_keys[i].key, key))
                        return &rti_item_keys[i];
        return NULL;
}

static bool
check_needed(validator *v, const rti_yaml_node *node, enum rti_item_kind kind)
{
        bool ok = true;

        for (size_t i = 0; kind > RTI_ITEM_RULE && i < rti_n_item_keys; i++)
                if (rti_item_keys[i].item == kind && (rti_item_keys[i].flags & RTI_KEY_NEEDED)
                    && !rti_yaml_get(node, rti_item_keys[i].key.ptr))
                        ok = complain(v, "missing key", rti_item_keys[i].key);
        return ok;
}

static bool
check_map(validator *v, const rti_yaml_node *node, enum rti_item_kind kind)
{
        bool ok;

        if (node->kind == RTI_YAML_NULL)
                return kind <= RTI_ITEM_RULE || check_needed(v, node, kind);
        if (node->kind != RTI_YAML_MAP)
                return complain(v, "not a mapping", (rt_str){ NULL, 0 });
        ok = check_needed(v, node, kind);
        for (uint32_t i = 0; i + 1 < node->n; i += 2) {
                const rti_yaml_node *key = node->child[i];
                const rti_item_key *row = find_key(key->text, kind);
                const step inside = { v->at, key->text, 0 };

                if (key->kind > RTI_YAML_SCALAR || !row) {
                        ok = complain(v, "unknown key", key->text);
                        continue;
                }
                v->at = &inside;
                ok &= check_value(v, node->child[i + 1], row->type);
                v->at = inside.outer;
        }
        return ok;
}

static bool
can_be_overridden(rt_str key)
{
        for (size_t i = 0; i < rti_n_item_keys; i++)
                if ((rti_item_keys[i].flags & (RTI_KEY_APPEND | RTI_KEY_REPLACE))
                    && rti_str_eq(rti_item_keys[i].key, key))
                        return true;
        return false;
}

static bool
check_override(validator *v, const rti_yaml_node *node)
{
        static const char *const operations[] = { "append", "replace", NULL };
        bool ok = true;

        if (node->kind != RTI_YAML_MAP || node->n == 0)
                return complain(v, "not a mapping with at least one key", (rt_str){ NULL, 0 });
        for (uint32_t i = 0; i + 1 < node->n; i += 2) {
                const rt_str key = node->child[i]->text;
                const step inside = { v->at, key.ptr ? key : RTI_STR(""), 0 };

                v->at = &inside;
                ok &= can_be_overridden(node->child[i]->text)
                              ? is_one_of(v, node->child[i + 1], operations)
                              : complain(v, "unknown key", node->child[i]->text);
                v->at = inside.outer;
        }
        return ok;
}

void
rti_schema_check(rti_loader *loader, const rti_yaml_file *file)
{
        validator v = { .loader = loader };

        rti_buf_init(&v.path, loader->allocator, 0);
        for (uint32_t i = 0; i < file->n_docs; i++)
                if (check_list(&v, file->docs[i], RTI_ITEM_RULE))
                        rti_diags_schema(loader->diags, RTI_STR(""));
        if (v.path.failed)
                loader->status = v.path.failed;
        rti_buf_done(&v.path);
}
