/* SPDX-License-Identifier: Apache-2.0 */
/* loader.c - one file after the other: read, checked against the schema, collected, compiled. */
#include "compiler/load/load.h"
#include "lang/lang.h"

int
rti_loader_new(const rt_allocator *allocator, const rti_registry *registry,
               const rti_loader_opts *opts, rti_loader **ret_loader)
{
        rti_loader *loader = rti_calloc(allocator, 1, sizeof *loader);
        int r;

        if (!loader)
                return RT_ENOMEM;
        loader->allocator = allocator;
        loader->registry = registry;
        loader->opts = *opts;
        rti_arena_init(&loader->arena, allocator, 0);
        if (!loader->opts.max_bytes)
                loader->opts.max_bytes = RTI_MAX_LOAD_BYTES;
        rti_arena_init(&loader->work, allocator, loader->opts.max_bytes);
        rti_arena_init(&loader->trees, allocator, 0);
        rti_buf_init(&loader->out, allocator, 0);
        (void) rti_events_named(RTI_STR("asyncevent"), &loader->async_events);
        loader->list_names.arena = &loader->arena;
        loader->macro_names.arena = &loader->arena;
        loader->rule_names.arena = &loader->arena;
        r = rti_extra_take(loader, opts);
        if (r == RT_OK) {
                loader->expansion = rti_expansion_new(loader);
                loader->aside = rti_expansion_new(loader);
                r = loader->expansion && loader->aside ? RT_OK : RT_ENOMEM;
        }
        if (r < 0) {
                rti_loader_free(loader);
                return r;
        }
        *ret_loader = loader;
        return RT_OK;
}

void
rti_loader_free(rti_loader *loader)
{
        if (!loader)
                return;
        rti_expansion_free(loader->expansion);
        rti_expansion_free(loader->aside);
        rti_vec_done(&loader->lists, loader->allocator);
        rti_vec_done(&loader->macros, loader->allocator);
        rti_vec_done(&loader->rules, loader->allocator);
        rti_vec_done(&loader->requirements, loader->allocator);
        rti_vec_done(&loader->selections, loader->allocator);
        rti_buf_done(&loader->out);
        rti_arena_done(&loader->arena);
        rti_arena_done(&loader->work);
        rti_arena_done(&loader->trees);
        rti_free(loader->allocator, loader);
}

void
rti_loader_use(rti_loader *loader, const rti_registry *registry)
{
        loader->registry = registry;
}

/* ---- a file ---- */

static void
report_yaml(rti_loader *loader, const rti_spot *content, const rti_yaml_error *error)
{
        rti_location *where = RTI_NEW(&loader->arena, rti_location);
        rti_report report = {
                .id = error->id,
                .file = content->file,
                .start = error->offset,
                .end = error->offset + 1,
                .where = where,
                .message = error->message,
        };

        if (!where) {
                loader->status = RT_ENOMEM;
                return;
        }
        *where = (rti_location){
                .item_type = "value for",
                .item_name = RTI_STR(""),
                .file = content->file->name,
                .offset = error->offset,
                .outer = content->where,
        };
        rti_yaml_mark(content->file, error->offset, &where->line, &where->column);
        rti_report_add(loader, &report);
}

static void
read_document(rti_loader *loader, const rti_spot *content, const rti_yaml_node *doc)
{
        rti_spot spot = *content;

        if (doc->kind == RTI_YAML_NULL)
                return;
        spot.node = doc;
        if (doc->kind != RTI_YAML_LIST) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                              doc->kind == RTI_YAML_MAP
                                      ? "Rules content is not yaml array of objects"
                                      : "Rules content is not yaml");
                return;
        }
        for (uint32_t i = 0; i < doc->n && loader->status == RT_OK; i++)
                if (doc->child[i]->kind != RTI_YAML_NULL)
                        rti_read_item(loader, content, doc->child[i]);
}

static int
read_file(rti_loader *loader, rt_str name, rt_str text)
{
        const rt_str kept = rti_arena_copy(&loader->arena, name);
        rti_location *where = RTI_NEW(&loader->arena, rti_location);
        rti_spot content = { .where = where };
        rti_yaml_error error;
        rti_yaml_file *file;
        int r;

        /* Beyond the limit nothing of the text is read. */
        if (text.len <= RTI_MAX_RULE_FILE_BYTES)
                text = rti_arena_copy(&loader->arena, text);
        if (!kept.ptr || !where || !text.ptr)
                return RT_ENOMEM;
        *where = (rti_location){ .item_type = "rules content",
                                 .item_name = RTI_STR(""),
                                 .file = kept };
        r = rti_yaml_read(&loader->arena, kept, text, &file, &error);
        if (r == RT_ENOMEM)
                return r;
        content.file = file;
        if (r < 0) {
                report_yaml(loader, &content, &error);
                return r;
        }
        rti_schema_check(loader, file);
        for (uint32_t i = 0; i < file->n_docs && loader->status == RT_OK; i++)
                read_document(loader, &content, file->docs[i]);
        return loader->status;
}

/* Out of memory, or out of what this loader may have? Either way nothing can be loaded any more. */
static int
compile_status(rti_loader *loader, rt_str name)
{
        rti_diag diag = { .id = RTI_D_LIMIT, .file = name };

        if (loader->status != RT_ENOMEM || loader->work.total_bytes < loader->opts.max_bytes / 2)
                return loader->status;
        diag.message = RTI_STR("The rules need too much memory (limit LOAD_BYTES)");
        rti_diag_add(loader->diags, &diag);
        loader->failed = true;
        loader->status = RT_ELIMIT;
        return RT_ELIMIT;
}

int
rti_loader_add(rti_loader *loader, rt_str name, rt_str text, rt_diags *diags)
{
        int r;

        loader->diags = diags;
        rti_diags_begin(diags, name);
        r = read_file(loader, name, text);
        if (r == RT_OK) {
                rti_check_requirements(loader);
                rti_compile(loader);
                r = compile_status(loader, name);
        } else if (r == RT_ENOMEM) {
                loader->status = r;
                r = compile_status(loader, name);
        }
        loader->diags = NULL;
        if (r == RT_OK)
                r = diags->failed;
        if (r == RT_OK && rti_diags_file_failed(diags))
                r = RT_ERULES;
        return r;
}

int
rti_loader_add_file(rti_loader *loader, rt_str path, rt_str text, rt_diags *diags)
{
        int r;

        loader->path = path;
        r = rti_loader_add(loader, path, text, diags);
        loader->path = (rt_str){ "", 0 };
        return r;
}

void
rti_loader_unreadable(rti_loader *loader, rt_str name, const char *why, rt_diags *diags)
{
        const rti_location where = { .item_type = "rules content",
                                     .item_name = RTI_STR(""),
                                     .file = name };
        rti_diag diag = {
                .id = RTI_D_FILE_READ,
                .reference = !loader->stopped,
                .file = name,
                .message = rti_str_of(why),
                .where = &where,
        };

        rti_diags_begin(diags, name);
        rti_diag_add(diags, &diag);
        loader->failed = loader->stopped = true;
}
