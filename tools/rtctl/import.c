/* SPDX-License-Identifier: Apache-2.0 */
/* import.c - rtctl import: rules of others as rules of ours. */
#include "sigma/sigma.h"
#include "verbs.h"
#include <string.h>

int
verb_import(const options *o)
{
        if (!o->operands.n || strcmp(o->operands.at[0], "sigma") != 0) {
                complain("import takes sigma and files or folders; `rtctl import --help`");
                return EXIT_USAGE;
        }
        if (o->operands.n < 2) {
                complain("import sigma: which files?");
                return EXIT_USAGE;
        }
        return sigma_import(o->operands.at + 1, o->operands.n - 1, o->output, o->partial);
}
