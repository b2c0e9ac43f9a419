"""The round trip with real Keras: the program makes 30 models, trains and saves them; Keras 3 and tf_keras open the files, are
asked for the same predictions, train an epoch, save; the program opens what they saved, is asked for their predictions, and
trains on as they do.

    there.py PROGRAM                    the whole way, a line a model; needs keras, tensorflow, tf_keras
    there.py PROGRAM --record FOLDER    and keeps what Keras saved, for the test that needs no Python: an archive a model

A file is NN_name.<who>.<suffix>: who saved it there, in which form. A file that is opened makes the same epoch here and there only
if the optimizer's state came along; its variables are compared as well."""
import argparse
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

TOLERANCE = 1e-5


def listed(program):
    lines = subprocess.run([program, "list"], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines}


class There:
    """One Keras in its own process: opens, checks, trains, saves."""

    def __init__(self, who, folder):
        os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3",
                          TF_ENABLE_ONEDNN_OPTS="0")
        import logging
        import warnings
        warnings.filterwarnings("ignore")
        import numpy
        import tensorflow
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
        for each in ("tensorflow", "absl"):
            logging.getLogger(each).setLevel(logging.ERROR)
        self.keras, self.np, self.who, self.folder = importlib.import_module("tf_keras" if who == "tf_keras" else "keras"), numpy, who, folder

    def numbered(self, arrays, prefix):
        found = [key for key in arrays if key.startswith(prefix) and key[len(prefix):].isdigit()]
        return [arrays[prefix + str(i)] for i in range(len(found))]

    def difference(self, got, expected):
        if got.shape != expected.shape:
            return float("inf")
        most = self.np.max(self.np.abs(got.astype("float64") - expected), initial=0)
        return float("inf") if self.np.isnan(most) else most / max(self.np.ptp(expected), 1e-3)

    def forget(self, model):
        for layer in model.layers:
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
                layer.reset_states()
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
                layer.reset_state()

    def predictions(self, model, x):
        self.forget(model)
        got = model.predict(x if len(x) > 1 else x[0], verbose=0, batch_size=len(x[0]))
        self.forget(model)
        return [self.np.asarray(each) for each in (got if isinstance(got, (list, tuple)) else [got])]

    def same_predictions(self, what, got, expected):
        if len(got) != len(expected):
            return [f"{what}: {len(got)} outputs for {len(expected)}"]
        most = max(self.difference(a, b) for a, b in zip(got, expected))
        self.largest[what] = most
        return [] if most <= TOLERANCE else [f"{what} differ by {most:.2g} of their range"]

    def same_optimizer(self, model, expected):
        """Every variable of ours has one of theirs of the same values, in whatever order they keep them."""
        variables = model.optimizer.variables
        theirs = [self.np.asarray(v) for v in (variables() if callable(variables) else variables)]
        for i, mine in enumerate(expected):
            match = next((t for t in theirs if t.shape == mine.shape and self.np.allclose(t, mine, 1e-6, 1e-30)), None)
            if match is None and i == 1 and abs(float(self.np.asarray(model.optimizer.learning_rate)) - float(mine)) < 1e-7:
                continue
            if match is None:
                return [f"the optimizer's variable {i} {mine.shape} did not come along (there are {[t.shape for t in theirs]})"]
            theirs = [t for t in theirs if t is not match]
        return []

    def losses(self, model, x, y, steps):
        values = []
        for _ in range(steps):
            if hasattr(model, "reset_metrics"):
                model.reset_metrics()
            got = model.train_on_batch(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0])
            values.append(float(got[0] if isinstance(got, (list, tuple)) else got))
        return values

    def fit(self, model, x, y):
        history = model.fit(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0], batch_size=len(x[0]), epochs=1, shuffle=False, verbose=0)
        self.forget(model)
        return history.history["loss"][0]

    def visit(self, name, suffix):
        arrays = dict(self.np.load(self.folder / f"{name}.npz"))
        x, y = self.numbered(arrays, "x"), self.numbered(arrays, "y")
        self.largest = {}
        model = self.keras.models.load_model(self.folder / f"{name}{suffix}")
        for layer in model._flatten_layers() if self.who == "tf_keras" else []:
            if type(layer).__name__ == "BatchNormalization":
                layer.fused = False  # the fused kernel moves to the variance times n / (n - 1), Keras 3 to the variance
        wrong = self.same_predictions("predictions", self.predictions(model, x), self.numbered(arrays, "predicted"))
        if getattr(model, "optimizer", None) is None:
            return wrong + ["it opened uncompiled"]
        stateless = self.who == "keras3" and suffix == ".h5"
        if stateless:  # Keras 3 cannot train on what it opens as .h5, its own files too, before it is compiled again
            model.compile_from_config(model.get_compile_config())
        else:
            wrong += self.same_optimizer(model, self.numbered(arrays, "optimizer"))
        loss, expected = self.fit(model, x, y), float(arrays["epoch"][0])
        self.largest["epoch"] = abs(loss - expected) / max(abs(expected), 1e-2)
        if not self.largest["epoch"] <= TOLERANCE:
            wrong.append(f"the epoch's loss is {loss:.7g}, here {expected:.7g}")
        if stateless:
            return wrong
        wrong += self.same_predictions("predictions after the epoch", self.predictions(model, x), self.numbered(arrays, "after"))
        older = self.who == "tf_keras" and not hasattr(model.optimizer, "save_own_variables")
        self.keep(model, name, self.who, x, y, [".h5"] if older else [".keras", ".h5"])  # .keras has no state of older optimizers
        if older:
            self.renew(model)
            self.fit(model, x, y)
            self.fit(model, x, y)
            self.keep(model, name, "tf_keras_new", x, y, [".keras", ".h5"])
        return wrong

    def renew(self, model):
        """Compiles with the optimizer that tf.keras has had by this name since 2.11."""
        optimizers = importlib.import_module("tf_keras").optimizers
        before = model.optimizer.get_config()
        new = getattr(optimizers, type(model.optimizer).__name__)
        config = new().get_config()
        config.update({key: value for key, value in before.items() if key in config})
        config.update({key: value for key, value in before.items() if key.endswith("clipnorm") or key == "clipvalue"})
        compiled = model.compiled_loss, model.compiled_metrics
        model.compile(optimizer=new.from_config(config), loss=compiled[0]._user_losses, loss_weights=compiled[0]._user_loss_weights,
                      metrics=compiled[1]._user_metrics, weighted_metrics=compiled[1]._user_weighted_metrics)

    def keep(self, model, name, who, x, y, forms):
        """Saves the model (as .keras first: as .h5 Keras 3 takes the optimizer out of what it saves next), with what it predicts and its losses in two further steps."""
        kept = {**{f"x{i}": a for i, a in enumerate(x)}, **{f"y{i}": a for i, a in enumerate(y)}}
        kept.update({f"predicted{i}": a for i, a in enumerate(self.predictions(model, x))})
        for form in forms:
            path = self.folder / f"{name}.{who}{form}"
            try:
                model.save(path)
            except Exception as error:
                path.unlink(missing_ok=True)
                print(f"note: {who} cannot save {path.name}: {type(error).__name__}: {str(error)[:200]}")
        kept["losses"] = self.np.array(self.losses(model, x, y, 2))
        self.np.savez_compressed(self.folder / f"{name}.{who}.npz", **kept)

    def run(self, models):
        failed = 0
        for name, forms in models.items():
            for form in forms:
                who, suffix = form.split(".")
                if who != self.who:
                    continue
                try:
                    wrong = self.visit(name, "." + suffix)
                except Exception as error:
                    wrong = [f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"]
                figures = ", ".join(f"{what} {value:.1g}" for what, value in self.largest.items()) if hasattr(self, "largest") else ""
                print(f"{name:15} {self.who:8} .{suffix:5} {'FAILED ' + '; '.join(wrong) if wrong else 'ok'}  ({figures})", flush=True)
                failed += bool(wrong)
        return failed


def record(folder, models, target):
    target.mkdir(parents=True, exist_ok=True)
    for name in models:
        with zipfile.ZipFile(target / f"{name}.zip", "w") as archive:
            for path in sorted(folder.glob(f"{name}.*.*")):
                archive.writestr(zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0)), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    print("recorded", sum(path.stat().st_size for path in target.glob("*.zip")), "bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--record", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="the folder to work in; by default one that is deleted")
    parser.add_argument("--only", default="", help="models whose names begin with one of these, with commas between")
    parser.add_argument("--as", dest="who", choices=["keras3", "tf_keras"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    models = {name: forms for name, forms in listed(args.program).items() if name.startswith(tuple(args.only.split(",")))}
    if args.who:
        sys.exit(1 if There(args.who, args.keep).run(models) else 0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        failed = subprocess.run([args.program, "make", folder]).returncode
        for who in ("keras3", "tf_keras"):
            failed |= subprocess.run([sys.executable, __file__, args.program, "--keep", folder, "--only", args.only, "--as", who]).returncode
        pairs = []
        for name in models:
            for path in sorted(folder.glob(f"{name}.*.*")):
                if path.suffix != ".npz":
                    pairs += [path, path.with_suffix(".npz")]
        failed |= subprocess.run([args.program, "back", *pairs]).returncode
        if args.record:
            record(folder, models, args.record)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
