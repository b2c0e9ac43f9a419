"""A save killed at any moment leaves the old file whole: 200 kills of `keras convert` over the same file. What they leave
beside it are temporary files, which hinder no later save.

    kill_saves.py KERAS"""
import hashlib
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile

KILLS = 200
UNITS = 800  # 2.5 MB of weights


def architecture():
    """A JSON of Keras 2; the model is made of it with new weights."""
    layers = [{"class_name": "Dense", "config": {"name": "wide", "units": UNITS, "batch_input_shape": [None, UNITS]}}]
    return json.dumps({"class_name": "Sequential", "config": {"name": "kills", "layers": layers}, "keras_version": "2.2.4"})


def run(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr}")
    return result.stdout


def weights(keras, path):
    """A digest of what the file opens to; it ends the test if it does not open."""
    out = path.with_name("weights.npz")
    run(keras, "convert", path, out)
    with zipfile.ZipFile(out) as archive:
        digest = hashlib.sha256(b"".join(archive.read(name) for name in archive.namelist())).hexdigest()
    out.unlink()
    return digest


def main():
    keras = sys.argv[1]
    generator = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "models").mkdir()
        (folder / "out").mkdir()
        (folder / "model.json").write_text(architecture())
        old, new = folder / "models" / "old.keras", folder / "models" / "new.keras"
        for model in (old, new):
            run(keras, "convert", folder / "model.json", model)
        known = {weights(keras, old): "old", weights(keras, new): "new"}
        assert len(known) == 2, "the two models have the same weights"
        for suffix in (".keras", ".h5"):
            out = folder / "out" / f"out{suffix}"
            began = time.perf_counter()
            run(keras, "convert", old, out)
            whole = time.perf_counter() - began
            seen = {"old": 0, "new": 0}
            for _ in range(KILLS // 2):
                process = subprocess.Popen([keras, "convert", new, out], stderr=subprocess.DEVNULL)
                time.sleep(generator.uniform(0.2, 1.2) * whole)
                process.kill()
                process.wait()
                found = known.get(weights(keras, out))
                if found is None:
                    sys.exit(f"{out.name} is neither the old nor the new model")
                seen[found] += 1
                if found == "new":
                    run(keras, "convert", old, out)
            left = [path for path in out.parent.iterdir() if path != out]
            strange = [path.name for path in left if not re.fullmatch(r"\.keras-\d+-\d+\.tmp(\.\w{6})?|out\.\w+\.part", path.name)]
            if strange:
                sys.exit(f"a killed save leaves {strange}")
            run(keras, "convert", new, out)
            if known.get(weights(keras, out)) != "new" or {path for path in out.parent.iterdir()} != {out, *left}:
                sys.exit("what killed saves left hinders a later one")
            print(f"{suffix}: {KILLS // 2} kills in the {1e3 * whole:.0f} ms of a save; the file was the old model after {seen['old']} "
                  f"and the new one after {seen['new']}; {len(left)} temporary files left")
            if not left or not seen["old"] or not seen["new"]:
                sys.exit("the kills did not meet the writing: the test proves nothing")
            for path in [out, *left]:
                path.unlink()


if __name__ == "__main__":
    main()
