/* SPDX-License-Identifier: Apache-2.0 */
/* needs.c - what a source has to deliver, as a person reads it: each event, for which rules, and
 * what is left out. */
#include "program/ruleset.h"
#include <libruntime/source.h>
#include <inttypes.h>

typedef struct word {
        uint32_t bit;
        const char *text;
} word;

static const word results[] = { { RT_RESULT_SUCCESS, "succeeded" },
                                { RT_RESULT_FAILURE, "failed" },
                                { RT_RESULT_NONE, "without a result" },
                                { 0, NULL } };
static const word fd_nums[] = { { RT_FDNUM_VALID, "a valid descriptor" },
                                { RT_FDNUM_NEGATIVE, "a descriptor below 0" },
                                { RT_FDNUM_NONE, "no descriptor" },
                                { 0, NULL } };
static const word scopes[] = { { RT_SCOPE_HOST, "on the host" },
                               { RT_SCOPE_CONTAINER, "in a container" },
                               { 0, NULL } };
static const word raw_paths[] = { { RT_RAWPATH_UP, "\"../\" in the path" },
                                  { RT_RAWPATH_PLAIN, "no \"../\" in the path" },
                                  { 0, NULL } };

enum { N_OPEN_BITS = 4 };

static const char *const open_bits[N_OPEN_BITS] = { "to read", "to write", "executable",
                                                    "created" };

static const struct {
        uint32_t number;
        const char *name;
} kinds[] = {
#define KIND(number, id, name, c) { number, name },
#include "lang/fd_kinds.def"
#undef KIND
};

/* Begin one more condition of a row. */
static void
also(rti_buf *buf, bool *first)
{
        rti_buf_add_text(buf, *first ? "" : ", ");
        *first = false;
}

static void
put_words(rti_buf *buf, const word *words, uint32_t set, bool *first)
{
        uint32_t whole = 0, n = 0;

        for (const word *w = words; w->text; w++)
                whole |= w->bit;
        if ((set & whole) == whole)
                return;
        also(buf, first);
        for (const word *w = words; w->text; w++)
                if (set & w->bit)
                        rti_buf_printf(buf, "%s%s", n++ ? " or " : "", w->text);
}

/* Kinds of one name are named once. */
static bool
is_named_before(uint32_t set, size_t k)
{
        for (size_t i = 0; i < k; i++)
                if ((set >> kinds[i].number & 1) && strcmp(kinds[i].name, kinds[k].name) == 0)
                        return true;
        return false;
}

static void
put_kinds(rti_buf *buf, uint32_t set, bool *first)
{
        const uint32_t named = (1u << RTI_COUNT(kinds)) - 1;
        uint32_t n = 0;

        if ((set & named) == named)
                return;
        also(buf, first);
        for (size_t k = 0; k < RTI_COUNT(kinds); k++)
                if ((set >> kinds[k].number & 1) && !is_named_before(set, k))
                        rti_buf_printf(buf, "%s%s", n++ ? " or " : "", kinds[k].name);
        if (set >> RT_FDKIND_UNKNOWN_BIT & 1)
                rti_buf_printf(buf, "%sunknown", n ? " or " : "");
}

/* A bit of all ways of opening is wanted if no way without it is. */
static void
put_modes(rti_buf *buf, uint32_t set, bool *first)
{
        for (uint32_t bit = 0; bit < N_OPEN_BITS; bit++) {
                uint32_t without = 0;

                for (uint32_t way = 0; way < 1u << N_OPEN_BITS; way++)
                        if (!(way >> bit & 1))
                                without |= 1u << way;
                if (set & without)
                        continue;
                also(buf, first);
                rti_buf_printf(buf, "opened %s", open_bits[bit]);
        }
}

static void
put_texts(rti_buf *buf, const rti_program_view *p, const char *what, rti_p_range range, bool *first)
{
        if (!range.n)
                return;
        also(buf, first);
        rti_buf_add_text(buf, what);
        for (uint32_t i = 0; i < range.n; i++) {
                rti_buf_add_text(buf, i ? ", " : " ");
                rti_buf_add(buf, rti_program_text(p, p->need_texts[range.first + i]));
        }
}

static void
put_row(rti_buf *buf, const rti_program_view *p, const rti_p_need *need, bool again)
{
        bool first = true;

        rti_buf_add_text(buf, again ? "    or    " : "    only  ");
        if (!need->results) {
                rti_buf_add_text(buf, "nothing: no rule can match\n");
                return;
        }
        put_words(buf, results, need->results, &first);
        put_words(buf, fd_nums, need->fd_nums, &first);
        put_kinds(buf, need->fd_kinds, &first);
        put_modes(buf, need->open_modes, &first);
        put_words(buf, scopes, need->scopes, &first);
        put_words(buf, raw_paths, need->raw_paths, &first);
        put_texts(buf, p, "path below", need->paths, &first);
        put_texts(buf, p, "process", need->names, &first);
        if (first)
                rti_buf_add_text(buf, "everything");
        rti_buf_add_char(buf, '\n');
}

static void
put_rules(rti_buf *buf, const rti_program_view *p, uint32_t source, uint32_t type)
{
        uint32_t n = 0;

        rti_buf_add_text(buf, "    for   ");
        for (uint32_t i = 0; i < p->n_rules; i++) {
                if (p->rules[i].source != source
                    || !rti_event_set_has(&p->event_sets[p->rules[i].events], type))
                        continue;
                rti_buf_add_text(buf, n++ ? "; " : "");
                rti_buf_add(buf, rti_program_text(p, p->rules[i].name));
        }
        rti_buf_add_char(buf, '\n');
}

/* Rows of one event type stand together. Enter halves are not made any more. */
void
rti_print_needs(rti_buf *buf, const rt_ruleset *rules)
{
        const rti_program_view *p = &rules->p;
        uint32_t last = RTI_NONE;

        for (uint32_t i = 0; i < p->n_needs; i++) {
                const rti_p_need *need = &p->needs[i];
                const rti_event_info *event = &rti_events[need->type];

                if (!event->exit && !(event->origin & RTI_EO_TRACEPOINT))
                        continue;
                if (event->flags & RTI_EF_OLD_VERSION)
                        continue;
                if (need->type != last) {
                        rti_buf_printf(buf, "%s (event %" PRIu32 ")\n", rti_event_name(event),
                                       need->type);
                        put_rules(buf, p, need->source, need->type);
                }
                put_row(buf, p, need, need->type == last);
                last = need->type;
        }
        if (last == RTI_NONE)
                rti_buf_add_text(buf,
                                 "no rule looks at system calls: only processes are followed\n");
}
