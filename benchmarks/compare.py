#!/usr/bin/env python3
"""Runs the workloads of keras-bench on ours and on the peers in turn and prints medians and ratios.

    compare.py [WORKLOAD …] [--runs N] [--seconds S] [--threads N] [--data DIR] [--engines E …] [--json FILE]

Each round runs ours, then every peer, so that a change of the machine's mood meets all of them; only ratios taken so count.
The peers need Python environments of their own (peers.py says which packages): $KERAS_PEERS_PYTHON or --peers-python names
the one with TensorFlow and Keras, $KERAS_TORCH_PYTHON or --torch-python the one with torch, keras and jax. A peer whose
packages neither has is left out with a word.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
WORKLOADS = ["regressor", "mnist_mlp", "predict_small", "train_on_batch"]
NEEDS = {"keras-tensorflow": ["keras", "tensorflow"], "keras-jax": ["keras", "jax"], "torch": ["torch"]}
TIMEOUT = 1800  # seconds a run


def has(python, modules):
    code = f"import importlib.util as u; raise SystemExit(not all(u.find_spec(m) for m in {modules!r}))"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_peers(options):
    """The engines that can run, each with its Python."""
    pythons = [p for p in (options.peers_python, options.torch_python) if p]
    found = {}
    for engine in options.engines:
        needs = NEEDS.get(engine)
        if needs is None:
            sys.exit(f"compare: there is no engine {engine}; the engines are {', '.join(NEEDS)}")
        python = next((p for p in pythons if has(p, needs)), None)
        if python:
            found[engine] = python
        else:
            why = "neither Python has" if pythons else "KERAS_PEERS_PYTHON and KERAS_TORCH_PYTHON name no Python with"
            print(f"{engine} is left out: {why} {' and '.join(needs)}")
    return found


def run(command, label):
    """The line that a command prints, or None with a word about what went wrong."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {label}: {error}")
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        reason = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()[-1]
        print(f"  {label} failed: {reason}")
        return None
    return json.loads(lines[-1])


def commands(options, peers, workload):
    """What to run for a workload, by engine; ours first."""
    more = ["--seconds", str(options.seconds), "--threads", str(options.threads), "--data", str(options.data)]
    result = {"keras.cpp": [str(options.bench), workload, *more]}
    for engine, python in peers.items():
        result[engine] = [python, str(HERE / "peers.py"), engine, workload, *more]
    return result


def figures(lines):
    """Medians of the runs, and what else they said."""
    text = f"{statistics.median(line['value'] for line in lines):10.4g} {lines[0]['unit']:<10}"
    for key, name, scale, unit in (("first_s", "first", 1e3, "ms"), ("peak_mb", "peak", 1, "MB"),
                                   ("test_loss", "loss", 1, ""), ("test_accuracy", "accuracy", 1, "")):
        values = [line[key] for line in lines if key in line]
        if values:
            text += f"  {name} {statistics.median(values) * scale:.4g}{' ' * bool(unit)}{unit}"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"default: {' '.join(WORKLOADS)}")
    parser.add_argument("--runs", type=int, default=3, help="rounds (3)")
    parser.add_argument("--seconds", type=float, default=3, help="of repeated calls a run (3)")
    parser.add_argument("--threads", type=int, default=0, help="pin to so many processors; 0: all")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "data/mnist", help="folder with mnist.npz")
    parser.add_argument("--engines", nargs="*", default=list(NEEDS), help=f"peers: {' '.join(NEEDS)}")
    parser.add_argument("--bench", type=pathlib.Path, default=ROOT / "build/release/keras-bench", help="our program")
    parser.add_argument("--peers-python", default=os.environ.get("KERAS_PEERS_PYTHON", ""))
    parser.add_argument("--torch-python", default=os.environ.get("KERAS_TORCH_PYTHON", ""))
    parser.add_argument("--json", type=pathlib.Path, help="write every line of every run there")
    options = parser.parse_args()
    if not options.bench.exists():
        sys.exit(f"compare: {options.bench} is missing; make release builds it")
    if options.runs < 1:
        sys.exit("compare: --runs must be 1 or more")
    peers = find_peers(options)
    every = []
    failed = False
    for workload in options.workloads or WORKLOADS:
        print(workload, flush=True)
        lines = {}
        tried = commands(options, peers, workload)
        for _ in range(options.runs):
            for engine, command in list(tried.items()):
                line = run(command, engine)
                if line is None:
                    del tried[engine]
                    failed |= engine == "keras.cpp"
                else:
                    lines.setdefault(engine, []).append(line)
                    every.append(line)
        ours = lines.get("keras.cpp")
        for engine, of_engine in lines.items():
            ratio = ""
            if ours and engine != "keras.cpp":
                value = statistics.median(line["value"] for line in of_engine)
                ratio = f"  {value / statistics.median(line['value'] for line in ours):.2f} times ours"
            print(f"  {engine:<17} {figures(of_engine)}{ratio}", flush=True)
    if options.json:
        options.json.write_text("".join(json.dumps(line) + "\n" for line in every))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
