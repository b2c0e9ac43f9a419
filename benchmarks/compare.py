#!/usr/bin/env python3
"""Runs the workloads of keras-bench on ours, on the floor and on the peers in turn; keeps, prints and reports the medians.

    compare.py [WORKLOAD …] [--threads N …] [--runs N] [--seconds S] [--data DIR] [--engines E …] [--report]
    compare.py --report-only

Each round runs every engine once, so that a change of the machine's mood meets all of them; only ratios taken so count.
What ran is kept in build/benchmarks/<machine>.json, a record for each workload and number of threads, the latest only: so
the figures of one report may come from several invocations. --report writes docs/benchmarks.md from all that is kept.

The peers need Python environments of their own (peers.py says which packages): $KERAS_PEERS_PYTHON or --peers-python names
the one with TensorFlow and Keras, $KERAS_TORCH_PYTHON or --torch-python the one with torch, keras and jax. What cannot run
is left out with a word.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
OURS = "keras.cpp"
FLOORS = {"mnist_mlp": "floor_mlp", "mnist_cnn": "floor_cnn"}
NOT_COMPILED = ["regressor", "predict_small", "train_on_batch"]  # torch-compile does not run these
WORKLOADS = ["regressor", "train_on_batch", "predict_small", "mnist_mlp", "mnist_cnn", "unet_train_4", "lstm_train_32",
             "lstm_infer_32"]
NEEDS = {
    "keras-tensorflow": ["keras", "tensorflow"],
    "keras-jax": ["keras", "jax"],
    "torch": ["torch"],
    "torch-compile": ["torch"],
}
ENGINES = [OURS, "floor", *NEEDS]
TIMEOUT = 1800  # seconds a run


# ---- what can run


def has(python, modules):
    code = f"import importlib.util as u; raise SystemExit(not all(u.find_spec(m) for m in {modules!r}))"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_engines(options):
    """The engines that can run, each with how it is started (all but the workload's name and options)."""
    pythons = [p for p in (options.peers_python, options.torch_python) if p]
    found = {}
    for engine in options.engines:
        if engine == OURS:
            found[engine] = [str(options.build / "keras-bench")]
        elif engine == "floor":
            if all((options.build / name).exists() for name in FLOORS.values()):
                found[engine] = [str(options.build)]
            else:
                print(f"floor is left out: {options.build} has no {' or '.join(FLOORS.values())} (target floors)")
        else:
            python = next((p for p in pythons if has(p, NEEDS[engine])), None)
            if python:
                found[engine] = [python, str(HERE / "peers.py"), engine]
            else:
                why = "neither Python has" if pythons else "KERAS_PEERS_PYTHON and KERAS_TORCH_PYTHON name no Python with"
                print(f"{engine} is left out: {why} {' and '.join(NEEDS[engine])}")
    return found


def commands(options, engines, workload, threads):
    """What to run for a workload, by engine."""
    more = ["--seconds", str(options.seconds), "--threads", str(threads), "--data", str(options.data)]
    result = {}
    for engine, start in engines.items():
        if engine == "floor":
            if workload in FLOORS:
                result[engine] = [f"{start[0]}/{FLOORS[workload]}", *more]
        elif engine != "torch-compile" or workload not in NOT_COMPILED:
            result[engine] = [*start, workload, *more]
    return result


# ---- running


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


def run_workload(options, engines, workload, threads):
    """The record of a workload: the lines of all runs, by engine, and the load average before and after."""
    record = {"workload": workload, "threads": threads, "date": datetime.date.today().isoformat(), "lines": {}}
    record["load"] = [os.getloadavg()[0]]
    tried = commands(options, engines, workload, threads)
    for _ in range(options.runs):
        for engine, command in list(tried.items()):
            line = run(command, engine)
            if line is None:
                del tried[engine]
            else:
                record["lines"].setdefault(engine, []).append(line)
    record["load"].append(os.getloadavg()[0])
    return record


def value(record, engine, key="value"):
    """The median of the runs, or None."""
    values = [line[key] for line in record["lines"].get(engine, []) if key in line]
    return statistics.median(values) if values else None


def print_record(record):
    threads, load = record["threads"], record["load"]
    print(f"{record['workload']}, {threads} thread{'s' * (threads != 1)}, load {load[0]:.2f} to {load[1]:.2f}")
    ours = value(record, OURS)
    for engine, lines in record["lines"].items():
        text = f"  {engine:<17} {value(record, engine):10.4g} {lines[0]['unit']:<10}"
        for key, name, scale, unit in (("first_s", "first", 1e3, " ms"), ("peak_mb", "peak", 1, " MB"),
                                       ("test_loss", "loss", 1, ""), ("test_accuracy", "accuracy", 1, ""),
                                       ("sum_s", "its calls alone", 1, " s"), ("gflops", "", 1, " GFLOP/s")):
            if value(record, engine, key) is not None:
                text += f"  {name} {value(record, engine, key) * scale:.4g}{unit}"
        if ours and engine != OURS:
            text += f"  {value(record, engine) / ours:.2f} times ours"
        print(text, flush=True)


# ---- what is kept


def machine():
    def first(path, pattern):
        found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
        return found.group(1).strip() if found else "unknown"

    memory = first("/proc/meminfo", r"^MemTotal:\s*(\d+)")
    return {"cpu": first("/proc/cpuinfo", r"^model name\s*:(.*)$"), "cores": len(os.sched_getaffinity(0)),
            "memory": f"{int(memory) / 2**20:.0f} GiB" if memory.isdigit() else memory}


def python_versions(python):
    names = ["tensorflow", "tensorflow-cpu", "keras", "torch", "jax"]
    code = f"""
import importlib.metadata as m, json
found = {{}}
for name in {names!r}:
    try: found[name.removesuffix("-cpu")] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))"""
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def versions(engines, record):
    """Of everything that took part, as it says itself."""
    found = {}
    for engine, start in engines.items():
        if engine in NEEDS:
            packages = python_versions(start[0])
            for name in {"keras-tensorflow": ["tensorflow", "keras"], "keras-jax": ["jax", "keras"]}.get(engine, ["torch"]):
                label = f"{name} (of {engine})" if name == "keras" else name
                found[label] = packages.get(name, "unknown")
    for lines in record["lines"].values():
        found.update({name: lines[0][name] for name in ("oneDNN", "TBB", "compiler") if name in lines[0]})
    return found


def keep(path, engines, record):
    """Puts a record into the machine's file in the place of an older one."""
    kept = json.loads(path.read_text()) if path.exists() else {"versions": {}, "records": []}
    kept["machine"] = machine()
    kept["versions"].update(versions(engines, record))
    same = ("workload", "threads")
    kept["records"] = [r for r in kept["records"] if any(r[key] != record[key] for key in same)] + [record]
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(kept, indent=1) + "\n")
    new.replace(path)


# ---- the page


def table(header, rows):
    return ["| " + " | ".join(header) + " |", "|" + "---|" * len(header),
            *("| " + " | ".join(row) + " |" for row in rows), ""]


def comparison(records):
    engines = [e for e in ENGINES if any(e in r["lines"] for r in records)]
    rows = []
    for record in records:
        ours = value(record, OURS)
        cells = []
        for engine in engines:
            figure = value(record, engine)
            ratio = f" ({figure / ours:.2f})" if figure is not None and ours and engine != OURS else ""
            cells.append("" if figure is None else f"{figure:.3g}{ratio}")
        unit = next((lines[0]["unit"] for lines in record["lines"].values()), "")
        peak = value(record, OURS, "peak_mb")
        runs = max((len(lines) for lines in record["lines"].values()), default=0)
        load = " to ".join(f"{load:.1f}" for load in record["load"])
        rows.append([f"`{record['workload']}`, {unit.replace('us/', 'µs/')}", *cells, f"{peak:.0f}" if peak else "",
                     f"{runs}", load, record["date"]])
    return table(["workload", *engines, "our peak, MB", "runs", "load", "date"], rows)


def floor_calls(records):
    """Each call of the floors, and their sums."""
    text = []
    for record in records:
        lines = record["lines"].get("floor", [])
        if not lines:
            continue
        line = sorted(lines, key=lambda each: each["value"])[len(lines) // 2]
        text += [f"`{record['workload']}`, {record['threads']} thread{'s' * (record['threads'] != 1)}: "
                 f"{line['value']:.3g} s an epoch, {line['gflops']:.0f} GFLOP/s; its calls add up to {line['sum_s']:.3g} s, "
                 f"each timed alone, and to {line['sum_in_loop_s']:.3g} s, each timed in the loop.", ""]
        text += table(["call", "µs alone", "µs in the loop", "GFLOP/s", "GB/s"],
                      [[call["name"], f"{call['us']:.4g}", f"{call['us_in_loop']:.4g}", f"{call['gflops']:.3g}",
                        f"{call['gb_s']:.3g}" if "gb_s" in call else ""] for call in line["calls"]])
    return text


def report(folder, page):
    text = ["# Benchmarks", "", "Written by `make bench` ([benchmarks/compare.py](../benchmarks/compare.py)); what the "
            "workloads are: [benchmarks/peers.py](../benchmarks/peers.py). Figures are medians of alternating runs, less is "
            "better; in brackets, how many times ours an engine takes. `floor` is a bare loop of library calls for the same "
            "work: [benchmarks/README.md](../benchmarks/README.md).", ""]
    for path in sorted(folder.glob("*.json")):
        kept = json.loads(path.read_text())
        about = kept["machine"]
        records = sorted(kept["records"], key=lambda r: (r["threads"], WORKLOADS.index(r["workload"])))
        text += [f"## {about['cpu']}, {about['cores']} cores, {about['memory']}", "",
                 ", ".join(f"{name} {version}" for name, version in sorted(kept["versions"].items())) + ".", ""]
        for threads in sorted({r["threads"] for r in records}):
            text += [f"### {threads} thread{'s' * (threads != 1)}", ""]
            text += comparison([r for r in records if r["threads"] == threads])
        text += ["### The calls of the floors", "", *floor_calls(records)]
    page.write_text("\n".join(text).rstrip() + "\n")
    print(f"wrote {page}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"default: {' '.join(WORKLOADS)}")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2], help="pin to so many processors (1 2)")
    parser.add_argument("--runs", type=int, default=5, help="rounds (5)")
    parser.add_argument("--seconds", type=float, default=3, help="of repeated calls a run (3)")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "data/mnist", help="folder with mnist.npz")
    parser.add_argument("--engines", nargs="*", default=ENGINES, choices=ENGINES, metavar="E", help=" ".join(ENGINES))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="folder of our programs")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "build/benchmarks", help="folder of what is kept")
    parser.add_argument("--peers-python", default=os.environ.get("KERAS_PEERS_PYTHON", ""))
    parser.add_argument("--torch-python", default=os.environ.get("KERAS_TORCH_PYTHON", ""))
    parser.add_argument("--report", action="store_true", help="write the page at the end")
    parser.add_argument("--report-only", action="store_true", help="run nothing")
    parser.add_argument("--page", type=pathlib.Path, default=ROOT / "docs/benchmarks.md")
    options = parser.parse_args()
    failed = False
    if not options.report_only:
        if not (options.build / "keras-bench").exists():
            sys.exit(f"compare: {options.build}/keras-bench is missing; make release builds it")
        if options.runs < 1:
            sys.exit("compare: --runs must be 1 or more")
        unknown = [w for w in options.workloads if w not in WORKLOADS]
        if unknown:
            sys.exit(f"compare: there is no workload {unknown[0]}; the workloads are {', '.join(WORKLOADS)}")
        about = machine()
        path = options.results / (re.sub(r"[^a-z0-9]+", "-", f"{about['cpu']} {about['cores']}".lower()) + ".json")
        engines = find_engines(options)
        for threads in options.threads:
            if threads < 1 or threads > about["cores"]:
                print(f"{threads} threads are left out: there are {about['cores']} processors")
                continue
            for workload in options.workloads or WORKLOADS:
                record = run_workload(options, engines, workload, threads)
                print_record(record)
                failed |= OURS in engines and OURS not in record["lines"]
                if record["lines"]:
                    keep(path, engines, record)
    if options.report or options.report_only:
        report(options.results, options.page)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
