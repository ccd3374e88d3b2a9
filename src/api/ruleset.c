/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset.c - rt_ruleset_*: compiled rules. */
#include "api/opts.h"
#include "program/ruleset.h"
#include <stdlib.h>

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
rt_ruleset_disasm(const rt_ruleset *rules, char **ret_text)
{
        rti_buf buf;
        char *text;
        int r;

        if (!rules || !ret_text)
                return RT_EINVAL;
        rti_buf_init(&buf, &rules->allocator, 0);
        rti_disasm(&buf, rules);
        r = buf.failed;
        /* The caller frees it without naming an allocator: malloc's. */
        text = r < 0 ? NULL : strndup(buf.ptr, buf.len);
        rti_buf_done(&buf);
        if (r == RT_OK && !text)
                r = RT_ENOMEM;
        if (r == RT_OK)
                *ret_text = text;
        return r;
}

void
rt_text_free(char *text)
{
        free(text);
}
