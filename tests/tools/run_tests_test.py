import contextlib
import io
import os
import pathlib
import tempfile
import time
import unittest
import unittest.mock

import support  # noqa: F401  (makes tools/ importable)
import run_tests
from run_tests import Counts


class ClosingLines(unittest.TestCase):
    def test_unittest(self):
        for text, counts in (
            ("Ran 3 tests in 0.1s\n\nOK\n", Counts(3, 0, 0)),
            ("Ran 3 tests in 0.1s\n\nOK (skipped=1)\n", Counts(2, 0, 1)),
            ("Ran 5 tests in 1.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n", Counts(1, 3, 1)),
            ("Ran 2 tests in 1.1s\n\nFAILED (unexpected successes=1)\n", Counts(1, 1, 0)),
            ("Ran 0 tests in 0.0s\n\nFAILED (errors=1)\n", Counts(0, 1, 0)),
            ("Ran 0 tests in 0.0s\n\nNO TESTS RAN\n", Counts(0, 0, 0)),
        ):
            with self.subTest(text):
                self.assertEqual(run_tests.unittest_counts(text), counts)
        self.assertIsNone(run_tests.unittest_counts("Traceback\nImportError: x\n"))

    def test_tap(self):
        text = "ok 1 - a\n# tests 7\n# suites 1\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n"
        self.assertEqual(run_tests.tap_counts(text), Counts(3, 2, 2))
        self.assertIsNone(run_tests.tap_counts("SyntaxError\n"))

    def test_our_own(self):
        self.assertEqual(run_tests.closing_counts("x: broken\n5 passed, 2 failed\n"), Counts(5, 2, 0))
        self.assertEqual(run_tests.closing_counts("5 passed, 2 failed, 1 skipped\n"), Counts(5, 2, 1))
        self.assertIsNone(run_tests.closing_counts("says: 5 passed, 2 failed\n"))

    def test_gtest(self):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(
                '<testsuites tests="5"><testsuite name="a"><testcase status="run" result="completed"/>'
                '<testcase status="run" result="completed"><failure/><failure/></testcase></testsuite>'
                '<testsuite name="b"><testcase status="run" result="skipped"/>'
                '<testcase status="notrun" result="suppressed"/></testsuite></testsuites>'
            )
            file.flush()
            self.assertEqual(run_tests.gtest_counts(file.name), Counts(1, 1, 1))

    def test_fuzz_options(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("[libfuzzer]\nmax_len = 123\n")
            file.flush()
            self.assertEqual(run_tests.max_length(file.name), 123)
        self.assertEqual(run_tests.max_length("/nonexistent"), 65536)


class Sums(unittest.TestCase):
    def stage(self, *counts):
        stage = run_tests.Stage("x", None)
        for each in counts:
            stage.counts += each
        return stage

    def summary(self, *stages):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = run_tests.summary(stages)
        return code, output.getvalue().splitlines()[-1]

    def test_adds_up_all_stages(self):
        self.assertEqual(self.summary(self.stage(Counts(1)), self.stage(Counts(2, 0, 3))), (0, "3 passed, 0 failed, 3 skipped"))

    def test_a_failure_anywhere_fails(self):
        self.assertEqual(self.summary(self.stage(Counts(1)), self.stage(Counts(2, 1))), (1, "3 passed, 1 failed"))

    def test_nothing_is_a_failure(self):
        self.assertEqual(self.summary(self.stage()), (1, "0 passed, 1 failed"))
        self.assertEqual(self.summary(self.stage(Counts(0, 0, 5)))[0], 1)

    def count(self, code, counts):
        stage = self.stage()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            log = pathlib.Path(folder) / "log"
            log.write_text("")
            stage.count("x", code, counts, log)
        return stage.counts

    def test_a_runner_that_dies_is_a_failure(self):
        self.assertEqual(self.count(1, None), Counts(0, 1))
        self.assertEqual(self.count(139, Counts(4)), Counts(4, 1))
        self.assertEqual(self.count(1, Counts(4, 2)), Counts(4, 2))
        self.assertEqual(self.count(0, Counts(4)), Counts(4))

    def test_a_runner_that_ran_nothing_is_a_failure(self):
        self.assertEqual(self.count(0, None), Counts(0, 1))


class Stages(unittest.TestCase):
    def names(self, *arguments):
        return [stage.name for stage in run_tests.stages(run_tests.settings_from(list(arguments)))]

    def test_postgres_comes_after_unit(self):
        self.assertEqual(self.names(), ["check", "unit", "postgres", "e2e", "fuzz"])
        self.assertEqual(self.names("--only", "postgres"), ["postgres"])

    def ran(self, stage):
        """Which programs a stage runs, and what is added to their environment, without building or running any."""
        calls = []
        stage.build = lambda *_: True
        stage.run_programs = lambda programs, environment=None: calls.append(([path.name for path in programs], environment))
        with contextlib.redirect_stdout(io.StringIO()):
            stage.work()
        return calls[0]

    def test_what_is_of_postgres_alone_runs_there_alone(self):
        rooms = ("storage", "storage_postgres")
        programs, _ = self.ran(run_tests.Suite("unit", None, "release", rooms=rooms))
        self.assertEqual(programs, ["storage_test"])

    def test_postgres_programs_are_told_their_server(self):
        programs, environment = self.ran(run_tests.Postgres("postgres", None, "release"))
        self.assertIn("storage_postgres_test", programs)
        self.assertIn("directory_test", programs)
        self.assertRegex(environment["DOORWARD_TEST_DATABASE"], r"^postgres://.+:\d+/")


class TemporaryFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.meminfo = pathlib.Path(folder.name) / "meminfo"

    def is_roomy(self, available, folder="/proc"):
        self.meminfo.write_text(f"MemTotal: 99 kB\nMemAvailable: {available >> 10} kB\n", encoding="utf-8")
        return run_tests.is_roomy(pathlib.Path(folder), self.meminfo)

    def test_are_in_memory_only_where_there_is_enough(self):
        plenty = run_tests.FILES_BYTES + run_tests.MEMORY_BYTES
        with unittest.mock.patch("os.statvfs", return_value=unittest.mock.Mock(f_bavail=plenty, f_frsize=1)):
            self.assertTrue(self.is_roomy(plenty))
            self.assertFalse(self.is_roomy(plenty - 4096))
        with unittest.mock.patch("os.statvfs", return_value=unittest.mock.Mock(f_bavail=1 << 26, f_frsize=1)):
            self.assertFalse(self.is_roomy(plenty), "as in a container")
        self.assertFalse(self.is_roomy(plenty, "/nowhere"))
        self.meminfo.write_text("nothing\n", encoding="utf-8")
        self.assertFalse(run_tests.is_roomy(pathlib.Path("/"), self.meminfo))

    def test_go_with_the_run(self):
        with unittest.mock.patch.dict(os.environ), unittest.mock.patch.object(tempfile, "tempdir", None):
            with unittest.mock.patch.object(run_tests, "is_roomy", return_value=True), run_tests.Memory():
                folder = pathlib.Path(os.environ["TMPDIR"])
                self.assertEqual(folder.parent, pathlib.Path("/dev/shm"))
                self.assertEqual(pathlib.Path(tempfile.mkdtemp()).parent, folder)
            self.assertFalse(folder.exists())


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "log"

    def run_command(self, script, seconds):
        return run_tests.Command(["bash", "-c", script], self.log, seconds).run()

    def test_keeps_output_and_exit_code(self):
        self.assertEqual(self.run_command("echo out; echo err >&2; exit 7", 60), 7)
        self.assertEqual(self.log.read_text(), "out\nerr\n")

    def test_has_no_standard_input(self):
        self.assertEqual(self.run_command("read -r line", 60), 1)

    def test_ends_what_takes_too_long(self):
        before = time.monotonic()
        self.assertEqual(self.run_command("sleep 600", 0.2), 124)
        self.assertLess(time.monotonic() - before, 60)
        self.assertIn("ended after 0.2 seconds", self.log.read_text())

    def test_ends_what_a_program_leaves_behind(self):
        self.assertEqual(self.run_command("sleep 600 & echo $!", 60), 0)
        child = int(self.log.read_text())
        deadline = time.monotonic() + 60
        while self.alive(child):
            self.assertLess(time.monotonic(), deadline)
        self.assertFalse(self.alive(child))

    @staticmethod
    def alive(process):
        try:
            state = pathlib.Path(f"/proc/{process}/stat").read_text()
        except FileNotFoundError:
            return False
        # An orphan stays a zombie where nobody collects it.
        return state.rsplit(")", 1)[1].split()[0] != "Z"


if __name__ == "__main__":
    unittest.main()
