/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - lists of errors and warnings, in the checker's arena. */
#include "compiler/cond/check.h"

/* More than this of one condition helps nobody. */
enum { MOST_ERRORS = 100 };

const rti_deprecated_field rti_deprecated_fields[RTI_N_DEPRECATED] = {
#define DEPRECATED(id, name, message) { RTI_STR_INIT(name), RTI_STR_INIT(message) },
#include "compiler/cond/deprecated.def"
#undef DEPRECATED
};

void
rti_checker_start(rti_checker *checker)
{
        checker->error = (rti_check_error){ 0 };
        checker->n_errors = 0;
}

int
rti_checker_refuse(rti_checker *checker, const rti_node *at, const rti_node *place, rt_str message,
                   rt_str hint)
{
        rti_check_error *error = &checker->error;

        if (!message.ptr || !hint.ptr)
                return RT_ENOMEM;
        if (checker->n_errors >= MOST_ERRORS)
                return RT_ERULES;
        if (checker->n_errors > 0) {
                while (error->next)
                        error = error->next;
                error->next = RTI_NEW(checker->arena, rti_check_error);
                if (!error->next)
                        return RT_ENOMEM;
                error = error->next;
        }
        checker->n_errors++;
        *error = (rti_check_error){
                .message = message,
                .hint = hint,
                .at = at,
                .pos = place->pos,
                .end = place->end,
        };
        return RT_ERULES;
}

int
rti_checker_warn(rti_checker *checker, uint8_t diag, rt_str message, const rti_node *at,
                 const rti_node *place)
{
        rti_check_warning *warning = RTI_NEW(checker->arena, rti_check_warning);

        if (!warning || !message.ptr)
                return RT_ENOMEM;
        *warning = (rti_check_warning){
                .diag = diag,
                .message = message,
                .field = { "", 0 },
                .at = at,
                .pos = place->pos,
                .end = place->end,
                .next = checker->warnings,
        };
        checker->warnings = warning;
        return RT_OK;
}
