#!/usr/bin/env python3
"""Checks what a newcomer relies on: each room has a short README, each source a test that reaches it, each fuzz
target its seeds; no file outgrows what one reads in one sitting; headers have their include guard."""

import pathlib
import re
import sys
import tomllib

import cpp_source

Finding = cpp_source.Finding


INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def rooms(root):
    """Folders below src/ that hold sources, and the programs beside it."""
    folders = {path.parent for path in (root / "src").rglob("*.cpp")}
    # Parts of a room (src/storage/sqlite) are described by the room.
    folders = {folder for folder in folders if folder.parent == root / "src" or folder.name == "protocol"}
    if any((root / "simulator").glob("*.cpp")):
        folders.add(root / "simulator")
    return sorted(folders)


def readme_findings(root, limit):
    for folder in rooms(root):
        readme = folder / "README.md"
        path = readme.relative_to(root).as_posix()
        if not readme.is_file():
            yield Finding(path, 1, "is missing: each room says what it is for, its main types and one data flow")
            continue
        lines = readme.read_text(encoding="utf-8").count("\n")
        if lines > limit:
            yield Finding(path, lines, f"has {lines} lines; a room's README has at most {limit}")


def source_findings(root, table):
    limit = table["limits"]["source_lines"]
    unused = set(table.get("long", {}))
    for path, text in cpp_source.source_files(root, ["src", "simulator", "tests", "fuzz", "bench"]):
        lines = text.count("\n")
        if lines > limit:
            if path not in table.get("long", {}):
                yield Finding(path, lines, f"has {lines} lines; {limit} are the limit: split it by purpose")
            unused.discard(path)
        if path.endswith(".h") and "#pragma once" not in text:
            yield Finding(path, 1, "has no #pragma once")
    yield from exception_findings(table.get("long", {}), unused)


def exception_findings(exceptions, unused):
    for path, reason in exceptions.items():
        if path in unused:
            yield Finding("tools/layout.toml", 1, f"the exception for {path} is not needed")
        if not reason.strip():
            yield Finding("tools/layout.toml", 1, f"the exception for {path} has no reason")


def reached_sources(root, room):
    """The sources of a room that its own tests reach: a test includes a header, behind the header stands the source
    of that name, and both lead to further headers of the room."""
    room_tests = root / "tests" / room.relative_to(root / "src")
    pending = [path for path in room_tests.rglob("*_test.cpp")]
    seen = set(pending)
    for test in room_tests.rglob("*_test.cpp"):
        source = room / test.relative_to(room_tests).with_name(test.name.replace("_test.cpp", ".cpp"))
        if source.is_file():
            seen.add(source)
            pending.append(source)
    while pending:
        for header in INCLUDE.findall(pending.pop().read_text(encoding="utf-8")):
            for base in (root / "src" / header, root / "tests" / header):
                for path in (base, base.with_suffix(".cpp")):
                    inside = path.is_relative_to(room) or path.is_relative_to(room_tests)
                    if inside and path not in seen and path.is_file():
                        seen.add(path)
                        pending.append(path)
        if not pending:
            rest = [path for path in headless_sources(room) if path not in seen]
            pending = [path for path in rest if seen & own_headers(root, path)]
            seen.update(pending)
    return seen


def headless_sources(room):
    """Sources without a header of their name: they implement headers of other names."""
    return [path for path in room.rglob("*.cpp") if not path.with_suffix(".h").is_file()]


def own_headers(root, source):
    return {root / "src" / header for header in INCLUDE.findall(source.read_text(encoding="utf-8"))}


def test_findings(root, table):
    elsewhere = table.get("tested_by", {})
    for room in rooms(root):
        if not room.is_relative_to(root / "src"):
            continue
        reached = reached_sources(root, room)
        for source in sorted(room.rglob("*.cpp")):
            # A room inside another has its own tests.
            if source in reached or (source.parent != room and source.parent.name == "protocol"):
                continue
            path = source.relative_to(root).as_posix()
            if path not in elsewhere:
                yield Finding(path, 1, f"is reached by no test in tests/{room.relative_to(root / 'src')}/")
    for path, test in elsewhere.items():
        for file in (path, test):
            if not (root / file).is_file():
                yield Finding("tools/layout.toml", 1, f"there is no {file}")


def fuzz_findings(root):
    for source in sorted((root / "fuzz").glob("*_fuzz.cpp")):
        corpus = root / "fuzz/corpus" / source.name.removesuffix("_fuzz.cpp")
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield Finding(source.relative_to(root).as_posix(), 1, f"has no seeds in {corpus.relative_to(root)}/")


def check(root, table):
    yield from readme_findings(root, table["limits"]["readme_lines"])
    yield from source_findings(root, table)
    yield from test_findings(root, table)
    yield from fuzz_findings(root)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    with open(root / "tools/layout.toml", "rb") as file:
        table = tomllib.load(file)
    return cpp_source.report(check(root, table))


if __name__ == "__main__":
    sys.exit(main())
