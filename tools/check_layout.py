#!/usr/bin/env python3
"""Checks what a newcomer relies on: each room has a short README, each source its test file, each fuzz target its
seeds; no file outgrows what one reads in one sitting; headers have their include guard."""

import pathlib
import sys
import tomllib

import cpp_source

Finding = cpp_source.Finding


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
    unused = set(table.get("tested_by", {})) | set(table.get("long", {}))
    for path, text in cpp_source.source_files(root, ["src", "simulator", "tests", "fuzz", "bench"]):
        lines = text.count("\n")
        if lines > limit:
            if path not in table.get("long", {}):
                yield Finding(path, lines, f"has {lines} lines; {limit} are the limit: split it by purpose")
            unused.discard(path)
        if path.endswith(".h") and "#pragma once" not in text:
            yield Finding(path, 1, "has no #pragma once")
        if path.startswith("src/") and path.endswith(".cpp"):
            test = "tests/" + path.removeprefix("src/").removesuffix(".cpp") + "_test.cpp"
            if not (root / test).is_file():
                other = table.get("tested_by", {}).get(path, test)
                if not (root / other).is_file():
                    yield Finding(path, 1, f"has no {other}")
                unused.discard(path)
    for path in unused:
        yield Finding("tools/layout.toml", 1, f"the exception for {path} is not needed")
    for path, reason in table.get("long", {}).items():
        if not reason.strip():
            yield Finding("tools/layout.toml", 1, f"the exception for {path} has no reason")


def fuzz_findings(root):
    for source in sorted((root / "fuzz").glob("*_fuzz.cpp")):
        corpus = root / "fuzz/corpus" / source.name.removesuffix("_fuzz.cpp")
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield Finding(source.relative_to(root).as_posix(), 1, f"has no seeds in {corpus.relative_to(root)}/")


def check(root, table):
    yield from readme_findings(root, table["limits"]["readme_lines"])
    yield from source_findings(root, table)
    yield from fuzz_findings(root)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    with open(root / "tools/layout.toml", "rb") as file:
        table = tomllib.load(file)
    return cpp_source.report(check(root, table))


if __name__ == "__main__":
    sys.exit(main())
