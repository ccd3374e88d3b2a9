/* SPDX-License-Identifier: Apache-2.0 */
/* Names of parameters' values: tables, their order, variants of dynamic parameters. */
#include "lang/events.h"
#include "lang/flags.h"
#include <criterion/criterion.h>

static const struct {
        const char *table;
        uint32_t value;
        const char *name;
} rows[] = {
#define FLAG_TABLE(id)    { #id, 0, NULL },
#define FLAG(value, name) { NULL, value, name },
#include "lang/flags.def"
#undef FLAG
#undef FLAG_TABLE
};

Test(flags, tables_hold_the_rows_of_the_definition_in_its_order)
{
        uint32_t table = 0, row = 0;
        bool variants = false;

        cr_assert_eq(rti_flags_begin(0), 0);
        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                if (rows[i].table) {
                        variants = strncmp(rows[i].table, "DYN_", 4) == 0;
                        cr_assert_eq(rti_flags_begin(table), row, "%s", rows[i].table);
                        table++;
                        continue;
                }
                cr_expect_eq(rti_flag_value(row), rows[i].value, "%s", rows[i].name);
                if (!variants)
                        cr_expect_str_eq(rti_flag_name(row), rows[i].name);
                row++;
                cr_assert_leq(row, rti_flags_end(table - 1));
        }
        cr_assert_eq(table, RTI_N_FLAG_TABLES);
        cr_assert_eq(rti_flags_end(table - 1), row);
}

Test(flags, an_unknown_table_is_empty)
{
        cr_assert_eq(rti_flags_begin(RTI_NO_TABLE), rti_flags_end(RTI_NO_TABLE));
        cr_assert_null(rti_flag_named(RTI_NO_TABLE, 0));
}

Test(flags, a_value_goes_by_the_first_name_it_has)
{
        cr_assert_str_eq(rti_flag_named(RTI_FLAGS_SOCKET_FAMILIES, 1), "AF_LOCAL");
        cr_assert_str_eq(rti_flag_named(RTI_FLAGS_ERRNO, 95), "EOPNOTSUPP");
        cr_assert_null(rti_flag_named(RTI_FLAGS_ERRNO, (uint64_t) 1 << 32 | 95));
}

Test(flags, a_selector_chooses_the_type)
{
        cr_assert_eq(rti_flag_variant(RTI_FLAGS_DYN_PTRACE, 1), RTI_PT_SIGTYPE);
        cr_assert_eq(rti_flag_variant(RTI_FLAGS_DYN_KEYCTL, 1), RTI_PT_CHARBUF);
        cr_assert_eq(rti_flag_variant(RTI_FLAGS_DYN_KEYCTL, 2), RTI_PT_NONE);
        cr_assert_eq(rti_flag_variant(RTI_NO_TABLE, 0), RTI_PT_NONE);
}
