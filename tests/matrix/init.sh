#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# init: the first process of a machine of ./dev test --matrix. Loads, watches, attacks, reports on
# the console in lines that begin with MATRIX, and ends the machine.

say() {
        echo "MATRIX $*"
}

# attempt NAME COMMAND...: one attack; what fails says so, for it must not look like a missed one.
attempt() {
        name=$1
        shift
        "$@" >/dev/null 2>/tmp/error || say "failed $name: $(head -n 1 /tmp/error)"
}

# contained COMMAND...: in a cgroup that is named as Docker names them.
contained() {
        in=/sys/fs/cgroup/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        mkdir -p $in
        for above in /sys/fs/cgroup /sys/fs/cgroup/docker; do
                echo +memory >$above/cgroup.subtree_control
        done
        sh -c "echo \$\$ >$in/cgroup.procs && exec $*"
}

/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
mkdir -p /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf
ifconfig lo 127.0.0.1 up
say "booted $(uname -r) $(cut -d' ' -f1 /proc/uptime)"

layers=no
if [ -f /overlay.ko ] && insmod /overlay.ko; then
        mkdir /tmp/layers
        mount -t tmpfs layers /tmp/layers
        cd /tmp/layers
        mkdir lower upper work merged
        mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work matrix merged && layers=yes
        cd /
fi
say "layers $layers"

matrix-probe /objects/*.o >/tmp/probe 2>&1
sed 's/^/MATRIX probe /' /tmp/probe
say "probed $(cut -d' ' -f1 /proc/uptime)"

rtctl run --json --summary always --duration 200 -o rule_matching=all -r /rules \
        >/tmp/alerts 2>/tmp/errors &
watcher=$!
# The programs are attached once the first event has come back as an alert.
tries=0
until grep -q 'Matrix Ready' /tmp/alerts || [ $tries = 300 ] || ! kill -0 $watcher; do
        tries=$((tries + 1))
        /bin/true matrix-ready
        usleep 100000
done
say "watching $(cut -d' ' -f1 /proc/uptime)"

cp /bin/busybox /tmp/sh
attempt "shell in /tmp" /tmp/sh -c true
attempt "read of shadow" cat /etc/shadow
attempt "loader preload" sh -c ': >>/etc/ld.so.preload'
attempt "ptrace" matrix-attack ptrace
attempt "memfd" matrix-attack memfd /bin/busybox
attempt "set id" chmod u+s /tmp/sh
attempt "history" rm /root/.ash_history
attempt "connect" matrix-attack connect
attempt "rename" mv /etc/hosts /etc/hosts.old
attempt "symlink" ln -s /etc/shadow /tmp/link
attempt "mkdir" mkdir /tmp/.hidden
attempt "unix" matrix-attack unix /tmp/matrix.sock
attempt "denied" matrix-attack nobody /etc/shadow
attempt "container" contained /bin/true matrix-contained
cat /etc/nothing-here 2>/dev/null
if [ $layers = yes ]; then
        cp /bin/busybox /tmp/layers/merged/true
        attempt "upper layer" /tmp/layers/merged/true
fi
/bin/true matrix-done

tries=0
until grep -q 'Matrix Done' /tmp/alerts || [ $tries = 100 ] || ! kill -0 $watcher; do
        tries=$((tries + 1))
        usleep 100000
done
kill -INT $watcher
wait $watcher
say "exit $?"
sed 's/^/MATRIX alert /' /tmp/alerts
sed 's/^/MATRIX note /' /tmp/errors
say "end $(cut -d' ' -f1 /proc/uptime)"
poweroff -f
