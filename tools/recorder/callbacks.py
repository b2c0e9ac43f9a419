"""What Keras 3's callbacks do: driven by hand with given figures, and in golden runs of networks of two layers."""
import os
import pathlib
import shutil

import numpy as np

from . import callback_drive as drive
from .common import BITS, array, exact_floatx, fresh, keras, normal, tensor, uniform
from .early_stopping import model_with


def weight_of(path):
    """The weight in a file of the model of one weight."""
    if path.endswith(".weights.h5"):
        model = model_with([])
        model.load_weights(path)
    else:
        model = keras.models.load_model(path, compile=False)
    return float(model.get_weights()[0][0, 0])


def driven(r):
    for name, callbacks, metrics, fits in drive.cases(False):
        model = model_with(metrics)
        model.optimizer.learning_rate = 0.5

        def make(cls, given):
            if "schedule" in given:
                given["schedule"] = drive.SCHEDULES[given["schedule"]]
            return getattr(keras.callbacks, cls)(**given)

        def weight(value=None):
            if value is not None:
                model.set_weights([np.full((1, 1), value, "float32")])
            return float(model.get_weights()[0][0, 0])

        case = dict(callbacks=[list(c) for c in callbacks], metrics=metrics, fits=fits)
        with drive.folder():
            try:
                case["results"] = drive.drive(make, model, lambda: float(model.optimizer.learning_rate.numpy()), weight, callbacks, fits)
                case["files"] = [[path, None if path.endswith(".csv") else weight_of(path)] for path in drive.files()]
                case["tables"] = {path: pathlib.Path(path).read_bytes().decode() for path in drive.files() if path.endswith(".csv")}
            except (ValueError, KeyError, RuntimeError) as error:
                case["error"] = type(error).__name__
        r.add(name, **case)


def formats(r):
    """Python's str.format of numbers, for the names of files."""
    numbers = [0, 7, -3, 12, 1234567, 0.0, 0.5, -0.25, 1.0, 0.123456789, 1234567.891, 1e-7, 1.5e20, float("nan"), float("inf"), -float("inf"), 99999.5]
    specs = ["", "02d", "d", "5d", "<5d", "^7d", ">6", "+d", "x", "#x", "b", ".2f", ".0f", "08.3f", "+.2f", " .1f", ".3e", "E", "g", ".3g", "#.3g", ".4", "%", ".1%",
             ",", ",.2f", "_d", "*^12", "=+8d", "010,d", "n", "F", "G", "o", "05", "<08.2f", "é>6d"]
    rows = []
    for spec in specs:
        texts = []
        for number in numbers:
            try:
                texts.append(("{v:" + spec + "}").format(v=number))
            except ValueError:
                texts.append(None)
        rows.append({"spec": spec, "texts": texts})
    r.add("format", numbers=numbers, rows=rows)
    wholes = []
    for text in ["{{}}", "{{{epoch}}}", "a{epoch}b{loss}", "{epoch!r}", "{loss!s}", "{", "}", "{epoch", "{other}", "{epoch:q}", "{loss:d}", "{epoch:.2d}", "{}"]:
        try:
            wholes.append([text, text.format(epoch=3, loss=0.5)])
        except (ValueError, KeyError, IndexError):
            wholes.append([text, None])
    r.add("format_whole", texts=wholes)


def network():
    """Two layers, whose first weights are given."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(1)])
    model.set_weights([uniform(1, (3, 5), -1, 1), np.zeros(5), uniform(2, (5, 1), -1, 1), np.zeros(1)])
    return model


RUNS = {
    "stop": (20, 0.3, {}, [("EarlyStopping", {"patience": 2, "restore_best_weights": True})]),
    "stop_loss": (12, 0.05, {}, [("EarlyStopping", {"monitor": "loss", "min_delta": 0.02, "patience": 1})]),
    "stop_accuracy": (15, 0.3, {}, [("EarlyStopping", {"monitor": "val_mae", "patience": 3, "start_from_epoch": 2, "restore_best_weights": True})]),
    "plateau": (20, 0.5, {}, [("ReduceLROnPlateau", {"patience": 1, "factor": 0.25, "cooldown": 1})]),
    "step_decay": (12, 0.1, {}, [("LearningRateScheduler", {"schedule": "step"})]),
    "falling": (10, 0.25, {}, [("LearningRateScheduler", {"schedule": "falling"}), ("CSVLogger", {"filename": "log.csv"})]),
    "momentum": (8, 0.05, {"momentum": 0.75}, [("CSVLogger", {"filename": "log.csv", "separator": ";"}), ("ModelCheckpoint", {"filepath": "w.{epoch:02d}-{val_loss:.2f}.keras"})]),
    "best": (12, 0.3, {}, [("ModelCheckpoint", {"filepath": "best-{epoch:02d}.weights.h5", "save_best_only": True, "save_weights_only": True}), ("EarlyStopping", {"patience": 3})]),
    "batches": (5, 0.1, {}, [("ModelCheckpoint", {"filepath": "w{epoch}-{batch}.weights.h5", "save_weights_only": True, "save_freq": 4})]),
    "averages": (6, 0.1, {"use_ema": True, "ema_momentum": 0.75}, [("SwapEMAWeights", {}), ("CSVLogger", {"filename": "log.csv"})]),
    "averages_by_epoch": (6, 0.1, {"use_ema": True, "ema_momentum": 0.75}, [
        ("SwapEMAWeights", {"swap_on_epoch": True}), ("ModelCheckpoint", {"filepath": "w{epoch}.weights.h5", "save_weights_only": True})]),
}


def runs(r):
    for name, (epochs, rate, options, callbacks) in RUNS.items():
        x, noise = normal(3, (24, 3)), normal(4, (24, 1), 0.3)
        y = (x[:, :1] * 0.5 - x[:, 1:2] * x[:, 2:] + noise).astype("float32").astype("float64")
        case = r.add(f"run_{name}", {"x": x[:16], "y": y[:16], "x_val": x[16:], "y_val": y[16:], **{f"start_{i}": w for i, w in enumerate(fresh(network).get_weights())}},
                     epochs=epochs, learning_rate=rate, optimizer=options, callbacks=[list(c) for c in callbacks])
        results = {}
        for bit, dtype in BITS.items():
            with exact_floatx(dtype), drive.folder():
                model = fresh(network)
                model.compile(keras.optimizers.SGD(rate, **options), "mse", metrics=["mae"])

                def make(cls, given):
                    given = dict(given)
                    if "schedule" in given:
                        given["schedule"] = drive.SCHEDULES[given["schedule"]]
                    return getattr(keras.callbacks, cls)(**given)

                history = model.fit(tensor(x[:16]), tensor(y[:16]), batch_size=5, epochs=epochs, verbose=0, shuffle=False,
                                    validation_data=(tensor(x[16:]), tensor(y[16:])), callbacks=[make(*c) for c in callbacks])
                results[bit] = {f"history_{k}": np.asarray(v, dtype) for k, v in history.history.items()}
                results[bit] |= {f"after_{i}": array(w) for i, w in enumerate(model.get_weights())}
                found = drive.files()
                for path in (p for p in found if p.endswith((".keras", ".weights.h5"))):
                    other = fresh(network)
                    if path.endswith(".keras"):
                        other = keras.models.load_model(path, compile=False)
                    else:
                        other.load_weights(path)
                    results[bit][f"file_{os.path.basename(path)}"] = array(other.get_weights()[2])
                if bit == "64":
                    names, keys = found, list(history.history)
                else:
                    assert names == found, (name, names, found)
                    case["files"], case["figures"], case["ran"] = found, keys, len(history.epoch)
                    case["tables"] = {path: pathlib.Path(path).read_bytes().decode() for path in found if path.endswith(".csv")}
        r.outputs(case, results)


def backup(folder):
    """What BackupAndRestore leaves of a run that an exception ended, and the kernel in it."""
    keep = folder / "backup"
    shutil.rmtree(keep, ignore_errors=True)
    keras.utils.set_random_seed(1337)
    model = fresh(lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)]))
    model.compile(keras.optimizers.Adam(0.125), "mse")

    class Kernel(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                np.save(folder / "backup_kernel.npy", self.model.get_weights()[0])
                raise KeyboardInterrupt
    try:
        model.fit(normal(5, (8, 3)).astype("float32"), normal(6, (8, 1)).astype("float32"), batch_size=4, epochs=3, verbose=0,
                  callbacks=[keras.callbacks.BackupAndRestore(str(keep)), Kernel()])
    except KeyboardInterrupt:
        pass


def record(r, arguments):
    backup(arguments.out)
    driven(r)
    formats(r)
    runs(r)
