#!/usr/bin/env python3
"""keras-bench: each workload's JSON line, the pinning, what --data reads, and what it says to a name it does not know."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BENCH = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEYS = {"engine", "workload", "value", "unit", "import_s", "threads"}  # of every line of peers.py
WORKLOADS = {
    "regressor": ("s/process", {"test_cost"}),
    "predict_small": ("us/call", {"first_s", "repeats"}),
    "train_on_batch": ("us/call", {"first_s", "repeats"}),
    "mnist_mlp": ("s/epoch", {"total_s", "first_s", "test_loss", "test_accuracy", "epochs", "batch", "samples"}),
}


def run(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, check=False, timeout=250)


def check(holds, what):
    if not holds:
        sys.exit(f"check_bench: {what}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "data/mnist/mnist.npz", folder)
        for name, (unit, keys) in WORKLOADS.items():
            done = run(name, "--seconds", "0.2", "--threads", "1", "--data", folder)
            check(done.returncode == 0, f"{name} failed: {done.stderr}")
            check(done.stdout.count("\n") == 1, f"{name} printed more than a line: {done.stdout}")
            line = json.loads(done.stdout)
            print(done.stdout, end="")
            check(KEYS | keys <= set(line), f"{name}: the line lacks {KEYS | keys - set(line)}")
            check(line["engine"] == "keras.cpp" and line["workload"] == name and line["unit"] == unit, f"{name}: {line}")
            check(line["threads"] == 1, f"{name} ran on {line['threads']} processors and not on 1")
            check(line["value"] > 0 and line["import_s"] > 0, f"{name}: {line}")
            if name == "regressor":
                check(line["value"] > line["import_s"], "regressor's time leaves the loading of the library out")
            if name == "mnist_mlp":
                check(line["test_accuracy"] > 0.97 and line["samples"] == 60000, f"mnist_mlp: {line}")
                check(line["peak_mb"] <= 450, f"mnist_mlp took {line['peak_mb']} MB, more than 450")
        os.remove(f"{folder}/mnist.npz")
        done = run("mnist_mlp", "--data", folder)
        check(done.returncode != 0 and folder in done.stderr, f"--data of an empty folder: {done.stdout}{done.stderr}")
    done = run("mnist_mpl")
    check(done.returncode != 0, "an unknown workload is no error")
    for name in WORKLOADS:
        check(name in done.stderr, f"the error of an unknown workload does not name {name}: {done.stderr}")
    print("check_bench: well")


if __name__ == "__main__":
    main()
