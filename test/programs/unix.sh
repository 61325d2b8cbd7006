#!/bin/sh
# SPDX-License-Identifier: MIT
# Real programs over AF_UNIX in a lab, each the same as on the kernel's own: postgres, nginx before a
# server, socat, ssh-agent, python's multiprocessing, a notification as systemd's, descriptors that
# are passed on; a path that somebody outside of the lab serves.
. "$(dirname "$0")/common"

echo 1..13

# both TITLE COMMAND...: the command on the kernel and in a lab, in a directory of its own, says and
# ends the same
both() {
    title=$1
    shift
    rm -rf native inside
    mkdir native inside
    chmod 777 native inside
    (cd native && timeout 60 "$@" >../native.out 2>&1)
    native=$?
    labs "    programs: [{argv: [$(printf '"%s", ' "$@")], directory: $directory/inside,
                 log: $directory/inside.out}]"
    timeout 90 "$sockeye" lab --quiet --record run.record lab.yaml >said 2>&1
    code=$?
    [ $native -eq 0 ] || echo "without a lab it ends with $native" >>said
    diff native.out inside.out >>said && [ $native -eq 0 ] && [ $code -eq 0 ]
    say $? "$title"
}
labs() {
    two_hosts lab.yaml "delay: 0ms" "$1"
}
# missing PROGRAM TITLE: is it not there? then its test is skipped
missing() {
    command -v "$1" >/dev/null 2>&1 && return 1
    number=$((number + 1))
    echo "ok $number - $2 # skip there is no $1"
}

# ---- postgres ----
cat >postgres.sh <<'E2'
as=
[ "$(id -u)" -ne 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
here=$PWD
$as initdb --auth=trust --no-sync -U test -D "$here/data" >init.log 2>&1 || { cat init.log; exit 1; }
$as postgres -D "$here/data" -k "$here" -c listen_addresses= -c fsync=off >server.log 2>&1 &
server=$!
for i in $(seq 20); do
    psql -h "$here" -U test -c 'select 1' postgres >/dev/null 2>&1 && break
    sleep 0.5
done
psql -h "$here" -U test -At postgres <<E3
create table t as select i, repeat('x', 100) as text from generate_series(1, 20000) i;
select count(*), sum(i), length(string_agg(text, '')) from t;
select * from t where i < 1500;
E3
psql -h "$here" -U test -At -c 'select pg_backend_pid() > 0, inet_client_addr() is null' postgres
kill $server
wait $server
echo "it ends with $?"
E2
missing postgres "a client of postgres over its UNIX socket" ||
    both "a client of postgres over its UNIX socket" sh "$directory/postgres.sh"

# ---- nginx ----
cat >backend.py <<'E2'
import http.server, os, socket, socketserver, sys
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64
class Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self):
        return "unix"
    def log_message(self, *rest):
        pass
    def do_GET(self):
        body = (self.path * 1000).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
Server("backend.sock", Handler).serve_forever()
E2
cat >nginx.sh <<E2
python3 "$directory/backend.py" &
backend=\$!
cat >nginx.conf <<E3
daemon off;
pid \$PWD/pid;
error_log \$PWD/error.log;
events {}
http {
    access_log off;
    client_body_temp_path \$PWD/body;
    proxy_temp_path \$PWD/proxy;
    fastcgi_temp_path \$PWD/fastcgi;
    uwsgi_temp_path \$PWD/uwsgi;
    scgi_temp_path \$PWD/scgi;
    upstream backend { server unix:\$PWD/backend.sock; }
    server {
        listen unix:\$PWD/front.sock;
        location / { proxy_pass http://backend; }
    }
}
E3
chmod 777 .
nginx -p "\$PWD" -c "\$PWD/nginx.conf" -e "\$PWD/error.log" &
server=\$!
for i in \$(seq 20); do
    [ -S front.sock ] && [ -S backend.sock ] && break
    sleep 0.2
done
chmod 777 backend.sock
for i in 1 2 3 4 5 6 7 8; do
    curl -sS --unix-socket front.sock "http://server/page\$i" | cksum &
    wait \$!
done
kill \$server \$backend
wait \$server
echo "it ends with \$?"
E2
missing nginx "curl by nginx to a server, each over a path" ||
    both "curl by nginx to a server, each over a path" sh "$directory/nginx.sh"

# ---- socat ----
cat >socat.sh <<'E2'
head -c 3000000 /dev/zero | tr '\0' 'x' >big
socat -u UNIX-LISTEN:s,mode=640 CREATE:copy &
for i in $(seq 50); do [ -S s ] && break; sleep 0.1; done
stat -c %A s
socat -u FILE:big UNIX-CONNECT:s
wait
cksum <copy
socat -u UNIX-RECVFROM:d CREATE:datagram &
for i in $(seq 50); do [ -S d ] && break; sleep 0.1; done
echo hello | socat -u STDIN UNIX-SENDTO:d
wait
cat datagram
socat ABSTRACT-LISTEN:name EXEC:cat &
sleep 0.5
echo to and fro | socat - ABSTRACT-CONNECT:name
wait
socat - UNIX-CONNECT:s </dev/null 2>&1 | sed 's/.* E //'
E2
missing socat "socat: a listener, a datagram, an abstract name, a path of nobody" ||
    both "socat: a listener, a datagram, an abstract name, a path of nobody" sh "$directory/socat.sh"

# ---- ssh-agent ----
cat >agent.sh <<'E2'
ssh-agent -a agent -D >/dev/null &
agent=$!
for i in $(seq 50); do [ -S agent ] && break; sleep 0.1; done
SSH_AUTH_SOCK=agent
export SSH_AUTH_SOCK
ssh-keygen -q -t ed25519 -N '' -C key -f key
ssh-add key 2>&1
ssh-add -l | sed 's/SHA256:[^ ]*/HASH/'
kill $agent

E2
sed -i '$d' agent.sh
missing ssh-agent "ssh-agent is told a key" || both "ssh-agent is told a key" sh "$directory/agent.sh"

# ---- python ----
cat >managed.py <<'E2'
import multiprocessing as mp, os, sys
def work(shared, lock, queue, n):
    for i in range(50):
        with lock:
            shared["sum"] += n
    queue.put((n, os.getpid() != os.getppid()))
if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    with mp.Manager() as manager:
        shared, lock, queue = manager.dict(sum=0), manager.Lock(), manager.Queue()
        workers = [mp.Process(target=work, args=(shared, lock, queue, n)) for n in range(4)]
        for w in workers: w.start()
        for w in workers: w.join()
        print(sorted(queue.get() for w in workers), dict(shared))
    with mp.Pool(3) as pool:
        print(pool.map(abs, range(-20, 0)))
    a, b = mp.Pipe()
    p = mp.Process(target=b.send, args=({"x": "y" * 100000},))
    p.start()
    print(len(a.recv()["x"]))
    p.join()
E2
both "python's multiprocessing, forked" python3 "$directory/managed.py" fork
both "python's multiprocessing, by a server of forks" python3 "$directory/managed.py" forkserver

cat >notify.py <<'E2'
import array, os, socket, subprocess, sys
place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place.bind("notify")
place.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
child = subprocess.Popen([sys.executable, "-c", """
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
r, w = os.pipe()
os.write(w, b"stored")
os.close(w)
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, r.to_bytes(4, "little"))]
s.sendmsg([b"FDSTORE=1"], rights, 0, os.environ["NOTIFY_SOCKET"])
s.connect(os.environ["NOTIFY_SOCKET"])
s.send(b"STOPPING=1")
"""], env={**os.environ, "NOTIFY_SOCKET": "notify"})
import struct
for _ in range(3):
    data, control, flags, sender = place.recvmsg(100, 1000)
    pid = [struct.unpack("3i", c[:12])[0] for l, t, c in control if t == socket.SCM_CREDENTIALS]
    fds = [array.array("i", c) for l, t, c in control if t == socket.SCM_RIGHTS]
    print(data, pid == [child.pid], [os.read(f, 10) for a in fds for f in a], sender)
print(child.wait())
E2
both "a service tells that it is ready, and who it is" python3 "$directory/notify.py"

cat >five.py <<'E2'
import array, os, socket, sys
a, b = socket.socketpair(socket.AF_UNIX, getattr(socket, sys.argv[1]))
pipes = [os.pipe() for _ in range(5)]
for i, (r, w) in enumerate(pipes):
    os.write(w, b"pipe %d" % i)
    os.close(w)
if os.fork() == 0:
    a.close()
    for round in range(20):
        before = len(os.listdir("/proc/self/fd"))
        data, control, flags, _ = b.recvmsg(100, socket.CMSG_SPACE(8))
        fds = [f for l, t, c in control for f in array.array("i", c[: len(c) // 4 * 4])]
        print(data, len(fds), flags & socket.MSG_CTRUNC != 0,
              len(os.listdir("/proc/self/fd")) - before, flush=True)
        if round == 0:
            print([os.read(f, 10) for f in fds], flush=True)
        for f in fds: os.close(f)
        b.send(b"x")
    os._exit(0)
for round in range(20):
    socket.send_fds(a, [b"five"], [r for r, w in pipes])
    a.recv(10)
os.wait()
for r, w in pipes: os.close(r)
E2
for kind in SOCK_STREAM SOCK_DGRAM SOCK_SEQPACKET; do
    both "five descriptors for a receiver with room for two ($kind)" python3 "$directory/five.py" $kind
done

timeout 60 "$sockeye" replay run.record >said 2>&1
say $? "the last record replays, without a descriptor"

# ---- outside of the lab ----
python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX)
s.bind("outside")
s.listen()
c, _ = s.accept()
c.send(b"from outside")' &
outside=$!
until_true test -S outside
labs "    programs: [{run: 'python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); s.connect(\\\"outside\\\"); print(s.recv(99).decode())\"', directory: $directory, log: $directory/log}]"
timeout 60 "$sockeye" lab --report lab.yaml >said 2>&1 && wait $outside &&
    grep -q "from outside" log && grep -q "connect(outside): served outside of the lab" said
say $? "a path that is served outside of the lab is connected there, and the report says so"

cp "$here/../../examples/unix.yaml" "$here/../../examples/unix.py" .
timeout 60 "$sockeye" lab --quiet unix.yaml >said 2>&1
say $? "examples/unix.yaml: a path and an abstract name, and another host that has neither"
