"""`keras predict` on a small model starts, loads and answers in less than 100 ms, and loads no library that it does not need.

    start_up.py KERAS"""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

MODELS = pathlib.Path(__file__).resolve().parent.parent / "data" / "models"
RUNS = 20
LIMIT = 0.1
LATE = ["libhdf5", "libcurl", "libgvc"]  # each brings others along


def main():
    keras = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [keras, "predict", MODELS / "dense.keras", "--input", MODELS / "dense.npz", "--output", f"{folder}/p.npz", "--quiet"]
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            subprocess.run(command, check=True)
            times.append(time.perf_counter() - began)
        median = statistics.median(times)
        print(f"keras predict: median {1e3 * median:.1f} ms, least {1e3 * min(times):.1f} ms of {RUNS} runs")
        # Of a busy machine, the least says what the program can do.
        if median > LIMIT and min(times) > LIMIT / 2:
            sys.exit(f"more than {1e3 * LIMIT:.0f} ms")
        loaded = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LD_DEBUG": "files"}).stderr
        needless = sorted({name for name in re.findall(r"calling init: \S*/(lib\w+)", loaded) if name.startswith(tuple(LATE))})
        if needless:
            sys.exit(f"{', '.join(needless)} is loaded at the start of every program")


if __name__ == "__main__":
    main()
