#!/usr/bin/env python3
"""Looks for what tools/banned.toml forbids."""

import pathlib
import re
import sys
import tomllib

import cpp_source


class Rule:
    def __init__(self, entry):
        self.name = entry["name"]
        self.instead = entry["instead"]
        self.folders = entry["folders"]
        self.exceptions = entry.get("except", [])
        self.suffixes = entry.get("suffixes", sorted(cpp_source.SOURCE_SUFFIXES))
        self.code = re.compile(entry["pattern"]) if "pattern" in entry else None
        self.comment = re.compile(entry["comment"], re.MULTILINE) if "comment" in entry else None

    def applies_to(self, path):
        if not path.endswith(tuple(self.suffixes)):
            return False
        if not any(path.startswith(folder + "/") for folder in self.folders):
            return False
        return not any(path == entry or (entry.endswith("/") and path.startswith(entry)) for entry in self.exceptions)

    def findings(self, path, text, code):
        for pattern, where in ((self.code, code), (self.comment, text)):
            for match in pattern.finditer(where) if pattern else ():
                line = cpp_source.line_of(where, match.start())
                yield cpp_source.Finding(path, line, f"{self.name}: {self.instead}")


def check(root, table):
    rules = [Rule(entry) for entry in table["rule"]]
    folders = sorted({folder.split("/")[0] for rule in rules for folder in rule.folders})
    for path, text in cpp_source.source_files(root, folders):
        code = cpp_source.code_only(text)
        for rule in rules:
            if rule.applies_to(path):
                yield from rule.findings(path, text, code)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    with open(root / "tools/banned.toml", "rb") as file:
        table = tomllib.load(file)
    return cpp_source.report(check(root, table))


if __name__ == "__main__":
    sys.exit(main())
