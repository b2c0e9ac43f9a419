#!/usr/bin/env python3
"""keras-bench: each workload's JSON line, the pinning, what --data reads, and what it says to a name it does not know. The
floors that are built: their JSON lines, that they learn, and that their calls explain their time."""
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
    "mnist_cnn": ("s/epoch", {"total_s", "first_s", "test_loss", "test_accuracy", "epochs", "batch", "samples"}),
    "unet_train_4": ("ms/step", {"first_s", "repeats", "batch", "loss"}),
    "cnn_step": ("ms/step", {"p95", "first_s", "repeats", "batch"}),
    "predict_callers": ("calls/s", {"one_thread", "one_caller", "ratio", "batch"}),
}
FLOORS = {"floor_mlp": ("mnist_mlp", "200", False), "floor_cnn": ("mnist_cnn", "20", True)}  # steps of a round; real data


def run(*arguments, program=BENCH):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=250)


def check(holds, what):
    if not holds:
        sys.exit(f"check_bench: {what}")


def check_floors(data):
    for name, (workload, steps, real) in FLOORS.items():
        program = pathlib.Path(BENCH).with_name(name)
        if not program.exists():
            continue
        more = ["--data", data] if real else []
        done = run("--seconds", "0", "--steps", steps, "--threads", "1", *more, program=program)
        check(done.returncode == 0, f"{name} failed: {done.stderr}")
        line = json.loads(done.stdout)
        check((line["engine"], line["workload"], line["unit"]) == ("floor", workload, "s/epoch"), f"{name}: {line}")
        check(line["threads"] == 1 and line["rounds"] >= 3 and line["value"] > 0, f"{name}: {line}")
        check(all(call["us"] > 0 and 0 <= call["gflops"] < 1e4 for call in line["calls"]), f"{name}: {line}")
        check(line["sum_in_loop_s"] > 0.5 * line["value"], f"{name}: its calls do not explain its time: {line}")
        check(line["last_loss"] < line["first_loss"], f"{name} does not learn: {line}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "data/mnist/mnist.npz", folder)
        for name, (unit, keys) in WORKLOADS.items():
            few = ["--samples", "640"] if name == "mnist_cnn" else []
            done = run(name, "--seconds", "0.2", "--threads", "1", "--data", folder, *few)
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
        check_floors(folder)
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
