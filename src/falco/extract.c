/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract.c - one field of one event, asked of a plug-in.
 *
 *   in   a slot, the event as plug-ins see it
 *   out  a value in the event's memory: what the plug-in returns is gone with its next call
 */
#include "falco/isolate/isolate.h"
#include "falco/system.h"

int
rti_fp_slot_init(rti_fp_slot *slot, rti_fp *plugin, const rt_slot_desc *desc,
                 const rt_allocator *allocator)
{
        for (size_t i = 0; i < plugin->n_fields; i++) {
                if (!rti_str_is(desc->field, plugin->fields[i].name))
                        continue;
                /* Plug-ins take 0 for an index, even where the argument is none (k8saudit). */
                *slot = (rti_fp_slot){ .plugin = plugin,
                                       .field = (uint32_t) i,
                                       .arg = desc->arg,
                                       .index = desc->arg == RT_ARG_INDEX ? desc->index
                                                                          : UINT64_MAX };
                /* A field that takes both gets the text of an index, too. */
                if (desc->arg == RT_ARG_KEY
                    || (desc->arg == RT_ARG_INDEX && plugin->descs[i].flags & RT_FIELD_ARG_KEY)) {
                        slot->key = rti_alloc(allocator, desc->key.len + 1);
                        if (!slot->key)
                                return RT_ENOMEM;
                        if (desc->key.len)
                                memcpy(slot->key, desc->key.ptr, desc->key.len);
                        slot->key[desc->key.len] = '\0';
                }
                return RT_OK;
        }
        return RT_ENOENT;
}

void
rti_fp_slot_done(rti_fp_slot *slot, const rt_allocator *allocator)
{
        rti_free(allocator, slot->key);
        *slot = (rti_fp_slot){ NULL };
}

/* ---- values ---- */

static int
lied(rti_fp *plugin, enum rti_fp_lie lie)
{
        rti_fp_lied(plugin, lie);
        return RT_EFORMAT;
}

static int
give_text(rti_fp *plugin, const char *text, const rt_event *event, rt_value *ret_value)
{
        const size_t n = rti_fp_text_length(text, RTI_FP_MAX_TEXT_BYTES);
        char *copy;

        if (n == SIZE_MAX)
                return lied(plugin, RTI_FP_LIE_FIELD_TEXT);
        copy = rt_event_alloc(event, n + 1);
        if (!copy)
                return RT_ENOMEM;
        memcpy(copy, text, n + 1);
        ret_value->as.s = (rt_str){ copy, n };
        return 1;
}

static int
give_address(rti_fp *plugin, const rti_fp_bytes *bytes, bool net, rt_value *ret_value)
{
        if ((bytes->len != 4 && bytes->len != 16) || !bytes->ptr)
                return lied(plugin, RTI_FP_LIE_FIELD_BYTES);
        ret_value->count = bytes->len | (net ? bytes->len * 8 << 8 : 0);
        memcpy(ret_value->as.ip, bytes->ptr, bytes->len);
        return 1;
}

/* Value @a i of what was returned. */
static int
give(rti_fp *plugin, const rti_fp_extract_field *got, uint64_t i, const rt_event *event,
     rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = plugin->descs[got->field_id].kind };
        switch (got->type) {
        case RTI_FP_STRING:
                return give_text(plugin, got->values.text[i], event, ret_value);
        case RTI_FP_BOOL:
                ret_value->as.u = got->values.boolean[i] != 0;
                return 1;
        case RTI_FP_IPADDR:
        case RTI_FP_IPNET:
                return give_address(plugin, &got->values.bytes[i], got->type == RTI_FP_IPNET,
                                    ret_value);
        default:
                ret_value->as.u = got->values.u64[i];
                return 1;
        }
}

static int
give_list(rti_fp *plugin, const rti_fp_extract_field *got, const rt_event *event,
          rt_value *ret_value)
{
        rt_value *list;

        if (got->n_values > RTI_FP_MAX_LIST_VALUES)
                return lied(plugin, RTI_FP_LIE_FIELD_LIST);
        list = rt_event_alloc(event, (size_t) got->n_values * sizeof *list);
        if (!list)
                return RT_ENOMEM;
        for (uint64_t i = 0; i < got->n_values; i++) {
                const int r = give(plugin, got, i, event, &list[i]);

                if (r < 0)
                        return r;
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST,
                                 .count = (uint32_t) got->n_values,
                                 .as.list = list };
        return 1;
}

/* What was asked for is still what the plug-in was asked. */
static bool
unchanged(const rti_fp_extract_field *asked, const rti_fp_extract_field *got)
{
        return asked->field_id == got->field_id && asked->type == got->type
               && asked->list == got->list;
}

/* By its own account, or because it is not there any more. */
static int
failed(rti_fp *plugin)
{
        atomic_fetch_add_explicit(&plugin->failures, 1, memory_order_relaxed);
        return rti_fi_is_up(plugin) ? 0 : RT_EIO;
}

int
rti_fp_extract(const rti_fp_slot *slot, const rti_fp_event_input *input, const rt_event *event,
               rt_value *ret_value)
{
        rti_fp *plugin = slot->plugin;
        const rti_fp_field *field = &plugin->fields[slot->field];
        const rti_fp_extract_field asked = { .field_id = slot->field,
                                             .field = field->name,
                                             .arg_key = slot->key,
                                             .arg_index = slot->index,
                                             .arg_present = slot->arg != RT_ARG_NONE,
                                             .type = field->type,
                                             .list = field->list };
        rti_fp_extract_field got = asked;
        const rti_fp_extract_input in = { .owner = plugin,
                                          .owner_error = rti_fp_owner_error,
                                          .n_fields = 1,
                                          .fields = &got,
                                          .reader = rti_fp_table_reader.basic,
                                          .reader_ext = &rti_fp_table_reader };
        int r = 0;

        rti_fp_enter(plugin);
        rti_fp_system_set(plugin, event);
        if (plugin->api.extract_fields(plugin->state, input, &in) != RTI_FP_SUCCESS)
                r = failed(plugin);
        else if (!unchanged(&asked, &got))
                r = lied(plugin, RTI_FP_LIE_FIELD_CHANGED);
        else if (got.n_values && !got.values.any)
                r = lied(plugin, RTI_FP_LIE_FIELD_NULL);
        else if (got.n_values > 1 && !asked.list)
                r = lied(plugin, RTI_FP_LIE_FIELD_COUNT);
        else if (got.n_values)
                r = asked.list ? give_list(plugin, &got, event, ret_value)
                               : give(plugin, &got, 0, event, ret_value);
        rti_fp_leave(plugin);
        return r;
}
