# SPDX-License-Identifier: Apache-2.0
# everyday.sh: what goes on on a machine that nobody attacks. `make` runs it in namespaces and records it.
set -u
# The machine's own files and packages do not get into the recording, which begins with the next line read.
packages=$(dpkg -s coreutils && echo && dpkg -s dash)
for place in /tmp /root /home /var/log /var/tmp /var/lib/apt/lists /var/lib/dpkg; do
        mount -t tmpfs tmpfs "$place"
done
chmod 1777 /tmp /var/tmp
mkdir /var/lib/dpkg/info /var/lib/dpkg/updates
printf '%s\n' "$packages" >/var/lib/dpkg/status
read -r _

# An administrator looks around.
ls -l /etc/apt /usr/lib/os-release
cat /etc/os-release /etc/passwd
id
uname -a
ps ax
find /etc/apt -name '*.conf'
grep -r localhost /etc/hosts
dpkg -l coreutils
apt list coreutils
touch /var/log/sample.log
echo started >>/var/log/sample.log
mv /var/log/sample.log /var/log/sample.log.1
gzip /var/log/sample.log.1

# Accounts and packages change as they should.
useradd --create-home --shell /bin/bash alice
passwd --lock alice
usermod --append --groups users alice
chage -l alice

# A developer works.
mkdir -p /home/alice/project
cd /home/alice/project || exit 1
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >hello.c
gcc -o hello hello.c
./hello
printf 'all:\n\techo built\n' >Makefile
make
(
        echo 1000 >/proc/self/loginuid
        su root -c 'make; date >/var/log/made.log' # root already, the way one should
)
git -c init.defaultBranch=main init -q
git -c user.name=alice -c user.email=alice@localhost add hello.c
git -c user.name=alice -c user.email=alice@localhost commit -q -m one
git log
python3 -IS -c 'import json, pathlib; pathlib.Path("out.json").write_text(json.dumps({"a": 1}))'
tar czf /tmp/project.tar.gz .
tar tzf /tmp/project.tar.gz
bash -c 'for i in 1 2 3; do echo $i | sort | uniq -c; done'
sh -c 'cat hello.c | grep main | wc -l'

# Keys are made and used by the tools for it.
ssh-keygen -q -t ed25519 -N '' -f /home/alice/id
ssh-keygen -l -f /home/alice/id.pub
ssh-keygen -y -f /home/alice/id

# What cron does.
mkdir -p /home/alice/jobs
printf '#!/bin/sh\ndate >>/var/log/job.log\n' >/home/alice/jobs/job
chmod 755 /home/alice/jobs/job
run-parts /home/alice/jobs
find /tmp -type f -mtime +7 -delete

# Two programs talk over the loopback.
python3 -IS - <<'PY'
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = server.accept()
    connection.sendall(connection.recv(64))
    connection.close()
thread = threading.Thread(target=serve)
thread.start()
client = socket.create_connection(server.getsockname())
client.sendall(b"ping")
client.recv(64)
thread.join()
PY
