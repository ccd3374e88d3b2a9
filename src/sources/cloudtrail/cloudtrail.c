/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloudtrail.c - the source aws_cloudtrail.
 *
 *   config  reading=tolerant|reference
 *   event   one CloudTrail record; its payload is the record as written
 *   fields  fields.def, in this folder, and json.*, jevt.*
 */
#include "base/alloc.h"
#include "sources/builtin.h"
#include "sources/cloudtrail/cloudtrail.h"
#include "sources/jsonkit/options.h"

static void
cloudtrail_destroy(void *state)
{
        cloudtrail *ct = state;
        const rt_allocator *allocator;

        if (!ct)
                return;
        allocator = ct->kit.allocator;
        rti_kit_done(&ct->kit);
        rti_free(allocator, ct);
}

static int
cloudtrail_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        cloudtrail *ct = rti_calloc(config->allocator, 1, sizeof *ct);
        int r;

        if (!ct)
                return RT_ENOMEM;
        r = rti_option_reading(config, diags, &ct->reference);
        if (r == RT_OK)
                r = rti_kit_init(&ct->kit, config->allocator, &rti_cloudtrail_fields,
                                 rti_cloudtrail_reads, CLOUDTRAIL_FIXED);
        if (r < 0) {
                rti_free(config->allocator, ct);
                return r;
        }
        rti_hunt_init(&ct->hunt, &rti_cloudtrail_hunt_ops, ct, &ct->kit);
        *ret_state = ct;
        return RT_OK;
}

static int
info(void *state, const rt_event *event, rt_str *ret_text)
{
        cloudtrail *ct = state;

        return rti_cloudtrail_info(&ct->kit, event, ret_text);
}

static int
cloudtrail_identity(void *state, const rt_event *event, rt_str *ret_text)
{
        cloudtrail *ct = state;
        const rti_json_node node = rti_kit_find(&ct->kit, "eventID");
        int r;

        if (!rti_kit_is(&ct->kit, node, RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(&ct->kit, event, node, ret_text);
        return r < 0 ? r : ret_text->len > 0;
}

/* Deliveries of other kinds stand in the same bucket. */
static bool
is_delivery(rt_str path)
{
        return rti_str_find(path, RTI_STR("/CloudTrail-Digest/")) == SIZE_MAX
               && rti_str_find(path, RTI_STR("/CloudTrail-Insight/")) == SIZE_MAX;
}

static int
cloudtrail_accept(void *state, const char *path, uint32_t found)
{
        static const char *const endings[] = { ".json",   ".json.gz",   ".jsonl", ".jsonl.gz",
                                               ".ndjson", ".ndjson.gz", ".log",   ".log.gz" };
        const cloudtrail *ct = state;
        const rt_str name = rti_str_of(path);
        const size_t n = ct->reference ? 2 : RTI_COUNT(endings);

        if (!ct->reference && (!found || !is_delivery(name)))
                return !found;
        for (size_t i = 0; i < n; i++)
                if (rti_str_ends(name, rti_str_of(endings[i])))
                        return 1;
        return 0;
}

static uint32_t
cloudtrail_split(void *state)
{
        const cloudtrail *ct = state;

        return !ct->reference && rti_hunt_rests(&ct->hunt) ? RT_SPLIT_LINES : RT_SPLIT_INPUTS;
}

const rt_source_ops rti_source_cloudtrail = {
        .size = sizeof rti_source_cloudtrail,
        .abi = RT_SOURCE_ABI,
        .name = "aws_cloudtrail",
        .plugin = "cloudtrail",
        .version = "0.17.1",
        .create = cloudtrail_create,
        .destroy = cloudtrail_destroy,
        .demand = rti_kit_demand,
        .restart = rti_cloudtrail_restart,
        .next = rti_cloudtrail_next,
        .extract = rti_kit_extract,
        .info = info,
        .identity = cloudtrail_identity,
        .accept = cloudtrail_accept,
        .split = cloudtrail_split,
};
