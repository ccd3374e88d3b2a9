/* SPDX-License-Identifier: Apache-2.0 */
/* Which names are fields of which source, and what is said of the others. */
#include "base/alloc.h"
#include "lang/registry.h"
#include "sources/builtin.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static rti_registry *
all_sources(void)
{
        rti_registry *registry;

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        cr_assert_eq(rti_registry_add_list(registry, rti_builtin_sources, NULL), RT_OK);
        return registry;
}

static int
find(const rti_registry *registry, rti_arena *arena, size_t source, const char *name,
     rti_field_ref *ret_field, rt_str *ret_error)
{
        const rti_field_query query = { source, rti_str_of(name), { 0 }, false };

        return rti_registry_find(registry, arena, &query, ret_field, ret_error);
}

Test(registry, all_fields_are_there_once)
{
        rti_registry *registry = all_sources();

        cr_assert_eq(rti_registry_fields(registry), 627);
        cr_assert_eq(rti_registry_sources(registry), 7);
        for (uint32_t i = 0; i < RTI_N_EVT_FIELDS; i++)
                cr_assert_eq(rti_registry_field_source(registry, i), SIZE_MAX);
        cr_assert_str_eq(rti_registry_field(registry, RTI_F_EVT_NUM)->name, "evt.num");
        cr_assert_str_eq(rti_registry_field(registry, RTI_F_EVT_HOSTNAME)->name, "evt.hostname");
        rti_registry_unref(registry);
}

Test(registry, every_name_is_found_in_its_own_source)
{
        rti_registry *registry = all_sources();
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        for (uint32_t i = 0; i < rti_registry_fields(registry); i++) {
                const rt_field_desc *desc = rti_registry_field(registry, i);
                const size_t source = rti_registry_field_source(registry, i);
                rti_field_ref ref;
                rt_str error;

                if (desc->flags & RT_FIELD_ARG_REQUIRED)
                        continue;
                cr_assert_eq(find(registry, &arena, source == SIZE_MAX ? 0 : source, desc->name,
                                  &ref, &error),
                             RT_OK, "%s", desc->name);
                cr_assert_eq(ref.field, i, "%s", desc->name);
        }
        rti_arena_done(&arena);
        rti_registry_unref(registry);
}

Test(registry, plugin_versions_are_answered)
{
        rti_registry *registry = all_sources();

        cr_assert(
                rti_str_is(rti_registry_plugin_version(registry, RTI_STR("cloudtrail")), "0.17.1"));
        cr_assert(rti_str_is(rti_registry_plugin_version(registry, RTI_STR("k8saudit")), "0.18.0"));
        cr_assert(rti_str_is(rti_registry_plugin_version(registry, RTI_STR("json")), "0.7.4"));
        cr_assert(rti_str_is(rti_registry_plugin_version(registry, RTI_STR("container")), "0.7.1"));
        cr_assert_eq(rti_registry_plugin_version(registry, RTI_STR("nosuch")).len, 0);
        rti_registry_unref(registry);
}

/* ---- look-up ---- */

typedef struct find_row {
        char source[16], name[40], arg[24];
        bool has_arg;
        char error[160]; /* "": found */
        uint32_t kind;   /* RT_ARG_* */
        uint64_t index;
} find_row;

#define UNKNOWN "filter_check called with nonexistent field "

static find_row find_rows[] = {
        { "json", "json.value", "/a b", true,
          "filter 'json.value[/a': json.value has unbalanced argument brackets", 0, 0 },
        { "json", "json.value", "/a]", true, UNKNOWN "json.value[/a]]", 0, 0 },
        { "json", "json.value", "", true, "", RT_ARG_KEY, 0 },
        { "json", "json.value", "/a\tb", true, "", RT_ARG_KEY, 0 },
        { "json", "json.value", "", false,
          "filter 'json.value': json.value requires an argument but none provided", 0, 0 },
        { "json", "json.value.a", "", false,
          "filter 'json.value.a': json.value requires an argument but none provided", 0, 0 },
        { "json", "json.value.a", "/b", true, UNKNOWN "json.value.a[/b]", 0, 0 },
        { "json", "ct.name", "", false, UNKNOWN "ct.name", 0, 0 },
        { "json", "evt.type", "", false, UNKNOWN "evt.type", 0, 0 },
        { "json", "evt.num", "0", true, UNKNOWN "evt.num[0]", 0, 0 },
        { "json", "evt.numx", "", false, UNKNOWN "evt.numx", 0, 0 },
        { "aws_cloudtrail", "json.value", "/a", true, "", RT_ARG_KEY, 0 },
        { "aws_cloudtrail", "ct.request.documentName", "", false, UNKNOWN "ct.request.documentName",
          0, 0 },
        { "aws_cloudtrail", "ct.user", "0", true,
          "filter 'ct.user[0]': ct.user does not allow nor require an argument but one is "
          "provided: 0",
          0, 0 },
        { "aws_cloudtrail", "ec2.imageids", "", false, "", RT_ARG_NONE, 0 },
        { "aws_cloudtrail", "ec2.imageids", "7", true, "", RT_ARG_INDEX, 7 },
        { "aws_cloudtrail", "ec2.imageids", "18446744073709551615", true, "", RT_ARG_INDEX,
          UINT64_MAX },
        { "aws_cloudtrail", "ec2.imageids", "18446744073709551616", true,
          "filter ec2.imageids[18446744073709551616] ec2.imageids has an invalid index argument "
          "not representable on 64 bit: 18446744073709551616",
          0, 0 },
        { "aws_cloudtrail", "ec2.imageids", "-1", true,
          "filter ec2.imageids[-1] ec2.imageids has an invalid index argument not composed only "
          "by digits: -1",
          0, 0 },
        { "aws_cloudtrail", "ec2.imageids", "01", true,
          "filter ec2.imageids[01] ec2.imageids has an invalid index argument starting with 0: 01",
          0, 0 },
        { "syscall", "container.mount.dest", "0", true, "", RT_ARG_INDEX, 0 },
        { "syscall", "container.mount.dest", "/proc*", true, "", RT_ARG_KEY, 0 },
        { "syscall", "proc.nobody", "", false, UNKNOWN "proc.nobody", 0, 0 },
        { "syscall", "evt.arg", "1", true, "", RT_ARG_INDEX, 1 },
        { "syscall", "evt.arg.flags", "", false, "", RT_ARG_KEY, 0 },
        { "syscall", "evt.arg.nosuch", "", false, "unknown event argument nosuch", 0, 0 },
        { "syscall", "evt.arg.flagsx", "", false, UNKNOWN "evt.arg.flagsx", 0, 0 },
        { "syscall", "evt.args", "", false, "", RT_ARG_NONE, 0 },
        { "syscall", "evt.rawarg.res", "", false, "", RT_ARG_KEY, 0 },
        { "syscall", "evt.rawarg", "0", true, "evt.arg fields must be expressed explicitly", 0, 0 },
        { "syscall", "evt.type.is.open", "", false, "", RT_ARG_KEY, 0 },
        { "syscall", "evt.type.is.nosuch", "", false, UNKNOWN "evt.type.is.nosuch", 0, 0 },
        { "syscall", "evt.around", "1404996934793590564", true, "", RT_ARG_INDEX,
          1404996934793590564u },
        { "syscall", "evt.abspath", "", false, "", RT_ARG_NONE, 0 },
        { "syscall", "proc.aname", "2", true, "", RT_ARG_INDEX, 2 },
        { "syscall", "proc.aname", "x", true, UNKNOWN "proc.aname[x]", 0, 0 },
        { "syscall", "proc.aexepath", "", false, "", RT_ARG_NONE, 0 },
        { "syscall", "proc.env", "HOME", true, "", RT_ARG_KEY, 0 },
        { "syscall", "proc.name", "0", true, UNKNOWN "proc.name[0]", 0, 0 },
        { "syscall", "fd.types", "1", true, "", RT_ARG_INDEX, 1 },
        { "k8s_audit", "ka.uri.param", "a", true, "", RT_ARG_KEY, 0 },
        { "k8s_audit", "ka.user.groups", "0", true,
          "filter 'ka.user.groups[0]': ka.user.groups does not allow nor require an argument but "
          "one is provided: 0",
          0, 0 },
};

ParameterizedTestParameters(registry, finds_or_refuses_as_the_reference)
{
        return cr_make_param_array(find_row, find_rows, RTI_COUNT(find_rows));
}

ParameterizedTest(find_row *row, registry, finds_or_refuses_as_the_reference)
{
        rti_registry *registry = all_sources();
        const size_t source = rti_registry_find_source(registry, rti_str_of(row->source));
        rti_arena arena;
        rti_field_ref ref = { 0 };
        rt_str error = { "", 0 };
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = rti_registry_find(registry, &arena,
                              &(rti_field_query){ source, rti_str_of(row->name),
                                                  rti_str_of(row->arg), row->has_arg },
                              &ref, &error);
        cr_expect_str_eq(r == RT_OK ? "" : error.ptr, row->error);
        cr_expect_eq(r, row->error[0] ? RT_ENOENT : RT_OK);
        cr_expect_eq(ref.arg, row->kind);
        cr_expect_eq(ref.index, row->index);
        rti_arena_done(&arena);
        rti_registry_unref(registry);
}

Test(registry, the_nearest_name_of_the_source_is_suggested)
{
        rti_registry *registry = all_sources();
        const size_t syscall = rti_registry_find_source(registry, RTI_STR("syscall"));
        const size_t json = rti_registry_find_source(registry, RTI_STR("json"));

        cr_assert(rti_str_is(rti_registry_suggest(registry, syscall, RTI_STR("proc.nmae")),
                             "proc.name"));
        cr_assert_eq(rti_registry_suggest(registry, json, RTI_STR("proc.nmae")).len, 0);
        cr_assert_eq(rti_registry_suggest(registry, syscall, RTI_STR("zzzzzzzzzzzz")).len, 0);
        rti_registry_unref(registry);
}

/* ---- adding ---- */

static const rt_field_desc my_fields[] = {
        { "my.name", NULL, RT_KIND_STRING, 0, 0, 0, NULL },
        { "my.count", NULL, RT_KIND_UINT64, 0, RT_FORMAT_DEC, 0, "how many" },
};

static int
create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        (void) config;
        (void) diags;
        *ret_state = NULL;
        return RT_OK;
}

static int
next(void *state, rt_input *input, rt_event *event)
{
        (void) state;
        (void) input;
        (void) event;
        return RT_EOF;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state;
        (void) event;
        (void) slot;
        (void) ret_value;
        return 0;
}

static rt_source_ops
my_ops(const char *name)
{
        return (rt_source_ops){
                .size = sizeof(rt_source_ops),
                .abi = RT_SOURCE_ABI,
                .name = name,
                .plugin = "my",
                .version = "1.2.3",
                .fields = my_fields,
                .n_fields = RTI_COUNT(my_fields),
                .field_stride = sizeof(rt_field_desc),
                .create = create,
                .next = next,
                .extract = extract,
        };
}

Test(registry, a_source_that_cannot_be_read_is_replaced_with_its_fields)
{
        rti_registry *registry = all_sources();
        const rt_source_ops ops = my_ops("okta");
        const size_t okta = rti_registry_find_source(registry, RTI_STR("okta"));

        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        cr_assert_eq(rti_registry_sources(registry), 7);
        cr_assert_eq(rti_registry_fields(registry), 627 - 54 + 2);
        cr_assert_eq(rti_registry_find_source(registry, RTI_STR("okta")), okta);
        cr_assert_str_eq(rti_registry_source(registry, okta)->plugin, "my");
        cr_assert_eq(rti_registry_plugin_version(registry, RTI_STR("okta")).len, 0);
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EEXIST);
        rti_registry_unref(registry);
}

Test(registry, a_failed_addition_leaves_no_trace)
{
        rti_registry *registry = all_sources();
        rt_source_ops ops = my_ops("mine");
        const rt_field_desc twice[] = { my_fields[0], my_fields[1], my_fields[0] };

        ops.fields = twice;
        ops.n_fields = RTI_COUNT(twice);
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EEXIST);
        ops.name = "okta";
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EEXIST);
        cr_assert_eq(rti_registry_fields(registry), 627);
        cr_assert_eq(rti_registry_sources(registry), 7);
        cr_assert_eq(rti_registry_find_source(registry, RTI_STR("mine")), SIZE_MAX);
        cr_assert(rti_str_is(rti_registry_plugin_version(registry, RTI_STR("okta")), "0.11.0"));
        ops = my_ops("mine");
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        rti_registry_unref(registry);
}

Test(registry, broken_descriptions_are_refused)
{
        rti_registry *registry = all_sources();
        rt_source_ops ops = my_ops("mine");

        ops.size = offsetof(rt_source_ops, fields);
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EABI);
        ops = my_ops("mine");
        ops.abi = RT_SOURCE_ABI + 1;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EABI);
        ops = my_ops("mine");
        ops.field_stride = 8;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EABI);
        ops = my_ops("");
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EINVAL);
        ops = my_ops("mine");
        ops.extract = NULL;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EINVAL);
        ops = my_ops("mine");
        ops.next = NULL;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_EINVAL);
        ops = my_ops("nosuch");
        ops.flags = RT_SOURCE_EXTENDS;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_ENOENT);
        rti_registry_unref(registry);
}

Test(registry, an_earlier_groups_prefix_decides)
{
        static const rt_field_desc one[] = { { "x.a", "one", RT_KIND_STRING, 0, 0, 0, "" } };
        static const rt_field_desc two[] = { { "x.a.b", "two", RT_KIND_STRING, 0, 0, 0, "" } };
        rti_registry *registry;
        rt_source_ops ops = my_ops("one");
        rti_arena arena;
        rti_field_ref ref;
        rt_str error = { "", 0 };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        ops.fields = one;
        ops.n_fields = 1;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        ops = my_ops("two");
        ops.fields = two;
        ops.n_fields = 1;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        /* They are of different sources, so each is found in its own. */
        cr_assert_eq(find(registry, &arena, 1, "x.a.b", &ref, &error), RT_OK);
        rti_registry_unref(registry);

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        ops = my_ops("one");
        ops.fields = one;
        ops.n_fields = 1;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        ops = my_ops("one");
        ops.flags = RT_SOURCE_EXTENDS;
        ops.fields = two;
        ops.n_fields = 1;
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        cr_assert_eq(find(registry, &arena, 0, "x.a.b", &ref, &error), RT_ENOENT);
        cr_assert_str_eq(error.ptr, UNKNOWN "x.a.b");
        rti_registry_unref(registry);
        rti_arena_done(&arena);
}

/* ---- without memory ---- */

typedef struct budget {
        size_t left;
} budget;

static void *
limited(void *ptr, size_t size_bytes, void *user)
{
        budget *b = user;

        if (size_bytes == 0) {
                free(ptr);
                return NULL;
        }
        if (b->left == 0)
                return NULL;
        b->left--;
        return realloc(ptr, size_bytes);
}

Test(registry, running_out_of_memory_is_reported)
{
        budget b = { 0 };
        const rt_allocator allocator = { sizeof allocator, limited, &b };
        int r = RT_ENOMEM;

        for (size_t n = 0; r == RT_ENOMEM && n < 1000; n++) {
                rti_registry *registry = NULL;

                b.left = n;
                r = rti_registry_new(&allocator, &registry);
                if (r == RT_OK)
                        r = rti_registry_add_list(registry, rti_builtin_sources, NULL);
                cr_assert(r == RT_OK || r == RT_ENOMEM);
                b.left = SIZE_MAX;
                rti_registry_unref(registry);
        }
        cr_assert_eq(r, RT_OK);
}
