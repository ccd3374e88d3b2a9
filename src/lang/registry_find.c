/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_find.c - `name[arg]` as a condition or format writes it -> a field with its argument.
 *
 * in: the name as lexed (dots included), the argument unquoted; out: rti_field_ref, or Falco's
 * message. Two manners of arguments: see registry.h. Allocates for messages only.
 */
#include "lang/events.h"
#include "lang/registry_impl.h"

enum bracket { BRACKET_NONE, BRACKET_NUMBER, BRACKET_TEXT };
enum dot { DOT_NONE, DOT_PARAM, DOT_EVENT, DOT_WORD, DOT_SIDE };

static const struct arg_form {
        rt_str name;
        enum bracket bracket;
        enum dot dot;
        bool bare;
} arg_forms[] = {
#define FIELD_ARG(name, bracket, dot, bare) \
        { RTI_STR_INIT(name), BRACKET_##bracket, DOT_##dot, bare },
#include "lang/field_args.def"
#undef FIELD_ARG
};

/* One look-up. */
typedef struct lookup {
        const rti_registry *registry;
        rti_arena *arena;
        rt_str name, arg;
        bool has_arg;
        rti_field_ref *ref;
        rt_str *error;
} lookup;

/* `name[arg]`, or only `name`. */
static rt_str
whole_text(const lookup *l)
{
        if (!l->has_arg)
                return l->name;
        return rti_arena_printf(l->arena, "%.*s[%.*s]", RTI_FMT(l->name), RTI_FMT(l->arg));
}

static int
refuse(const lookup *l, rt_str message)
{
        if (!message.ptr)
                return RT_ENOMEM;
        *l->error = message;
        return RT_ENOENT;
}

static int
refuse_unknown(const lookup *l)
{
        const rt_str text = whole_text(l);

        if (!text.ptr)
                return RT_ENOMEM;
        return refuse(l,
                      rti_arena_printf(l->arena, "filter_check called with nonexistent field %.*s",
                                       RTI_FMT(text)));
}

static int
accept(const lookup *l, uint32_t field, uint32_t arg, rt_str key, uint64_t index)
{
        *l->ref = (rti_field_ref){ field, arg, index, key };
        return RT_OK;
}

/* Decimal digits only, at most @a most. */
static bool
read_number(rt_str text, uint64_t most, uint64_t *ret_number)
{
        uint64_t number = 0;

        for (size_t i = 0; i < text.len; i++) {
                const unsigned digit = (unsigned char) text.ptr[i] - '0';

                if (digit > 9 || number > (most - digit) / 10)
                        return false;
                number = number * 10 + digit;
        }
        *ret_number = number;
        return text.len > 0;
}

/* ---- plug-ins' manner ---- */

/* Why @a text is no index, or NULL. */
static const char *
index_problem(rt_str text, uint64_t *ret_index)
{
        for (size_t i = 0; i < text.len; i++)
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                        return "not composed only by digits";
        if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0'))
                return "starting with 0";
        return read_number(text, UINT64_MAX, ret_index) ? NULL : "not representable on 64 bit";
}

static int
accept_plugin_arg(const lookup *l, uint32_t field, rt_str key, rt_str shown)
{
        const rt_field_desc *desc = l->registry->fields.at[field].desc;
        uint64_t index = 0;
        const char *problem = NULL;

        if (desc->flags & RT_FIELD_ARG_INDEX)
                problem = index_problem(key, &index);
        if (problem && !(desc->flags & RT_FIELD_ARG_KEY))
                return refuse(l,
                              rti_arena_printf(l->arena,
                                               "filter %.*s %s has an invalid index argument "
                                               "%s: %.*s",
                                               RTI_FMT(shown), desc->name, problem, RTI_FMT(key)));
        if (!rti_str_is(l->name, desc->name) || key.len != l->arg.len)
                return refuse_unknown(l);
        if ((desc->flags & RT_FIELD_ARG_INDEX) && !problem)
                return accept(l, field, RT_ARG_INDEX, l->arg, index);
        return accept(l, field, RT_ARG_KEY, l->arg, 0);
}

/* The argument ends at the first bracket, the whole text at the first blank. */
static int
find_plugin(const lookup *l, uint32_t field)
{
        const rt_field_desc *desc = l->registry->fields.at[field].desc;
        rt_str shown = whole_text(l);
        rt_str key;
        size_t end;

        if (!shown.ptr)
                return RT_ENOMEM;
        if (l->has_arg && (desc->flags & RT_FIELD_ARG_FIELDS) && rti_str_is(l->name, desc->name))
                return accept(l, field, RT_ARG_KEY, l->arg, 0);
        if (!l->has_arg && (desc->flags & RT_FIELD_ARG_REQUIRED))
                return refuse(l, rti_arena_printf(l->arena,
                                                  "filter '%.*s': %s requires an argument but "
                                                  "none provided",
                                                  RTI_FMT(shown), desc->name));
        if (!l->has_arg)
                return rti_str_is(l->name, desc->name)
                               ? accept(l, field, RT_ARG_NONE, (rt_str){ 0 }, 0)
                               : refuse_unknown(l);
        end = rti_str_find(shown, RTI_STR(" "));
        shown.len = end == SIZE_MAX ? shown.len : end;
        key = rti_str_sub(shown, l->name.len + 1, shown.len);
        end = rti_str_find(key, RTI_STR("]"));
        if (end == SIZE_MAX)
                return refuse(l, rti_arena_printf(l->arena,
                                                  "filter '%.*s': %s has unbalanced argument "
                                                  "brackets",
                                                  RTI_FMT(shown), desc->name));
        key.len = end;
        if (!(desc->flags & (RT_FIELD_ARG_OPTIONAL | RT_FIELD_ARG_REQUIRED)))
                return refuse(l, rti_arena_printf(l->arena,
                                                  "filter '%.*s': %s does not allow nor require "
                                                  "an argument but one is provided: %.*s",
                                                  RTI_FMT(shown), desc->name, RTI_FMT(key)));
        return accept_plugin_arg(l, field, key, shown);
}

/* ---- the manner of field_args.def ---- */

static const struct arg_form *
form_of(rt_str name)
{
        for (size_t i = 0; i < RTI_COUNT(arg_forms); i++)
                if (rti_str_eq(arg_forms[i].name, name))
                        return &arg_forms[i];
        return NULL;
}

static int
find_in_brackets(const lookup *l, uint32_t field, const struct arg_form *form)
{
        uint64_t index = 0;

        if (!form || l->name.len != form->name.len)
                return refuse_unknown(l);
        switch (form->bracket) {
        case BRACKET_NONE:
                if (form->dot == DOT_PARAM)
                        return refuse(l, RTI_STR("evt.arg fields must be expressed explicitly"));
                return refuse_unknown(l);
        case BRACKET_NUMBER:
                /* Times and small numbers alike are held as signed 64 bits. */
                if (read_number(l->arg, INT64_MAX, &index))
                        return accept(l, field, RT_ARG_INDEX, l->arg, index);
                if (form->bare)
                        return refuse_unknown(l);
                return refuse(l, rti_arena_printf(l->arena, "%.*s is not a valid number",
                                                  RTI_FMT(l->arg)));
        case BRACKET_TEXT:
                break;
        }
        return rti_str_find(l->arg, RTI_STR("]")) == SIZE_MAX
                       ? accept(l, field, RT_ARG_KEY, l->arg, 0)
                       : refuse_unknown(l);
}

static int
find_param(const lookup *l, uint32_t field, rt_str rest)
{
        const size_t known = rti_event_param_prefix(rest, NULL);

        if (known == 0) {
                const rt_str text = whole_text(l);

                if (!text.ptr)
                        return RT_ENOMEM;
                rest = rti_str_sub(text, l->name.len - rest.len, text.len);
                return refuse(l, rti_arena_printf(l->arena, "unknown event argument %.*s",
                                                  RTI_FMT(rest)));
        }
        return known == rest.len && !l->has_arg ? accept(l, field, RT_ARG_KEY, rest, 0)
                                                : refuse_unknown(l);
}

static bool
is_event(rt_str text)
{
        rti_event_set ignored;
        uint64_t code;

        return rti_events_named(text, &ignored) || read_number(text, UINT32_MAX, &code);
}

static int
find_behind_dot(const lookup *l, uint32_t field, const struct arg_form *form)
{
        const rt_str rest = rti_str_sub(l->name, form->name.len + 1, l->name.len);
        bool good = false;

        switch (form->dot) {
        case DOT_NONE:
                break;
        case DOT_PARAM:
                return find_param(l, field, rest);
        case DOT_EVENT:
                good = is_event(rest);
                break;
        case DOT_WORD:
                good = rest.len > 0;
                break;
        case DOT_SIDE:
                good = rti_str_eq(rest, RTI_STR("src")) || rti_str_eq(rest, RTI_STR("dst"));
                break;
        }
        return good && !l->has_arg ? accept(l, field, RT_ARG_KEY, rest, 0) : refuse_unknown(l);
}

static int
find_plain(const lookup *l, uint32_t field)
{
        const rt_str name = l->registry->fields.at[field].name;
        const struct arg_form *form = form_of(name);

        if (form && l->name.len > name.len && l->name.ptr[name.len] == '.')
                return find_behind_dot(l, field, form);
        if (l->has_arg)
                return find_in_brackets(l, field, form);
        if (l->name.len != name.len)
                return refuse_unknown(l);
        if (form && !form->bare)
                return refuse(l, rti_arena_printf(l->arena, "filter syntax error: %.*s",
                                                  RTI_FMT(l->name)));
        return accept(l, field, RT_ARG_NONE, (rt_str){ 0 }, 0);
}

/* ---- which field ---- */

/* The longest name of the first group in which there is one, or RTI_MAP_NONE. */
static uint32_t
find_by_prefix(const rti_registry *registry, size_t source, rt_str name)
{
        uint32_t best = RTI_MAP_NONE;

        for (size_t g = 0; g < registry->groups.n && best == RTI_MAP_NONE; g++) {
                const rti_field_group *group = &registry->groups.at[g];
                size_t longest = 0;

                if (!rti_group_visible(group, source))
                        continue;
                for (uint32_t i = group->first; i < group->first + group->n; i++)
                        if (registry->fields.at[i].name.len > longest
                            && rti_str_starts(name, registry->fields.at[i].name)) {
                                longest = registry->fields.at[i].name.len;
                                best = i;
                        }
        }
        return best;
}

int
rti_registry_find(const rti_registry *registry, rti_arena *arena, const rti_field_query *query,
                  rti_field_ref *ret_field, rt_str *ret_error)
{
        const lookup l = { registry,       arena,     query->name, query->arg,
                           query->has_arg, ret_field, ret_error };
        uint32_t field = rti_field_named(registry, query->name);

        if (field == RTI_MAP_NONE || registry->fields.at[field].contested
            || !rti_registry_field_visible(registry, field, query->source))
                field = find_by_prefix(registry, query->source, query->name);
        if (field == RTI_MAP_NONE)
                return refuse_unknown(&l);
        return registry->groups.at[registry->fields.at[field].group].plain ? find_plain(&l, field)
                                                                           : find_plugin(&l, field);
}

rt_str
rti_registry_suggest(const rti_registry *registry, size_t source, rt_str name)
{
        /* A third of the letters may be wrong, at most three: beyond that it is guessing. */
        uint32_t best = name.len / 3 < 3 ? (uint32_t) name.len / 3 : 3;
        rt_str nearest = { "", 0 };

        for (uint32_t i = 0; i < registry->fields.n; i++) {
                const rti_field_entry *entry = &registry->fields.at[i];
                uint32_t distance;

                if (!rti_registry_field_visible(registry, i, source))
                        continue;
                distance = rti_str_distance(entry->name, name, best);
                if (distance <= best && (distance < best || !nearest.len)) {
                        best = distance;
                        nearest = entry->name;
                }
        }
        return nearest;
}
