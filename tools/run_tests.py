#!/usr/bin/env python3
"""Runs the tests in stages, shows where it is, and ends with one table and one line: `N passed, N failed`.

Started by ./test, which installs what the stages need. Each stage writes a log under build/logs/; the end of a
failing one is printed."""

import argparse
import concurrent.futures
import configparser
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

import private_postgres

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/logs"
ARTEFACTS = ROOT / "e2e/artefacts"
CORES = len(os.sched_getaffinity(0))

# What a stage may take before it counts as hanging.
BUILD_SECONDS = 45 * 60
SUITE_SECONDS = 40 * 60
E2E_FILE_SECONDS = 10 * 60
# How often a running stage says that it is alive.
PROGRESS_SECONDS = 20

# What the tests' temporary files may take, and what the machine must have left beside them.
FILES_BYTES = 6 << 30
MEMORY_BYTES = 8 << 30

# A fail-over is over when a lease of seconds ends: this one has the machine for itself.
E2E_ALONE = ("cluster_test.py",)

# Into how many parts the tests of a room are cut, so that the largest room does not run alone at the end.
SHARDS = 2
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "halt_on_error=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1",
}

# The rooms that threads meet in. What is pure or only called has no races of its own.
THREADED_ROOMS = (
    "base", "crypto", "directory", "http", "jobs", "net", "saml", "scim", "server", "session", "storage",
    "storage_sqlite",
)

# Unit tests whose database may be PostgreSQL; of the last there is nothing on SQLite.
DATABASE_PROGRAMS = ("directory", "directory_postgres", "scim", "storage", "storage_postgres")
POSTGRES_ONLY = ("directory_postgres", "storage_postgres")

STARTED = time.monotonic()


def clock():
    seconds = int(time.monotonic() - STARTED)
    return f"{seconds // 60:02}:{seconds % 60:02}"


def say(text):
    print(f"[{clock()}] {text}", flush=True)


class Counts:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __repr__(self):
        return f"Counts({self.passed}, {self.failed}, {self.skipped})"

    def ran(self):
        return self.passed + self.failed

    def line(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def last_line(log):
    """The last non-empty line of a growing log, for the progress report."""
    try:
        with open(log, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 2000))
            lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return lines[-1].strip()[:100] if lines else ""


def tail(log, most=60):
    """What a reader needs of a failed log: its end, or, of a build, what came after the first failure."""
    lines = log.read_text(errors="replace").splitlines()
    failure = next((place for place, line in enumerate(lines) if line.startswith("FAILED: ")), None)
    lines = lines[failure : failure + most] if failure is not None else lines[-most:]
    return "\n".join("    " + line for line in lines)


class Command:
    """A program with its log, its time limit and everything it started."""

    running = set()
    lock = threading.Lock()

    def __init__(self, arguments, log, seconds, environment=None, folder=ROOT, append=False):
        self.arguments = [str(argument) for argument in arguments]
        self.log = log
        self.seconds = seconds
        self.environment = {**os.environ, **(environment or {})}
        self.folder = folder
        self.append = append

    def run(self):
        """The exit code; a program that takes too long is ended and has failed."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab" if self.append else "wb") as output:
            process = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                cwd=self.folder, env=self.environment, start_new_session=True,
            )
            with Command.lock:
                Command.running.add(process.pid)
            try:
                return process.wait(timeout=self.seconds)
            except subprocess.TimeoutExpired:
                output.write(f"\nended after {self.seconds} seconds\n".encode())
                return 124
            finally:
                end_group(process.pid)
                process.wait()
                with Command.lock:
                    Command.running.discard(process.pid)


def end_group(leader):
    """Ends a program and whatever it left behind (servers, browsers)."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Memory:
    """A folder in memory for the tests' temporary files, as TMPDIR: a database in it does not wait for the disk at each
    commit. Where there is not enough memory they stay on the disk. A context manager."""

    folder = None
    disk = tempfile.gettempdir()

    def __enter__(self):
        if is_roomy(pathlib.Path("/dev/shm")):
            Memory.folder = tempfile.mkdtemp(prefix="doorward-tests-", dir="/dev/shm")
            # PostgreSQL runs in it as another user.
            os.chmod(Memory.folder, 0o711)
            os.environ["TMPDIR"] = tempfile.tempdir = Memory.folder

    def __exit__(self, *_):
        if Memory.folder is not None:
            shutil.rmtree(Memory.folder, ignore_errors=True)


def is_roomy(folder, meminfo=pathlib.Path("/proc/meminfo")):
    """Whether the tests' temporary files fit into this folder in memory."""
    try:
        space = os.statvfs(folder)
        available = int(re.search(r"^MemAvailable: +(\d+) kB$", meminfo.read_text(), re.MULTILINE).group(1)) << 10
    except (OSError, AttributeError):
        return False
    return space.f_bavail * space.f_frsize >= FILES_BYTES and available >= FILES_BYTES + MEMORY_BYTES


def end_everything(number, _frame):
    for leader in list(Command.running):
        end_group(leader)
    Memory().__exit__()
    # Threads still wait for those programs; nothing of theirs is worth keeping.
    os._exit(128 + number)


class Progress:
    """Says every PROGRESS_SECONDS what the log's last line is."""

    def __init__(self, what, log):
        self.what, self.log = what, log
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._report, daemon=True)

    def _report(self):
        while not self.done.wait(PROGRESS_SECONDS):
            line = last_line(self.log)
            say(f"{self.what}: {line}" if line else self.what)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def run(what, arguments, log, seconds, **options):
    say(what)
    with Progress(what, log):
        return Command(arguments, log, seconds, **options).run()


# --- what the runners print


def gtest_counts(report):
    """Reads the XML report of a GoogleTest program."""
    suites = xml.etree.ElementTree.parse(report).getroot()
    cases = suites.findall("testsuite/testcase")
    failed = sum(1 for case in cases if case.find("failure") is not None)
    ran = sum(1 for case in cases if case.get("status") == "run")
    skipped = sum(1 for case in cases if case.get("result") == "skipped")
    return Counts(ran - failed - skipped, failed, skipped)


def unittest_counts(text):
    """Reads the closing lines of Python's unittest: `Ran 3 tests in 0.1s`, `FAILED (failures=1, skipped=1)`."""
    ran = re.findall(r"^Ran (\d+) tests? in ", text, re.MULTILINE)
    verdict = re.findall(r"^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$", text, re.MULTILINE)
    if not ran or not verdict:
        return None
    numbers = {name: int(number) for name, number in re.findall(r"([a-z ]+)=(\d+)", verdict[-1].replace(", ", ","))}
    failed = sum(numbers.get(name, 0) for name in ("failures", "errors", "unexpected successes"))
    skipped = numbers.get("skipped", 0)
    # A class that cannot be set up is an error without a test that ran.
    return Counts(max(0, int(ran[-1]) - failed - skipped), failed, skipped)


def tap_counts(text):
    """Reads the closing lines of node's TAP reporter: `# pass 3`."""
    numbers = dict(re.findall(r"^# (tests|pass|fail|cancelled|skipped|todo) (\d+)$", text, re.MULTILINE))
    if "pass" not in numbers:
        return None
    failed = int(numbers.get("fail", 0)) + int(numbers.get("cancelled", 0))
    return Counts(int(numbers["pass"]), failed, int(numbers.get("skipped", 0)) + int(numbers.get("todo", 0)))


def closing_counts(text):
    """Reads our own closing line."""
    match = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", text, re.MULTILINE)
    return Counts(*(int(number or 0) for number in match[-1])) if match else None


# --- stages


class Stage:
    """One row of the closing table."""

    def __init__(self, name, settings):
        self.name = name
        self.settings = settings
        self.counts = Counts()
        self.seconds = 0

    def log(self, part):
        return LOGS / f"{self.name}-{part}.log"

    def failed(self, what, log):
        self.counts += Counts(failed=1)
        self.show_failure(what, log)

    def show_failure(self, what, log):
        say(f"{what} failed; the end of {os.path.relpath(log, ROOT)}:")
        print(tail(log), flush=True)

    def build(self, preset, *arguments):
        log = self.log("build")
        code = run(f"{self.name}: building {preset}", ["tools/build", preset, *arguments], log, BUILD_SECONDS)
        if code != 0:
            self.failed(f"building {preset}", log)
        return code == 0

    def count(self, what, code, counts, log):
        """Adds a runner's counts. One that failed without counting a failure is a failure, and so is one that did
        not say what it ran."""
        silent = counts is None
        counts = counts or Counts()
        if (code != 0 or silent) and counts.failed == 0:
            counts += Counts(failed=1)
        self.counts += counts
        if counts.failed:
            self.show_failure(what, log)


class Check(Stage):
    def work(self):
        log = self.log("sources")
        code = run("check: the sources", ["tools/check"], log, 600)
        self.count("tools/check", code, closing_counts(log.read_text(errors="replace")), log)
        log = self.log("scripts")
        arguments = [sys.executable, "-m", "unittest", "discover", "-s", "tests/tools", "-p", "*_test.py"]
        code = run("check: the checkers' own tests", arguments, log, 600)
        self.count("tests/tools", code, unittest_counts(log.read_text(errors="replace")), log)


class Suite(Stage):
    """The unit tests, in one of the presets: of all rooms, or of those that are named."""

    def __init__(self, name, settings, preset, *options, rooms=()):
        super().__init__(name, settings)
        self.preset, self.options, self.rooms = preset, options, rooms

    def work(self):
        if not self.build(self.preset, *self.options, *(f"{room}_test" for room in self.rooms)):
            return
        folder = ROOT / "build" / self.preset
        programs = [f"{room}_test" for room in self.rooms] or sorted(path.name for path in folder.glob("*_test"))
        self.run_programs([folder / name for name in programs if name.removesuffix("_test") not in POSTGRES_ONLY])

    def run_programs(self, programs, environment=None):
        # `ctest` starts a program for each test; starting thousands takes longer than the tests.
        jobs = [(program, shard) for program in programs for shard in range(SHARDS)]
        say(f"{self.name}: {len(programs)} programs in {len(jobs)} parts, {CORES} at a time")
        with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
            for outcome in pool.map(lambda job: self.run_shard(*job, environment or {}), jobs):
                self.count(*outcome)

    def run_shard(self, program, shard, environment):
        """What `count` wants to know of it."""
        name = f"{program.name}-{shard}"
        log, report = self.log(name), program.parent / f"{self.name}-{name}.xml"
        report.unlink(missing_ok=True)
        environment = {
            **environment,
            **SANITIZER_OPTIONS,
            "GTEST_TOTAL_SHARDS": str(SHARDS),
            "GTEST_SHARD_INDEX": str(shard),
            "GTEST_OUTPUT": f"xml:{report}",
            "GTEST_BRIEF": "1",
        }
        code = Command([program], log, SUITE_SECONDS, environment=environment).run()
        # One that crashed leaves no report.
        return name, code, gtest_counts(report) if report.is_file() else None, log


class Postgres(Suite):
    """Those of the unit tests that need a database, on a PostgreSQL of their own."""

    def work(self):
        programs = [f"{room}_test" for room in DATABASE_PROGRAMS]
        if not self.build(self.preset, *self.options, *programs):
            return
        try:
            with private_postgres.PrivatePostgres() as server:
                folder = ROOT / "build" / self.preset
                self.run_programs([folder / name for name in programs], {"DOORWARD_TEST_DATABASE": server.url})
        except private_postgres.StartFailed as failure:
            log = self.log("server")
            log.write_text(f"{failure}\n", encoding="utf-8")
            self.failed("starting PostgreSQL", log)


class Fuzz(Stage):
    def targets(self):
        return sorted(path.name.removesuffix("_fuzz.cpp") for path in (ROOT / "fuzz").glob("*_fuzz.cpp"))

    def work(self):
        names = self.targets()
        if not names or not self.build("fuzz", *(f"{name}_fuzz" for name in names)):
            return
        seconds = self.settings.fuzz_seconds
        say(f"fuzz: {len(names)} targets, {seconds} seconds each, {CORES} at a time")
        with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
            for name, code in zip(names, pool.map(self.fuzz, names)):
                if code == 0:
                    self.counts += Counts(passed=1)
                else:
                    self.failed(f"fuzz target {name}", self.log(name))
        say(f"fuzz: {self.counts.line()}")

    def fuzz(self, name):
        build = ROOT / "build/fuzz"
        found, findings = build / "found" / name, build / "findings"
        found.mkdir(parents=True, exist_ok=True)
        findings.mkdir(parents=True, exist_ok=True)
        seconds = self.settings.fuzz_seconds
        arguments = [
            build / f"{name}_fuzz",
            f"-max_total_time={seconds}",
            f"-max_len={max_length(ROOT / 'fuzz' / f'{name}.options')}",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            "-verbosity=1",
            f"-artifact_prefix={findings}/{name}-",
        ]
        dictionary = ROOT / "fuzz" / f"{name}.dict"
        if dictionary.is_file():
            arguments.append(f"-dict={dictionary}")
        # What is found new goes to the first folder; the seeds stay as they are checked in.
        arguments.append(found)
        seeds = ROOT / "fuzz/corpus" / name
        if seeds.is_dir():
            arguments.append(seeds)
        return Command(arguments, self.log(name), seconds + 180).run()


def max_length(options):
    """`max_len` of a libFuzzer options file."""
    parser = configparser.ConfigParser()
    parser.read(options)
    return parser.getint("libfuzzer", "max_len", fallback=65536)


class EndToEnd(Stage):
    """Drives the release binaries from outside: Python's unittest and node's test runner."""

    def work(self):
        folder = ROOT / "e2e"
        python, node = sorted(folder.glob("*_test.py")), sorted(folder.glob("*.test.mjs"))
        if not python and not node:
            return
        if not self.build("release", "-DDOORWARD_TESTS=ON", "doorward", "entra-simulator"):
            return
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        environment = {
            "DOORWARD_BUILD": str(ROOT / "build/release"),
            "DOORWARD_ARTEFACTS": str(ARTEFACTS),
            "PYTHONPATH": str(folder),
        }
        # The browser's files take longest: they begin.
        runs = [(file, ["node", "--test", "--test-reporter=tap", file.name], tap_counts) for file in node]
        runs += [(file, [sys.executable, "-m", "unittest", "-v", file.stem], unittest_counts) for file in python]
        alone = [one for one in runs if one[0].name in E2E_ALONE]
        self.run_files([one for one in runs if one not in alone], CORES, environment, folder)
        self.run_files(alone, 1, environment, folder)

    def run_files(self, runs, at_a_time, environment, folder):
        with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
            for outcome in pool.map(lambda one: self.run_file(*one, environment, folder), runs):
                self.count(*outcome)

    def run_file(self, file, arguments, counts, environment, folder):
        """What `count` wants to know of it."""
        log = self.log(file.name)
        seconds = E2E_FILE_SECONDS * (3 if self.settings.long else 1)
        code = run(f"e2e: {file.name}", arguments, log, seconds, environment=environment, folder=folder)
        return file.name, code, counts(log.read_text(errors="replace")), log


class Tidy(Stage):
    def work(self):
        log = self.log("clang")
        code = run("tidy: clang-tidy", ["tools/check", "--tidy"], log, SUITE_SECONDS)
        clean = len(re.findall(r"^clean  ", log.read_text(errors="replace"), re.MULTILINE))
        self.count("clang-tidy", code, Counts(passed=clean), log)


class Bench(Stage):
    """The benchmarks build and run; their figures are for people."""

    def work(self):
        if not self.build("release", "-DDOORWARD_TESTS=ON", "-DDOORWARD_BENCH=ON"):
            return
        log = self.log("report")
        # How long the disk takes is part of what they measure.
        environment = {"TMPDIR": Memory.disk}
        code = run("bench: tools/bench", ["tools/bench", "--quick"], log, SUITE_SECONDS, environment=environment)
        self.count("tools/bench", code, Counts(passed=1) if code == 0 else None, log)


def stages(settings):
    """All stages by name, and which of them run."""
    everything = {
        "check": Check("check", settings),
        "unit": Suite("unit", settings, "release", "-DDOORWARD_TESTS=ON"),
        "postgres": Postgres("postgres", settings, "release", "-DDOORWARD_TESTS=ON"),
        "e2e": EndToEnd("e2e", settings),
        "fuzz": Fuzz("fuzz", settings),
        "tidy": Tidy("tidy", settings),
        "asan": Suite("asan", settings, "asan-ubsan"),
        "tsan": Suite("tsan", settings, "tsan", rooms=THREADED_ROOMS),
        "bench": Bench("bench", settings),
    }
    names = settings.only or (list(everything) if settings.all else ["check", "unit", "postgres", "e2e", "fuzz"])
    return [everything[name] for name in everything if name in names]


def summary(done):
    total = Counts()
    print(f"\n{'stage':<10}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for stage in done:
        counts = stage.counts
        print(f"{stage.name:<10}{counts.passed:>8}{counts.failed:>8}{counts.skipped:>8}{stage.seconds:>9.0f}")
        total += counts
    print()
    if total.ran() == 0:
        print("No test ran.")
        total += Counts(failed=1)
    print(total.line(), flush=True)
    return 0 if total.failed == 0 else 1


def settings_from(arguments):
    parser = argparse.ArgumentParser(prog="./test")
    parser.add_argument("--all", action="store_true", help="also sanitizers, clang-tidy, benchmarks and the long forms")
    parser.add_argument(
        "--only", action="append", metavar="LAYER",
        choices=["check", "unit", "postgres", "e2e", "fuzz", "tidy", "asan", "tsan", "bench"],
        help="only this layer; may be repeated",
    )
    settings = parser.parse_args(arguments)
    settings.long = settings.all or os.environ.get("DOORWARD_LONG") == "1"
    settings.fuzz_seconds = 60 if settings.all else 10
    return settings


def main():
    settings = settings_from(sys.argv[1:])
    os.chdir(ROOT)
    if settings.long:
        os.environ["DOORWARD_LONG"] = "1"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_everything)
    done = []
    with Memory():
        for stage in stages(settings):
            before = time.monotonic()
            stage.work()
            stage.seconds = time.monotonic() - before
            done.append(stage)
    return summary(done)


if __name__ == "__main__":
    sys.exit(main())
