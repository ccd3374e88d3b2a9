/* SPDX-License-Identifier: Apache-2.0 */
/* diags.c - the public side of diagnostics. */
#include "base/opts.h"
#include "base/alloc.h"
#include "lang/diag.h"

int
rt_diags_new(rt_diags **ret_diags)
{
        if (!ret_diags)
                return RT_EINVAL;
        return rti_diags_new(&rti_alloc_default, ret_diags);
}

rt_diags *
rt_diags_unref(rt_diags *diags)
{
        rti_diags_free(diags);
        return NULL;
}

size_t
rt_diags_count(const rt_diags *diags, uint32_t severity)
{
        size_t n = 0;

        if (!diags)
                return 0;
        if (severity == 0)
                return diags->shown.n;
        for (size_t i = 0; i < diags->shown.n; i++)
                n += diags->all.at[diags->shown.at[i]].pub.severity == severity;
        return n;
}

int
rt_diags_get(const rt_diags *diags, size_t index, rt_diag *ret_diag)
{
        if (!diags || !ret_diag || index >= diags->shown.n)
                return RT_EINVAL;
        return rti_opts_give(&diags->all.at[diags->shown.at[index]].pub, sizeof(rt_diag), ret_diag);
}

int
rt_diags_print(rt_diags *diags, uint32_t format, uint32_t flags, rt_str *ret_text)
{
        if (!diags || !ret_text || flags >= RT_DIAGS_VERBOSE << 1)
                return RT_EINVAL;
        if (diags->failed)
                return diags->failed;
        return rti_diags_print(diags, format, flags, ret_text);
}

int
rt_diags_add_option(rt_diags *diags, const char *key, const char *message)
{
        rti_diag diag = { .id = RTI_D_BAD_OPTION };

        if (!key || !message)
                return RT_EINVAL;
        if (!diags)
                return RT_OK;
        diag.item = rti_str_of(key);
        diag.message = rti_str_of(message);
        rti_diag_add(diags, &diag);
        return diags->failed;
}
