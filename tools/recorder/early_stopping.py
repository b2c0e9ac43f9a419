"""When Keras's EarlyStopping stops, and which weights it leaves: driven by hand with monitored values."""
import contextlib
import io
import warnings

import numpy as np

from .common import keras


def model_with(metrics):
    """One weight, compiled; one step has made its metrics."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer="sgd", loss="mse", metrics=metrics)
    model.train_on_batch(np.ones((2, 1), "float32"), np.ones((2, 1), "float32"))
    return model


def run(model, arguments, figure, fits):
    """The weight is the epoch's number when an epoch ends; `fits` are the monitored values of one fit after another."""
    callback = keras.callbacks.EarlyStopping(**arguments)
    callback.set_model(model)
    results = []
    for values in fits:
        out = io.StringIO()
        ran, stopped = 0, False
        with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            model.stop_training = False
            callback.on_train_begin()
            for epoch, value in enumerate(values):
                model.set_weights([np.full((1, 1), epoch, "float32")])
                callback.on_epoch_end(epoch, {"loss": 0.5} if value is None else {"loss": 0.5, figure: value})
                ran += 1
                if model.stop_training:
                    stopped = True
                    break
            callback.on_train_end({})
        results.append({"ran": ran, "stopped": stopped, "weight": float(model.get_weights()[0][0, 0]), "text": out.getvalue(),
                        "warned": any("Early stopping" in str(w.message) for w in caught)})
    return results


def record(recorder, arguments):
    falling = [1.0, 0.8, 0.6, 0.7, 0.65, 0.61, 0.5, 0.9, 0.95]
    single = np.float32  # figures are float32 numbers, as a step computes them

    def add(name, arguments, fits, metrics=(), figure=None):
        fits = [[None if v is None else float(single(v)) for v in values] for values in fits]
        figure = figure or arguments.get("monitor", "val_loss")
        case = dict(arguments=arguments, metrics=list(metrics), figure=figure, fits=fits)
        try:
            case["results"] = run(model_with(list(metrics)), arguments, figure, fits)
        except ValueError:
            case["error"] = "ValueError"
        recorder.add(name, **case)

    add("defaults", {}, [falling])
    for patience in (1, 2, 3, 4):
        add(f"patience_{patience}", {"patience": patience}, [falling])
        add(f"restore_{patience}", {"patience": patience, "restore_best_weights": True, "verbose": 1}, [falling])
    add("never", {"patience": 9, "restore_best_weights": True, "verbose": 1}, [falling])
    add("verbose", {"patience": 1, "verbose": 1}, [falling])
    add("first_epoch", {"patience": 0}, [[1.0, 1.0, 1.0]])
    add("worse_at_once", {"patience": 0, "restore_best_weights": True}, [[1.0, 2.0, 0.5]])
    add("max", {"mode": "max", "monitor": "score", "patience": 2, "restore_best_weights": True}, [[0.1, 0.5, 0.3, 0.4, 0.9]])
    add("min", {"mode": "min", "monitor": "score", "patience": 1}, [[0.1, 0.05, 0.3, 0.4, 0.01]])
    add("other_mode", {"mode": "lowest", "patience": 1}, [falling])
    for delta in (0.1, -0.1, 0.25):
        add(f"min_delta_{abs(int(delta * 100))}{'_negative' if delta < 0 else ''}", {"min_delta": delta, "patience": 2},
            [[1.0, 0.9, 0.8, 0.75, 0.72, 0.71, 0.3]])
    add("min_delta_max", {"min_delta": 0.1, "patience": 1, "mode": "max", "monitor": "score"}, [[0.1, 0.2, 0.35, 0.4, 0.44, 0.9]])
    # The difference is min_delta and a rounding error: none, in float32.
    add("min_delta_exact", {"min_delta": 0.1, "patience": 1}, [[1.0, 0.9, 0.9, 0.1]])
    add("min_delta_exact_max", {"min_delta": 0.1, "patience": 1, "mode": "max"}, [[0.9, 1.0, 1.0, 2.0]])
    add("baseline", {"baseline": 0.55, "patience": 3, "restore_best_weights": True, "verbose": 1}, [falling])
    add("baseline_reached", {"baseline": 0.9, "patience": 2}, [falling])
    add("baseline_max", {"baseline": 0.45, "patience": 2, "mode": "max", "monitor": "score", "restore_best_weights": True},
        [[0.1, 0.4, 0.5, 0.45, 0.42, 0.6]])
    add("start_from_epoch", {"start_from_epoch": 4, "patience": 1, "restore_best_weights": True}, [falling])
    add("start_later", {"start_from_epoch": 20, "patience": 1, "restore_best_weights": True}, [falling])
    add("nan", {"patience": 2, "restore_best_weights": True}, [[float("nan"), 0.5, 0.4, 0.3, 0.2]])
    add("nan_later", {"patience": 2, "restore_best_weights": True}, [[0.5, 0.4, float("nan"), float("nan"), 0.2]])
    add("two_fits", {"patience": 1, "restore_best_weights": True, "verbose": 1}, [falling, [0.9, 0.8, 0.7, 0.6], falling[2:]])
    add("missing", {"patience": 1, "verbose": 1}, [[None, None, None]])
    add("missing_at_times", {"patience": 1}, [[1.0, None, 0.5, None, 0.6, None, 0.7]])
    # mode "auto": by the direction of the model's metric.
    for metric, values in {"accuracy": [0.5, 0.6, 0.4, 0.7], "mae": [0.5, 0.4, 0.6, 0.3], "mse": [0.5, 0.6, 0.4, 0.7],
                           "binary_accuracy": [0.5, 0.6, 0.4, 0.7], "binary_crossentropy": [0.5, 0.6, 0.4, 0.7]}.items():
        for prefix in ("", "val_"):
            add(f"auto_{prefix}{metric}", {"monitor": prefix + metric, "restore_best_weights": True}, [values], [metric])
    add("auto_unknown", {"monitor": "val_score"}, [[0.5, 0.4]], ["mae"])
    add("auto_loss", {"monitor": "loss", "patience": 1}, [[0.5, 0.4, 0.45, 0.6]], figure="loss")
