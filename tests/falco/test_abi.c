/* SPDX-License-Identifier: Apache-2.0 */
/* The plug-ins' interface, offset by offset: nobody may change it. */
#include "falco/abi.h"
#include <criterion/criterion.h>

#define AT(type, member, offset) cr_expect_eq(offsetof(type, member), (offset), #type "." #member)

Test(abi, events_are_packed)
{
        cr_expect_eq(sizeof(rti_fp_event), 26);
        AT(rti_fp_event, tid, 8);
        AT(rti_fp_event, len, 16);
        AT(rti_fp_event, type, 20);
        AT(rti_fp_event, n_params, 22);
        cr_expect_eq(RTI_FP_PAYLOAD_AT, 38);
}

Test(abi, inputs_have_their_members_where_plugins_look)
{
        AT(rti_fp_event_input, number, 8);
        AT(rti_fp_event_input, source, 16);
        AT(rti_fp_init_input, owner, 8);
        AT(rti_fp_init_input, tables, 24);
        AT(rti_fp_init_input, log, 32);
        AT(rti_fp_extract_input, n_fields, 16);
        AT(rti_fp_extract_input, fields, 24);
        AT(rti_fp_extract_input, reader, 32);
        AT(rti_fp_extract_input, reader_ext, 64);
        AT(rti_fp_extract_input, offsets, 72);
        AT(rti_fp_parse_input, reader, 16);
        AT(rti_fp_parse_input, writer, 48);
        AT(rti_fp_parse_input, reader_ext, 96);
        AT(rti_fp_parse_input, writer_ext, 104);
        AT(rti_fp_listen_input, routines, 8);
        AT(rti_fp_listen_input, reader_ext, 16);
        AT(rti_fp_listen_input, owner_error, 32);
}

Test(abi, fields_and_values_have_their_members_where_plugins_look)
{
        AT(rti_fp_extract_field, n_values, 8);
        AT(rti_fp_extract_field, field_id, 16);
        AT(rti_fp_extract_field, field, 24);
        AT(rti_fp_extract_field, arg_key, 32);
        AT(rti_fp_extract_field, arg_index, 40);
        AT(rti_fp_extract_field, arg_present, 48);
        AT(rti_fp_extract_field, type, 52);
        AT(rti_fp_extract_field, list, 56);
        cr_expect_eq(sizeof(rti_fp_extract_field), 64);
        AT(rti_fp_bytes, ptr, 8);
        cr_expect_eq(sizeof(rti_fp_metric), 32);
        AT(rti_fp_metric, value, 16);
        AT(rti_fp_metric, value_type, 24);
}

Test(abi, tables_have_their_functions_where_plugins_look)
{
        AT(rti_fp_table_input, table, 16);
        AT(rti_fp_table_input, reader, 24);
        AT(rti_fp_table_input, writer, 56);
        AT(rti_fp_table_input, columns, 104);
        AT(rti_fp_table_input, reader_ext, 128);
        AT(rti_fp_table_input, columns_ext, 144);
        AT(rti_fp_tables, columns, 24);
        AT(rti_fp_tables, columns_ext, 48);
        AT(rti_fp_tables, writer_ext, 64);
        AT(rti_fp_reader_ext, release, 32);
        AT(rti_fp_reader_ext, each, 40);
        cr_expect_eq(sizeof(rti_fp_data), 8);
        cr_expect_eq(sizeof(rti_fp_column_info), 16);
}
