/* SPDX-License-Identifier: Apache-2.0 */
/* config.c - the configuration, as the plug-in's schema wants it. */
#include "falco/document.h"
#include "falco/schema.h"

static int
read_object(rti_fp *plugin, const char *text, size_t len, const char *what,
            const rti_fp_message *message)
{
        rti_fp_document d = { .plugin = plugin, .what = what, .message = message };
        int r = rti_fp_document_read(&d, text, len);

        if (r == RT_OK && rti_json_type(d.doc, rti_json_root(d.doc)) != RTI_JSON_OBJECT)
                r = rti_fp_fail(message, RT_EFORMAT, "%s is not a JSON object", what);
        rti_fp_document_done(&d);
        return r;
}

int
rti_fp_read_schema(rti_fp *plugin, const rti_fp_message *message)
{
        int32_t type = RTI_FP_SCHEMA_NONE;
        int r;

        if (!plugin->api.get_init_schema)
                return RT_OK;
        r = rti_fp_copy(plugin, plugin->api.get_init_schema(&type), RTI_FP_MAX_JSON_BYTES,
                        &plugin->schema);
        if (r == RT_EFORMAT) { /* NULL: none */
                plugin->schema = "";
                return RT_OK;
        }
        if (r < 0)
                return r;
        if (type != RTI_FP_SCHEMA_NONE && type != RTI_FP_SCHEMA_JSON)
                return rti_fp_fail(message, RT_EFORMAT,
                                   "get_init_schema returned an unknown schema type %d", type);
        if (type == RTI_FP_SCHEMA_NONE || !*plugin->schema)
                return RT_OK;
        plugin->schema_type = type;
        return read_object(plugin, plugin->schema, strlen(plugin->schema), "get_init_schema",
                           message);
}

/* A document, and what its schema wants of it. */
static int
check_schema(rti_fp *plugin, const char *config, const rti_fp_message *message)
{
        rti_fp_document schema = { .plugin = plugin,
                                   .what = "get_init_schema",
                                   .message = message },
                        given = { .plugin = plugin, .what = "init_config", .message = message };
        int r = rti_fp_document_read(&schema, plugin->schema, strlen(plugin->schema));

        r = r < 0 ? r : rti_fp_document_read(&given, config, strlen(config));
        r = r < 0 ? r : rti_fp_schema_check(schema.doc, given.doc, message);
        rti_fp_document_done(&schema);
        rti_fp_document_done(&given);
        return r;
}

int
rti_fp_check_config(rti_fp *plugin, const char *config, const char **ret_text,
                    const rti_fp_message *message)
{
        size_t len;
        int r;

        if (!config)
                config = "";
        len = rti_fp_text_length(config, RTI_FP_MAX_CONFIG_BYTES);
        if (len == SIZE_MAX)
                return rti_fp_fail(message, RT_ELIMIT, "init_config is longer than %d bytes",
                                   (int) RTI_FP_MAX_CONFIG_BYTES);
        *ret_text = config;
        if (plugin->schema_type == RTI_FP_SCHEMA_NONE)
                return RT_OK;
        if (!len)
                *ret_text = config = "{}";
        r = read_object(plugin, config, strlen(config), "init_config", message);
        r = r < 0 ? r : check_schema(plugin, config, message);
        return r == RT_EFORMAT ? RT_EINVAL : r;
}
