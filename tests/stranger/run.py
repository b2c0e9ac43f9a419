#!/usr/bin/env python3
"""run.py BUILD_DIR [CXX]: what a stranger touches to add an op and a layer.

Copies the sources to BUILD_DIR/stranger, adds the elementwise op of docs/design/primitives.md and the layer of
docs/design/layers.md as these pages say, counts what changed, builds the library (backends reference and cpu, not
optimised) and runs main.cc, which uses both. The copy and its build are kept, so that another run builds only what changed.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPIED = ["CMakeLists.txt", "cmake", "include", "src"]


def code_blocks(page):
    return re.findall(r"```cpp\n(.*?)```", (ROOT / "docs" / "design" / page).read_text(encoding="utf-8"), re.S)


def insert_sorted(text, macro, line):
    """`line` among the lines of a list that begin with `macro`, by name."""
    def name(item):
        return re.match(re.escape(macro) + r"\((\w+)", item)
    lines = text.splitlines(keepends=True)
    places = [i for i, item in enumerate(lines) if name(item)]
    after = [i for i in places if name(lines[i]).group(1) < name(line).group(1)]
    lines.insert(after[-1] + 1 if after else places[0], line)
    return "".join(lines)


def sources():
    """The files of the tree, by path, without tests."""
    files = {}
    for top in COPIED:
        paths = [ROOT / top] if (ROOT / top).is_file() else sorted((ROOT / top).rglob("*"))
        for path in paths:
            if path.is_file() and not path.name.endswith("_test.cc"):
                files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    return files


def add(files, path, change):
    files[path] = change(files[path].decode()).encode() if path in files else change("").encode()


def changes(before, after):
    """{path: lines added}; nothing may be taken away."""
    result = {}
    for path, data in after.items():
        if before.get(path) == data:
            continue
        old, new = before.get(path, b"").splitlines(), data.splitlines()
        rest = iter(new)
        assert all(line in rest for line in old), f"{path}: a line was changed or taken away"
        result[path] = len(new) - len(old)
    return result


def tell(what, changed):
    print(f"{what}: " + ", ".join(f"{path} +{lines}" for path, lines in changed.items()), flush=True)


def write(folder, files):
    """Makes the folder hold these files, touching only what differs."""
    for path in sorted(folder.rglob("*"), reverse=True) if folder.exists() else []:
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == data:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if name.endswith(".sh"):
            path.chmod(0o755)


def run(*command, **kwargs):
    subprocess.run([str(part) for part in command], check=True, **kwargs)


def main():
    work = pathlib.Path(sys.argv[1]).resolve() / "stranger"
    compiler = sys.argv[2] if len(sys.argv) > 2 else "c++"
    original = sources()
    row = next(block for block in code_blocks("primitives.md") if block.startswith("KERAS_UNARY"))
    entry, source = code_blocks("layers.md")[:2]

    with_op = dict(original)
    add(with_op, "include/keras/elementwise.def", lambda text: insert_sorted(text, "KERAS_UNARY", row))
    op = changes(original, with_op)
    tell("an elementwise op", op)
    assert op == {"include/keras/elementwise.def": 1}, "an elementwise op is one row"

    files = dict(with_op)
    end = "}  // namespace keras\n"
    add(files, "include/keras/layers/core.h", lambda text: text.removesuffix(end) + entry + "\n" + end)
    add(files, "src/layers/core/shift.cc", lambda text: source)
    add(files, "src/layers/layers.def", lambda text: insert_sorted(text, "KERAS_LAYER", "KERAS_LAYER(Shift)\n"))
    layer = changes(with_op, files)
    tell("a layer", layer)
    assert set(layer) == {"include/keras/layers/core.h", "src/layers/core/shift.cc", "src/layers/layers.def"}
    assert layer["src/layers/layers.def"] == 1, "a layer is one list line"

    write(work / "source", files)
    build = work / "build"
    run("cmake", "-S", work / "source", "-B", build, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}", "-DKERAS_ONEDNN=OFF",
        "-DKERAS_WERROR=ON", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DKERAS_BUILD_TESTS=OFF",
        "-DKERAS_BUILD_EXAMPLES=OFF", "-DKERAS_BUILD_BENCHMARKS=OFF", "-DKERAS_BUILD_COMMAND=OFF", "--log-level=WARNING", stdout=subprocess.DEVNULL)
    run("cmake", "--build", build, "--target", "keras", "-j", os.cpu_count() or 1)
    program = work / "program"
    run(compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-I", work / "source" / "include",
        pathlib.Path(__file__).with_name("main.cc"), "-o", program, "-L", build, "-lkeras", f"-Wl,-rpath,{build}")
    for isa in ("", "reference"):
        run(program, env={**os.environ, "KERAS_MAX_ISA": isa})


if __name__ == "__main__":
    main()
