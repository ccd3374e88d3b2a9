/* SPDX-License-Identifier: Apache-2.0 */
/* report.c - problems of rule files, with both of their places: ours and Falco's chain. */
#include "compiler/load/load.h"
#include "lang/lang.h"

void
rti_report_add(rti_loader *loader, const rti_report *report)
{
        const rti_diag_info *info = &rti_diag_infos[report->id];
        const bool falco = info->falco && !report->ours;
        rti_diag diag = {
                .id = report->id,
                .reference = falco && !loader->stopped,
                .item = report->item,
                .message = report->message,
                .hint = report->hint,
                .field = report->field,
                .where = report->where,
                .condition = report->condition,
                .offset = report->start,
        };

        if (report->file) {
                diag.file = report->file->name;
                diag.text = report->file->text;
                diag.place = rti_yaml_place(report->file, report->start, report->end);
        }
        if (report->where_file)
                diag.chain_text = report->where_file->text;
        rti_diag_add(loader->diags, &diag);
        loader->reports++;
        if (info->severity == RT_ERROR) {
                loader->failed = true;
                loader->stopped |= falco;
        }
}

uint32_t
rti_head_end(const rti_yaml_node *node)
{
        if (node->n == 0 || node->kind == RTI_YAML_SCALAR)
                return node->end;
        if (node->kind == RTI_YAML_MAP && node->child[1]->kind <= RTI_YAML_SCALAR)
                return node->child[1]->end > node->start ? node->child[1]->end : node->end;
        return rti_head_end(node->child[0]);
}

void
rti_report_at(rti_loader *loader, enum rti_diag_id id, const rti_spot *spot, const char *format,
              ...)
{
        rti_report report = {
                .id = id,
                .file = spot->file,
                .start = spot->node ? spot->node->start : 0,
                .end = spot->node ? rti_head_end(spot->node) : 0,
                .where = spot->where,
                .item = spot->item,
        };
        va_list args;

        /* What will not be kept need not be written: a file can have millions of errors. */
        if (loader->diags->all.n < RTI_MAX_DIAGS) {
                va_start(args, format);
                report.message = rti_arena_vprintf(&loader->arena, format, args);
                va_end(args);
                if (!report.message.ptr)
                        loader->status = RT_ENOMEM;
        }
        rti_report_add(loader, &report);
}

rti_spot
rti_spot_in(rti_loader *loader, const rti_spot *outer, const rti_yaml_node *node,
            const char *item_type, rt_str name)
{
        rti_location *where = RTI_NEW(&loader->arena, rti_location);
        rti_spot spot = *outer;

        spot.node = node;
        if (!where) {
                loader->status = RT_ENOMEM;
                return spot;
        }
        *where = (rti_location){
                .item_type = item_type,
                .item_name = name,
                .file = outer->file->name,
                .offset = node->start,
                .outer = outer->where,
        };
        rti_yaml_mark(outer->file, node->start, &where->line, &where->column);
        spot.where = where;
        return spot;
}

bool
rti_grow(rti_loader *loader, void **at, uint32_t n, uint32_t *room, size_t size_bytes)
{
        uint32_t more = *room ? *room * 2 : 1;
        void *moved;

        if (n < *room)
                return true;
        if (n >= RTI_MAX_YAML_NODES
            || !(moved = rti_arena_zero(&loader->arena, more, size_bytes))) {
                loader->status = RT_ENOMEM;
                return false;
        }
        if (n)
                memcpy(moved, *at, n * size_bytes);
        *at = moved;
        *room = more;
        return true;
}

bool
rti_text_add(rti_loader *loader, rti_text *text, const rti_piece *piece)
{
        if (!rti_grow(loader, (void **) &text->pieces, text->n, &text->room, sizeof *piece))
                return false;
        text->pieces[text->n++] = *piece;
        return true;
}

/* A text of one piece is that piece; others are made in `work`. */
rt_str
rti_text_join(rti_loader *loader, const rti_text *text)
{
        size_t len = 0;
        char *to;

        if (text->n == 1)
                return text->pieces[0].text;
        for (uint32_t i = 0; i < text->n; i++)
                len += text->pieces[i].text.len;
        to = rti_arena_get(&loader->work, len + 1);
        if (!to) {
                loader->status = RT_ENOMEM;
                return RTI_STR("");
        }
        to[len] = '\0';
        len = 0;
        for (uint32_t i = 0; i < text->n; i++) {
                memcpy(to + len, text->pieces[i].text.ptr, text->pieces[i].text.len);
                len += text->pieces[i].text.len;
        }
        return (rt_str){ to, len };
}
