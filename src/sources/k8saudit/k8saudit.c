/* SPDX-License-Identifier: Apache-2.0 */
/*
 * k8saudit.c - the source k8s_audit.
 *
 *   config  reading=tolerant|reference
 *   event   one audit event; its payload is the event as written
 *   fields  fields.def, in this folder, and json.*, jevt.*
 */
#include "base/alloc.h"
#include "sources/builtin.h"
#include "sources/jsonkit/options.h"
#include "sources/k8saudit/k8saudit.h"

static void
k8saudit_destroy(void *state)
{
        k8saudit *audit = state;
        const rt_allocator *allocator;

        if (!audit)
                return;
        allocator = audit->kit.allocator;
        rti_kit_done(&audit->kit);
        rti_vec_done(&audit->parts, allocator);
        rti_free(allocator, audit);
}

static int
k8saudit_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        k8saudit *audit = rti_calloc(config->allocator, 1, sizeof *audit);
        int r;

        if (!audit)
                return RT_ENOMEM;
        r = rti_option_reading(config, diags, &audit->reference);
        if (r == RT_OK)
                r = rti_kit_init(&audit->kit, config->allocator, &rti_k8saudit_fields,
                                 rti_k8saudit_reads, K8SAUDIT_FIXED);
        if (r < 0) {
                rti_free(config->allocator, audit);
                return r;
        }
        /* What has no auditID is no audit event in the reference's eyes. */
        audit->kit.required = K8SAUDIT_AUDIT_ID;
        rti_hunt_init(&audit->hunt, &rti_k8saudit_hunt_ops, audit, &audit->kit);
        *ret_state = audit;
        return RT_OK;
}

/* The event without blanks. */
static int
k8saudit_info(void *state, const rt_event *event, rt_str *ret_text)
{
        k8saudit *audit = state;
        rti_kit *kit = &audit->kit;
        int r;

        rti_buf_clear(&kit->text);
        rti_json_compact(kit->doc, rti_json_root(kit->doc), /* touched= */ NULL, &kit->text);
        r = rti_kit_keep(kit, event, ret_text);
        return r < 0 ? r : 1;
}

/* auditID/stage: each stage of a request is an event of its own. */
static int
k8saudit_identity(void *state, const rt_event *event, rt_str *ret_text)
{
        k8saudit *audit = state;
        rti_kit *kit = &audit->kit;
        const rti_json_node id = kit->nodes[K8SAUDIT_AUDIT_ID], stage = rti_kit_find(kit, "stage");
        rt_str id_text, stage_text = RTI_STR("");
        int r;

        if (!rti_kit_is(kit, id, RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(kit, event, id, &id_text);
        if (r == RT_OK && rti_kit_is(kit, stage, RTI_JSON_STRING))
                r = rti_kit_string(kit, event, stage, &stage_text);
        if (r < 0 || id_text.len == 0)
                return r;
        rti_buf_clear(&kit->text);
        rti_buf_add(&kit->text, id_text);
        rti_buf_add_char(&kit->text, '/');
        rti_buf_add(&kit->text, stage_text);
        r = rti_kit_keep(kit, event, ret_text);
        return r < 0 ? r : 1;
}

/* Audit logs are rotated under names whose order says nothing. */
static uint32_t
k8saudit_order(void *state)
{
        const k8saudit *audit = state;

        return audit->reference ? RT_WALK_BY_TIME | RT_WALK_FLAT : RT_WALK_BY_TIME;
}

static uint32_t
k8saudit_split(void *state)
{
        const k8saudit *audit = state;

        return !audit->reference && rti_hunt_rests(&audit->hunt) ? RT_SPLIT_LINES : RT_SPLIT_INPUTS;
}

const rt_source_ops rti_source_k8saudit = {
        .size = sizeof rti_source_k8saudit,
        .abi = RT_SOURCE_ABI,
        .name = "k8s_audit",
        .plugin = "k8saudit",
        .version = "0.18.0",
        .create = k8saudit_create,
        .destroy = k8saudit_destroy,
        .demand = rti_kit_demand,
        .restart = rti_k8saudit_restart,
        .next = rti_k8saudit_next,
        .extract = rti_kit_extract,
        .info = k8saudit_info,
        .identity = k8saudit_identity,
        .walk = k8saudit_order,
        .split = k8saudit_split,
};
