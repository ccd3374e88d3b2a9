/* SPDX-License-Identifier: Apache-2.0 */
/* seeds.c - `seeds DIR`: programs of random rules as seeds of fuzz_program. Run it, with
 * fuzz/corpus/program, after a change of a program's layout. */
#include "random.h"
#include <stdio.h>

enum { N_PLAIN = 8, N_SEEDS = 12, MOST_PATH = 4096 };

static int
write_seed(const char *folder, uint32_t number)
{
        /* Few rules: small seeds are worth more. Every second one without passes,
         * the last ones with classifiers for all. */
        random_rules rules;
        rt_ruleset *ruleset = NULL;
        char path[MOST_PATH];
        FILE *file;
        int r = random_rules_make(&rules, number, number < N_PLAIN ? 1 + number : 5 * number);

        if (r == RT_OK && number >= N_PLAIN)
                r = random_emit_all_atoms(&rules.rules, &ruleset);
        else if (r == RT_OK)
                r = rti_emit_ruleset(&rti_alloc_default, &rules.rules, number % 2 ? UINT64_MAX : 0,
                                     &ruleset);
        random_rules_done(&rules);
        if (r < 0)
                return r;
        snprintf(path, sizeof path, "%s/random-%u", folder, number);
        file = fopen(path, "w");
        if (!file || fwrite(ruleset->program, ruleset->program->size_bytes, 1, file) != 1)
                r = RT_EIO;
        if (file && fclose(file) != 0)
                r = RT_EIO;
        rti_ruleset_unref(ruleset);
        return r;
}

int
main(int argc, char **argv)
{
        rti_arena arena;
        int r = argc == 2 ? RT_OK : RT_EINVAL;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = r < 0 ? r : random_fields_init(&arena);
        for (uint32_t i = 0; r == RT_OK && i < N_SEEDS; i++)
                r = write_seed(argv[1], i);
        rti_arena_done(&arena);
        if (r < 0)
                fprintf(stderr, "seeds: %s\n", rt_status_name(r));
        return r < 0;
}
