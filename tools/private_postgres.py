"""A PostgreSQL for tests: in a temporary folder, on loopback, as an ordinary user, and gone afterwards without a trace.

    with PrivatePostgres() as server:
        ...  # server.url is its address

Debian's own service is neither used nor touched. PostgreSQL refuses to run as root; then it runs as `postgres`, or as
`nobody` where there is no such user."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

START_SECONDS = 90
# An immediate shutdown takes that long on a busy machine; after it the server is killed.
STOP_SECONDS = 10

# What a test gains from not waiting for the disk. A server that is killed loses nothing by it: only a machine that
# loses its power would.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class StartFailed(Exception):
    """A server that was to be ready is not."""


def free_port():
    """A port of loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name):
    """PostgreSQL's programs, the newest installed version's; Debian keeps most of them out of PATH."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise StartFailed(f"{name} is not installed: tools/install-packages test")
    return found


def ordinary_user():
    """Whom servers run as when we are root; nothing when we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StartFailed("this machine has neither a user postgres nor nobody")


class Folder:
    """A temporary folder of the ordinary user, and what runs in it; a context manager. However the program that made it
    ends, a guard ends what it started, and removes the folder."""

    def __init__(self, prefix="doorward-"):
        self.user = ordinary_user()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        if self.user is not None:
            os.chown(self.path, self.user.pw_uid, self.user.pw_gid)
        # In a session of its own: whoever ends our process group does not end the guard.
        self.guard = subprocess.Popen(
            [sys.executable, __file__, "--guard", self.path], stdin=subprocess.PIPE, start_new_session=True,
        )
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.guard.stdin.close()
        self.guard.wait()
        for process in self.processes:
            process.wait()

    def words(self, *arguments):
        """The command that runs a program as the ordinary user."""
        arguments = [str(argument) for argument in arguments]
        if self.user is None:
            return arguments
        ids = [f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, "--", *arguments]

    def run(self, *arguments, check=True, **options):
        """Runs a program to its end; its output."""
        done = subprocess.run(
            self.words(*arguments), cwd=self.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=START_SECONDS, check=False, **options,
        )
        output = done.stdout.decode(errors="replace")
        if check and done.returncode != 0:
            raise StartFailed(f"{' '.join(map(str, arguments))} ended with {done.returncode}:\n{output}")
        return output

    def start(self, log, *arguments, **options):
        """Starts a program whose output goes to the file `log` of the folder. It ends with the folder at the latest."""
        with open(self.path / log, "ab") as output:
            process = subprocess.Popen(
                self.words(*arguments), cwd=self.path, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options,
            )
        self.watch(process)
        self.processes.append(process)
        return process

    def watch(self, process):
        """Has the guard end a program that somebody else started."""
        self.guard.stdin.write(f"{process.pid}\n".encode())
        self.guard.stdin.flush()

    def write(self, name, text):
        """A file of the ordinary user's that nobody else reads."""
        path = self.path / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def tail(self, log, most=3000):
        path = self.path / log
        return path.read_text(errors="replace")[-most:] if path.exists() else f"{log}: nothing"


class PrivatePostgres:
    """A server with an empty database `doorward`, which belongs to a role of that name that may create databases; a
    context manager. `durable` waits for the disk at each commit, as a real one does."""

    def __init__(self, durable=False, settings=None):
        self.settings = {
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
            "shared_buffers": "64MB",
            **({} if durable else HASTY),
            **(settings or {}),
        }
        self.folder = self.process = self.port = self.url = None

    def __enter__(self):
        self.folder = Folder(prefix="doorward-postgres-")
        try:
            self._make()
            self.start()
        except BaseException:
            self.folder.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.folder.__exit__()

    @property
    def data(self):
        return self.folder.path / "data"

    def _make(self):
        self.folder.run(program("initdb"), "--pgdata", self.data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
                        "--locale=C", "--no-sync")
        self.port = free_port()
        self.url = f"postgres://doorward@127.0.0.1:{self.port}/doorward"

    def start(self):
        """Starts the server, the first time or after it was killed, and waits until it answers."""
        settings = {**self.settings, "port": self.port, "unix_socket_directories": self.folder.path}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = self.folder.start("log", program("postgres"), "-D", self.data, *words)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(f"PostgreSQL is not ready:\n{self.folder.tail('log')}")
            time.sleep(0.02)

    def _is_ready(self):
        # As a statement: pg_isready is content with a server that is still in recovery.
        found = self.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'doorward'", check=False).strip()
        if found == "0":
            self.psql("CREATE ROLE doorward LOGIN CREATEDB")
            self.psql("CREATE DATABASE doorward OWNER doorward")
            found = "1"
        return found == "1"

    def psql(self, sql, database="postgres", user="postgres", check=True):
        """Runs SQL and returns the rows, a line each, without headings."""
        return self.folder.run(
            program("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
            "--host", self.folder.path, "--port", self.port, "--username", user, "--dbname", database, "--command", sql,
            check=check,
        )

    def kill(self):
        """kill -9 of the server and of all that it started, whose memory would keep it from starting again."""
        started = children_of(self.process.pid)
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pid in started:
            send(pid, signal.SIGKILL)
        while any(started_at(pid) is not None for pid in started):
            time.sleep(0.02)


# --- the guard


def stat_of(pid):
    """What follows a process's name in its `stat` (proc_pid_stat(5)): its state, its parent, …; nothing when it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may hold anything.
    return text.rpartition(")")[2].split()


def children_of(parent):
    pids = [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (stat_of(pid) or ["", ""])[1] == str(parent)]


def started_at(pid):
    """When a process started, in ticks since the machine did, which tells it from a later one of the same number; nothing
    when there is none, or when it has ended and nobody has asked how."""
    stat = stat_of(pid)
    return None if stat is None or stat[0] in "ZX" else stat[19]


def send(pid, *numbers):
    for number in numbers:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def postmasters(folder):
    """The PostgreSQL servers of a folder, whoever started them."""
    for file in folder.glob("**/postmaster.pid"):
        first = re.match(r"\d+", file.read_text(errors="replace"))
        if first and started_at(first.group()) is not None:
            yield int(first.group())


def guard(folder):
    """Reads the numbers of processes until whoever writes them ends, then ends these and every PostgreSQL in the folder,
    and removes it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    started = {}
    servers = set()
    for line in sys.stdin:
        started[int(line)] = started_at(line.strip())
    living = [pid for pid, at in started.items() if at is not None and started_at(pid) == at]
    servers.update(postmasters(folder))
    # What would start a server again goes first. A stopped process takes no signal but this one.
    for pid in living:
        if pid not in servers:
            send(pid, signal.SIGKILL)
    servers.update(postmasters(folder))
    # SIGQUIT frees the shared memory as well (https://www.postgresql.org/docs/15/server-shutdown.html).
    for pid in servers:
        send(pid, signal.SIGQUIT, signal.SIGCONT)
    deadline = time.monotonic() + STOP_SECONDS
    while any(started_at(pid) is not None for pid in servers) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in servers:
        if started_at(pid) is not None:
            send(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__" and sys.argv[1:2] == ["--guard"]:
    guard(pathlib.Path(sys.argv[2]))
