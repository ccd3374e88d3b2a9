/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.c - values of an event, as the plug-in returns them.
 *
 *   in   an event, fields with arguments
 *   out  a table of offsets, then for each: flags, number of values, the values
 *
 * One field at a time, as in the engine's process: plug-ins may use one buffer for all of them.
 * What is wrong is written down as it is, as far as it can be read; the host judges it.
 */
#include "falco/tables.h"
#include "server.h"

void
wants_read(wants *to, rti_fi_reader *in)
{
        uint32_t n = rti_fi_get_u32(in);

        to->n = 0;
        while (n-- > 0 && to->n < RTI_FP_MAX_WANTS && !in->bad) {
                struct want *want = &to->at[to->n++];

                want->field = rti_fi_get_u32(in);
                want->present = rti_fi_get_u32(in);
                want->index = rti_fi_get_u64(in);
                want->key = rti_fi_get_text(in).ptr;
        }
}

static void
put_address(rti_fi_writer *w, const rti_fp_bytes *bytes)
{
        const bool right = bytes->len == 4 || bytes->len == 16;

        rti_fi_put_u32(w, bytes->len);
        rti_fi_put_u32(w, right && bytes->ptr);
        if (right && bytes->ptr)
                rti_fi_put(w, bytes->ptr, bytes->len);
}

static void
put_elements(const rti_fp_extract_field *got, rti_fi_writer *w)
{
        for (uint64_t i = 0; i < got->n_values && !w->full; i++)
                switch (got->type) {
                case RTI_FP_STRING:
                        rti_fi_put_plain(w, got->values.text[i], RTI_FP_MAX_TEXT_BYTES);
                        break;
                case RTI_FP_BOOL:
                        rti_fi_put_u32(w, got->values.boolean[i]);
                        break;
                case RTI_FP_IPADDR:
                case RTI_FP_IPNET:
                        put_address(w, &got->values.bytes[i]);
                        break;
                default:
                        rti_fi_put_u64(w, got->values.u64[i]);
                        break;
                }
}

static void
put_value(int32_t rc, const rti_fp_extract_field *asked, const rti_fp_extract_field *got,
          rti_fi_writer *w)
{
        uint32_t flags = 0;

        if (rc != RTI_FP_SUCCESS)
                flags |= RTI_FI_FAILED;
        else if (asked->field_id != got->field_id || asked->type != got->type
                 || asked->list != got->list)
                flags |= RTI_FI_CHANGED;
        else if (got->values.any && got->n_values
                 && got->n_values <= (asked->list ? RTI_FP_MAX_LIST_VALUES : 1))
                flags |= RTI_FI_ELEMENTS;
        if (got->values.any)
                flags |= RTI_FI_ARRAY;
        rti_fi_put_u32(w, flags);
        rti_fi_put_u64(w, got->n_values);
        if (flags & RTI_FI_ELEMENTS)
                put_elements(got, w);
}

static void
put_one(rti_fp *plugin, const rti_fp_event_input *event, const struct want *want, rti_fi_writer *w)
{
        const rti_fp_field *field = &plugin->fields[want->field];
        const rti_fp_extract_field asked = { .field_id = want->field,
                                             .field = field->name,
                                             .arg_key = want->key,
                                             .arg_index = want->index,
                                             .arg_present = want->present,
                                             .type = field->type,
                                             .list = field->list };
        rti_fp_extract_field got = asked;
        const rti_fp_extract_input in = { .owner = plugin,
                                          .owner_error = rti_fp_owner_error,
                                          .n_fields = 1,
                                          .fields = &got,
                                          .reader = rti_fp_table_reader.basic,
                                          .reader_ext = &rti_fp_table_reader };
        const size_t before = w->used;

        put_value(plugin->api.extract_fields(plugin->state, event, &in), &asked, &got, w);
        if (w->full) { /* more than can be given */
                w->full = false;
                w->used = before;
                put_value(RTI_FP_FAILURE, &asked, &asked, w);
        }
}

void
values_put(rti_fp *plugin, const rti_fp_event_input *event, const wants *of, rti_fi_writer *w)
{
        const size_t begin = w->used;
        rti_fi_writer table = *w;

        for (uint32_t i = 0; i < of->n; i++)
                rti_fi_put_u32(w, 0);
        for (uint32_t i = 0; i < of->n && !w->full; i++) {
                rti_fi_put_u32(&table, (uint32_t) (w->used - begin));
                if (of->at[i].field < plugin->n_fields)
                        put_one(plugin, event, &of->at[i], w);
        }
}
