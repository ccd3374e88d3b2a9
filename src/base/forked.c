/* SPDX-License-Identifier: Apache-2.0 */
/* forked.c - marks that do not outlive fork. */
#include "base/forked.h"
#include <sys/mman.h>

struct rti_fork_mark {
        bool here;
};

int
rti_fork_mark_new(rti_fork_mark **ret_mark)
{
        rti_fork_mark *mark = mmap(NULL, sizeof *mark, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (mark == MAP_FAILED)
                return RT_ENOMEM;
        (void) madvise(mark, sizeof *mark, MADV_WIPEONFORK);
        mark->here = true;
        *ret_mark = mark;
        return RT_OK;
}

void
rti_fork_unmark(rti_fork_mark *mark)
{
        if (mark)
                (void) munmap(mark, sizeof *mark);
}

bool
rti_forked(const rti_fork_mark *mark)
{
        return !mark->here;
}
