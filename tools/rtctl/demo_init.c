/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_init.c - the first process of the demo's box: makes its root and its network, then performs
 * patterns. Everything here happens in namespaces of its own; nothing that is mounted or written
 * outlives it.
 */
#include "demo_init.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LISTEN_PORT = 4444, PATTERN_MS = 5000, TICK_MS = 5, NS_PER_MS = 1000000 };

/* ---- its root ---- */

#define PLACE "/tmp" /* a tmpfs over it holds the upper layer and the new root */

static bool
overlay(const char *lower, const char *name, const char *where)
{
        char upper[64], work[64], data[256];

        snprintf(upper, sizeof upper, PLACE "/upper%s", name);
        snprintf(work, sizeof work, PLACE "/work%s", name);
        snprintf(data, sizeof data, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
        return mkdir(upper, 0755) == 0 && mkdir(work, 0755) == 0
               && mount("overlay", where, "overlay", 0, data) == 0;
}

/* /usr may be a file system of its own, which an overlay of / does not show. */
static bool
is_apart(const char *path)
{
        struct stat root, st;

        return stat("/", &root) == 0 && stat(path, &st) == 0 && st.st_dev != root.st_dev;
}

static bool
cover(const char *path, mode_t mode)
{
        char where[128], data[32];

        snprintf(where, sizeof where, PLACE "/root%s", path);
        snprintf(data, sizeof data, "mode=%o,size=16m", (unsigned) mode);
        mkdir(where, mode);
        return mount("tmpfs", where, "tmpfs", MS_NOSUID, data) == 0;
}

static bool
lend_device(const char *path)
{
        char where[128];
        int fd;

        snprintf(where, sizeof where, PLACE "/root%s", path);
        fd = open(where, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd >= 0)
                close(fd);
        return mount(path, where, NULL, MS_BIND, NULL) == 0;
}

static bool
make_devices(void)
{
        static const char *const lent[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/urandom" };

        for (size_t i = 0; i < sizeof lent / sizeof *lent; i++)
                if (!lend_device(lent[i]))
                        return false;
        mkdir(PLACE "/root/dev/pts", 0755);
        mkdir(PLACE "/root/dev/shm", 01777);
        return mount("devpts", PLACE "/root/dev/pts", "devpts", 0,
                     "newinstance,ptmxmode=0666,mode=0620")
                       == 0
               && symlink("pts/ptmx", PLACE "/root/dev/ptmx") == 0;
}

/* What patterns write to is covered, and what a machine may keep private. */
static bool
cover_all(void)
{
        return cover("/dev", 0755) && cover("/tmp", 01777) && cover("/run", 0755)
               && cover("/root", 0700) && cover("/home", 0755) && cover("/var/log", 0755)
               && cover("/mnt", 0755);
}

static bool
enter_root(void)
{
        return chdir(PLACE "/root") == 0 && syscall(SYS_pivot_root, ".", ".") == 0
               && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}

static bool
replace(const char *path, mode_t mode, const char *text)
{
        const size_t n = strlen(text);
        bool good;
        int fd;

        unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        good = fd >= 0 && write(fd, text, n) == (ssize_t) n;
        if (fd >= 0)
                close(fd);
        return good;
}

/* The machine's own accounts and hashes are nobody's business. */
static bool
hide_accounts(void)
{
        return replace("/etc/passwd", 0644,
                       "root:x:0:0:root:/root:/bin/sh\n"
                       "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n")
               && replace("/etc/group", 0644, "root:x:0:\nnogroup:x:65534:\n")
               && replace("/etc/shadow", 0600, "root:*:19000:0:99999:7:::\n");
}

static const char *
make_root(void)
{
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return "mounts of its own";
        if (mount("tmpfs", PLACE, "tmpfs", MS_NOSUID, "mode=700,size=64m") < 0
            || mkdir(PLACE "/root", 0755) < 0)
                return "a tmpfs";
        if (!overlay("/", "", PLACE "/root")
            || (is_apart("/usr") && !overlay("/usr", "-usr", PLACE "/root/usr")))
                return "an overlay of this machine's files";
        if (!cover_all() || mount("proc", PLACE "/root/proc", "proc", 0, NULL) < 0)
                return "a tmpfs over each folder that is written to";
        if (!make_devices())
                return "devices";
        if (!enter_root())
                return "a root of its own";
        return hide_accounts() ? NULL : "accounts of its own";
}

/* ---- its network ---- */

static bool
give_address(int fd, const char *name, const char *address)
{
        struct ifreq request = { 0 };
        struct sockaddr_in ip = { .sin_family = AF_INET };

        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
        inet_pton(AF_INET, address, &ip.sin_addr);
        memcpy(&request.ifr_addr, &ip, sizeof ip);
        return ioctl(fd, SIOCSIFADDR, &request) == 0;
}

/* The loopback, with an address that rules do not take for local, and a listener nobody serves. */
static const char *
make_network(void)
{
        struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
        const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(LISTEN_PORT) };
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0
            || !give_address(fd, "lo:1", "192.0.2.10"))
                return "a loopback";
        if (bind(fd, (const struct sockaddr *) &any, sizeof any) < 0 || listen(fd, SOMAXCONN) < 0)
                return "a listener";
        return NULL;
}

/* ---- patterns ---- */

_Noreturn static void
perform(const demo_pattern *pattern)
{
        static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                                           "LANG=C", NULL };
        const char *const argv[] = { pattern->shell, "-c", pattern->command, NULL };
        const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                dup2(null, fd);
        setsid();
        if (pattern->act)
                _exit(pattern->act());
        execvpe(pattern->shell, (char *const *) argv, (char *const *) env);
        _exit(DEMO_IMPOSSIBLE);
}

/* One that hangs is ended, with what it started in its group. */
static int
wait_for(pid_t child)
{
        const struct timespec tick = { .tv_nsec = TICK_MS * NS_PER_MS };
        int status;

        for (int ms = 0;; ms += TICK_MS) {
                const pid_t ended = waitpid(-1, &status, WNOHANG);

                if (ended == child)
                        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
                if (ms == PATTERN_MS) {
                        kill(-child, SIGKILL);
                        kill(child, SIGKILL);
                }
                if (ended <= 0)
                        nanosleep(&tick, NULL);
        }
}

static const char *
make_box(void)
{
        const char *failed = make_root();

        if (!failed && sethostname("demo", strlen("demo")) < 0)
                failed = "a name";
        return failed ? failed : make_network();
}

void
demo_init(const demo_pattern *patterns, int order, int answer)
{
        demo_answer said = { 0 };
        const char *failed;
        uint8_t index;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, "demo");
        setsid(); /* no terminal, and no Ctrl-C: the box is closed in order */
        umask(022);
        if (read(order, &index, 1) != 1)
                _exit(1);
        failed = make_box();
        if (failed) {
                said.code = errno ? errno : EIO;
                snprintf(said.what, sizeof said.what, "%s", failed);
        }
        while (write(answer, &said, sizeof said) == sizeof said && read(order, &index, 1) == 1) {
                const pid_t child = fork();

                if (child == 0)
                        perform(&patterns[index]);
                said.code = child < 0 ? DEMO_IMPOSSIBLE : wait_for(child);
        }
        _exit(0);
}
