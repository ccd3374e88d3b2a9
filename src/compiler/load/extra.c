/* SPDX-License-Identifier: Apache-2.0 */
/* extra.c - append_output: text and fields that the configuration adds to rules. */
#include "compiler/load/load.h"
#include "lang/lang.h"
#include <stdlib.h>

/* ---- taking the options ---- */

static rt_str
keep(rti_loader *loader, const char *text)
{
        const rt_str copy = rti_arena_copy(&loader->arena, rti_str_of(text));

        if (!copy.ptr)
                loader->status = RT_ENOMEM;
        return copy;
}

static int
compare_strs(const void *a, const void *b)
{
        return rti_str_cmp(*(const rt_str *) a, *(const rt_str *) b);
}

static void
take_fields(rti_loader *loader, const rt_append_output *from, rti_append_entry *to)
{
        to->fields = RTI_NEWN(&loader->arena, struct rti_append_field, from->n_fields);
        if (!to->fields) {
                loader->status = RT_ENOMEM;
                return;
        }
        for (size_t i = 0; i < from->n_fields; i++) {
                struct rti_append_field *field = &to->fields[to->n_fields++];

                field->key = keep(loader, from->fields[i].key);
                field->text = from->fields[i].value != NULL;
                field->format = field->text ? keep(loader, from->fields[i].value)
                                            : rti_arena_printf(&loader->arena, "%%%.*s",
                                                               RTI_FMT(field->key));
                if (!field->format.ptr)
                        loader->status = RT_ENOMEM;
        }
}

static void
take_entry(rti_loader *loader, const rt_append_output *from, rti_append_entry *to)
{
        uint32_t n = 0;

        while (from->tags && from->tags[n])
                n++;
        to->source = keep(loader, from->source);
        to->rule = keep(loader, from->rule);
        to->extra_output = keep(loader, from->extra_output);
        to->suggested = from->suggested_output != 0;
        to->tags = RTI_NEWN(&loader->arena, rt_str, n);
        if (!to->tags)
                loader->status = RT_ENOMEM;
        for (uint32_t i = 0; to->tags && i < n; i++)
                to->tags[to->n_tags++] = keep(loader, from->tags[i]);
        qsort(to->tags, to->n_tags, sizeof *to->tags, compare_strs);
        take_fields(loader, from, to);
}

int
rti_extra_take(rti_loader *loader, const rti_loader_opts *opts)
{
        const size_t stride = opts->append_stride ? opts->append_stride : sizeof(rt_append_output);

        loader->appends = RTI_NEWN(&loader->arena, rti_append_entry, opts->n_append);
        if (!loader->appends)
                return RT_ENOMEM;
        for (size_t i = 0; i < opts->n_append; i++) {
                rt_append_output entry = { 0 };
                size_t size;
                const char *at = (const char *) opts->append + i * stride;

                memcpy(&size, at, sizeof size);
                if (size < sizeof size || size > stride)
                        return RT_EABI;
                memcpy(&entry, at, size < sizeof entry ? size : sizeof entry);
                if ((entry.n_fields && !entry.fields))
                        return RT_EINVAL;
                take_entry(loader, &entry, &loader->appends[i]);
        }
        loader->opts.append = NULL; /* the caller's */
        return loader->status;
}

int
rti_loader_on_match(rti_loader *loader, const char *field, const char *const *rules, bool also)
{
        rti_asked *asked = RTI_NEW(&loader->arena, rti_asked), **at = &loader->asked;
        uint32_t flags = 0, n = 0;
        rt_str *copies;

        if (!rti_registry_provider(loader->registry, rti_str_of(field), &flags))
                return RT_ENOENT;
        if (flags & (RT_FIELD_ARG_KEY | RT_FIELD_ARG_INDEX | RT_FIELD_LIST | RT_FIELD_PURE))
                return RT_EINVAL;
        if (loader->n_asked >= RTI_MAX_FIELDS)
                return RT_ELIMIT;
        while (rules && rules[n])
                n++;
        copies = RTI_NEWN(&loader->arena, rt_str, n + !n);
        if (!asked || !copies)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                copies[i] = keep(loader, rules[i]);
        *asked = (rti_asked){ .format = rti_arena_printf(&loader->arena, "%%%s", field),
                              .rules = copies,
                              .n_rules = n,
                              .also = also };
        if (!asked->format.ptr || loader->status != RT_OK)
                return RT_ENOMEM;
        while (*at)
                at = &(*at)->next;
        *at = asked;
        loader->n_asked++;
        loader->compiled.changed = true;
        return RT_OK;
}

/* ---- applying them ---- */

/* Both sorted. */
static bool
has_all_tags(const rti_rule *rule, const rti_append_entry *entry)
{
        uint32_t at = 0;

        for (uint32_t i = 0; i < entry->n_tags; i++) {
                while (at < rule->n_tags && rti_str_cmp(rule->tags[at], entry->tags[i]) < 0)
                        at++;
                if (at >= rule->n_tags || !rti_str_eq(rule->tags[at], entry->tags[i]))
                        return false;
        }
        return true;
}

static bool
matches(const rti_append_entry *entry, const rti_rule_def *def)
{
        return (!entry->source.len || rti_str_eq(entry->source, def->source))
               && (!entry->rule.len || rti_str_eq(entry->rule, def->item.name))
               && has_all_tags(&def->rule, entry);
}

/* ` proc_name=%proc.name` for each field that asks for it. */
static void
add_suggested(rti_loader *loader, size_t source, rti_buf *buf)
{
        for (uint32_t i = 0; i < rti_registry_fields(loader->registry); i++) {
                const rt_field_desc *field = rti_registry_field(loader->registry, i);

                if (!(field->flags & RT_FIELD_SUGGESTED)
                    || !rti_registry_field_visible(loader->registry, i, source))
                        continue;
                rti_buf_add_char(buf, ' ');
                for (const char *c = field->name; *c; c++)
                        rti_buf_add_char(buf, *c == '.' ? '_' : *c);
                rti_buf_printf(buf, "=%%%s", field->name);
        }
}

void
rti_extra_output(rti_loader *loader, const rti_rule_def *def, size_t source, rti_buf *buf)
{
        for (size_t i = 0; i < loader->opts.n_append; i++) {
                const rti_append_entry *entry = &loader->appends[i];

                if (!matches(entry, def))
                        continue;
                if (entry->extra_output.len) {
                        rti_buf_add_char(buf, ' ');
                        rti_buf_add(buf, entry->extra_output);
                }
                if (entry->suggested)
                        add_suggested(loader, source, buf);
        }
}

typedef const struct rti_append_field *field_ref;

static int
compare_fields(const void *a, const void *b)
{
        return rti_str_cmp((*(const field_ref *) a)->key, (*(const field_ref *) b)->key);
}

/* A later entry of the same key takes an earlier one's place. */
static uint32_t
add_field(field_ref *fields, uint32_t n, field_ref field)
{
        for (uint32_t i = 0; i < n; i++)
                if (rti_str_eq(fields[i]->key, field->key)) {
                        fields[i] = field;
                        return n;
                }
        fields[n] = field;
        return n + 1;
}

uint32_t
rti_extra_fields(rti_loader *loader, const rti_rule_def *def,
                 const struct rti_append_field ***ret_fields)
{
        size_t most = 0;
        uint32_t n = 0;
        field_ref *fields;

        for (size_t i = 0; i < loader->opts.n_append; i++)
                most += loader->appends[i].n_fields;
        fields = RTI_NEWN(&loader->work, field_ref, most);
        if (!fields) {
                loader->status = RT_ENOMEM;
                return 0;
        }
        for (size_t i = 0; i < loader->opts.n_append; i++)
                for (uint32_t k = 0;
                     k < loader->appends[i].n_fields && matches(&loader->appends[i], def); k++)
                        n = add_field(fields, n, &loader->appends[i].fields[k]);
        qsort(fields, n, sizeof *fields, compare_fields);
        *ret_fields = fields;
        return n;
}
