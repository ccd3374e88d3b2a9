/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset.c - rt_ruleset_*: compiled rules. */
#include "base/opts.h"
#include "program/steps.h"
#include <stddef.h>

rt_ruleset *
rt_ruleset_ref(rt_ruleset *rules)
{
        return rti_ruleset_ref(rules);
}

rt_ruleset *
rt_ruleset_unref(rt_ruleset *rules)
{
        return rti_ruleset_unref(rules);
}

size_t
rt_ruleset_count(const rt_ruleset *rules)
{
        return rules ? rules->p.n_rules : 0;
}

int
rt_ruleset_rule(const rt_ruleset *rules, size_t index, rt_rule_info *ret_info)
{
        if (!rules || !ret_info)
                return RT_EINVAL;
        if (index >= rules->p.n_rules)
                return RT_ENOENT;
        return rti_opts_give(&rules->rules[index].info, sizeof(rt_rule_info), ret_info);
}

int
rt_ruleset_sees(const rt_ruleset *rules, size_t index, const char *source, uint32_t event_type)
{
        const rti_p_rule *rule;

        if (!rules || !source)
                return RT_EINVAL;
        if (index >= rules->p.n_rules)
                return RT_ENOENT;
        rule = &rules->p.rules[index];
        return rti_str_is(rules->sources[rule->source], source)
               && rti_event_set_has(&rules->p.event_sets[rule->events], event_type);
}

int
rt_ruleset_steps(const rt_ruleset *rules, const char *source, uint64_t record_bytes,
                 rt_steps *ret_steps)
{
        rti_steps steps;
        uint32_t number;
        int r;

        if (!rules || !source || !ret_steps)
                return RT_EINVAL;
        number = rti_ruleset_source(rules, source);
        if (number == RTI_NONE)
                return RT_ENOENT;
        r = rti_ruleset_steps(rules, number, record_bytes ? record_bytes : RTI_MAX_RECORD_BYTES,
                              RTI_MAX_EVENT_BYTES, &steps);
        if (r < 0)
                return r;
        return rti_opts_give(&(rt_steps){ .size = sizeof(rt_steps),
                                          .all = steps.all,
                                          .dearest = steps.rule_steps,
                                          .rule = steps.rule == RTI_NONE
                                                          ? NULL
                                                          : rules->rules[steps.rule].info.name },
                             sizeof(rt_steps), ret_steps);
}

/* A text that goes to the caller, who frees it without naming an allocator. */
typedef struct owned_text {
        rt_allocator allocator;
        char text[];
} owned_text;

static int
give_text(const rt_allocator *allocator, rt_str text, char **ret_text)
{
        owned_text *owned = text.len < SIZE_MAX - sizeof *owned
                                    ? rti_alloc(allocator, sizeof *owned + text.len + 1)
                                    : NULL;

        if (!owned)
                return RT_ENOMEM;
        owned->allocator = *allocator;
        if (text.len)
                memcpy(owned->text, text.ptr, text.len);
        owned->text[text.len] = '\0';
        *ret_text = owned->text;
        return RT_OK;
}

int
rt_ruleset_disasm(const rt_ruleset *rules, char **ret_text)
{
        rti_buf buf;
        int r;

        if (!rules || !ret_text)
                return RT_EINVAL;
        rti_buf_init(&buf, &rules->allocator, 0);
        rti_disasm(&buf, rules);
        r = buf.failed ? buf.failed : give_text(&rules->allocator, rti_buf_str(&buf), ret_text);
        rti_buf_done(&buf);
        return r;
}

void
rt_text_free(char *text)
{
        owned_text *owned;
        rt_allocator allocator;

        if (!text)
                return;
        owned = (owned_text *) (void *) (text - offsetof(owned_text, text));
        allocator = owned->allocator;
        rti_free(&allocator, owned);
}
