"""A training run killed at any moment and started again ends as one that was not: bit for bit the same weights, state of the
optimizer, history, table and best model. Kills inside saves (at a system call that a save makes), between hooks, and from
outside at any time; some runs are killed again after they were resumed.

    kill_runs.py RUN_TO_KILL [KILLS]"""
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

WAYS = [0, 3, 7]  # after each epoch; after so many batches; 7: with the save before the last kept


def run(program, folder, way, *kill, after=None):
    process = subprocess.Popen([program, folder, str(way), *map(str, kill)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if after is not None:
        time.sleep(after)
        process.kill()
    out, err = process.communicate()
    if process.returncode not in (0, -signal.SIGKILL):
        sys.exit(f"{way} {kill} {after}: {err}")
    return process.returncode == 0, out, err


def made(folder, out):
    """All that a run leaves."""
    if (folder / "backup").exists():
        sys.exit(f"a run that ended leaves {[path.name for path in (folder / 'backup').iterdir()]}")
    return out, (folder / "log.csv").read_bytes(), best(folder / "best.keras")


def best(path):
    """The weights of a .keras file, whose metadata hold the time."""
    import zipfile
    with zipfile.ZipFile(path) as archive:
        return archive.read("model.weights.h5")


def main():
    program, kills = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    generator = random.Random(11)
    whole = {}
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for way in WAYS:
            (root / f"whole{way}").mkdir()
            began = time.perf_counter()
            done, out, err = run(program, root / f"whole{way}", way)
            if not done:
                sys.exit("the undisturbed run was killed")
            saves, hooks = map(int, err.split())
            whole[way] = (made(root / f"whole{way}", out), saves, hooks, time.perf_counter() - began)
        if len({entry[0] for entry in whole.values()}) != 1:
            sys.exit("how often a run is kept changes what it makes")
        done_kills, kinds, again = 0, {"save": 0, "hook": 0, "time": 0}, 0
        runs = 0
        while done_kills < kills:
            way = WAYS[runs % len(WAYS)]
            expected, saves, hooks, seconds = whole[way]
            folder = root / f"run{runs}"
            folder.mkdir()
            runs += 1
            for attempt in range(1 if generator.random() < 0.5 else 3):
                if done_kills == kills:
                    break
                kind = ("save", "hook", "save", "time")[(done_kills + runs) % 4]
                left = 1 if attempt == 0 else 3  # a resumed run is shorter
                if kind == "time":
                    done, out, _ = run(program, folder, way, after=generator.uniform(0.3, 1.0) * seconds / left)
                else:
                    last = saves if kind == "save" else hooks
                    done, out, _ = run(program, folder, way, kind, generator.randint(1, max(1, last // left)))
                if done:
                    break
                done_kills += 1
                kinds[kind] += 1
                again += attempt > 0
            else:
                done = False
            if not done:
                done, out, _ = run(program, folder, way)
            if not done or made(folder, out) != expected:
                sys.exit(f"run {runs} (saved every {way or 'epoch'}, killed {kinds}) ended otherwise than the undisturbed run:\n{out}\n{expected[0]}")
        print(f"{done_kills} kills of {runs} runs: {kinds['save']} inside saves, {kinds['hook']} between hooks, {kinds['time']} at any time; "
              f"{again} of runs that were killed before; every run ended in the bits of the undisturbed one")
        if kinds["save"] < 0.3 * kills:
            sys.exit("too few kills were inside saves: the test proves nothing")


if __name__ == "__main__":
    main()
