"""A private PostgreSQL starts, keeps what it must, and leaves nothing behind."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

import support  # noqa: F401  (the path to tools/)
import private_postgres
from private_postgres import Folder, PrivatePostgres

LONELY = """
import sys, time
sys.path.insert(0, sys.argv[1])
from private_postgres import PrivatePostgres
with PrivatePostgres() as server:
    print(server.folder.path, server.process.pid, flush=True)
    time.sleep(600)
"""


def ends(pid, seconds=30):
    deadline = time.monotonic() + seconds
    while private_postgres.started_at(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return private_postgres.started_at(pid) is None


class PrivatePostgresTest(unittest.TestCase):
    def test_it_answers_and_leaves_nothing(self):
        with PrivatePostgres(durable=True) as server:
            self.assertTrue(server.url.startswith("postgres://doorward@127.0.0.1:"))
            one = server.psql("CREATE TABLE t (a bigint); INSERT INTO t VALUES (7); SELECT a FROM t", "doorward", "doorward")
            self.assertEqual(one.strip(), "7")
            self.assertEqual(server.psql("SHOW server_encoding").strip(), "UTF8")
            self.assertEqual(server.psql("SELECT rolsuper FROM pg_roles WHERE rolname = 'doorward'").strip(), "f")
            path, pid = server.folder.path, server.process.pid
            self.assertNotEqual(pathlib.Path(f"/proc/{pid}").stat().st_uid, 0)
            server.kill()
            server.start()
            self.assertEqual(server.psql("SELECT a FROM t", "doorward", "doorward").strip(), "7")
            pid = server.process.pid
        self.assertFalse(path.exists())
        self.assertTrue(ends(pid, 0))

    def test_it_ends_with_the_program_that_started_it(self):
        program = subprocess.Popen([sys.executable, "-c", LONELY, pathlib.Path(private_postgres.__file__).parent],
                                   stdout=subprocess.PIPE, start_new_session=True)
        path, pid = program.stdout.readline().decode().split()
        os.killpg(program.pid, signal.SIGSTOP)
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        program.stdout.close()
        self.assertTrue(ends(int(pid)))
        deadline = time.monotonic() + 30
        while pathlib.Path(path).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertFalse(pathlib.Path(path).exists())

    def test_a_stopped_program_ends_with_its_folder(self):
        with Folder() as folder:
            sleeper = folder.start("log", "sleep", "600")
            sleeper.send_signal(signal.SIGSTOP)
        self.assertEqual(sleeper.wait(timeout=30), -signal.SIGKILL)

    def test_what_cannot_start_says_why(self):
        with self.assertRaisesRegex(private_postgres.StartFailed, "unrecognized configuration parameter"):
            PrivatePostgres(settings={"no_such_setting": "1"}).__enter__()


if __name__ == "__main__":
    unittest.main()
