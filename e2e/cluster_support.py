"""Several Doorward nodes on one PostgreSQL, and what stands around them in earnest: Patroni with etcd, haproxy, pgbouncer.
Everything runs on this machine in one temporary folder, on ports of loopback, and can be killed, stopped and cut off."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

import support

sys.path.insert(0, str(support.ROOT / "tools"))
import private_postgres  # noqa: E402
from private_postgres import Folder, StartFailed, free_port, program  # noqa: E402

# How long a machine that does other work besides may take to start something.
PATIENCE = 120

PATRONI = """
scope: doorward
name: {name}
restapi: {{listen: "127.0.0.1:{api}", connect_address: "127.0.0.1:{api}"}}
etcd3: {{host: "127.0.0.1:{etcd}"}}
watchdog: {{mode: "off"}}
bootstrap:
  dcs:
    # The shortest that Patroni allows: loop_wait + 2 * retry_timeout <= ttl, and ttl >= 20.
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    # A primary that crashed is not waited for.
    primary_start_timeout: 0
    master_start_timeout: 0
    postgresql:
      use_pg_rewind: true
      parameters: {{max_connections: 200, shared_buffers: 64MB, wal_keep_size: 256MB, max_pred_locks_per_transaction: 256}}
  initdb: [{{encoding: UTF8}}, {{locale: C}}, no-sync]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: "{folder}/{name}"
  bin_dir: "{programs}"
  pgpass: "{folder}/{name}.pgpass"
  authentication:
    superuser: {{username: postgres}}
    replication: {{username: replicator}}
    rewind: {{username: postgres}}
  parameters: {{unix_socket_directories: "{folder}", max_wal_size: 256MB}}
  basebackup: [{{checkpoint: fast}}, no-sync]
  pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication replicator 127.0.0.1/32 trust"]
"""

HAPROXY = """
global
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 30s
  timeout check 2s
  # Only what reached no node is sent again: anything else may have been done.
  retries 3
  retry-on conn-failure
  option redispatch 1
frontend doorward
  bind 127.0.0.1:{port}
  option forwardfor
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET /readyz
  http-check expect status 200
  default-server inter 500ms fastinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions check
{servers}
"""

PGBOUNCER = """
[databases]
doorward = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/pgbouncer.users
pool_mode = transaction
default_pool_size = 10
max_client_conn = 500
"""


# --- processes


def children_of(pid):
    """The processes that a process started, and those that these started."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = stat.read_text(errors="replace")
            parents[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, next_ones = [], [pid]
    while next_ones:
        parent = next_ones.pop()
        below = [child for child, its_parent in parents.items() if its_parent == parent]
        found += below
        next_ones += below
    return found


def signal_all(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def wait_for(what, condition, seconds=PATIENCE):
    """The first true value of `condition`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise StartFailed(f"after {seconds} s there is no {what}")


def is_listening(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


# --- the database


class Member:
    """One PostgreSQL of a `Cluster`, with the Patroni that looks after it."""

    def __init__(self, folder, name, etcd_port):
        self.folder, self.name = folder, name
        self.port, self.api, self.patroni = free_port(), free_port(), None
        programs = pathlib.Path(program("postgres")).parent
        folder.write(f"{name}.yml", PATRONI.format(name=name, api=self.api, etcd=etcd_port, port=self.port, folder=folder.path,
                                                   programs=programs))

    def start(self):
        self.patroni = self.folder.start(f"{self.name}.log", "patroni", self.folder.path / f"{self.name}.yml")

    def postmaster(self):
        """The number of the PostgreSQL server, or nothing."""
        file = self.folder.path / self.name / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(file.read_text(encoding="utf-8").splitlines()[0])
            return pid if private_postgres.started_at(pid) is not None else None
        return None

    def database_processes(self):
        server = self.postmaster()
        return [server, *children_of(server)] if server else []

    def kill_database(self):
        """kill -9 of PostgreSQL and all of its processes."""
        signal_all(self.database_processes(), signal.SIGKILL)

    def kill(self):
        """kill -9 of Patroni and PostgreSQL together, as when the machine goes."""
        self.patroni.kill()
        self.patroni.wait()
        self.kill_database()

    def stop(self):
        """Freezes both, as a paused virtual machine is."""
        signal_all([self.patroni.pid], signal.SIGSTOP)
        signal_all(self.database_processes(), signal.SIGSTOP)

    def resume_database(self):
        signal_all(self.database_processes(), signal.SIGCONT)

    def resume(self):
        self.resume_database()
        signal_all([self.patroni.pid], signal.SIGCONT)

    def query(self, sql, database="doorward"):
        """The rows of a statement, or nothing when it cannot be asked."""
        words = [program("psql"), "--no-psqlrc", "-qtAX", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database,
                 "-c", sql]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "5"}
        done = subprocess.run([str(word) for word in words], capture_output=True, check=False, timeout=60, env=environment)
        return done.stdout.decode().split("\n")[:-1] if done.returncode == 0 else None


class Cluster:
    """A primary and a synchronous standby under Patroni, with an etcd; a context manager."""

    def __enter__(self):
        self.folder = Folder(prefix="doorward-cluster-")
        try:
            client, peer = free_port(), free_port()
            ours, others = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
            self.folder.start(
                "etcd.log", "etcd", "--name=one", "--data-dir=etcd", f"--listen-client-urls={ours}",
                f"--advertise-client-urls={ours}", f"--listen-peer-urls={others}",
                f"--initial-advertise-peer-urls={others}", f"--initial-cluster=one={others}",
            )
            wait_for("etcd", lambda: is_listening(client))
            self.members = [Member(self.folder, name, client) for name in ("one", "two")]
            for member in self.members:
                member.start()
            self.wait_until_whole()
            self.primary().query("CREATE ROLE doorward LOGIN", "postgres")
            if self.primary().query("CREATE DATABASE doorward OWNER doorward", "postgres") is None:
                raise StartFailed("the database cannot be made")
        except BaseException as problem:
            logs = "\n".join(self.folder.tail(log) for log in ("etcd.log", "one.log", "two.log"))
            self.folder.__exit__()
            if isinstance(problem, StartFailed):
                raise StartFailed(f"{problem}\n{logs}") from None
            raise
        return self

    def __exit__(self, *_):
        self.folder.__exit__()

    def roles(self):
        """What Patroni says of each member: `leader`, `sync_standby`, `replica`; of those that run, by name."""
        for member in self.members:
            if member.patroni.poll() is not None:
                continue
            with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                with urllib.request.urlopen(f"http://127.0.0.1:{member.api}/cluster", timeout=1) as answer:
                    said = json.loads(answer.read())["members"]
                running = ("running", "streaming")
                return {one["name"]: one["role"] for one in said if one["state"] in running}
        return {}

    def named(self, name):
        return next(member for member in self.members if member.name == name)

    def primary(self):
        """Who takes writes, by Patroni's word."""
        name = wait_for("primary", lambda: next((name for name, role in self.roles().items() if role == "leader"), None))
        return self.named(name)

    def standby(self):
        primary = self.primary()
        return next(member for member in self.members if member is not primary)

    def wait_until_whole(self):
        """Until there is a standby that every commit waits for."""
        wait_for("synchronous standby", lambda: sorted(self.roles().values()) == ["leader", "sync_standby"])

    def wait_for_other_primary(self, old):
        """Until somebody else than `old` takes writes; that one."""
        def other():
            for member in self.members:
                if member is not old and member.query("SELECT pg_is_in_recovery()", "postgres") == ["f"]:
                    return member
            return None

        return wait_for("new primary", other)


# --- the network


class Link:
    """A way from a node to a server that can be cut (connections break) or stalled (they stay, and nothing comes through
    any more, as with a firewall that has forgotten them)."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.pairs = set()
        self.flows = threading.Event()
        self.flows.set()
        self.refuses = self.closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self):
        self.flows.clear()

    def resume(self):
        self.flows.set()

    def cut(self):
        self.refuses = True
        self._break_all()

    def mend(self):
        self.refuses = False

    def close(self):
        self.closed = True
        self.flows.set()
        self.listener.close()
        self._break_all()

    def _break_all(self):
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        for pair in pairs:
            for end in pair:
                self._reset(end)

    @staticmethod
    def _reset(end):
        with contextlib.suppress(OSError):
            # A lingering time of 0 sends RST, as a crashed machine does.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        end.close()

    def _accept(self):
        while not self.closed:
            try:
                end, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(end,), daemon=True).start()

    def _serve(self, near):
        self.flows.wait()
        try:
            if self.refuses:
                raise ConnectionRefusedError
            far = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            self._reset(near)
            return
        far.settimeout(None)
        pair = (near, far)
        for end in pair:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.pairs.add(pair)
        if self.refuses:
            self._break_all()
        with contextlib.suppress(OSError, ValueError):
            self._carry(near, far)
        with self.lock:
            self.pairs.discard(pair)
        for end in pair:
            end.close()

    def _carry(self, near, far):
        """Both ways on one thread, until either end has said its last."""
        while True:
            self.flows.wait()
            ready, _, _ = select.select((near, far), (), (), 0.5)
            for end in ready:
                # What came while this thread waited must not slip through.
                if not self.flows.is_set():
                    break
                data = end.recv(65536)
                if not data:
                    return
                (far if end is near else near).sendall(data)


# --- the nodes


class Node:
    """A Doorward of a `Site`. It reaches each database server by a `Link` of its own."""

    def __init__(self, site, name, targets, direct=None):
        self.site, self.name, self.direct = site, name, direct
        self.links = [Link(target) for target in targets]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.program = support.DOORWARD
        self.log = site.folder / f"{name}.log"

    @property
    def database(self):
        return database_url([link.port for link in self.links])

    def start(self):
        words = ["serve", "--listen", f"127.0.0.1:{self.port}", "--database", self.database]
        if self.direct is not None:
            words += ["--postgres-direct-url", self.direct]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, *words], cwd=self.site.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env=self.site.installation.environment(),
            )
        self.site.home.watch(self.process)
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.startswith(support.READY):
            self.kill()
            raise StartFailed(f"{self.name} is not ready: {line!r}\n{self.tail()}")
        return self

    def kill(self):
        self.process.kill()
        self._ended()

    def end(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._ended()

    def _ended(self):
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stall(self):
        for link in self.links:
            link.stall()

    def unstall(self):
        for link in self.links:
            link.resume()

    def cut(self):
        for link in self.links:
            link.cut()

    def mend(self):
        for link in self.links:
            link.mend()

    def is_ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                return answer.status == 200
        return False

    def wait_until_ready(self):
        wait_for(f"{self.name} that is ready", self.is_ready)

    def tail(self, most=4000):
        return self.log.read_text(errors="replace")[-most:] if self.log.exists() else ""


def database_url(ports):
    """Several hosts in libpq's way; the one that takes writes is used
    (https://www.postgresql.org/docs/15/libpq-connect.html, 34.1.1.3)."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgres://doorward@{hosts}/doorward?target_session_attrs=read-write"


class Site:
    """Doorward on several nodes behind haproxy; a context manager. `ports` are the database servers'. `url` is the public
    address; `cli` works beside the nodes."""

    def __init__(self, ports, nodes=2, front=True):
        self.ports, self.count, self.has_front = ports, nodes, front
        self.nodes = []
        self.things = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as things:
            home = things.enter_context(Folder(prefix="doorward-site-"))
            self.home, self.folder = home, home.path
            front_port = free_port()
            self.url = f"http://127.0.0.1:{front_port}"
            self.installation = support.Installation(self.folder)
            self.cli, self.run_cli = self.installation.cli, self.installation.run
            (self.folder / "doorward.toml").write_text(
                f'public_url = "{self.url}"\ndatabase = "{database_url(self.ports)}"\nkey_file = "doorward.key"\n'
                'trusted_proxies = ["127.0.0.1"]\n', encoding="utf-8")
            self.cli("migrate")
            for number in range(self.count):
                self.add_node(f"node{number + 1}", things)
            if self.has_front:
                self._start_front(front_port)
            self.things = things.pop_all()
        return self

    def __exit__(self, *_):
        self.things.close()

    def add_node(self, name, things=None, targets=None, direct=None):
        node = Node(self, name, targets or self.ports, direct)
        things = things or self.things
        for link in node.links:
            things.callback(link.close)
        things.callback(node.end)
        self.nodes.append(node.start())
        return node

    def _start_front(self, port):
        servers = "\n".join(f"  server {node.name} 127.0.0.1:{node.port}" for node in self.nodes)
        file = self.home.write("haproxy.cfg", HAPROXY.format(port=port, servers=servers))
        self.home.start("haproxy.log", "/usr/sbin/haproxy", "-db", "-f", file)

        def answers():
            with contextlib.suppress(OSError, http.client.HTTPException):
                with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                    return answer.status == 200
            return False

        wait_for("haproxy", answers)


class PgBouncer:
    """pgbouncer in transaction mode in front of one server; a context manager."""

    def __init__(self, server_port):
        self.server_port = server_port

    def __enter__(self):
        self.folder = Folder(prefix="doorward-pgbouncer-")
        self.port = free_port()
        self.folder.write("pgbouncer.users", '"doorward" ""\n')
        file = self.folder.write("pgbouncer.ini", PGBOUNCER.format(port=self.port, server=self.server_port, folder=self.folder.path))
        self.folder.start("pgbouncer.log", "/usr/sbin/pgbouncer", file)
        wait_for("pgbouncer", lambda: is_listening(self.port))
        return self

    def __exit__(self, *_):
        self.folder.__exit__()


# --- a company, and how its people sign in


class Simulator:
    """A pretend Entra whose answers are asked for without a browser; a context manager."""

    TENANT = "/simulator/api/tenants/contoso.example"

    def __enter__(self):
        self.process = subprocess.Popen([support.BUILD / "entra-simulator", "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = re.search(r"http://[^/\s]+", self.process.stdout.readline().decode()).group()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + self.TENANT + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"null")

    def connect(self, site, account):
        """What an administrator does in Entra and in Doorward."""
        base = f"{site.url}/saml/{account}"
        application = self.call("POST", "/applications", {"name": "Portal", "identifiers": [f"{base}/metadata"],
                                                           "reply_urls": [f"{base}/acs"], "users": "all"})
        file = site.folder / "metadata.xml"
        with urllib.request.urlopen(application["metadata_url"], timeout=60) as answer:
            file.write_bytes(answer.read())
        site.cli("saml", "set-metadata", account, "--file", file)

    def add_people(self, addresses):
        for address in addresses:
            name = address.partition("@")[0]
            self.call("POST", "/users", {"user_principal_name": address, "display_name": name, "mail": address})
        self.call("POST", "/applications/Portal/users", {"users": list(addresses)})

    def respond(self, address, request_id):
        body = {"user": address, "in_response_to": request_id}
        return self.call("POST", "/applications/Portal/responses", body)["saml_response"]
