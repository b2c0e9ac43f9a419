"""Runs a page of the documentation as a reader would: in an empty folder, its files written, its commands run in order, each
of which must succeed.

    run_page.py PAGE --build DIR --recorded DIR [--python PYTHON] [--record]

--build: a built keras.cpp, which is installed in place of /opt/keras. Blocks are marked in their first line: `file=NAME` is written to that
file; `sh` is run; `needs=python` only with --python, a Python that has Keras. Without it the first such block is replaced by
the files of --recorded, which --record fills."""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

RECORDED = ["model.keras", "data.npz", "measurements.npz", "expected.npy"]


def blocks(text):
    for match in re.finditer(r"^```(\w+)([^\n]*)\n(.*?)^```$", text, re.M | re.S):
        marks = dict(mark.split("=", 1) for mark in match[2].split())
        yield match[1], marks, match[3]


def has_keras(python):
    return bool(python) and subprocess.run([python, "-c", "import keras"], capture_output=True).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--recorded", type=pathlib.Path, required=True)
    parser.add_argument("--python", default="")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    python = args.python if has_keras(args.python) else ""
    print("with Keras" if python else "with recorded files in place of Keras's")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix = folder / "prefix"
        subprocess.run(["cmake", "--install", args.build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        tools = folder / "tools"
        tools.mkdir()
        if python:
            # No link: a virtual environment's Python finds its packages by the path that it is called by.
            (tools / "python").write_text(f'#!/bin/sh\nexec "{shutil.which(python)}" "$@"\n')
            (tools / "python").chmod(0o755)
        environment = dict(os.environ, PATH=f"{tools}:{prefix}/bin:{os.environ['PATH']}", TF_CPP_MIN_LOG_LEVEL="3")
        work = folder / "work"
        work.mkdir()
        replaced = False
        for language, marks, text in blocks(args.page.read_text()):
            if "file" in marks:
                (work / marks["file"]).write_text(text)
                continue
            if language != "sh":
                sys.exit(f"a block of {language} that is neither run nor a file:\n{text}")
            if marks.get("needs") == "python" and not python:
                if not replaced:
                    for each in RECORDED:
                        shutil.copy(args.recorded / each, work)
                replaced = True
                continue
            for line in text.splitlines():
                command = line.replace("/opt/keras", str(prefix))
                print("$", command, flush=True)
                result = subprocess.run(command, shell=True, cwd=work, env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
                print(result.stdout, flush=True)
                if result.returncode != 0:
                    sys.exit(f"«{command}» ended with {result.returncode}")
        check(work)
        if args.record:
            for each in RECORDED:
                shutil.copy(work / each, args.recorded)


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]


def check(work):
    """The predictions of the page are those of Keras."""
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    import npy
    expected = npy.read((work / "expected.npy").read_bytes())
    found = npy.read_npz(work / "predictions.npz")
    if list(found) != ["positive"]:
        sys.exit(f"predictions.npz holds {list(found)}, not the output «positive»")
    worst = max(abs(a - b) for a, b in zip(expected, found["positive"], strict=True))
    print(f"largest difference to Keras's predictions: {worst:.2g}")
    if worst > 1e-6:
        sys.exit("these are not Keras's predictions")


if __name__ == "__main__":
    main()
