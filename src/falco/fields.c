/* SPDX-License-Identifier: Apache-2.0 */
/* fields.c - the fields of a plug-in: get_fields' JSON as field descriptions. */
#include "falco/document.h"

static const struct {
        const char *name;
        uint32_t type, kind;
} types[] = {
        { "string", RTI_FP_STRING, RT_KIND_STRING },
        { "uint64", RTI_FP_UINT64, RT_KIND_UINT64 },
        { "bool", RTI_FP_BOOL, RT_KIND_BOOL },
        { "reltime", RTI_FP_RELTIME, RT_KIND_RELTIME },
        { "abstime", RTI_FP_ABSTIME, RT_KIND_ABSTIME },
        { "ipaddr", RTI_FP_IPADDR, RT_KIND_IPADDR },
        { "ipnet", RTI_FP_IPNET, RT_KIND_IPNET },
};

/* A member that must be there. */
static int
need_text(const rti_fp_document *d, rti_json_node object, size_t index, const char *name,
          const char **ret_text)
{
        const int r = rti_fp_document_text(d, object, name, ret_text);

        if (r == RT_ENOENT || (r == RT_OK && !**ret_text))
                return rti_fp_fail(d->message, RT_EFORMAT, "get_fields: entry %zu has no '%s'",
                                   index, name);
        return r;
}

static int
read_type(const rti_fp_document *d, const char *text, rt_field_desc *desc, rti_fp_field *field)
{
        for (size_t i = 0; i < RTI_COUNT(types); i++)
                if (strcmp(types[i].name, text) == 0) {
                        desc->kind = types[i].kind;
                        field->type = types[i].type;
                        return RT_OK;
                }
        return rti_fp_fail(d->message, RT_EFORMAT, "get_fields: field '%s' has unknown type '%s'",
                           desc->name, text);
}

static int
read_arg(const rti_fp_document *d, rti_json_node object, rt_field_desc *desc)
{
        const rti_json_node arg = rti_json_get(d->doc, object, RTI_STR("arg"));
        bool required, index, key;
        int r;

        if (arg == RTI_JSON_NONE || rti_json_type(d->doc, arg) == RTI_JSON_NULL)
                return RT_OK;
        if (rti_json_type(d->doc, arg) != RTI_JSON_OBJECT)
                return rti_fp_fail(d->message, RT_EFORMAT,
                                   "get_fields: 'arg' of field '%s' must be an object", desc->name);
        r = rti_fp_document_bool(d, arg, "isRequired", &required);
        r = r < 0 ? r : rti_fp_document_bool(d, arg, "isIndex", &index);
        r = r < 0 ? r : rti_fp_document_bool(d, arg, "isKey", &key);
        if (r < 0)
                return r;
        if (required && !index && !key)
                return rti_fp_fail(d->message, RT_EFORMAT,
                                   "get_fields: field '%s' requires an argument that is neither "
                                   "index nor key",
                                   desc->name);
        if (index || key)
                desc->flags |= required ? RT_FIELD_ARG_REQUIRED : RT_FIELD_ARG_OPTIONAL;
        desc->flags |= (index ? RT_FIELD_ARG_INDEX : 0) | (key ? RT_FIELD_ARG_KEY : 0);
        return RT_OK;
}

static int
read_properties(const rti_fp_document *d, rti_json_node object, rt_field_desc *desc)
{
        const rti_json_node list = rti_json_get(d->doc, object, RTI_STR("properties"));
        rt_str text;

        if (list == RTI_JSON_NONE || rti_json_type(d->doc, list) == RTI_JSON_NULL)
                return RT_OK;
        if (rti_json_type(d->doc, list) != RTI_JSON_ARRAY)
                return rti_fp_fail(d->message, RT_EFORMAT,
                                   "get_fields: 'properties' of field '%s' must be a list",
                                   desc->name);
        for (rti_json_node node = rti_json_first(d->doc, list); node != RTI_JSON_NONE;
             node = rti_json_next(d->doc, node)) {
                const int r = rti_fp_document_copy(d, node, &text);

                if (r == RT_EFORMAT)
                        return rti_fp_fail(d->message, r,
                                           "get_fields: 'properties' of field '%s' must be a list "
                                           "of strings",
                                           desc->name);
                if (r < 0)
                        return r;
                if (rti_str_is(text, "hidden"))
                        desc->flags |= RT_FIELD_TABLE_ONLY;
        }
        return RT_OK;
}

static int
read_field(const rti_fp_document *d, rti_json_node object, size_t index, rt_field_desc *desc,
           rti_fp_field *field)
{
        const char *type;
        bool list, suggested;
        int r;

        if (rti_json_type(d->doc, object) != RTI_JSON_OBJECT)
                return rti_fp_fail(d->message, RT_EFORMAT, "get_fields: entry %zu is no object",
                                   index);
        r = need_text(d, object, index, "name", &desc->name);
        r = r < 0 ? r : need_text(d, object, index, "type", &type);
        r = r < 0 ? r : need_text(d, object, index, "desc", &desc->help);
        r = r < 0 ? r : read_type(d, type, desc, field);
        r = r < 0 ? r : rti_fp_document_bool(d, object, "isList", &list);
        r = r < 0 ? r : rti_fp_document_bool(d, object, "addOutput", &suggested);
        r = r < 0 ? r : read_arg(d, object, desc);
        r = r < 0 ? r : read_properties(d, object, desc);
        if (r < 0)
                return r;
        desc->flags |= (list ? RT_FIELD_LIST : 0) | (suggested ? RT_FIELD_SUGGESTED : 0);
        desc->format = RT_FORMAT_DEC;
        field->name = desc->name;
        field->list = list;
        return RT_OK;
}

static int
read_all(rti_fp *plugin, const rti_fp_document *d)
{
        const rti_json_node root = rti_json_root(d->doc);
        rti_json_node node;
        rt_str group;
        size_t n;

        if (rti_json_type(d->doc, root) != RTI_JSON_ARRAY)
                return rti_fp_fail(d->message, RT_EFORMAT, "get_fields must return a JSON list");
        n = rti_json_count(d->doc, root);
        if (n == 0)
                return rti_fp_fail(d->message, RT_EFORMAT, "get_fields returned an empty list");
        if (n > RTI_FP_MAX_FIELDS)
                return rti_fp_fail(d->message, RT_ELIMIT, "get_fields returned more than %d fields",
                                   (int) RTI_FP_MAX_FIELDS);
        plugin->descs = RTI_NEWN(&plugin->arena, rt_field_desc, n);
        plugin->fields = RTI_NEWN(&plugin->arena, rti_fp_field, n);
        group = rti_arena_printf(&plugin->arena, "%s (plugin)", plugin->name);
        if (!plugin->descs || !plugin->fields || !group.ptr)
                return RT_ENOMEM;
        node = rti_json_first(d->doc, root);
        for (size_t i = 0; i < n; i++, node = rti_json_next(d->doc, node)) {
                const int r = read_field(d, node, i, &plugin->descs[i], &plugin->fields[i]);

                if (r < 0)
                        return r;
                plugin->descs[i].group = group.ptr;
        }
        plugin->n_fields = n;
        return RT_OK;
}

int
rti_fp_parse_fields(rti_fp *plugin, rt_str text, const rti_fp_message *message)
{
        rti_fp_document d = { .plugin = plugin, .what = "get_fields", .message = message };
        int r = rti_fp_document_read(&d, text.ptr, text.len);

        if (r == RT_OK)
                r = read_all(plugin, &d);
        rti_fp_document_done(&d);
        return r;
}

int
rti_fp_read_fields(rti_fp *plugin, const rti_fp_message *message)
{
        const char *text;
        size_t len;

        if (!(plugin->caps & RT_FALCO_EXTRACTION))
                return RT_OK;
        text = plugin->api.get_fields();
        len = rti_fp_text_length(text, RTI_FP_MAX_JSON_BYTES);
        if (len == SIZE_MAX)
                return rti_fp_fail(message, RT_EFORMAT, RTI_FP_NO_TEXT, "get_fields",
                                   (int) RTI_FP_MAX_JSON_BYTES);
        return rti_fp_parse_fields(plugin, (rt_str){ text, len }, message);
}
