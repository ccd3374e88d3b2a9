/* SPDX-License-Identifier: Apache-2.0 */
/* requirements.c - required_engine_version and required_plugin_versions. */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* The version of the reference's engine whose rules this one takes. */
static const rti_version engine = { 0, 63, 0 };

/* A number as sscanf's %u reads it: blanks and a sign may stand in front. */
static bool
scan_number(rt_str text, size_t *at, uint32_t *ret_value)
{
        size_t i = *at, first;
        uint32_t value = 0;
        bool negative;

        while (i < text.len && (text.ptr[i] == ' ' || (text.ptr[i] >= '\t' && text.ptr[i] <= '\r')))
                i++;
        negative = i < text.len && text.ptr[i] == '-';
        if (i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+'))
                i++;
        for (first = i; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
                value = value * 10 + (uint32_t) (text.ptr[i] - '0');
        *ret_value = negative ? 0 - value : value;
        *at = i;
        return i > first;
}

bool
rti_version_parse(rt_str text, rti_version *ret_version)
{
        size_t at = 0;

        if (!scan_number(text, &at, &ret_version->major) || at >= text.len || text.ptr[at++] != '.'
            || !scan_number(text, &at, &ret_version->minor) || at >= text.len
            || text.ptr[at++] != '.')
                return false;
        return scan_number(text, &at, &ret_version->patch);
}

static int
compare(rti_version a, rti_version b)
{
        if (a.major != b.major)
                return a.major < b.major ? -1 : 1;
        if (a.minor != b.minor)
                return a.minor < b.minor ? -1 : 1;
        return a.patch == b.patch ? 0 : a.patch < b.patch ? -1 : 1;
}

static bool
compatible(rti_version have, rti_version want)
{
        return have.major == want.major && compare(have, want) >= 0;
}

void
rti_read_engine_version(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node)
{
        const rti_spot spot =
                rti_spot_in(loader, content, node, "required_engine_version", RTI_STR(""));
        rti_version want = { engine.major, 0, engine.patch };
        const rti_yaml_node *value;
        bool ok = true;

        value = rti_take_scalar(loader, &spot, "required_engine_version", RTI_REQUIRED, &ok);
        if (value && !rti_parse_uint(value->text, &want.minor)
            && !rti_version_parse(value->text, &want)) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                              "Unable to parse engine version '%.*s' as a semver string. Expected "
                              "\"x.y.z\" semver format.",
                              RTI_FMT(value->text));
                ok = false;
        }
        if (ok && !compatible(engine, want))
                rti_report_at(loader, RTI_D_VALIDATE, &spot,
                              "Rules require engine version %u.%u.%u, but engine version is "
                              "%u.%u.%u",
                              want.major, want.minor, want.patch, engine.major, engine.minor,
                              engine.patch);
        else if (ok && compare(loader->engine_version, want) < 0)
                loader->engine_version = want;
        rti_check_keys(loader, &spot, RTI_ITEM_ENGINE);
}

/* ---- plug-ins ---- */

static void
add_requirement(rti_loader *loader, rti_requirements *entry, rti_requirement one)
{
        if (rti_grow(loader, (void **) &entry->at, entry->n, &entry->room, sizeof one))
                entry->at[entry->n++] = one;
}

static bool
read_alternatives(rti_loader *loader, const rti_yaml_node *list, rti_requirements *entry)
{
        bool ok = true;

        if (list->kind != RTI_YAML_LIST) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &entry->spot,
                              "Value of plugin version alternatives must be a sequence");
                return false;
        }
        if (list->n > RTI_MAX_ALTERNATIVES) {
                rti_report_at(loader, RTI_D_LIMIT, &entry->spot,
                              "Too many alternatives (limit ALTERNATIVES: %d)",
                              RTI_MAX_ALTERNATIVES);
                return false;
        }
        for (uint32_t i = 0; i < list->n; i++) {
                static const char type[] = "required plugin versions alternative";
                rti_spot spot =
                        rti_spot_in(loader, &entry->spot, list->child[i], type, RTI_STR(""));
                rti_requirement one = { 0 };

                if (list->child[i]->kind != RTI_YAML_MAP) {
                        rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                                      "Plugin version alternative must be a mapping");
                        ok = false;
                        continue;
                }
                rti_take_text(loader, &spot, "name", RTI_REQUIRED, &one.name, &ok);
                if (one.name.len)
                        spot = rti_spot_in(loader, &entry->spot, list->child[i], type, one.name);
                rti_take_text(loader, &spot, "version", RTI_REQUIRED, &one.version, &ok);
                rti_check_keys(loader, &spot, RTI_ITEM_ALTERNATIVE);
                add_requirement(loader, entry, one);
        }
        return ok;
}

static bool
check_entry(rti_loader *loader, const rti_requirements *entry)
{
        for (uint32_t i = 0; i < entry->n; i++) {
                rti_version version;

                if (!rti_version_parse(entry->at[i].version, &version)) {
                        rti_report_at(loader, RTI_D_VALIDATE, &entry->spot,
                                      "Invalid required version '%.*s' for plugin '%.*s'",
                                      RTI_FMT(entry->at[i].version), RTI_FMT(entry->at[i].name));
                        return false;
                }
                for (uint32_t k = 0; k < i; k++) {
                        if (!rti_str_eq(entry->at[k].name, entry->at[i].name))
                                continue;
                        rti_report_at(loader, RTI_D_VALIDATE, &entry->spot,
                                      "Defined multiple alternative version requirements for "
                                      "plugin '%.*s'",
                                      RTI_FMT(entry->at[i].name));
                        return false;
                }
        }
        return true;
}

static void
read_plugin(rti_loader *loader, const rti_spot *list, const rti_yaml_node *node)
{
        static const char type[] = "required plugin versions entry";
        rti_requirements entry = { .spot = rti_spot_in(loader, list, node, type, RTI_STR("")) };
        rti_requirement one = { 0 };
        const rti_yaml_node *more;
        bool ok = true;

        if (node->kind != RTI_YAML_MAP) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &entry.spot,
                              "Plugin version must be a mapping");
                return;
        }
        rti_take_text(loader, &entry.spot, "name", RTI_REQUIRED, &one.name, &ok);
        if (ok)
                entry.spot = rti_spot_in(loader, list, node, type, one.name);
        rti_take_text(loader, &entry.spot, "version", RTI_REQUIRED, &one.version, &ok);
        add_requirement(loader, &entry, one);
        more = rti_yaml_get(node, "alternatives");
        if (more && !read_alternatives(loader, more, &entry))
                ok = false;
        rti_check_keys(loader, &entry.spot, RTI_ITEM_PLUGIN);
        if (ok && check_entry(loader, &entry)
            && rti_vec_push(&loader->requirements, loader->allocator, entry, RTI_MAX_YAML_NODES)
                       < 0)
                loader->status = RT_ENOMEM;
}

void
rti_read_plugin_versions(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node)
{
        static const char type[] = "required plugin versions";
        const rti_yaml_node *list = rti_yaml_get(node, "required_plugin_versions");
        const rti_spot spot = rti_spot_in(loader, content, list, type, RTI_STR(""));
        const rti_spot item = rti_spot_in(loader, content, node, type, RTI_STR(""));

        if (list->kind != RTI_YAML_LIST)
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                              "Value of required_plugin_versions must be a sequence");
        else
                for (uint32_t i = 0; i < list->n; i++)
                        read_plugin(loader, &spot, list->child[i]);
        rti_check_keys(loader, &item, RTI_ITEM_PLUGINS);
}

/* ---- are they met? ---- */

typedef rt_str (*version_fn)(const void *from, rt_str plugin);

/* An empty string: met. What is not, in `work`. */
static rt_str
unmet(rti_loader *loader, const rti_requirements *entry, version_fn version_of, const void *from)
{
        rt_str text = RTI_STR("");

        for (uint32_t i = 0; i < entry->n; i++) {
                const rti_requirement *want = &entry->at[i];
                const rt_str have = version_of(from, want->name);
                rti_version wanted = { 0 }, there;

                if (!have.ptr)
                        continue;
                (void) rti_version_parse(want->version, &wanted); /* was checked */
                if (!rti_version_parse(have, &there))
                        return rti_arena_printf(&loader->work,
                                                "Plugin '%.*s' has invalid version string '%.*s'",
                                                RTI_FMT(want->name), RTI_FMT(have));
                if (compatible(there, wanted))
                        return RTI_STR("");
                return rti_arena_printf(&loader->work,
                                        "Plugin '%.*s' version '%.*s' is not compatible with "
                                        "required plugin version '%.*s'",
                                        RTI_FMT(want->name), RTI_FMT(have), RTI_FMT(want->version));
        }
        for (uint32_t i = 0; i < entry->n; i++)
                text = rti_arena_printf(&loader->work, "%.*s%s%.*s (>= %.*s)", RTI_FMT(text),
                                        text.len ? ", " : "", RTI_FMT(entry->at[i].name),
                                        RTI_FMT(entry->at[i].version));
        return rti_arena_printf(&loader->work,
                                "Plugin requirement not satisfied, must load one of: %.*s",
                                RTI_FMT(text));
}

static rt_str
of_registry(const void *from, rt_str plugin)
{
        const rt_str version = rti_registry_plugin_version(from, plugin);

        return version.len ? version : (rt_str){ NULL, 0 };
}

void
rti_check_requirements(rti_loader *loader)
{
        for (size_t i = 0; i < loader->requirements.n; i++) {
                rti_requirements *entry = &loader->requirements.at[i];
                rt_str problem;

                if (entry->reported)
                        continue;
                problem = unmet(loader, entry, of_registry, loader->registry);
                if (!problem.ptr)
                        loader->status = RT_ENOMEM;
                if (!problem.len)
                        continue;
                entry->reported = true;
                rti_report_at(loader, RTI_D_VALIDATE, &entry->spot, "%.*s", RTI_FMT(problem));
        }
}

/* A list of plug-ins given by the caller. */
typedef struct plugin_list {
        const rti_plugin_version *at;
        size_t n;
} plugin_list;

static rt_str
of_list(const void *from, rt_str plugin)
{
        const plugin_list *list = from;

        for (size_t i = 0; i < list->n; i++)
                if (rti_str_eq(list->at[i].name, plugin))
                        return list->at[i].version;
        return (rt_str){ NULL, 0 };
}

int
rti_loader_requirements(rti_loader *loader, const rti_plugin_version *plugins, size_t n,
                        rt_str *ret_error)
{
        const plugin_list list = { plugins, n };

        for (size_t i = 0; i < loader->requirements.n; i++) {
                const rt_str problem = unmet(loader, &loader->requirements.at[i], of_list, &list);

                if (!problem.ptr)
                        return RT_ENOMEM;
                if (problem.len) {
                        *ret_error = problem;
                        return RT_ERULES;
                }
        }
        return RT_OK;
}
