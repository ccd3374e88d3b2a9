/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag_json.c - diagnostics for programs: the document of `falco -V` and SARIF 2.1.0.
 *
 * Falco's document has its keys sorted; ours (id, column, end, hint, reference) are added among
 * them. Where several columns could be meant: `position` holds Falco's YAML marks (from 0), `line`,
 * `column` and `end` the place itself (from 1).
 */
#include "lang/diag_print.h"
#include "lang/lang.h"
#include <libruntime/version.h>

static void
add_key(rti_buf *buf, const char *before, const char *key)
{
        rti_buf_printf(buf, "%s\"%s\":", before, key);
}

static void
add_text(rti_buf *buf, const char *before, const char *key, const char *text)
{
        add_key(buf, before, key);
        rti_buf_add_json(buf, rti_str_of(text));
}

static void
add_number(rti_buf *buf, const char *before, const char *key, uint64_t number)
{
        add_key(buf, before, key);
        rti_buf_add_u64(buf, number);
}

/* ---- Falco's document ---- */

static void
json_chain(rti_buf *buf, const rti_location *where)
{
        if (!where)
                return;
        json_chain(buf, where->outer);
        rti_buf_add_text(buf, where->outer ? "," : "");
        add_key(buf, "{", "item_name");
        rti_buf_add_json(buf, where->item_name);
        add_text(buf, ",", "item_type", where->item_type);
        add_number(buf, ",\"position\":{", "column", where->column);
        add_number(buf, ",", "line", where->line);
        add_key(buf, ",", "name");
        rti_buf_add_json(buf, where->file);
        add_number(buf, ",", "offset", where->offset);
        rti_buf_add_text(buf, "}}");
}

static void
json_place(rti_buf *buf, const rt_diag *d)
{
        if (!d->line)
                return;
        add_number(buf, ",", "column", d->column);
        if (d->end_line) {
                add_number(buf, ",\"end\":{", "column", d->end_column);
                add_number(buf, ",", "line", d->end_line);
                rti_buf_add_char(buf, '}');
        }
}

static void
json_one(rti_buf *buf, const rti_diag_kept *kept)
{
        const rti_diag_info *info = &rti_diag_infos[kept->id];
        const rt_diag *d = &kept->pub;

        add_text(buf, "{", "code", info->falco ? info->falco : d->id);
        add_text(buf, ",", "codedesc",
                 info->severity == RT_ERROR ? info->title : info->explanation);
        add_key(buf, ",", "context");
        add_key(buf, "{", "locations");
        rti_buf_add_char(buf, '[');
        json_chain(buf, kept->where);
        add_text(buf, "],", "snippet", kept->snippet ? kept->snippet : "");
        rti_buf_add_char(buf, '}');
        if (kept->field)
                add_text(buf, ",", "deprecated_field", kept->field);
        json_place(buf, d);
        if (d->file)
                add_text(buf, ",", "file", d->file);
        if (d->hint)
                add_text(buf, ",", "hint", d->hint);
        add_text(buf, ",", "id", d->id);
        if (d->line)
                add_number(buf, ",", "line", d->line);
        add_text(buf, ",", "message", d->message);
        if (d->reference)
                rti_buf_add_text(buf, ",\"reference\":true");
        rti_buf_add_char(buf, '}');
}

static void
json_list(rt_diags *diags, uint32_t result, uint32_t severity)
{
        const char *between = "";

        rti_buf_add_char(&diags->out, '[');
        for (size_t i = 0; i < diags->all.n; i++) {
                const rti_diag_kept *kept = &diags->all.at[i];

                if (kept->result != result || kept->pub.severity != severity)
                        continue;
                rti_buf_add_text(&diags->out, between);
                json_one(&diags->out, kept);
                between = ",";
        }
        rti_buf_add_char(&diags->out, ']');
}

static void
json_result(rt_diags *diags, uint32_t number)
{
        const rti_diag_result *result = &diags->results.at[number];
        rti_buf *buf = &diags->out;

        add_key(buf, "{", "errors");
        json_list(diags, number, RT_ERROR);
        add_key(buf, ",", "name");
        rti_buf_add_json(buf, result->name);
        if (result->schema_ran) {
                add_key(buf, ",", "schema_valid");
                rti_buf_add_text(buf, result->schema_valid ? "true" : "false");
                add_key(buf, ",", "schema_warnings");
                rti_buf_add_char(buf, '[');
                for (size_t i = 0; !result->schema_valid && i < result->schema_warnings.n; i++) {
                        rti_buf_add_text(buf, i ? "," : "");
                        rti_buf_add_json(buf, result->schema_warnings.at[i]);
                }
                rti_buf_add_char(buf, ']');
        }
        add_key(buf, ",", "successful");
        rti_buf_add_text(buf, result->failed ? "false" : "true");
        add_key(buf, ",", "warnings");
        json_list(diags, number, RT_WARNING);
        rti_buf_add_char(buf, '}');
}

void
rti_diags_json(rt_diags *diags)
{
        add_key(&diags->out, "{", "falco_load_results");
        rti_buf_add_char(&diags->out, '[');
        for (uint32_t i = 0; i < diags->results.n; i++) {
                rti_buf_add_text(&diags->out, i ? "," : "");
                json_result(diags, i);
        }
        rti_buf_add_text(&diags->out, "]}\n");
}

/* ---- SARIF ---- */

static void
sarif_rules(rti_buf *buf)
{
        for (size_t i = 0; i < RTI_N_DIAGS; i++) {
                const rti_diag_info *info = &rti_diag_infos[i];

                rti_buf_printf(buf, "%s{\"id\":\"RT%u\"", i ? "," : "", info->code);
                if (info->falco)
                        add_text(buf, ",", "name", info->falco);
                add_text(buf, ",\"shortDescription\":{", "text", info->title);
                add_text(buf, "},\"fullDescription\":{", "text", info->explanation);
                add_text(buf, "},\"defaultConfiguration\":{", "level",
                         rti_severity_name(info->severity));
                rti_buf_add_text(buf, "}}");
        }
}

/* A path as a URI reference: bytes that may not stand in one are percent-encoded. */
static void
add_uri(rti_buf *buf, const char *path)
{
        static const char plain[] =
                "-._~/!$&'()*+,;=@"
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

        rti_buf_add_char(buf, '"');
        for (const char *c = path; *c; c++) {
                if (memchr(plain, *c, sizeof plain - 1))
                        rti_buf_add_char(buf, *c);
                else
                        rti_buf_printf(buf, "%%%02X", (unsigned) (unsigned char) *c);
        }
        rti_buf_add_char(buf, '"');
}

static void
sarif_place(rti_buf *buf, const rti_diag_kept *kept)
{
        const rt_diag *d = &kept->pub;

        if (!d->file)
                return;
        rti_buf_add_text(buf,
                         ",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
        add_uri(buf, d->file);
        rti_buf_add_char(buf, '}');
        if (d->line) {
                add_number(buf, ",\"region\":{", "startLine", d->line);
                add_number(buf, ",", "startColumn", d->column - kept->wide);
                if (d->end_line) {
                        add_number(buf, ",", "endLine", d->end_line);
                        add_number(buf, ",", "endColumn",
                                   d->end_column - (d->end_line == d->line ? kept->wide : 0));
                }
                rti_buf_add_char(buf, '}');
        }
        rti_buf_add_text(buf, "}}]");
}

static void
sarif_one(rti_buf *buf, const rti_diag_kept *kept)
{
        const rt_diag *d = &kept->pub;

        add_text(buf, "{", "ruleId", d->id);
        add_number(buf, ",", "ruleIndex", kept->id);
        add_text(buf, ",", "level", rti_severity_name(d->severity));
        add_text(buf, ",\"message\":{", "text",
                 *d->message ? d->message : rti_diag_infos[kept->id].title);
        rti_buf_add_char(buf, '}');
        sarif_place(buf, kept);
        if (d->hint)
                add_text(buf, ",\"properties\":{", "hint", d->hint);
        rti_buf_add_text(buf, d->hint ? "}}" : "}");
}

void
rti_diags_sarif(rt_diags *diags)
{
        rti_buf *buf = &diags->out;

        rti_buf_add_text(buf, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                              "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{"
                              "\"name\":\"libruntime\",\"version\":\"" RT_VERSION "\",\"rules\":[");
        sarif_rules(buf);
        rti_buf_add_text(buf, "]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[");
        for (size_t i = 0; i < diags->shown.n; i++) {
                rti_buf_add_text(buf, i ? "," : "");
                sarif_one(buf, &diags->all.at[diags->shown.at[i]]);
        }
        rti_buf_add_text(buf, "]}]}\n");
}
