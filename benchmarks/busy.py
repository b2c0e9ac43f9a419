#!/usr/bin/env python3
"""A step beside another's work: keras-bench cnn_step alone, then beside a process that keeps one processor busy.

    busy.py [--seconds S] [--build DIR]

Prints both medians and 95th percentiles, and how many times slower the busy machine is.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def measure(bench, seconds):
    done = subprocess.run([bench, "cnn_step", "--seconds", str(seconds)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of each of the two measurements (60)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="folder of keras-bench")
    options = parser.parse_args()
    bench = options.build / "keras-bench"
    alone = measure(bench, options.seconds)
    processor = max(os.sched_getaffinity(0))
    busy = subprocess.Popen([sys.executable, "-c", f"import os\nos.sched_setaffinity(0, [{processor}])\nwhile True: pass"])
    try:
        beside = measure(bench, options.seconds)
    finally:
        busy.kill()
        busy.wait()
    for name, line in (("alone", alone), ("beside", beside)):
        print(f"{name:<7} median {line['value']:7.2f} ms  p95 {line['p95']:7.2f} ms  {line['repeats']} steps")
    print(f"slower  median {beside['value'] / alone['value']:7.2f}     p95 {beside['p95'] / alone['p95']:7.2f}")


if __name__ == "__main__":
    main()
