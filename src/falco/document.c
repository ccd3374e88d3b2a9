/* SPDX-License-Identifier: Apache-2.0 */
/* document.c - JSON that a plug-in, or its user, wrote. */
#include "falco/document.h"

static void *
get_memory(void *user, size_t size_bytes)
{
        return rti_arena_get(user, size_bytes);
}

int
rti_fp_document_read(rti_fp_document *d, const char *text, size_t len)
{
        rti_json_error error = { 0, NULL };
        int r = rti_json_new(&d->plugin->host->allocator, &d->doc);

        if (r < 0)
                return r;
        r = rti_json_parse(d->doc, (rt_str){ text, len }, RTI_JSON_STRICT, NULL, NULL, &error);
        if (r == RT_OK || r == RT_ENOMEM)
                return r;
        return rti_fp_fail(d->message, RT_EFORMAT, "%s is not valid JSON: %s at byte %zu", d->what,
                           error.message ? error.message : "broken", error.offset);
}

void
rti_fp_document_done(rti_fp_document *d)
{
        rti_json_free(d->doc);
        d->doc = NULL;
}

int
rti_fp_document_copy(const rti_fp_document *d, rti_json_node node, rt_str *ret_text)
{
        const rti_json_memory memory = { get_memory, &d->plugin->arena };
        rt_str text, copy;
        int r;

        if (rti_json_type(d->doc, node) != RTI_JSON_STRING)
                return RT_EFORMAT;
        r = rti_json_string(d->doc, node, &memory, &text);
        if (r < 0)
                return r;
        if (text.len && memchr(text.ptr, 0, text.len))
                return RT_EFORMAT;
        copy = rti_arena_copy(&d->plugin->arena, text);
        if (!copy.ptr)
                return RT_ENOMEM;
        *ret_text = copy;
        return RT_OK;
}

int
rti_fp_document_text(const rti_fp_document *d, rti_json_node object, const char *name,
                     const char **ret_text)
{
        const rti_json_node node = rti_json_get(d->doc, object, rti_str_of(name));
        rt_str copy;
        int r;

        if (node == RTI_JSON_NONE)
                return RT_ENOENT;
        r = rti_fp_document_copy(d, node, &copy);
        if (r == RT_EFORMAT)
                return rti_fp_fail(d->message, r, "%s: '%s' must be a string", d->what, name);
        if (r == RT_OK)
                *ret_text = copy.ptr;
        return r;
}

int
rti_fp_document_bool(const rti_fp_document *d, rti_json_node object, const char *name,
                     bool *ret_value)
{
        const rti_json_node node = rti_json_get(d->doc, object, rti_str_of(name));

        *ret_value = false;
        if (node == RTI_JSON_NONE)
                return RT_OK;
        switch (rti_json_type(d->doc, node)) {
        case RTI_JSON_TRUE:
                *ret_value = true;
                return RT_OK;
        case RTI_JSON_FALSE:
        case RTI_JSON_NULL:
                return RT_OK;
        default:
                return rti_fp_fail(d->message, RT_EFORMAT, "%s: '%s' must be true or false",
                                   d->what, name);
        }
}
