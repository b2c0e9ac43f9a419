"""A save killed at any moment leaves the old file whole: 200 kills of `keras convert` over the same file.

    kill_saves.py KERAS MODEL"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

KILLS = 200


def summary(keras, path):
    result = subprocess.run([keras, "summary", "--json", path], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{path.name} does not open any more: {result.stderr}")
    return json.loads(result.stdout)["total_params"]


def main():
    keras, model = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generator = random.Random(7)
        for suffix in (".keras", ".h5"):
            out = folder / f"out{suffix}"
            began = time.perf_counter()
            subprocess.run([keras, "convert", model, out], check=True, stderr=subprocess.DEVNULL)
            whole = time.perf_counter() - began
            parameters, first, done = summary(keras, out), out.read_bytes(), 0
            for _ in range(KILLS // 2):
                process = subprocess.Popen([keras, "convert", model, out], stderr=subprocess.DEVNULL)
                time.sleep(generator.uniform(0, 1.2 * whole))
                process.kill()
                done += process.wait() == 0
                if summary(keras, out) != parameters or len(out.read_bytes()) != len(first):
                    sys.exit(f"{out.name} is not what was saved")
            left = [path for path in folder.iterdir() if path != out]
            print(f"{suffix}: {KILLS // 2} kills, {done} saves had ended before; {len(left)} temporary files left by kills")
            for path in left:
                path.unlink()
            out.unlink()


if __name__ == "__main__":
    main()
