"""A throw-away source tree for the tests of the checkers."""

import pathlib
import sys
import tempfile
import textwrap
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))


class TreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text=""):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")

    def assert_found(self, findings, *expected):
        """`expected` holds (path, line, part of the message) for each finding, in order."""
        found = sorted(findings)
        self.assertEqual([(f.path, f.line) for f in found], [(path, line) for path, line, _ in expected], found)
        for finding, (_, _, part) in zip(found, expected):
            self.assertIn(part, finding.message)
