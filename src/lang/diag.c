/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag.c - diagnostics, kept.
 *
 * Callers add while they work on a file and never look at the result of an addition: running out of
 * memory is remembered in `failed`, and diagnostics beyond limits.def's DIAGS are counted only.
 */
#include "lang/diag.h"
#include "lang/lang.h"

#define ERROR   RT_ERROR
#define WARNING RT_WARNING
#define NOTE    RT_NOTE
const rti_diag_info rti_diag_infos[RTI_N_DIAGS] = {
#define DIAG(code, id, severity, falco, title, explanation) \
        [RTI_D_##id] = { code, severity, falco, title, explanation },
#include "lang/diags.def"
#undef DIAG
};
#undef ERROR
#undef WARNING
#undef NOTE

static const char *const diag_names[RTI_N_DIAGS] = {
#define DIAG(code, id, severity, falco, title, explanation) [RTI_D_##id] = "RT" #code,
#include "lang/diags.def"
#undef DIAG
};

enum { SNIPPET_SIDE = 80, SOURCE_SIDE = 120 };

int
rti_diags_new(const rt_allocator *allocator, rt_diags **ret_diags)
{
        rt_diags *diags = rti_calloc(allocator, 1, sizeof *diags);

        if (!diags)
                return RT_ENOMEM;
        diags->allocator = allocator;
        rti_arena_init(&diags->arena, allocator, 0);
        rti_buf_init(&diags->out, allocator, 0);
        *ret_diags = diags;
        return RT_OK;
}

void
rti_diags_free(rt_diags *diags)
{
        if (!diags)
                return;
        for (size_t i = 0; i < diags->results.n; i++)
                rti_vec_done(&diags->results.at[i].schema_warnings, diags->allocator);
        rti_vec_done(&diags->results, diags->allocator);
        rti_vec_done(&diags->shown, diags->allocator);
        rti_vec_done(&diags->all, diags->allocator);
        rti_buf_done(&diags->out);
        rti_arena_done(&diags->arena);
        rti_free(diags->allocator, diags);
}

/* ---- copies ---- */

static rt_str
keep(rt_diags *diags, rt_str s)
{
        const rt_str copy = rti_arena_copy(&diags->arena, s);

        if (!copy.ptr)
                diags->failed = RT_ENOMEM;
        return copy;
}

/* NULL for an empty string. Embedded NULs end it, as in every C string of the public interface. */
static const char *
keep_text(rt_diags *diags, rt_str s)
{
        return s.len ? keep(diags, s).ptr : NULL;
}

static const rti_location *
keep_chain(rt_diags *diags, const rti_location *where)
{
        const rti_location *first = NULL;
        rti_location *inner = NULL;

        for (; where; where = where->outer) {
                rti_location *copy = RTI_NEW(&diags->arena, rti_location);

                if (!copy) {
                        diags->failed = RT_ENOMEM;
                        return first;
                }
                *copy = *where;
                copy->item_name = keep(diags, where->item_name);
                copy->file = keep(diags, where->file);
                copy->outer = NULL;
                if (inner)
                        inner->outer = copy;
                else
                        first = copy;
                inner = copy;
        }
        return first;
}

/* ---- quoting the text ---- */

void
rti_diag_snippet(rti_buf *buf, rt_str text, size_t offset)
{
        size_t from, to, start = buf->len;

        if (offset
            >= text.len) /* Falco's places count in another text, perhaps a much longer one */
                offset = text.len ? text.len - 1 : 0;
        while (offset > 0 && text.ptr[offset] == '\n')
                offset--;
        if (text.len == 0 || text.ptr[offset] == '\n') {
                rti_buf_add_text(buf, "<No context available>\n");
                return;
        }
        for (from = offset; from > 0 && text.ptr[from] != '\n' && offset - from < SNIPPET_SIDE;)
                from--;
        for (to = offset; to < text.len - 1 && text.ptr[to] != '\n' && to - offset < SNIPPET_SIDE;)
                to++;
        if (text.ptr[from] == '\n')
                from++;
        if (text.ptr[to] == '\n')
                to--;
        rti_buf_add(buf, rti_str_sub(text, from, to + 1));
        if (buf->failed)
                return;
        if (offset - from >= SNIPPET_SIDE)
                memcpy(buf->ptr + start, "...", 3);
        if (to - offset >= SNIPPET_SIDE)
                memcpy(buf->ptr + buf->len - 3, "...", 3);
        rti_buf_add_char(buf, '\n');
        if (offset - from <= buf->len - start - 1) {
                for (size_t i = from; i < offset; i++)
                        rti_buf_add_char(buf, ' ');
                rti_buf_add_text(buf, "^\n");
        }
}

/* The line around the place, cut when it is very long, never inside a character. */
static void
keep_source(rt_diags *diags, rti_diag_kept *kept, rt_str text, size_t offset)
{
        size_t from, to;

        if (!kept->pub.line || !text.len || offset > text.len)
                return;
        from = to = offset;
        while (from > 0 && text.ptr[from - 1] != '\n' && offset - from < SOURCE_SIDE)
                from--;
        while (to < text.len && text.ptr[to] != '\n' && text.ptr[to] != '\r'
               && to - offset < SOURCE_SIDE)
                to++;
        while (from < offset && ((unsigned char) text.ptr[from] & 0xc0) == 0x80)
                from++;
        while (to < text.len && ((unsigned char) text.ptr[to] & 0xc0) == 0x80)
                to++;
        kept->source = keep(diags, rti_str_sub(text, from, to));
        kept->caret = (uint32_t) (offset - from);
        for (size_t i = from; i < offset; i++)
                kept->wide += ((unsigned char) text.ptr[i] & 0xc0) == 0x80;
}

static void
keep_snippet(rt_diags *diags, rti_diag_kept *kept, const rti_diag *diag)
{
        rt_str text = diag->condition;

        if (!diag->where)
                return;
        if (!text.len)
                text = diag->chain_text.ptr ? diag->chain_text : diag->text;
        rti_buf_clear(&diags->out);
        rti_diag_snippet(&diags->out, text, diag->where->offset);
        if (diags->out.failed)
                diags->failed = diags->out.failed;
        kept->snippet = keep(diags, rti_buf_str(&diags->out)).ptr;
}

/* ---- adding ---- */

void
rti_diags_begin(rt_diags *diags, rt_str file)
{
        const rti_diag_result result = { .name = keep(diags, file) };

        if (rti_vec_push(&diags->results, diags->allocator, result, UINT32_MAX) < 0)
                diags->failed = RT_ENOMEM;
}

void
rti_diags_schema(rt_diags *diags, rt_str warning)
{
        rti_diag_result *result;

        if (!diags->results.n)
                return;
        result = &diags->results.at[diags->results.n - 1];
        if (!result->schema_ran)
                result->schema_valid = warning.len == 0;
        result->schema_ran = true;
        if (result->schema_warnings.n >= RTI_MAX_DIAGS)
                return;
        if (warning.len == 0)
                warning = RTI_STR("ok");
        if (rti_vec_push(&result->schema_warnings, diags->allocator, keep(diags, warning),
                         RTI_MAX_DIAGS)
            < 0)
                diags->failed = RT_ENOMEM;
}

/* Was the same said in an earlier result? Only diagnostics of whole collections can be. */
static bool
said_before(const rt_diags *diags, const rti_diag *diag, uint32_t result)
{
        for (size_t i = 0; i < diags->shown.n; i++) {
                const rti_diag_kept *old = &diags->all.at[diags->shown.at[i]];

                if (old->result == result)
                        return false; /* results come in order */
                if (old->id == diag->id && old->pub.line == diag->place.line
                    && old->pub.column == diag->place.column && old->pub.file
                    && rti_str_is(diag->file, old->pub.file)
                    && rti_str_is(diag->message, old->pub.message)
                    && rti_str_is(diag->item, old->pub.item ? old->pub.item : ""))
                        return true;
        }
        return false;
}

static void
fill_public(rt_diags *diags, rt_diag *pub, const rti_diag *diag)
{
        const rti_diag_info *info = &rti_diag_infos[diag->id];

        *pub = (rt_diag){
                .size = sizeof *pub,
                .code = info->code,
                .severity = info->severity,
                .reference = diag->reference,
                .line = diag->place.line,
                .column = diag->place.column,
                .end_line = diag->place.end_line,
                .end_column = diag->place.end_column,
                .id = diag_names[diag->id],
                .name = info->falco,
                .file = keep_text(diags, diag->file),
                .item = keep_text(diags, diag->item),
                .message = keep(diags, diag->message).ptr,
                .hint = keep_text(diags, diag->hint),
        };
        if (!pub->message)
                pub->message = info->title;
}

void
rti_diag_add(rt_diags *diags, const rti_diag *diag)
{
        rti_diag_kept kept = { .id = diag->id };
        const uint32_t number = (uint32_t) diags->all.n;

        if (rti_diag_infos[diag->id].severity == RT_ERROR && diags->results.n)
                diags->results.at[diags->results.n - 1].failed = true;
        if (diags->all.n >= RTI_MAX_DIAGS) {
                diags->dropped++;
                return;
        }
        kept.result = diags->results.n ? (uint32_t) diags->results.n - 1 : 0;
        kept.repeat = said_before(diags, diag, kept.result);
        fill_public(diags, &kept.pub, diag);
        kept.field = keep_text(diags, diag->field);
        kept.where = keep_chain(diags, diag->where);
        keep_source(diags, &kept, diag->text, diag->offset);
        keep_snippet(diags, &kept, diag);
        if (rti_vec_push(&diags->all, diags->allocator, kept, RTI_MAX_DIAGS) < 0
            || (!kept.repeat
                && rti_vec_push(&diags->shown, diags->allocator, number, RTI_MAX_DIAGS) < 0))
                diags->failed = RT_ENOMEM;
}

bool
rti_diags_file_failed(const rt_diags *diags)
{
        return diags->results.n && diags->results.at[diags->results.n - 1].failed;
}
