/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - rtctl: the one command, and the reference agent. */
#include "verbs.h"
#include <stdio.h>

static int (*const functions[N_VERBS])(const options *) = {
        [VERB_CHECK] = verb_check,       [VERB_RUN] = verb_run,
        [VERB_PROFILE] = verb_profile,   [VERB_LIST] = verb_list,
        [VERB_DESCRIBE] = verb_describe, [VERB_COMPILE] = verb_compile,
        [VERB_EXPLAIN] = verb_explain,   [VERB_CAPTURE] = verb_capture,
        [VERB_DEMO] = verb_demo,         [VERB_IMPORT] = verb_import,
};

int
main(int argc, char **argv)
{
        options o;
        int r = options_read(argc, argv, &o);

        if (!r && o.version)
                printf("rtctl %s\n", RT_VERSION);
        else if (!r && o.help)
                options_help(o.verb);
        else if (!r)
                r = functions[o.verb](&o);
        options_done(&o);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                complain("cannot write to standard output: %m");
                r = r ? r : EXIT_BAD;
        }
        return r;
}
