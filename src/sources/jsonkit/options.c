/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - settings that sources over JSON share.
 *
 *   in   key = value pairs
 *   out  the source's state; a diagnostic for each option that is unknown or has a bad value
 */
#include "sources/jsonkit/options.h"

bool
rti_option_reading_value(const char *value, bool *ret_reference)
{
        const rt_str text = rti_str_of(value);

        if (!rti_str_is(text, "tolerant") && !rti_str_is(text, "reference"))
                return false;
        *ret_reference = rti_str_is(text, "reference");
        return true;
}

static const rti_option_spec *
find(const rti_option_spec *specs, size_t n, const char *key)
{
        for (size_t i = 0; i < n; i++)
                if (rti_str_is(rti_str_of(key), specs[i].key))
                        return &specs[i];
        return NULL;
}

int
rti_options_read(const rt_source_config *config, const rti_option_spec *specs, size_t n_specs,
                 void *state, rt_diags *diags)
{
        int result = RT_OK;

        for (size_t i = 0; i < config->n_options; i++) {
                const rt_option *option = &config->options[i];
                const rti_option_spec *spec = find(specs, n_specs, option->key);
                int r;

                if (spec && spec->set(state, option->value))
                        continue;
                r = rt_diags_add_option(diags, option->key,
                                        spec ? spec->what : "this source has no such option");
                if (r == RT_ENOMEM)
                        return r;
                result = RT_EINVAL;
        }
        return result;
}

static bool
set_reading(void *state, const char *value)
{
        return rti_option_reading_value(value, state);
}

int
rti_option_reading(const rt_source_config *config, rt_diags *diags, bool *ret_reference)
{
        static const rti_option_spec specs[] = {
                { "reading", RTI_OPTION_READING_WHAT, set_reading },
        };

        *ret_reference = false;
        return rti_options_read(config, specs, RTI_COUNT(specs), ret_reference, diags);
}
