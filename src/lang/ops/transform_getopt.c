/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transform_getopt.c - getopt(ARGS, OPTIONS): short options of a command line.
 *
 * The list holds each option's letter, behind it the value if it takes one; an option that is not
 * in OPTIONS gives `?`, one whose value is missing gives an empty string alone.
 */
#include "lang/ops/family.h"
#include "lang/ops/transform_private.h"

/* Options are found one by one, first to count the results, then to write them. */
typedef struct args_walk {
        const rt_value *args;
        rt_str options;
        rt_str cluster; /* letters of the present argument that are still to be read */
        uint32_t next;  /* argument */
} args_walk;

typedef struct found_option {
        rt_str letter; /* "?": unknown */
        rt_str value;
        bool has_value;
        bool incomplete; /* should have a value, but nothing is left */
} found_option;

/* The next argument that holds options. */
static bool
next_cluster(args_walk *walk)
{
        while (walk->next < walk->args->count) {
                const rt_str arg = rti_cut(walk->args->as.list[walk->next].as.s);

                if (arg.len < 2 || arg.ptr[0] != '-' || (arg.len == 2 && arg.ptr[1] == '-'))
                        return false;
                walk->next++;
                if (arg.ptr[1] == '-')
                        continue;
                walk->cluster = rti_str_sub(arg, 1, arg.len);
                return true;
        }
        return false;
}

static bool
next_option(args_walk *walk, found_option *ret_option)
{
        const char *known;
        found_option option = { .incomplete = false };

        if (!walk->cluster.len && !next_cluster(walk))
                return false;
        option.letter = rti_str_sub(walk->cluster, 0, 1);
        walk->cluster = rti_str_sub(walk->cluster, 1, walk->cluster.len);
        known = option.letter.ptr[0] == ':' || !walk->options.len
                        ? NULL
                        : memchr(walk->options.ptr, option.letter.ptr[0], walk->options.len);
        if (!known) {
                option.letter = RTI_STR("?");
        } else if (known + 1 < walk->options.ptr + walk->options.len && known[1] == ':') {
                option.has_value = true;
                if (walk->cluster.len) {
                        option.value = walk->cluster;
                        walk->cluster.len = 0;
                } else if (walk->next < walk->args->count) {
                        option.value = rti_cut(walk->args->as.list[walk->next++].as.s);
                } else {
                        option.value = RTI_STR("");
                        option.incomplete = true;
                }
        }
        *ret_option = option;
        return true;
}

static rt_value
string_value(rt_str s)
{
        return (rt_value){ .kind = RT_KIND_STRING, .as.s = s };
}

static int
select_option(args_walk *walk, char letter, rt_value *ret_value)
{
        found_option option;
        int r = 0;

        while (next_option(walk, &option)) {
                if (option.letter.ptr[0] != letter)
                        continue;
                *ret_value = string_value(option.has_value ? option.value : option.letter);
                r = 1;
        }
        return r;
}

int
rti_transform_getopt(const rt_value *args, const rt_value *options, rt_str selector,
                     const rti_transform_memory *memory, rt_value *ret_value)
{
        const args_walk start = { .args = args, .options = rti_cut(options->as.s) };
        args_walk walk = start;
        found_option option;
        rt_value *elements;
        uint32_t n = 0;

        if (selector.len)
                return select_option(&walk, selector.ptr[0], ret_value);
        while (next_option(&walk, &option))
                n += option.has_value && !option.incomplete ? 2 : 1;
        if (n == 0)
                return 0;
        elements = rti_transform_get(memory, n * sizeof *elements);
        if (!elements)
                return RT_ENOMEM;
        walk = start;
        for (uint32_t i = 0; next_option(&walk, &option);) {
                if (!option.incomplete)
                        elements[i++] = string_value(option.letter);
                if (option.has_value)
                        elements[i++] = string_value(option.value);
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = n, .as.list = elements };
        return 1;
}
