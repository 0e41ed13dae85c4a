#!/usr/bin/env python3
"""Checks that includes only point down the table of tools/layers.toml, and that third-party headers stay in
their rooms. Prints file:line and the rule that is broken."""

import pathlib
import re
import sys
import tomllib

import cpp_source

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<(?P<system>[^>\n]+)>|"(?P<own>[^"\n]+)")', re.MULTILINE)


class TableError(Exception):
    """The table itself is wrong."""


class Room:
    def __init__(self, entry):
        self.folder = entry["folder"]
        self.name = self.folder.removeprefix("src/")
        self.may_include = entry.get("may_include", [])
        self.third_party = entry.get("third_party", [])
        self.pure = entry.get("pure", False)


class Layers:
    def __init__(self, table):
        self.rooms = [Room(entry) for entry in table["room"]]
        self.vocabulary = table.get("vocabulary", {}).get("third_party", [])
        system = table.get("system", {})
        self.plain = system.get("plain", [])
        self.operating = system.get("operating", [])
        self.effects = system.get("effects", [])
        self.exceptions = {}
        for entry in table.get("exception", []):
            if not entry.get("reason", "").strip():
                raise TableError(f"the exception for {entry['file']} has no reason")
            self.exceptions[entry["file"], entry["include"]] = False
        self._check_order()

    def _check_order(self):
        order = {room.name: place for place, room in enumerate(self.rooms)}
        if len(order) != len(self.rooms):
            raise TableError("a room is listed twice")
        for place, room in enumerate(self.rooms):
            for name in room.may_include:
                if name not in order:
                    raise TableError(f"{room.name} may include {name}, which is not in the table")
                # A room outside src/ is a program of its own: it stands below all and is included by none.
                if room.folder.startswith("src/") and order[name] <= place:
                    raise TableError(f"{room.name} may include {name}, which does not stand below it")

    def room_of(self, path):
        """The room with the longest folder that holds the path."""
        rooms = [room for room in self.rooms if path.startswith(room.folder + "/")]
        return max(rooms, key=lambda room: len(room.folder), default=None)

    def findings(self, path, text):
        room = self.room_of(path)
        if room is None:
            yield cpp_source.Finding(path, 1, "is in no room of tools/layers.toml")
            return
        code = cpp_source.without_comments(text)
        for match in INCLUDE.finditer(code):
            header = match["own"] or match["system"]
            message = self._own(room, header) if match["own"] else self._system(room, header)
            if message is None:
                continue
            if (path, header) in self.exceptions:
                self.exceptions[path, header] = True
                continue
            yield cpp_source.Finding(path, cpp_source.line_of(code, match.start()), message)

    def _own(self, room, header):
        # A program beside src/ includes its own files by the path from the repository's root or from its folder.
        target = self.room_of(header if header.startswith(room.folder + "/") else "src/" + header)
        if target is None:
            return f'"{header}" is in no room; includes in quotes start at src/, third-party headers stand in <>'
        if target is not room and target.name not in room.may_include:
            return f"{room.name}/ may not include {target.name}/"
        return None

    def _system(self, room, header):
        if matches(header, self.vocabulary) or matches(header, room.third_party):
            return None
        owners = [other.name for other in self.rooms if matches(header, other.third_party)]
        if owners:
            return f"<{header}> may be included only in {' and '.join(owners)}/"
        if matches(header, self.plain):
            return None
        if matches(header, self.operating):
            return f"{room.name}/ is pure: no <{header}>" if room.pure else None
        if "." in header or "/" in header:
            return f"<{header}> is in no list of tools/layers.toml; name the one room that may include it"
        if room.pure and header in self.effects:
            return f"{room.name}/ is pure: no <{header}>"
        return None

    def unused_exceptions(self):
        return [key for key, used in self.exceptions.items() if not used]


def matches(header, entries):
    """`boost/json` covers boost/json.hpp and boost/json/…; `fmt/` a folder; `zlib.h` one header."""
    for entry in entries:
        stem = entry.rstrip("/")
        if header == entry or header.startswith(stem + "/"):
            return True
        if "." not in entry.rsplit("/", 1)[-1] and header == stem + ".hpp":
            return True
    return False


def check(root, table):
    layers = Layers(table)
    findings = []
    for path, text in cpp_source.source_files(root, ["src", "simulator"]):
        findings.extend(layers.findings(path, text))
    for file, header in layers.unused_exceptions():
        findings.append(cpp_source.Finding("tools/layers.toml", 1, f"the exception for {file} and {header} is not needed"))
    return findings


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    with open(root / "tools/layers.toml", "rb") as file:
        table = tomllib.load(file)
    try:
        return cpp_source.report(check(root, table))
    except TableError as error:
        print(f"tools/layers.toml: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
