"""What callbacks do, driven by hand with given figures: shared by callbacks (Keras 3) and callbacks_2_2 (2.2.4's own classes)."""
import contextlib
import io
import os
import tempfile
import warnings

import numpy as np

# Schedules that the C++ test has under the same names.
SCHEDULES = {"step": lambda epoch: 0.5 * 0.5 ** (epoch // 3), "falling": lambda epoch, rate: rate * 0.875 if epoch else rate}
FALLING = [1.0, 0.8, 0.6, 0.7, 0.65, 0.61, 0.5, 0.9, 0.95, 0.4]
FLAT = [1.0, 0.99995, 1.2, 1.1, 1.3, 0.9, 0.9, 0.89995, 0.95, 0.91, 0.9, 0.92]


def single(value):
    return float(np.float32(value))


def cases(of_2_2):
    """(name, [(class, arguments)], metrics, fits); a fit is a list of epochs, an epoch a dict of figures; _batches are those of batches."""
    def epochs(**figures):
        return [{name: single(values[i]) for name, values in figures.items() if values[i] is not None} for i in range(len(next(iter(figures.values()))))]
    half = [v / 2 for v in FALLING]
    acc = "acc" if of_2_2 else "accuracy"
    falling = [epochs(loss=half, val_loss=FALLING)]
    flat = [epochs(loss=FLAT, val_loss=FLAT)]
    lr = {} if of_2_2 else {"mode": "auto"}
    yield "schedule_of_epoch", [("LearningRateScheduler", {"schedule": "step", "verbose": 1})], [], falling
    yield "schedule_of_rate", [("LearningRateScheduler", {"schedule": "falling", "verbose": 1})], [], falling
    yield "schedule_and_plateau", [("LearningRateScheduler", {"schedule": "falling"}), ("ReduceLROnPlateau", {"patience": 1, "verbose": 1})], [], falling
    yield "plateau", [("ReduceLROnPlateau", {"patience": 2, "verbose": 1, **lr})], [], falling
    yield "plateau_0", [("ReduceLROnPlateau", {"patience": 0, "verbose": 1, "factor": 0.5})], [], falling
    yield "plateau_flat", [("ReduceLROnPlateau", {"patience": 1, "factor": 0.25, "verbose": 1})], [], flat
    yield "plateau_delta", [("ReduceLROnPlateau", {"patience": 1, "min_delta": 0.125, "verbose": 1})], [], falling
    yield "plateau_no_delta", [("ReduceLROnPlateau", {"patience": 1, "min_delta": 0, "verbose": 1})], [], flat
    yield "plateau_cooldown", [("ReduceLROnPlateau", {"patience": 1, "cooldown": 2, "verbose": 1, "factor": 0.5})], [], flat
    yield "plateau_min", [("ReduceLROnPlateau", {"patience": 0, "min_lr": 0.1, "verbose": 1, "factor": 0.5})], [], flat
    yield "plateau_max", [("ReduceLROnPlateau", {"patience": 1, "monitor": "score", "mode": "max", "verbose": 1})], [], [
        epochs(loss=half, score=[0.1, 0.3, 0.2, 0.25, 0.3, 0.4, 0.1, 0.1, 0.1, 0.1])]
    yield "plateau_auto", [("ReduceLROnPlateau", {"patience": 1, "monitor": "val_" + acc, "verbose": 1})], [acc], [
        epochs(**{"loss": half, "val_" + acc: [0.1, 0.3, 0.2, 0.25, 0.3, 0.4, 0.1, 0.1, 0.1, 0.1]})]
    yield "plateau_missing", [("ReduceLROnPlateau", {"patience": 0, "verbose": 1})], [], [epochs(loss=half[:4], val_loss=[1.0, None, 1.0, None])]
    yield "plateau_nan", [("ReduceLROnPlateau", {"patience": 2, "verbose": 1})], [], [epochs(loss=half[:6], val_loss=[1.0, np.nan, np.nan, 0.5, np.nan, 0.4])]
    yield "plateau_two_fits", [("ReduceLROnPlateau", {"patience": 2, "verbose": 1})], [], [falling[0][:4], falling[0][2:7]]
    if not of_2_2:
        yield "plateau_other_mode", [("ReduceLROnPlateau", {"patience": 2, "mode": "lowest"})], [], falling

    suffix = "hdf5" if of_2_2 else "keras"
    yield "checkpoint", [("ModelCheckpoint", {"filepath": f"w.{{epoch:02d}}-{{val_loss:.2f}}.{suffix}", "verbose": 1})], [], falling
    yield "checkpoint_best", [("ModelCheckpoint", {"filepath": f"best.{suffix}", "save_best_only": True, "verbose": 1})], [], falling
    yield "checkpoint_best_each", [("ModelCheckpoint", {"filepath": f"{{epoch}}_{{val_loss:.3f}}_{{loss:g}}.{suffix}", "save_best_only": True})], [], falling
    yield "checkpoint_weights", [("ModelCheckpoint", {"filepath": "w{epoch:03d}.weights.h5", "save_weights_only": True, "verbose": 1})], [], [falling[0][:3]]
    yield "checkpoint_h5", [("ModelCheckpoint", {"filepath": "m{epoch}.h5"})], [], [falling[0][:2]]
    yield "checkpoint_max", [("ModelCheckpoint", {"filepath": f"{{epoch}}.{suffix}", "save_best_only": True, "monitor": "score", "mode": "max", "verbose": 1})], [], [
        epochs(loss=half[:5], score=[0.1, 0.3, 0.2, 0.35, 0.3])]
    yield "checkpoint_auto", [("ModelCheckpoint", {"filepath": f"{{epoch}}.{suffix}", "save_best_only": True, "monitor": acc})], [acc], [
        epochs(**{"loss": half[:5], acc: [0.1, 0.3, 0.2, 0.35, 0.3]})]
    yield "checkpoint_missing", [("ModelCheckpoint", {"filepath": f"{{epoch}}.{suffix}", "save_best_only": True, "verbose": 1})], [], [
        epochs(loss=half[:4], val_loss=[1.0, None, 0.5, 0.75])]
    yield "checkpoint_nan", [("ModelCheckpoint", {"filepath": f"{{epoch}}.{suffix}", "save_best_only": True, "verbose": 1})], [], [
        epochs(loss=half[:4], val_loss=[np.nan, 0.75, np.nan, 0.5])]
    yield "checkpoint_two_fits", [("ModelCheckpoint", {"filepath": f"{{epoch}}.{suffix}", "save_best_only": True, "verbose": 1})], [], [
        falling[0][:3], [{"loss": 0.5, "val_loss": 0.75}, {"loss": 0.5, "val_loss": 0.5}]]
    if of_2_2:
        yield "checkpoint_period", [("ModelCheckpoint", {"filepath": "{epoch}.h5", "period": 3, "verbose": 1})], [], falling
        yield "checkpoint_any_name", [("ModelCheckpoint", {"filepath": "weights-{epoch:04d}.dat", "save_weights_only": True})], [], [falling[0][:2]]
    else:
        yield "checkpoint_threshold", [("ModelCheckpoint", {"filepath": "{epoch}.keras", "save_best_only": True, "initial_value_threshold": 0.62, "verbose": 1})], [], falling
        yield "checkpoint_folder", [("ModelCheckpoint", {"filepath": "made/by_{epoch}/m.keras"})], [], [falling[0][:2]]
        batches = [[{"loss": single(1 / (e * 4 + b + 1))} for b in range(4)] for e in range(3)]
        for every in (1, 3, 5):
            yield f"checkpoint_batches_{every}", [("ModelCheckpoint", {"filepath": "e{epoch}b{batch:02d}_{loss:.3f}.keras", "save_freq": every, "verbose": 1})], [], [
                [{"_batches": batches[e], "loss": single(0.5)} for e in range(3)]]
        yield "checkpoint_batches_best", [("ModelCheckpoint", {"filepath": "e{epoch}.weights.h5", "save_freq": 2, "save_weights_only": True, "monitor": "loss", "mode": "min",
                                                               "save_best_only": True, "verbose": 1})], [], [  # Keras first has to see the end of an epoch
                                                                   [{"loss": single(0.5)}] + [{"_batches": batches[e], "loss": single(0.5)} for e in range(3)]]
        for name, arguments in {"weights_name": {"filepath": "w.h5", "save_weights_only": True}, "model_name": {"filepath": "w.hdf5"}, "word": {"filepath": "w.keras", "save_freq": "epochs"}}.items():
            yield f"checkpoint_wrong_{name}", [("ModelCheckpoint", arguments)], [], [falling[0][:1]]
        yield "checkpoint_wrong_figure", [("ModelCheckpoint", {"filepath": "{epoch}-{val_los:.2f}.keras"})], [], [falling[0][:1]]
    yield "plateau_wrong_factor", [("ReduceLROnPlateau", {"factor": 1.0})], [], [falling[0][:1]]

    yield "csv", [("CSVLogger", {"filename": "log.csv"})], [], falling
    yield "csv_separator", [("CSVLogger", {"filename": "log.csv", "separator": ";"})], [], [falling[0][:3]]
    yield "csv_separator_in_numbers", [("CSVLogger", {"filename": "log.csv", "separator": "."})], [], [falling[0][:3]]
    yield "csv_unsorted", [("CSVLogger", {"filename": "log.csv"})], [], [epochs(loss=[0.5, 1e-7], zeta=[1e20, 3.0], accuracy=[0.1, 1.0], alpha=[np.nan, np.inf])]
    yield "csv_append", [("CSVLogger", {"filename": "log.csv", "append": True})], [], [falling[0][:2], falling[0][2:4]]
    yield "csv_over", [("CSVLogger", {"filename": "log.csv"})], [], [falling[0][:2], falling[0][2:4]]
    yield "csv_stopped", [("EarlyStopping", {"patience": 1, "monitor": "loss"}), ("CSVLogger", {"filename": "log.csv"})], [], [
        epochs(loss=[0.5, 0.75, 0.75], val_loss=[1.0, 0.5, 0.25])]
    yield "csv_learning_rate", [("ReduceLROnPlateau", {"patience": 0, "factor": 0.3}), ("CSVLogger", {"filename": "log.csv"})], [], [falling[0][:5]]
    yield "csv_before_learning_rate", [("CSVLogger", {"filename": "log.csv"}), ("LearningRateScheduler", {"schedule": "falling"})], [], [falling[0][:3]]
    if not of_2_2:
        yield "csv_untested", [("CSVLogger", {"filename": "log.csv"})], [], [epochs(loss=[0.5, 0.25, 0.125], accuracy=[0.5, 0.75, 1.0])]
        yield "csv_tested_later", [("CSVLogger", {"filename": "log.csv"})], [], [epochs(loss=[0.5, 0.25, 0.125], val_loss=[None, 0.75, None])]
        yield "csv_tested_at_first", [("CSVLogger", {"filename": "log.csv"})], [], [epochs(loss=[0.5, 0.25, 0.125], val_loss=[0.25, None, 0.75])]
        yield "csv_odd_name", [("CSVLogger", {"filename": "log.csv"})], [], [epochs(**{"a,b": [0.5], 'say "x"': [1.0]})]

    for loss in (np.nan, np.inf, -np.inf):
        batches = [{"loss": single(1)}, {"loss": single(loss)}, {"loss": single(1)}]
        yield f"terminate_{str(loss).replace('-', 'minus_')}", [("TerminateOnNaN", {})], [], [[{"_batches": batches, "loss": single(1)}]]
    if not of_2_2:
        yield "terminate_by_error", [("TerminateOnNaN", {"raise_error": True})], [], [[{"_batches": batches, "loss": single(1)}]]
    if of_2_2:  # of Keras 3: the family early_stopping
        for patience in (0, 1, 2, 3):
            yield f"stopping_{patience}", [("EarlyStopping", {"patience": patience, "verbose": 1})], [], falling
            yield f"stopping_restore_{patience}", [("EarlyStopping", {"patience": patience, "verbose": 1, "restore_best_weights": True})], [], falling
        yield "stopping_never", [("EarlyStopping", {"patience": 9, "restore_best_weights": True, "verbose": 1})], [], falling
        yield "stopping_baseline", [("EarlyStopping", {"patience": 3, "baseline": 0.55, "verbose": 1})], [], falling
        yield "stopping_baseline_passed", [("EarlyStopping", {"patience": 2, "baseline": 0.9, "verbose": 1, "restore_best_weights": True})], [], falling
        yield "stopping_delta", [("EarlyStopping", {"patience": 2, "min_delta": 0.125, "verbose": 1})], [], [epochs(loss=half[:7], val_loss=[1.0, 0.9, 0.8, 0.75, 0.72, 0.71, 0.3])]
        yield "stopping_auto", [("EarlyStopping", {"monitor": "val_acc", "verbose": 1})], [], [epochs(loss=half[:4], val_acc=[0.5, 0.6, 0.4, 0.7])]
        yield "stopping_auto_other", [("EarlyStopping", {"monitor": "score", "verbose": 1})], [], [epochs(loss=half[:4], score=[0.5, 0.4, 0.45, 0.7])]
        yield "stopping_first_epoch", [("EarlyStopping", {"baseline": 0.5, "verbose": 1})], [], [epochs(loss=half[:3], val_loss=[1.0, 0.4, 0.3])]
        yield "stopping_missing", [("EarlyStopping", {"patience": 1})], [], [epochs(loss=half[:4], val_loss=[1.0, None, 1.0, 1.0])]


def drive(make, model, rate, weight, callbacks, fits):
    """Runs the fits in a folder of their own. `make(class, arguments)` gives a callback, `rate()` the learning rate, and `weight(value)`
    sets the model's weight or reads it. The weight is the number of epochs begun, plus a sixteenth for each batch."""
    made, results = [make(name, dict(arguments)) for name, arguments in callbacks], []
    for callback in made:
        callback.set_model(model)
    for epochs in fits:
        out, rows, rates, stopped, ran = io.StringIO(), [], [], False, 0
        with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.stop_training = False
            for callback in made:
                callback.set_params({"epochs": len(epochs), "verbose": 0, "metrics": []})
                callback.on_train_begin({})
            for epoch, figures in enumerate(epochs):
                weight(epoch + 1)
                for callback in made:
                    callback.on_epoch_begin(epoch, {})
                for batch, logs in enumerate(figures.get("_batches", [])):
                    weight(epoch + 1 + (batch + 1) / 16)
                    for callback in made:
                        (callback.on_train_batch_end if hasattr(callback, "on_train_batch_end") else callback.on_batch_end)(batch, dict(logs))
                    if model.stop_training:
                        break
                logs = {name: value for name, value in figures.items() if name != "_batches"}
                for callback in made:
                    callback.on_epoch_end(epoch, logs)
                rows.append({name: float(value) for name, value in logs.items()})
                rates.append(rate())
                ran += 1
                if model.stop_training:
                    stopped = True
                    break
            for callback in made:
                callback.on_train_end({})
        results.append({"ran": ran, "stopped": stopped, "weight": weight(), "rates": rates, "logs": rows, "text": out.getvalue(), "warned": any("available" in str(w.message) for w in caught)})
    return results


@contextlib.contextmanager
def folder():
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(before)


def files():
    """What lies in the folder."""
    return sorted(os.path.relpath(os.path.join(at, name)) for at, _, names in os.walk(".") for name in names)
