#!/usr/bin/env python3
"""SQL text lives in src/directory/ and migrations/; src/storage/ may speak to the database about itself. Anything
else that spells a statement goes around the rules that the directory keeps."""

import pathlib
import re
import sys

import cpp_source

HOMES = ("src/directory/", "src/storage/")

STATEMENT = re.compile(
    r"""
    \b(?: SELECT\s+(?:[\w*"$(]|DISTINCT)[^;]*?\sFROM\s
      | INSERT\s+(?:OR\s+\w+\s+)?INTO\s
      | UPDATE\s+\w+\s+SET\s
      | DELETE\s+FROM\s
      | (?:CREATE|ALTER|DROP)\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|VIEW|TRIGGER)\s
      | PRAGMA\s+\w
      | BEGIN\s+(?:IMMEDIATE|EXCLUSIVE|TRANSACTION)
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def findings(path, text):
    if path.startswith(HOMES):
        return
    for offset, value in cpp_source.string_literals(text):
        if STATEMENT.search(value):
            yield cpp_source.Finding(path, cpp_source.line_of(text, offset), "SQL text stands only in src/directory/ (and src/storage/)")


def check(root):
    for path, text in cpp_source.source_files(root, ["src", "simulator"]):
        yield from findings(path, text)


if __name__ == "__main__":
    sys.exit(cpp_source.report(check(pathlib.Path(__file__).resolve().parent.parent)))
