/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack.c - what busybox cannot do: attacks of ./dev test --matrix that need calls of their own.
 *
 *      matrix-attack ptrace | memfd FILE | connect | unix PATH | nobody FILE
 *
 * Exit 0: it was done; 1: it could not be.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 4444, NOBODY = 65534 };

static int
attach_to_child(void)
{
        const pid_t child = fork();
        int status = 0;
        bool done;

        if (child == 0) {
                pause();
                _exit(0);
        }
        if (child < 0)
                return 1;
        done = ptrace(PTRACE_ATTACH, child, NULL, NULL) == 0 && waitpid(child, &status, 0) == child;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return done ? 0 : 1;
}

static int
run_from_memory(const char *path)
{
        char *const argv[] = { (char *) "true", NULL };
        char *const envp[] = { NULL };
        const int from = open(path, O_RDONLY | O_CLOEXEC);
        const int to = memfd_create("hidden", MFD_CLOEXEC);
        struct stat st;

        if (from < 0 || to < 0 || fstat(from, &st) < 0
            || sendfile(to, from, NULL, (size_t) st.st_size) != st.st_size)
                return 1;
        fexecve(to, argv, envp);
        return 1;
}

static int
connect_to_self(void)
{
        const struct sockaddr_in at = { .sin_family = AF_INET,
                                        .sin_port = htons(PORT),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const struct sockaddr *where = (const struct sockaddr *) &at;
        const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (bind(server, where, sizeof at) < 0 || listen(server, 1) < 0)
                return 1;
        if (connect(client, where, sizeof at) < 0)
                return 1;
        return accept4(server, NULL, NULL, SOCK_CLOEXEC) < 0;
}

static int
connect_to_path(const char *path)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        const struct sockaddr *where = (const struct sockaddr *) &at;
        const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
        if (bind(server, where, sizeof at) < 0 || listen(server, 1) < 0)
                return 1;
        return connect(client, where, sizeof at) < 0;
}

/* What a user may not read. */
static int
read_as_nobody(const char *path)
{
        if (setuid(NOBODY) < 0)
                return 1;
        return open(path, O_RDONLY | O_CLOEXEC) >= 0;
}

int
main(int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "";

        if (strcmp(what, "ptrace") == 0)
                return attach_to_child();
        if (strcmp(what, "memfd") == 0 && argc > 2)
                return run_from_memory(argv[2]);
        if (strcmp(what, "connect") == 0)
                return connect_to_self();
        if (strcmp(what, "unix") == 0 && argc > 2)
                return connect_to_path(argv[2]);
        if (strcmp(what, "nobody") == 0 && argc > 2)
                return read_as_nobody(argv[2]);
        fprintf(stderr,
                "usage: matrix-attack ptrace | memfd FILE | connect | unix PATH | nobody FILE\n");
        return 1;
}
