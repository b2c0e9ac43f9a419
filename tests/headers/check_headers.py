#!/usr/bin/env python3
"""Every public header compiles alone without a warning, and so do the examples and the programs beside this script.

The compilers: --compiler, and clang++ and g++ where installed. <keras/keras.h> must stay below a budget of
preprocessed lines, the machine-free measure of what including it costs.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
LINE_BUDGET = 90_000


def compilers(given):
    """The given compiler first, then the others that are installed; the same program never twice."""
    found = {}
    for name in [given, "g++", "clang++", "clang++-14"]:
        path = shutil.which(name) if name else None
        if path:
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def check(compiler, file):
    """Compiles one file; returns its complaint, or an empty string."""
    if file.suffix == ".h":
        source = f"#include <{file.relative_to(ROOT / 'include')}>\n"
        command = [compiler, *FLAGS, "-fsyntax-only", "-x", "c++", "-"]
    else:
        source = ""
        command = [compiler, *FLAGS, "-fsyntax-only", str(file)]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{compiler}: {file.relative_to(ROOT)}\n{done.stderr}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", default="")
    used = compilers(parser.parse_args().compiler)
    programs = [*pathlib.Path(__file__).parent.glob("*.cc"), *(ROOT / "examples").glob("*.cpp")]
    files = sorted((ROOT / "include").rglob("*.h")) + sorted(programs)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = [text for text in pool.map(lambda pair: check(*pair), [(c, f) for c in used for f in files]) if text]
    for text in complaints:
        print(text)
    failed = bool(complaints)

    whole = ROOT / "include/keras/keras.h"
    for compiler in used:
        done = subprocess.run([compiler, *FLAGS, "-E", str(whole)], capture_output=True, text=True, check=False)
        lines = done.stdout.count("\n")
        print(f"{compiler}: <keras/keras.h> is {lines} preprocessed lines (budget {LINE_BUDGET})")
        failed |= lines > LINE_BUDGET
    print(f"check_headers: {len(files)} files, {len(used)} compilers, {len(complaints)} faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
