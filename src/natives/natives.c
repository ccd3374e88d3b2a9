/* SPDX-License-Identifier: Apache-2.0 */
/* natives.c - items `natives:` on one side, providers of fields on the other. */
#include "base/alloc.h"
#include "base/opts.h"
#include "native.h"

/* ---- the provider ---- */

/* One worker's, for one source. */
typedef struct instance {
        const module *module;
        rt_allocator allocator;
        uint32_t *function_of; /* of each slot */
} instance;

static int
create(const rt_fields_config *config, void **ret_state)
{
        instance *in = rti_calloc(config->allocator, 1, sizeof *in);

        if (!in)
                return RT_ENOMEM;
        in->module = config->user;
        in->allocator = *config->allocator;
        *ret_state = in;
        return RT_OK;
}

static void
destroy(void *state)
{
        instance *in = state;
        const rt_allocator allocator = in->allocator;

        rti_free(&allocator, in->function_of);
        rti_free(&allocator, in);
}

static int
find(const module *m, const rt_slot_desc *slot, uint32_t *ret_function)
{
        for (size_t i = 0; i < m->n_functions; i++) {
                const native *n = &m->functions[i];

                if (!rti_str_is(slot->field, n->name))
                        continue;
                *ret_function = (uint32_t) i;
                return RT_OK;
        }
        return RT_ENOENT;
}

static int
demand(void *state, const rt_fields_demand *what)
{
        instance *in = state;
        uint32_t *function_of =
                rti_realloc(&in->allocator, in->function_of, what->n_slots, sizeof *function_of);
        int r = RT_OK;

        if (!function_of)
                return RT_ENOMEM;
        in->function_of = function_of;
        for (size_t i = 0; r == RT_OK && i < what->n_slots; i++)
                r = find(
                        in->module,
                        (const rt_slot_desc *) ((const char *) what->slots + i * what->slot_stride),
                        &function_of[i]);
        return r;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        const instance *in = state;
        const native *n = &in->module->functions[in->function_of[slot]];

        return n_reads == n->signature.own.n_params ? natives_call(n, reads, event, ret_value)
                                                    : RT_EINVAL;
}

/* Are these the parameters? Called where a rule names fields in brackets. */
static int
check(void *user, size_t field, const uint32_t *kinds, size_t n_kinds, char *message,
      size_t message_size)
{
        const complaint c = { message, message_size };
        const module *m = user;
        const native *n = &m->functions[field];
        const prototype *p = &n->signature.own;

        if (n_kinds != p->n_params)
                return natives_complain(
                        &c, "\"%s\" takes %d parameters: %u it reads always, so %d are to be named",
                        n->text, p->n_params, n->n_reads, p->n_params - (int) n->n_reads);
        for (size_t i = 0; i < n_kinds; i++)
                if (kinds[i] != RT_KIND_DYNAMIC && !natives_type_takes(p->params[i], kinds[i]))
                        return natives_complain(&c,
                                                "parameter %zu is a %s, which cannot be made of "
                                                "this field",
                                                i + 1, natives_type_rows[p->params[i]].text);
        return RT_OK;
}

/* ---- items ---- */

static void
release(void *user)
{
        module *m = user;
        const rt_allocator allocator = m->allocator;

        natives_library_close(&m->library);
        rti_arena_done(&m->arena);
        rti_free(&allocator, m);
}

static int
add(rt_loader *loader, module *m)
{
        const char *slash = strrchr(m->library.path, '/');

        m->ops.size = sizeof m->ops;
        m->ops.abi = RT_FIELDS_ABI;
        m->ops.name = slash ? slash + 1 : m->library.path;
        m->ops.fields = m->descs;
        m->ops.n_fields = m->n_functions;
        m->ops.field_stride = sizeof *m->descs;
        m->ops.reads = m->reads;
        m->ops.user = m;
        m->ops.create = create;
        m->ops.destroy = destroy;
        m->ops.demand = demand;
        m->ops.extract = extract;
        m->ops.release = release;
        m->ops.check = check;
        return rt_loader_add_fields(loader, &m->ops);
}

static const char *
why_not_added(int status)
{
        switch (status) {
        case RT_EEXIST:
                return "a field of one of these names is there already";
        case RT_ENOENT:
                return "a source is not there, or has not what a function reads";
        case RT_EINVAL:
                return "a name is none that a field can have";
        default:
                return rt_status_name(status);
        }
}

static int
load(rt_loader *loader, const rt_item *from, char *message, size_t message_size, void *user)
{
        rt_natives *natives = user;
        const complaint c = { message, message_size };
        module *m = rti_calloc(&natives->allocator, 1, sizeof *m);
        int r;

        if (!m)
                return RT_ENOMEM;
        m->natives = natives;
        m->allocator = natives->allocator;
        rti_arena_init(&m->arena, &m->allocator, 0);
        r = natives_declare(m, from->json, &c);
        if (r == RT_OK) {
                r = add(loader, m);
                if (r < 0)
                        natives_complain(&c, "%s", why_not_added(r));
        }
        if (r < 0)
                release(m);
        return r;
}

/* ---- hosts ---- */

static int
copy_paths(rt_natives *natives, const rt_natives_opts *opts)
{
        natives->n_paths = opts->n_paths;
        if (!opts->n_paths)
                return RT_OK;
        natives->paths = RTI_NEWN(&natives->arena, const char *, opts->n_paths);
        if (!natives->paths)
                return RT_ENOMEM;
        for (size_t i = 0; i < opts->n_paths; i++) {
                if (!opts->paths[i] || *opts->paths[i] != '/')
                        return RT_EINVAL;
                natives->paths[i] = rti_arena_copy(&natives->arena, rti_str_of(opts->paths[i])).ptr;
                if (!natives->paths[i])
                        return RT_ENOMEM;
        }
        return RT_OK;
}

int
rt_natives_new(rt_engine *engine, const rt_natives_opts *opts, rt_natives **ret_natives)
{
        rt_item_ops ops = RT_INIT(rt_item_ops);
        rt_allocator allocator;
        rt_natives_opts own;
        rt_natives *natives;
        int r;

        if (!engine || !ret_natives)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof own, &own);
        if (r < 0)
                return r;
        if ((own.flags & ~(uint32_t) RT_NATIVES_REQUIRE_DESCRIPTION) || own.reserved)
                return RT_EABI;
        if (own.n_paths && !own.paths)
                return RT_EINVAL;
        allocator = own.allocator ? *own.allocator : rti_alloc_default;
        natives = rti_calloc(&allocator, 1, sizeof *natives);
        if (!natives)
                return RT_ENOMEM;
        natives->allocator = allocator;
        natives->engine = engine;
        natives->flags = own.flags;
        natives->calls = natives_calls;
        natives->calls.natives = natives;
        natives_pool_init(&natives->pool);
        rti_arena_init(&natives->arena, &natives->allocator, 0);
        ops.abi = RT_ITEM_ABI;
        ops.key = "natives";
        ops.user = natives;
        ops.load = load;
        r = copy_paths(natives, &own);
        r = r < 0 ? r : rt_engine_add_item(engine, &ops);
        if (r < 0) {
                rt_natives_unref(natives);
                return r;
        }
        *ret_natives = natives;
        return RT_OK;
}

rt_natives *
rt_natives_unref(rt_natives *natives)
{
        rt_allocator allocator;

        if (!natives)
                return NULL;
        allocator = natives->allocator;
        natives_pool_done(&natives->pool, &allocator);
        rti_arena_done(&natives->arena);
        rti_free(&allocator, natives);
        return NULL;
}
