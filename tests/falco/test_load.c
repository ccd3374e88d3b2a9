/* SPDX-License-Identifier: Apache-2.0 */
/* Loading: what is wrong with a plug-in is said, and nothing of it stays. */
#include "host.h"
#include <criterion/parameterized.h>
#include <stdlib.h>

typedef struct row {
        char name[40], message[200];
        int result;
} row;

#define BAD(name, message)                \
        {                                 \
                name, message, RT_EFORMAT \
        }

ParameterizedTestParameters(load, a_broken_plugin_is_refused_with_its_reason)
{
        static row rows[] = {
                BAD("major",
                    "plugin required API version '2.0.0' not compatible with the framework's API "
                    "version '3.12.0': major versions disagree"),
                BAD("minor",
                    "plugin required API version '3.99.0' not compatible with the framework's API "
                    "version '3.12.0': framework's minor is less than the requested one"),
                BAD("patch",
                    "plugin required API version '3.12.1' not compatible with the framework's API "
                    "version '3.12.0': framework's patch is less than the requested one"),
                BAD("no_version", "plugin provided an invalid required API version: '3.0'"),
                BAD("null_api_version", "plugin provided an invalid required API version: ''"),
                BAD("no_api_version",
                    "required symbol not implemented: 'get_required_api_version'"),
                BAD("no_init", "required symbol not implemented: 'init'"),
                BAD("no_last_error", "required symbol not implemented: 'get_last_error'"),
                BAD("no_semver", "plugin provided an invalid version string: '1.2'"),
                BAD("null_name", "get_name returned no text, or one of more than 65536 bytes"),
                BAD("no_caps", "plugin does not implement any capability"),
                BAD("half_sourcing",
                    "broken plugin capabilities: 'close' is implemented but 'next_batch' is not "
                    "(event sourcing)"),
                BAD("half_extraction",
                    "broken plugin capabilities: 'get_fields' is implemented but 'extract_fields' "
                    "is not (field extraction)"),
                BAD("half_async",
                    "broken plugin capabilities: 'get_async_events' is implemented but "
                    "'set_async_event_handler' is not (async events)"),
                BAD("half_listening",
                    "broken plugin capabilities: 'capture_close' is implemented but "
                    "'capture_open' is not (capture listening)"),
                BAD("id_alone",
                    "broken plugin capabilities: 'get_id' and 'get_event_source' must both say "
                    "something, or neither"),
                BAD("source_alone",
                    "broken plugin capabilities: 'get_id' and 'get_event_source' must both say "
                    "something, or neither"),
                BAD("syscall",
                    "broken plugin capabilities: the event source 'syscall' is reserved, a plugin "
                    "with an id can't have it"),
                BAD("null_fields",
                    "get_fields returned no text, or one of more than 16777216 bytes"),
                BAD("bad_json", "get_fields is not valid JSON: "),
                BAD("empty_fields", "get_fields returned an empty list"),
                BAD("fields_object", "get_fields must return a JSON list"),
                BAD("no_type", "get_fields: entry 0 has no 'type'"),
                BAD("no_name", "get_fields: entry 0 has no 'name'"),
                BAD("no_desc", "get_fields: entry 0 has no 'desc'"),
                BAD("bad_type", "get_fields: field 'broken.f' has unknown type 'float'"),
                BAD("bad_list_flag", "get_fields: 'isList' must be true or false"),
                BAD("bad_arg",
                    "get_fields: field 'broken.f' requires an argument that is neither index nor "
                    "key"),
                BAD("bad_sources", "get_extract_event_sources must return a JSON list of strings"),
                BAD("bad_types", "get_extract_event_types returned a number of types and no array"),
                BAD("no_async_names", "get_async_events returned no names"),
                BAD("empty_async", "get_async_events returned no names"),
                BAD("schema_type", "get_init_schema returned an unknown schema type 7"),
                BAD("schema_json", "get_init_schema is not valid JSON: "),
                BAD("schema_list", "get_init_schema is not a JSON object"),
                BAD("events_major",
                    "plugin required event schema version '5.0.0' is newer than the framework's "
                    "'4.5.1'"),
                BAD("events_minor",
                    "plugin required event schema version '4.6.0' is newer than the framework's "
                    "'4.5.1'"),
                BAD("events_patch",
                    "plugin required event schema version '4.5.2' is newer than the framework's "
                    "'4.5.1'"),
                BAD("events_bad",
                    "plugin provided an invalid required event schema version: '4.1'"),
                BAD("null_source",
                    "get_event_source returned no text, or one of more than 65536 bytes"),
                BAD("empty_name", "get_name returned an empty text"),
                BAD("number_name", "get_fields: 'name' must be a string"),
                BAD("arg_list", "get_fields: 'arg' of field 'broken.f' must be an object"),
                BAD("properties", "get_fields: 'properties' of field 'broken.f' must be a list"),
                BAD("property",
                    "get_fields: 'properties' of field 'broken.f' must be a list of strings"),
                BAD("no_field", "get_fields: entry 0 is no object"),
                BAD("long_name", "get_name returned no text, or one of more than 65536 bytes"),
                BAD("long_fields",
                    "get_fields returned no text, or one of more than 16777216 bytes"),
                BAD("long_source",
                    "get_event_source returned no text, or one of more than 65536 bytes"),
                BAD("long_sources",
                    "get_extract_event_sources returned no text, or one of more than 16777216 "
                    "bytes"),
                { "many_fields", "get_fields returned more than 4096 fields", RT_ELIMIT },
                { "many_names", "get_extract_event_sources returned more than 1024 names",
                  RT_ELIMIT },
                { "many_types", "get_extract_event_types returned more than 4096 types",
                  RT_ELIMIT },
                { "failing_init", "could not initialize plugin 'broken': as it was asked to",
                  RT_EIO },
                { "null_error", "could not initialize plugin 'broken': no error text", RT_EIO },
        };

        return cr_make_param_array(row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(row *r, load, a_broken_plugin_is_refused_with_its_reason)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        char name[64];
        host h;

        host_init(&h);
        snprintf(name, sizeof name, "broken_%s", r->name);
        cr_expect_eq(host_load(&h, name, NULL), r->result, "%s", r->name);
        cr_expect(strncmp(h.message, r->message, strlen(r->message)) == 0, "%s: %s", r->name,
                  h.message);
        cr_expect_eq(rt_falco_get(h.falco, 0, &info), RT_ENOENT);
        rt_falco_unref(h.falco);
}

Test(load, a_plugin_tells_what_it_is)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        char *text = NULL;
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "ticker", "{}"), RT_OK, "%s", h.message);
        cr_expect_str_eq(h.message, "");
        cr_assert_eq(rt_falco_get(h.falco, 0, &info), RT_OK);
        cr_expect_str_eq(info.name, "ticker");
        cr_expect_str_eq(info.version, "1.2.3");
        cr_expect_str_eq(info.api_version, "3.1.0");
        cr_expect_str_eq(info.source, "ticker");
        cr_expect_str_eq(info.contact, "github.com/nobody");
        cr_expect_eq(info.id, 901);
        cr_expect_eq(info.capabilities, RT_FALCO_SOURCING | RT_FALCO_EXTRACTION);
        cr_expect_eq(info.n_fields, 16);
        cr_expect_eq(info.lies, 0);
        cr_assert_eq(rt_falco_open_params(h.falco, 0, &text), RT_OK);
        cr_expect_str_eq(text, "[{\"value\":\"10\",\"desc\":\"ten events\"}]");
        rt_falco_text_free(h.falco, text);
        cr_expect_str_eq(h.said, "ticker:4:init: {}\n");
        rt_falco_unref(h.falco);
}

Test(load, the_framework_s_own_version_fits)
{
        static const char *const rows[][2] = {
                { "broken_fine", "" },
                { "broken_events_same", "" },
                { "broken_events_fine",
                  "broken:4:it was made for events of version 3.9.9: in those of today, which all "
                  "but "
                  "captures of that time have, some of what it looks for is elsewhere\n" },
                { "broken_events_null", "" },
        };
        host h;

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                host_init(&h);
                cr_expect_eq(host_load(&h, rows[i][0], NULL), RT_OK, "%s", h.message);
                cr_expect_str_eq(h.said, rows[i][1]);
                rt_falco_unref(h.falco);
        }
}

Test(load, a_plugin_may_have_no_state)
{
        host h;

        host_init(&h);
        cr_expect_eq(host_load(&h, "broken_null_state", NULL), RT_OK, "%s", h.message);
        rt_falco_unref(h.falco);
}

Test(load, what_a_plugin_logs_is_handed_on)
{
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "broken_logs", NULL), RT_OK, "%s", h.message);
        cr_expect_str_eq(h.said, "broken:1:no component\n"
                                 "broken:8:an empty one\n"
                                 "broken:5:part: of it\n"
                                 "broken:6:part: too low\n"
                                 "broken:6:part: too high\n"
                                 "broken:4:long component\n");
        rt_falco_unref(h.falco);
}

#ifndef ISOLATED /* the name is asked of a process, whose environment is its own */
Test(load, a_host_has_only_so_many_plugins)
{
        char name[16];
        host h;

        host_init(&h);
        for (int i = 0; i < 65; i++) {
                snprintf(name, sizeof name, "broken%d", i);
                cr_assert_eq(setenv("BROKEN_NAME", name, 1), 0);
                cr_expect_eq(host_load(&h, "broken_fine", NULL), i < 64 ? RT_OK : RT_ELIMIT);
        }
        cr_expect_str_eq(h.message, "more than 64 plugins");
        rt_falco_unref(h.falco);
}
#endif

Test(load, a_configuration_must_be_what_the_schema_says)
{
        static const struct {
                const char *config, *message;
                int result;
        } rows[] = {
                { NULL, "", RT_OK },
                { "", "", RT_OK },
                { "{\"fail\":false}", "", RT_OK },
                { "{\"fail\":", "init_config is not valid JSON: ", RT_EINVAL },
                { "[]", "init_config is not a JSON object", RT_EINVAL },
                { "{\"rate\":1,\"share\":null,\"mode\":\"fast\",\"names\":[],"
                  "\"next\":{\"host\":\"h\",\"more\":\"m\"}}",
                  "", RT_OK },
                { "{\"fail\":1}", "init_config.fail must be of type \"boolean\"", RT_EINVAL },
                { "{\"rate\":1.5}", "init_config.rate must be of type \"integer\"", RT_EINVAL },
                { "{\"rate\":2.0}", "", RT_OK },
                { "{\"rate\":0}", "init_config.rate must be at least 1", RT_EINVAL },
                { "{\"rate\":101}", "init_config.rate must be at most 100", RT_EINVAL },
                { "{\"share\":1}", "init_config.share must be less than 1", RT_EINVAL },
                { "{\"share\":\"1\"}", "init_config.share must be of type [\"number\",\"null\"]",
                  RT_EINVAL },
                { "{\"mode\":\"fats\"}", "init_config.mode must be one of [\"slow\",\"fast\"]",
                  RT_EINVAL },
                { "{\"names\":[\"a\",[\"b\"]]}", "init_config.names[1] must be of type \"string\"",
                  RT_EINVAL },
                { "{\"next\":{}}", "init_config.next must have 'host'", RT_EINVAL },
                { "{\"next\":{\"host\":\"h\",\"more\":{}}}",
                  "init_config.next.more must be of type \"string\"", RT_EINVAL },
                { "{\"oops\":1,\"strict\":{}}", "", RT_OK },
                { "{\"strict\":{\"oops\":1}}", "init_config.strict.oops is not known", RT_EINVAL },
                { "{\"loop\":1}", "get_init_schema: more than 64 schemas inside one another",
                  RT_ELIMIT },
                { "{\"fail\":true}",
                  "could not initialize plugin 'ticker': asked to fail by {\"fail\":true}",
                  RT_EIO },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                host h;

                host_init(&h);
                cr_expect_eq(host_load(&h, "ticker", rows[i].config), rows[i].result);
                cr_expect(strncmp(h.message, rows[i].message, strlen(rows[i].message)) == 0,
                          "%s: %s", rows[i].message, h.message);
                rt_falco_unref(h.falco);
        }
}

Test(load, what_is_no_library_is_said_so)
{
        host h;

        host_init(&h);
        cr_expect_eq(host_load(&h, "not-there", NULL), RT_ENOENT);
        cr_expect(strstr(h.message, "can't load plugin dynamic library: "), "%s", h.message);
        cr_expect_eq(rt_falco_load(h.falco, NULL, h.message, sizeof h.message), RT_EINVAL);
        rt_falco_unref(h.falco);
}

Test(load, a_name_is_loaded_once)
{
        host h;

        host_init(&h);
        cr_expect_eq(host_load(&h, "ticker", NULL), RT_OK);
        cr_expect_eq(host_load(&h, "ticker", NULL), RT_EEXIST);
        cr_expect_str_eq(h.message, "found another plugin with name 'ticker'");
        rt_falco_unref(h.falco);
}

Test(load, a_configuration_has_a_longest)
{
        static char config[16 * 1024 * 1024 + 2];
        host h;

        memset(config, ' ', sizeof config - 1);
        host_init(&h);
        cr_expect_eq(host_load(&h, "ticker", config), RT_ELIMIT);
        cr_expect_str_eq(h.message, "init_config is longer than 16777216 bytes");
        rt_falco_unref(h.falco);
}

/* ---- two of a kind ---- */

Test(load, a_source_has_one_id)
{
        host h;

        host_init(&h);
        cr_expect_eq(host_load(&h, "ticker", NULL), RT_OK);
        cr_expect_eq(host_load(&h, "twin_other_id", NULL), RT_EEXIST);
        cr_expect_str_eq(h.message, "plugin 'twin' brings events of source 'ticker', as plugin "
                                    "'ticker' does, but with another id");
        cr_expect_eq(host_load(&h, "twin_fine", NULL), RT_OK, "%s", h.message);
        rt_falco_unref(h.falco);
}

static void
attach(host *h, int expected, const char *text)
{
        rt_engine *engine = NULL;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_expect_eq(rt_falco_attach(h->falco, engine, h->message, sizeof h->message), expected);
        cr_expect(strstr(expected == RT_OK ? h->said : h->message, text), "%s|%s", h->message,
                  h->said);
        rt_engine_unref(engine);
        rt_falco_unref(h->falco);
}

Test(load, a_field_is_one_plugin_s)
{
        host h;

        host_init(&h);
        cr_expect_eq(host_load(&h, "ticker", NULL), RT_OK);
        cr_expect_eq(host_load(&h, "twin_field", NULL), RT_OK);
        attach(&h, RT_EEXIST,
               "plugin 'twin': field 'ticker.n' is there already, of plugin 'ticker'");
        host_init(&h);
        cr_expect_eq(host_load(&h, "twin_known_field", NULL), RT_OK);
        attach(&h, RT_EEXIST,
               "plugin 'twin': a field of its is there already, built in for another source");
        host_init(&h);
        cr_expect_eq(host_load(&h, "twin_others_field", NULL), RT_OK);
        attach(&h, RT_EEXIST,
               "plugin 'twin': a field of its is there already, built in for another source");
}

Test(load, what_attaching_changes_is_said)
{
        host h;

        host_init(&h);
        cr_expect_eq(host_load(&h, "twin_json", NULL), RT_OK);
        attach(&h, RT_OK,
               "twin:5:source 'json' is this plug-in's from now on: the built-in one is "
               "replaced\n");
        host_init(&h);
        cr_expect_eq(host_load(&h, "broken_nowhere", NULL), RT_OK);
        attach(&h, RT_OK,
               "broken:4:none of the sources that it has fields for is there: nor are its "
               "fields\n");
}

Test(load, limits_have_names)
{
        const char *name, *what;
        uint64_t value;
        size_t n = 0;

        while (rt_falco_limit(n, &name, &value, &what) == RT_OK) {
                cr_expect(*name && *what && value);
                n++;
        }
        cr_expect_gt(n, 10);
}
