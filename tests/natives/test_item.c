/* SPDX-License-Identifier: Apache-2.0 */
/* Items as JSON: what is read, and what is not of that form. */
#include "base/alloc.h"
#include "natives/native.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static int
read_item(const char *json, item **ret_item, rti_arena *arena)
{
        rti_arena_init(arena, &rti_alloc_default, 0);
        return natives_item_read(arena, rti_str_of(json), ret_item);
}

Test(item, is_read_with_its_texts_and_lists)
{
        rti_arena arena;
        item *it;

        cr_assert_eq(
                read_item("{\"a\":\"x\\n\\\"\\u0041\",\"b\":[null,[],{}],\"c\":\"\"}", &it, &arena),
                RT_OK);
        cr_assert_eq(it->type, ITEM_MAP);
        cr_assert_str_eq(it->first->text.ptr, "a");
        cr_assert_str_eq(it->first->next->text.ptr, "x\n\"A");
        it = it->first->next->next->next;
        cr_assert(it->type == ITEM_LIST && it->first->type == ITEM_NULL);
        cr_assert(it->first->next->type == ITEM_LIST && it->first->next->next->type == ITEM_MAP);
        rti_arena_done(&arena);
}

typedef struct bad_row {
        char json[80];
        int status;
} bad_row;

ParameterizedTestParameters(item, of_another_form_is_refused)
{
        static bad_row rows[] = {
                { "", RT_EFORMAT },
                { "{", RT_EFORMAT },
                { "[", RT_EFORMAT },
                { "\"", RT_EFORMAT },
                { "\"\\", RT_EFORMAT },
                { "\"\\u00", RT_EFORMAT },
                { "\"\\u0000\"", RT_EFORMAT },
                { "\"\\q\"", RT_EFORMAT },
                { "{\"a\"}", RT_EFORMAT },
                { "{\"a\":}", RT_EFORMAT },
                { "{null:null}", RT_EFORMAT },
                { "{\"a\",null}", RT_EFORMAT },
                { "{\"a\":null,}", RT_EFORMAT },
                { "[null:null]", RT_EFORMAT },
                { "[null,]", RT_EFORMAT },
                { "nul", RT_EFORMAT },
                { "1", RT_EFORMAT },
                { "null null", RT_EFORMAT },
                { "[[[[[[[[[null]]]]]]]]]", RT_ELIMIT },
        };

        return cr_make_param_array(bad_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(bad_row *row, item, of_another_form_is_refused)
{
        rti_arena arena;
        item *it;

        cr_assert_eq(read_item(row->json, &it, &arena), row->status, "%s", row->json);
        rti_arena_done(&arena);
}
