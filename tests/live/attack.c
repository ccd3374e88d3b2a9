/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack.c - what attacks do, one harmless step each, for the test of the live source.
 *
 *      attack serve            runs lines of standard input as commands (words between tabs, "&" in
 *                              front: do not wait) and answers each with its exit status
 *      attack below NAME ...   the rest of the line as a child of a process of that name
 *      attack STEP [ARG...]    one of the steps below
 *
 * It is linked statically: it is the whole of a container beside a busybox.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 32, LINE_ROOM = 4096, FAILED = 1, USAGE = 2, NO_PROGRAM = 127 };

typedef int step(char **args);

/* ---- steps ---- */

static int
read_file(char **args)
{
        const int fd = open(args[0], O_RDONLY);
        char byte;

        if (fd < 0)
                return FAILED;
        if (read(fd, &byte, 1) < 0)
                return FAILED;
        close(fd);
        return 0;
}

/* A program that has run for a while: args[0] seconds. */
static int
read_later(char **args)
{
        sleep((unsigned) strtoul(args[0], NULL, 10));
        return read_file(args + 1);
}

static int
clear_file(char **args)
{
        const int fd = open(args[0], O_WRONLY | O_CREAT | O_TRUNC, 0644);

        if (fd < 0)
                return FAILED;
        close(fd);
        return 0;
}

static int
make_link(char **args)
{
        return link(args[0], args[1]) < 0 ? FAILED : 0;
}

static int
packet_socket(char **args)
{
        const int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

        (void) args;
        if (fd < 0)
                return FAILED;
        close(fd);
        return 0;
}

/* A listener of this process at ADDRESS PORT, and a connection to it. */
static int
connected(char **args)
{
        struct sockaddr_in to = { .sin_family = AF_INET };
        const int listener = socket(AF_INET, SOCK_STREAM, 0);
        const int one = 1;
        int fd;

        to.sin_port = htons((uint16_t) strtoul(args[1], NULL, 10));
        if (listener < 0 || inet_pton(AF_INET, args[0], &to.sin_addr) != 1)
                return -1;
        (void) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(listener, (struct sockaddr *) &to, sizeof to) < 0 || listen(listener, 1) < 0)
                return -1;
        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof to) < 0)
                return -1;
        return fd;
}

static int
dial(char **args)
{
        return connected(args) < 0 ? FAILED : 0;
}

/* What a reverse shell does before it starts the shell. */
static int
redirect(char **args)
{
        const int fd = connected(args);

        return fd < 0 || dup2(fd, STDIN_FILENO) < 0 ? FAILED : 0;
}

/* Refused in any case: there is no module behind the pointer. */
static int
insert_module(char **args)
{
        (void) args;
        (void) syscall(SYS_init_module, NULL, 0ul, "");
        return 0;
}

static int
attach(char **args)
{
        const pid_t child = fork();
        int status, rc;

        (void) args;
        if (child == 0)
                for (;;)
                        pause();
        if (child < 0)
                return FAILED;
        rc = ptrace(PTRACE_ATTACH, child, 0, 0) < 0 ? FAILED : 0;
        kill(child, SIGKILL);
        (void) waitpid(child, &status, __WALL);
        return rc;
}

static int
trace_me(char **args)
{
        (void) args;
        return ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 ? FAILED : 0;
}

/* Executes the file args[0] out of memory, with the other words as its arguments. */
static int
from_memory(char **args)
{
        const int file = open(args[0], O_RDONLY), memory = memfd_create("payload", MFD_CLOEXEC);
        struct stat st;

        if (file < 0 || memory < 0 || fstat(file, &st) < 0
            || sendfile(memory, file, NULL, (size_t) st.st_size) != st.st_size)
                return FAILED;
        fexecve(memory, args + 1, (char *[]){ NULL });
        return FAILED;
}

/* Executes the rest as the user with that number. */
static int
as_user(char **args)
{
        const uid_t id = (uid_t) strtoul(args[0], NULL, 10);

        if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0)
                return FAILED;
        execv(args[1], args + 1);
        return NO_PROGRAM;
}

/* Executes args[0], a new process, with the rest as its arguments. */
static int
run(char **args)
{
        const pid_t child = fork();
        int status;

        if (child == 0) {
                execv(args[0], args);
                _exit(NO_PROGRAM);
        }
        if (child < 0 || waitpid(child, &status, 0) != child)
                return FAILED;
        return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

static int
nothing(char **args)
{
        (void) args;
        return 0;
}

/* ---- a server of them ---- */

static void
start(char *line)
{
        char *words[MOST_WORDS + 1] = { NULL }, *word, *rest = line;
        const int null = open("/dev/null", O_RDWR);
        size_t n = 0;

        /* The streams of the server are for its commands and answers. */
        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
                _exit(NO_PROGRAM);
        while (n < MOST_WORDS && (word = strsep(&rest, "\t")))
                words[n++] = word;
        execv(words[0], words);
        _exit(NO_PROGRAM);
}

static int
serve(char **args)
{
        char line[LINE_ROOM];

        (void) args;
        while (fgets(line, sizeof line, stdin)) {
                const int background = line[0] == '&';
                int status = 0;
                pid_t child;

                line[strcspn(line, "\n")] = '\0';
                child = fork();
                if (child == 0)
                        start(line + background);
                if (!background && waitpid(child, &status, 0) != child)
                        return FAILED;
                printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
                fflush(stdout);
        }
        return 0;
}

static const struct {
        const char *name;
        int n_args;
        step *run;
} steps[] = {
        { "serve", 0, serve },
        { "run", 1, run },
        { "read", 1, read_file },
        { "read-later", 2, read_later },
        { "clear", 1, clear_file },
        { "link", 2, make_link },
        { "packet-socket", 0, packet_socket },
        { "connect", 2, dial },
        { "redirect", 2, redirect },
        { "insert-module", 0, insert_module },
        { "ptrace-attach", 0, attach },
        { "ptrace-me", 0, trace_me },
        { "from-memory", 2, from_memory },
        { "as-user", 2, as_user },
        { "nothing", 0, nothing },
};

int
main(int argc, char **argv)
{
        for (size_t i = 0; argc > 1 && i < sizeof steps / sizeof *steps; i++)
                if (strcmp(argv[1], steps[i].name) == 0 && argc - 2 >= steps[i].n_args)
                        return steps[i].run(argv + 2);
        fprintf(stderr, "attack: which step?\n");
        return USAGE;
}
