#!/usr/bin/env python3
"""Keeps coroutines where they are safe.

g++ 12.2 destroys temporaries twice when a `co_await` expression contains a capturing lambda, an aggregate or an
initializer list. Such a temporary must be a named local before the `co_await`. Coroutines exist only in src/http/,
in files that add up to at most 500 lines, so that everything else is plain functions."""

import pathlib
import re
import sys

import cpp_source

HOME = "src/http/"
MAX_LINES = 500

KEYWORD = re.compile(r"\bco_(?:await|yield|return)\b|\bawaitable\s*<")
AWAIT = re.compile(r"\bco_(?:await|yield)\b")
OPENING = {"(": ")", "[": "]", "{": "}"}


def matching(code, start):
    """The offset of the bracket that closes the one at `start`."""
    depth = 0
    for offset in range(start, len(code)):
        if code[offset] in OPENING:
            depth += 1
        elif code[offset] in OPENING.values():
            depth -= 1
            if depth == 0:
                return offset
    return len(code)


def await_expression(code, start):
    """The end of the expression that begins at `start`: a semicolon, or the bracket that holds it."""
    offset = start
    while offset < len(code) and code[offset] not in ";)]}":
        offset = matching(code, offset) + 1 if code[offset] in OPENING else offset + 1
    return offset


def is_lambda(code, start):
    """Whether the `[` at `start` begins a lambda rather than a subscript or an attribute."""
    before = code[:start].rstrip()
    if code.startswith("[[", start) or before.endswith("["):
        return False
    return not re.search(r"[\w\])\"]$", before) or bool(re.search(r"\b(?:return|co_await|co_yield)$", before))


def inside_await(code, start, end):
    """Yields (offset, what is wrong) within one co_await expression."""
    offset = start
    while offset < end:
        if code[offset] == "[" and is_lambda(code, offset):
            close = matching(code, offset)
            if code[offset + 1 : close].strip():
                yield offset, "a capturing lambda in a co_await expression: name it as a local first"
            body = code.find("{", close)
            offset = matching(code, body) + 1 if 0 <= body < end else close + 1
        elif code[offset] == "{":
            yield offset, "a braced temporary in a co_await expression: name it as a local first"
            offset = matching(code, offset) + 1
        else:
            offset += 1


def findings(path, text):
    code = cpp_source.code_only(text)
    first = KEYWORD.search(code)
    if first is None:
        return
    if not path.startswith(HOME):
        line = cpp_source.line_of(code, first.start())
        yield cpp_source.Finding(path, line, "coroutines exist only in src/http/")
    seen = set()
    for match in AWAIT.finditer(code):
        for offset, message in inside_await(code, match.end(), await_expression(code, match.end())):
            if offset not in seen:
                seen.add(offset)
                yield cpp_source.Finding(path, cpp_source.line_of(code, offset), message)


def check(root):
    found = []
    lines = 0
    for path, text in cpp_source.source_files(root, ["src", "simulator", "tests", "fuzz", "bench"]):
        found.extend(findings(path, text))
        if path.startswith(HOME) and KEYWORD.search(cpp_source.code_only(text)):
            lines += text.count("\n")
    if lines > MAX_LINES:
        found.append(cpp_source.Finding(HOME, 1, f"files with coroutines add up to {lines} lines; {MAX_LINES} are the limit"))
    return found


if __name__ == "__main__":
    sys.exit(cpp_source.report(check(pathlib.Path(__file__).resolve().parent.parent)))
