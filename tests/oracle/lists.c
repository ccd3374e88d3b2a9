/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - lists that change at run time: names, kinds, and the elements of each version.
 *
 * Elements are words that values are made of, so that some are found; those of addresses include
 * networks, those of numbers what no field can hold. `pmatch` knows no patterns in a list that
 * changes, so that no element is one.
 */
#include "random.h"

static const char *const names[N_LISTS] = { "texts", "numbers", "nets", "words", "sizes", "hosts" };
static const uint32_t kinds[] = { RT_KIND_STRING, RT_KIND_INT64, RT_KIND_IPNET };

static const char *const nets[] = { "10.0.0.0",    "10.0.0.1",   "10.1.0.0",    "a00::",
                                    "10.2.2.2",    "::1",        "10.0.0.0/8",  "10.0.0.0/31",
                                    "0.0.0.0/0",   "a00::/16",   "a00::/1",     "10.1.0.0/17",
                                    "10.0.0.1/32", "8000::/1",   "a00:0:100::", "10.0.0.0/30",
                                    "a00::/127",   "11.0.0.0/8", "10.2.0.0/15", "::1/128" };

enum { MOST_ELEMENTS = 24 };

/* Made when it is first asked for. */
static struct version {
        bool made;
        size_t n;
        rt_str at[MOST_ELEMENTS];
} versions[N_LISTS][N_VERSIONS];

const char *
random_list_name(size_t list)
{
        return names[list];
}

uint32_t
random_list_kind(size_t list)
{
        return kinds[list % RTI_COUNT(kinds)];
}

size_t
random_list_number(rt_str name)
{
        size_t i = 0;

        while (i < N_LISTS && !rti_str_is(name, names[i]))
                i++;
        return i;
}

rti_elements *
random_elements(rt_str name, void *user)
{
        static rti_elements elements[N_LISTS];
        const size_t i = random_list_number(name);

        (void) user;
        if (i == N_LISTS)
                return NULL;
        elements[i].name = rti_str_of(names[i]);
        elements[i].changing = random_list_kind(i);
        return &elements[i];
}

static bool
is_pattern(const char *text)
{
        return strpbrk(text, "*?[\\");
}

static const char *
draw(chance *c, uint32_t kind)
{
        const char *word;

        if (kind == RT_KIND_INT64)
                return random_numbers[chance_below(c, random_n_numbers)];
        if (kind == RT_KIND_IPNET)
                return nets[chance_below(c, RTI_COUNT(nets))];
        do
                word = random_words[chance_below(c, (uint32_t) random_n_words)];
        while (is_pattern(word));
        return word;
}

static struct version *
version_of(size_t list, size_t number)
{
        struct version *v = &versions[list][number];
        chance c = { 1 + list * N_VERSIONS + number };

        if (v->made)
                return v;
        v->made = true;
        v->n = number ? 1 + chance_below(&c, MOST_ELEMENTS) : 0;
        for (size_t i = 0; i < v->n; i++)
                v->at[i] = rti_str_of(draw(&c, random_list_kind(list)));
        return v;
}

const rt_str *
random_list_elements(void *user, rt_str name, size_t version, size_t *ret_n)
{
        const struct version *v = version_of(random_list_number(name), version);

        (void) user;
        *ret_n = v->n;
        return v->at;
}

int
random_list_make(rt_engine *engine, size_t list, size_t version, rt_list **ret_list)
{
        const struct version *v = version_of(list, version);
        int r = rt_list_new(engine, random_list_kind(list), ret_list);

        for (size_t i = 0; r >= 0 && i < v->n; i++)
                r = rt_list_add(*ret_list, v->at[i]);
        return r < 0 ? r : RT_OK;
}
