/* SPDX-License-Identifier: Apache-2.0 */
/* profile.c - rt_worker_*_profile: what rules and predicates cost. */
#include "base/opts.h"
#include "engine/worker.h"

int
rt_worker_rule_profile(const rt_worker *worker, size_t index, rt_rule_profile *ret_profile)
{
        const rti_rule_profile *row;
        rt_rule_profile profile;

        if (!worker || !ret_profile)
                return RT_EINVAL;
        if (!worker->rules || index >= worker->rules->p.n_rules)
                return RT_ENOENT;
        row = &worker->sampler.of_rule[index];
        profile = (rt_rule_profile){
                .size = sizeof profile,
                .events = worker->sampler.events[worker->rules->rules[index].source],
                .asked = row->asked,
                .held = row->held,
                .ns = row->ns,
                .dearest = row->dearest == RTI_NONE ? UINT64_MAX : row->dearest,
        };
        return rti_opts_give(&profile, sizeof profile, ret_profile);
}

int
rt_worker_pred_profile(rt_worker *worker, size_t index, rt_pred_profile *ret_profile)
{
        const rti_profile_row *row;
        rt_pred_profile profile;
        uint32_t slot;

        if (!worker || !ret_profile)
                return RT_EINVAL;
        if (rti_turn_of(&worker->turn) == RTI_TURN_TAKEN)
                return RT_EBUSY;
        if (!worker->rules || index >= worker->rules->p.n_preds)
                return RT_ENOENT;
        rti_buf_clear(&worker->explained);
        rti_print_pred(&worker->explained, worker->rules, (uint32_t) index);
        if (worker->explained.failed)
                return worker->explained.failed;
        row = &worker->sampler.of_pred[index];
        slot = worker->rules->p.preds[index].slot;
        profile = (rt_pred_profile){
                .size = sizeof profile,
                .text = rti_buf_str(&worker->explained),
                .source = worker->rules->sources[worker->rules->slots[slot].source].ptr,
                .asked = row->asked,
                .held = row->held,
                .ns = row->ns,
        };
        return rti_opts_give(&profile, sizeof profile, ret_profile);
}

int
rt_worker_profile(rt_worker *worker, rt_str *ret_text)
{
        if (!worker || !ret_text)
                return RT_EINVAL;
        if (rti_turn_of(&worker->turn) == RTI_TURN_TAKEN)
                return RT_EBUSY;
        rti_buf_clear(&worker->explained);
        rti_sampler_write(&worker->sampler, &worker->explained);
        *ret_text = rti_buf_str(&worker->explained);
        return worker->explained.failed;
}
