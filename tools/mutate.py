#!/usr/bin/env python3
"""Breaks the library on purpose, one wrong sign or index at a time, and says whether a test notices.

The mutations stand in tools/mutations.toml. Each is applied to a copy of the tree, the tests named there are built and
run, and the file is put back. A mutation is caught when a test fails, or is stopped after --timeout seconds.

  tools/mutate.py --check                 only look whether every mutation still finds its place (in CI)
  tools/mutate.py --copy DIR [name…]      run all mutations, or those named; DIR is made and kept for the next run

Too slow for CI: each mutation builds a part of the library. The last results stand in docs/design/testing.md.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "tools" / "mutations.toml"


def load(path):
    mutations = tomllib.loads(path.read_text())["mutation"]
    names = [m["name"] for m in mutations]
    doubled = sorted({n for n in names if names.count(n) > 1})
    if doubled:
        sys.exit(f"{path.name}: the same name twice: {', '.join(doubled)}")
    return mutations


def mutated(text, mutation):
    """The text with the mutation, or None if its place is not there exactly once."""
    if text.count(mutation["find"]) != 1 or mutation["find"] == mutation["replace"]:
        return None
    return text.replace(mutation["find"], mutation["replace"])


def check(mutations, whole):
    lost = [m["name"] for m in mutations
            if not (ROOT / m["file"]).is_file() or mutated((ROOT / m["file"]).read_text(), m) is None]
    for kind in ("kernel", "vjp"):
        if whole and sum(m["kind"] == kind for m in mutations) < 20:
            sys.exit(f"fewer than 20 mutations of kind {kind}")
    if lost:
        sys.exit("the text to be replaced must stand in the file exactly once, and does not (say what stands there now, in "
                 f"tools/mutations.toml): {', '.join(lost)}")
    print(f"{len(mutations)} mutations find their places")


class Copy:
    """A copy of the tree, built by the release preset."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        folder.mkdir(parents=True, exist_ok=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        for name in filter(None, listed.stdout.split("\0")):
            source, to = ROOT / name, folder / name
            if not source.is_file() or (to.exists() and to.read_bytes() == source.read_bytes()):
                continue
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, to)
            shutil.copymode(source, to)
        prefix = folder / "third_party" / "prefix"
        if not prefix.exists() and (ROOT / "third_party" / "prefix").exists():
            prefix.parent.mkdir(exist_ok=True)
            prefix.symlink_to((ROOT / "third_party" / "prefix").resolve())
        self.run(["cmake", "--preset", "release", "--log-level=WARNING"], check=True)

    def run(self, command, check=False, timeout=None):
        return subprocess.run(command, cwd=self.folder, check=check, timeout=timeout, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "KERAS_TEST_ROOT": str(self.folder)})

    def build(self, tests):
        return self.run(["cmake", "--build", "--preset", "release", "-j", str(self.jobs), "--target", *tests])

    def touch(self, mutation):
        """A file that much else includes keeps its time, and only `rebuild` is compiled again."""
        path = self.folder / mutation["file"]
        if "rebuild" in mutation:
            os.utime(path, (0, 0))
            for each in mutation["rebuild"]:
                os.utime(self.folder / each)

    def try_one(self, mutation, timeout):
        path = self.folder / mutation["file"]
        original = path.read_text()
        path.write_text(mutated(original, mutation))
        self.touch(mutation)
        try:
            built = self.build(mutation["tests"])
            if built.returncode != 0:
                return "does not build", built.stdout[-1500:]
            for test in mutation["tests"]:
                filters = [f"--gtest_filter={mutation['filter']}"] if "filter" in mutation else []
                try:
                    ran = self.run([f"build/release/tests/{test}", "--gtest_brief=1", *filters], timeout=timeout)
                except subprocess.TimeoutExpired:
                    return f"caught by {test} (stopped)", ""
                if ran.returncode != 0:
                    return f"caught by {test}", ""
            return "not caught", ""
        finally:
            path.write_text(original)
            self.touch(mutation)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--copy", type=pathlib.Path, help="folder of the copy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=int, default=120, help="seconds that a test may take")
    parser.add_argument("--list", type=pathlib.Path, default=LIST, help="another list of mutations")
    parser.add_argument("--tests", nargs="+", help="run these tests instead of those named with each mutation")
    parser.add_argument("--results", type=pathlib.Path, help="file of results, one JSON object a line; what it has is "
                        "not run again")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    mutations = load(args.list)
    check(mutations, whole=args.list == LIST)
    if args.check:
        return
    for mutation in mutations:
        mutation["tests"] = args.tests or mutation["tests"]
    if not args.copy:
        parser.error("--copy DIR says where to build")
    unknown = set(args.names) - {m["name"] for m in mutations}
    if unknown:
        parser.error(f"no such mutation: {', '.join(sorted(unknown))}")
    known = {}
    if args.results and args.results.exists():
        known = {r["name"]: r["result"] for r in map(json.loads, args.results.read_text().splitlines())}
    copy = Copy(args.copy.resolve(), args.jobs)
    tests = sorted({t for m in mutations for t in m["tests"]})
    built = copy.build(tests)
    if built.returncode != 0:
        sys.exit(built.stdout[-3000:])
    for test in tests:
        ran = copy.run([f"build/release/tests/{test}", "--gtest_brief=1"])
        if ran.returncode != 0:
            sys.exit(f"{test} fails before anything is changed\n{ran.stdout[-3000:]}")
    missed = 0
    for mutation in mutations:
        if (args.names and mutation["name"] not in args.names) or (not args.names and mutation["name"] in known):
            continue
        begin = time.monotonic()
        result, output = copy.try_one(mutation, args.timeout)
        missed += not result.startswith("caught")
        print(f"{mutation['name']}: {result} ({time.monotonic() - begin:.0f} s)", output, flush=True)
        if args.results:
            with args.results.open("a") as file:
                file.write(json.dumps({"name": mutation["name"], "kind": mutation["kind"], "result": result}) + "\n")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
