"""Reading C++ sources without a compiler: what is code, what is a comment, what is a string literal."""

import dataclasses
import pathlib
import re

SOURCE_SUFFIXES = {".h", ".cpp"}

_TOKEN = re.compile(
    r"""
    (?P<comment> //(?:[^\n\\]|\\.)* | /\*.*?\*/ )
  | (?P<raw> \b(?:u8|[uUL])?R"(?P<mark>[^\s()\\]{0,16})\((?P<raw_text>.*?)\)(?P=mark)" )
  | (?P<string> "(?P<string_text>(?:[^"\\\n]|\\.)*)" )
  # An apostrophe behind a digit separates thousands.
  | (?P<character> (?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+' )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One broken rule, printed as `file:line: rule`."""

    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_only(text):
    """The text with comments and the insides of literals blanked out; offsets and lines stay."""

    def replace(match):
        if match["comment"] is not None:
            return _blank(match[0])
        quote = match[0][-1]
        first = match[0].index(quote)
        return match[0][:first] + quote + _blank(match[0][first + 1 : -1]) + quote

    return _TOKEN.sub(replace, text)


def without_comments(text):
    return _TOKEN.sub(lambda match: _blank(match[0]) if match["comment"] is not None else match[0], text)


def string_literals(text):
    """Yields (offset, value); neighbouring literals, which the compiler joins, are joined."""
    start, value, end = None, "", 0
    for match in _TOKEN.finditer(text):
        if match["comment"] is not None or match["character"] is not None:
            continue
        piece = match["raw_text"] if match["raw"] is not None else match["string_text"]
        if start is not None and not _TOKEN.sub("", text[end : match.start()]).strip():
            value += piece
        else:
            if start is not None:
                yield start, value
            start, value = match.start(), piece
        end = match.end()
    if start is not None:
        yield start, value


def source_files(root, folders):
    """The C++ files below the folders, as (path relative to root, text), sorted."""
    root = pathlib.Path(root)
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCE_SUFFIXES and path.is_file():
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def report(findings):
    """Prints the findings; the exit code of a checker."""
    findings = sorted(findings)
    for finding in findings:
        print(finding)
    return 1 if findings else 0
