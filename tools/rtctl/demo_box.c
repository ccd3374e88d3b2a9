/* SPDX-License-Identifier: Apache-2.0 */
/* demo_box.c - the cgroup, and the conversation with the box's first process (demo_init.c). */
#include "demo_box.h"
#include "config.h"
#include "demo_init.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ID_BYTES = 32, TRIES = 200, MS = 1000 };

/* ---- the cgroup ---- */

/* Where cgroups may be, the one hierarchy of today first; of the many of old those that events
 * tell about. */
static const char *const hierarchies[] = {
        "/sys/fs/cgroup",     "/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpuacct",
        "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/blkio",  "/sys/fs/cgroup/cpu,cpuacct",
};

static bool
put_process(const char *cgroup, pid_t pid)
{
        char path[PATH_MAX + 16], text[16];
        const int n = snprintf(text, sizeof text, "%d", (int) pid);
        int fd;
        bool good;

        snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        good = fd >= 0 && write(fd, text, (size_t) n) == n;
        if (fd >= 0)
                close(fd);
        return good;
}

static void
remove_parent(const demo_box *box)
{
        char parent[PATH_MAX];
        char *slash;

        snprintf(parent, sizeof parent, "%s", box->cgroup);
        slash = strrchr(parent, '/');
        if (!box->made_parent || !slash)
                return;
        *slash = '\0';
        rmdir(parent); /* stays if somebody else uses it by now */
}

/* As Docker does it: /docker/ and 64 hex digits. */
static bool
join_cgroup(demo_box *box, const char *hierarchy)
{
        unsigned char id[ID_BYTES];
        char path[PATH_MAX];
        int used;

        snprintf(path, sizeof path, "%s/cgroup.procs", hierarchy);
        if (access(path, W_OK) < 0 || getrandom(id, sizeof id, 0) != sizeof id)
                return false;
        used = snprintf(box->cgroup, sizeof box->cgroup, "%s/docker", hierarchy);
        box->made_parent = mkdir(box->cgroup, 0755) == 0;
        used += snprintf(box->cgroup + used, sizeof box->cgroup - (size_t) used, "/");
        for (size_t i = 0; i < sizeof id; i++)
                used += snprintf(box->cgroup + used, sizeof box->cgroup - (size_t) used, "%02x",
                                 id[i]);
        if (mkdir(box->cgroup, 0755) == 0) {
                if (put_process(box->cgroup, box->init))
                        return true;
                rmdir(box->cgroup);
        }
        remove_parent(box);
        return false;
}

static void
leave_cgroup(demo_box *box)
{
        if (!box->container)
                return;
        /* Busy until the kernel has done with the last process. */
        for (int i = 0; i < TRIES && rmdir(box->cgroup) < 0 && errno == EBUSY; i++)
                usleep(10 * MS);
        remove_parent(box);
        box->container = false;
}

/* ---- the first process ---- */

static pid_t
clone_init(void)
{
        const unsigned long flags =
                CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD;

#ifdef __s390x__
        return (pid_t) syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
        return (pid_t) syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
}

static int
launch(demo_box *box, const demo_pattern *patterns)
{
        int order[2], answer[2];

        if (pipe2(order, O_CLOEXEC) < 0)
                return -1;
        if (pipe2(answer, O_CLOEXEC) < 0) {
                close(order[0]), close(order[1]);
                return -1;
        }
        fflush(NULL);
        box->init = clone_init();
        if (box->init == 0) {
                close(order[1]), close(answer[0]);
                demo_init(patterns, order[0], answer[1]);
        }
        close(order[0]), close(answer[1]);
        box->order = order[1];
        box->answer = answer[0];
        return box->init < 0 ? -1 : 0;
}

/* The box begins when it is in its cgroup, and says when it is ready. */
static int
begin(demo_box *box)
{
        char path[64];
        struct stat st;
        demo_answer answer;
        int r;

        for (size_t i = 0; !box->container && i < sizeof hierarchies / sizeof *hierarchies; i++)
                box->container = join_cgroup(box, hierarchies[i]);
        r = demo_box_start(box, 0);
        if (r)
                return r;
        if (read(box->answer, &answer, sizeof answer) != sizeof answer) {
                complain("the demo's box ended before it began");
                return EXIT_BAD;
        }
        if (answer.code) {
                complain("the demo's box cannot be made: %.*s: %s", (int) sizeof answer.what,
                         answer.what, strerror(answer.code));
                return EXIT_BAD;
        }
        snprintf(path, sizeof path, "/proc/%d/ns/pid", (int) box->init);
        if (stat(path, &st) < 0) {
                complain("cannot read '%s': %m", path);
                return EXIT_BAD;
        }
        box->pidns = st.st_ino;
        return 0;
}

int
demo_box_open(demo_box *box, const demo_pattern *patterns)
{
        *box = (demo_box){ .init = -1, .order = -1, .answer = -1 };
        if (geteuid() != 0) {
                complain("the demo makes namespaces and watches the kernel, which takes root: sudo "
                         "rtctl demo");
                return EXIT_BAD;
        }
        if (launch(box, patterns) < 0) {
                complain("no namespaces can be made here: %m (in a container it takes "
                         "CAP_SYS_ADMIN, `docker run --privileged`)");
                return EXIT_BAD;
        }
        return begin(box);
}

void
demo_box_close(demo_box *box)
{
        if (box->order >= 0)
                close(box->order);
        if (box->answer >= 0)
                close(box->answer);
        if (box->init > 0) {
                /* The namespace's first process takes all others along. */
                kill(box->init, SIGKILL);
                while (waitpid(box->init, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        leave_cgroup(box);
        *box = (demo_box){ .init = -1, .order = -1, .answer = -1 };
}

int
demo_box_start(demo_box *box, uint8_t index)
{
        if (write(box->order, &index, 1) == 1)
                return 0;
        complain("the demo's box has ended");
        return EXIT_BAD;
}

int
demo_box_ended(demo_box *box, int *ret_code)
{
        struct pollfd p = { .fd = box->answer, .events = POLLIN };
        demo_answer answer;

        if (poll(&p, 1, 0) <= 0)
                return 0;
        if (read(box->answer, &answer, sizeof answer) != sizeof answer)
                return -1;
        *ret_code = answer.code;
        return 1;
}
