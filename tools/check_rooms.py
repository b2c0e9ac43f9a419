#!/usr/bin/env python3
"""Holds every #include against tools/rooms.toml, and every file against the limits on length.

Exit status 1 and one line for each fault, such as
  src/layers/dense.cc:12: layers may not include backends/onednn/matmul.h: allowed rooms are activations, …
With --root DIR it checks another tree (its tools/rooms.toml is used).
"""
import argparse
import pathlib
import re
import sys
import tomllib

INCLUDE = re.compile(r'^\s*#\s*(?:include|import)\s*([<"])([^>"]+)[>"]')
STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
    functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator
    semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
    strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version""".split()
)


class Table:
    """rooms.toml, with the rooms that each room may include worked out along the arrows."""

    def __init__(self, data):
        self.arrows = data["rooms"]
        self.third_parties = {
            name: (re.compile(entry["headers"]), entry["rooms"]) for name, entry in data["third_party"].items()
        }
        self.public = data["folders"]["public"]
        self.open = data["folders"]["open"]
        self.warn, self.refuse = data["length"]["warn"], data["length"]["refuse"]
        self.reach = {room: self._reachable(room, (room,)) for room in self.arrows}

    def _reachable(self, room, path):
        seen = {room}
        for to in self.arrows[room]:
            if to not in self.arrows:
                raise SystemExit(f"rooms.toml: {room} -> {to}: there is no room of that name")
            if to in path:
                raise SystemExit(f"rooms.toml: the arrows form a circle: {' -> '.join(path + (to,))}")
            seen |= self._reachable(to, path + (to,))
        return seen

    def room_of(self, path):
        """The room that a path relative to src/ lies in, or None."""
        parts = path.split("/")
        for length in (2, 1):
            if len(parts) > length and "/".join(parts[:length]) in self.arrows:
                return "/".join(parts[:length])
        return None

    def third_party_of(self, header):
        for name, (pattern, rooms) in self.third_parties.items():
            if pattern.fullmatch(header):
                return name, rooms
        return None, []


class Checker:
    def __init__(self, root):
        self.root = root
        with open(root / "tools" / "rooms.toml", "rb") as file:
            self.table = Table(tomllib.load(file))
        self.faults = []
        self.warnings = []
        self.files = 0

    def fault(self, where, text):
        self.faults.append(f"{where}: {text}")

    def check_include(self, where, path, bracket, header):
        """One include of a file in src/ (path relative to src/) that is no test."""
        table = self.table
        room = table.room_of(path)
        if header.startswith("keras/"):
            if bracket != "<":
                self.fault(where, f'"{header}" is public: write <{header}>')
            elif not (self.root / "include" / header).exists():
                self.fault(where, f"<{header}> is no header of include/keras")
            return
        if bracket == '"':
            target = table.room_of(header)
            if target is None:
                self.fault(where, f'"{header}" names no room: write the path from src/, as "tensor/storage.h"')
            elif target not in table.reach[room]:
                allowed = ", ".join(sorted(table.reach[room] - {room})) or "none"
                self.fault(where, f"{room} may not include {header}: allowed rooms are {allowed}")
            return
        if header in STANDARD:
            return
        name, rooms = table.third_party_of(header)
        if name is None:
            self.fault(where, f"<{header}> is not known: name it under [third_party] in tools/rooms.toml")
        elif "*" not in rooms and room not in rooms:
            self.fault(where, f"{room} may not include <{header}>: {name} belongs to {', '.join(rooms)}")

    def check_public_include(self, where, bracket, header):
        if bracket == "<" and header.startswith("keras/"):
            if not (self.root / "include" / header).exists():
                self.fault(where, f"<{header}> is no header of include/keras")
            return
        if bracket == "<" and header in STANDARD:
            return
        folder, (_, rooms) = str(where).split("/")[0], self.table.third_party_of(header)
        if bracket == "<" and folder in (rooms or []):
            return
        written = f"<{header}>" if bracket == "<" else f'"{header}"'
        self.fault(where, f"a public file may not include {written}: only the standard library and <keras/…>")

    def check_length(self, name, lines):
        if len(lines) > self.table.refuse:
            self.fault(name, f"{len(lines)} lines; more than {self.table.refuse} are refused: split it")
        elif len(lines) > self.table.warn and not any("Long because" in line for line in lines[:5]):
            self.warnings.append(
                f"{name}: {len(lines)} lines; above {self.table.warn} say why in the first five («Long because …»)"
            )

    def check_file(self, file, kind):
        name = file.relative_to(self.root).as_posix()
        lines = file.read_text(encoding="utf-8").splitlines()
        self.files += 1
        self.check_length(name, lines)
        if kind == "open" or file.suffix == ".py":
            return
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            where, (bracket, header) = f"{name}:{number}", match.groups()
            if kind == "public":
                beside = bracket == '"' and not name.startswith("include/") and (file.parent / header).exists()
                if not beside:  # an example may share a file with its neighbours
                    self.check_public_include(where, bracket, header)
            elif not file.stem.endswith("_test"):
                self.check_include(where, file.relative_to(self.root / "src").as_posix(), bracket, header)

    def sources(self, folder):
        for suffix in ("h", "def", "cc", "cpp", "cu", "py"):
            yield from sorted((self.root / folder).rglob(f"*.{suffix}"))

    def run(self):
        for folder in self.table.public:
            for file in self.sources(folder):
                self.check_file(file, "public")
        for folder in self.table.open + ["tools"]:
            for file in self.sources(folder):
                self.check_file(file, "open")
        for file in self.sources("src"):
            path = file.relative_to(self.root / "src").as_posix()
            if self.table.room_of(path) is None:
                self.fault(f"src/{path}", "lies in no room of tools/rooms.toml")
            else:
                self.check_file(file, "room")
        for line in self.warnings:
            print(f"warning: {line}")
        for line in self.faults:
            print(line)
        print(f"check_rooms: {self.files} files, {len(self.faults)} faults, {len(self.warnings)} warnings")
        return 1 if self.faults else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    return Checker(parser.parse_args().root.resolve()).run()


if __name__ == "__main__":
    sys.exit(main())
