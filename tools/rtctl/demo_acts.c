/* SPDX-License-Identifier: Apache-2.0 */
/* demo_acts.c - patterns of demo.def that no shell can perform. Run in the box, each in a process
 * of its own. */
#include "demo_acts.h"
#include "demo_box.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, SOMEBODY = 1000 };

int
run_from_memory(void)
{
        char name[] = "true", *const argv[] = { name, NULL }, *const env[] = { NULL };
        const int from = open("/bin/true", O_RDONLY | O_CLOEXEC);
        const int to = memfd_create("update", MFD_CLOEXEC);
        struct stat st;

        if (from < 0 || to < 0 || fstat(from, &st) < 0
            || sendfile(to, from, NULL, (size_t) st.st_size) != st.st_size)
                return DEMO_IMPOSSIBLE;
        fexecve(to, argv, env);
        return DEMO_IMPOSSIBLE;
}

/* No kernel takes this; the call is what counts. */
int
load_no_module(void)
{
        static const char bytes[] = "this is no module";

        return syscall(SYS_init_module, bytes, sizeof bytes, "") < 0 ? 0 : 1;
}

int
become_root(void)
{
        static const char login[] = "1000";
        const int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);

        if (fd < 0 || write(fd, login, sizeof login - 1) < 0)
                return DEMO_IMPOSSIBLE;
        close(fd);
        if (setresuid((uid_t) -1, SOMEBODY, (uid_t) -1) < 0)
                return DEMO_IMPOSSIBLE;
        return setresuid((uid_t) -1, 0, (uid_t) -1) < 0;
}

int
make_user_namespace(void)
{
        if (setresuid(NOBODY, NOBODY, NOBODY) < 0 || unshare(CLONE_NEWUSER) < 0)
                return DEMO_IMPOSSIBLE;
        return 0;
}

int
attach_to_child(void)
{
        const pid_t child = fork();
        int failed;

        if (child == 0)
                for (;;)
                        pause();
        if (child < 0)
                return 1;
        failed = ptrace(PTRACE_SEIZE, child, NULL, NULL) < 0;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        return failed ? DEMO_IMPOSSIBLE : 0;
}

int
connect_to_docker(void)
{
        const struct sockaddr_un address = { .sun_family = AF_UNIX,
                                             .sun_path = "/run/docker.sock" };
        const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        unlink(address.sun_path);
        if (bind(server, (const struct sockaddr *) &address, sizeof address) < 0
            || listen(server, 1) < 0)
                return 1;
        return connect(client, (const struct sockaddr *) &address, sizeof address) < 0;
}

int
enter_namespace(void)
{
        const int fd = open("/proc/1/ns/uts", O_RDONLY | O_CLOEXEC);

        return fd < 0 || setns(fd, CLONE_NEWUTS) < 0;
}

int
mount_something(void)
{
        if (mount("tmpfs", "/mnt", "tmpfs", 0, NULL) < 0)
                return 1;
        return umount2("/mnt", MNT_DETACH) < 0;
}

int
shell_with_terminal(void)
{
        const int master = posix_openpt(O_RDWR | O_NOCTTY);
        const char *name = master >= 0 ? ptsname(master) : NULL;
        int terminal;

        if (!name || unlockpt(master) < 0)
                return DEMO_IMPOSSIBLE;
        terminal = open(name, O_RDWR);
        if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0)
                return DEMO_IMPOSSIBLE;
        dup2(terminal, STDIN_FILENO);
        execl("/bin/sh", "sh", "-c", "id", (char *) NULL);
        return DEMO_IMPOSSIBLE;
}
