"""Files of a small model for each optimizer, saved after two steps by Keras 3 and tf_keras (its older and its later optimizers), in the
folder optimizer_files, and what the next two steps give."""
import pathlib

import numpy as np
import tf_keras

from .common import fresh, keras, normal

X, Y = normal(1, (4, 3)).astype("float32"), normal(2, (4, 1)).astype("float32")
RATE = {"learning_rate": 0.0625}
S = keras.optimizers.schedules
KERAS_3 = {
    "adagrad": ("Adagrad", {}), "adamax": ("Adamax", {}), "nadam": ("Nadam", {}), "adamw": ("AdamW", {}), "ftrl": ("Ftrl", {}), "lion": ("Lion", {}),
    "lamb": ("Lamb", {}), "adafactor": ("Adafactor", {}), "muon": ("Muon", {}), "nadam_ema": ("Nadam", {"use_ema": True}),
    "adam_schedule": ("Adam", {"learning_rate": lambda: S.ExponentialDecay(0.0625, 2, 0.5)}),
    "sgd_schedule": ("SGD", {"learning_rate": lambda: S.PiecewiseConstantDecay([1, 3], [0.5, 0.25, 0.125])}),
}
TF_KERAS = {"adagrad": ("Adagrad", {}), "adamax": ("Adamax", {}), "nadam": ("Nadam", {}), "ftrl": ("Ftrl", {}), "rmsprop": ("RMSprop", {"centered": True}),
            "adam_schedule": ("Adam", {"learning_rate": lambda: tf_keras.optimizers.schedules.ExponentialDecay(0.0625, 2, 0.5)})}
# The later Nadam counts in Python how often it has multiplied its momenta, which is wrong in the graph of a training step.
LATER = {**{name: line for name, line in TF_KERAS.items() if name != "nadam"}, "lion": ("Lion", {}), "adamw": ("AdamW", {})}


def record(r, _):
    folder = pathlib.Path(__file__).parents[2] / "tests" / "golden" / "optimizer_files"
    folder.mkdir(exist_ok=True)

    def add(name, k, make, suffix, **fields):
        k.utils.set_random_seed(7)
        model = k.Sequential([k.layers.Input((3,)), k.layers.Dense(2, name="first"), k.layers.Dense(1, name="second")])
        model.compile(make(), "mse")
        for _ in range(2):
            model.train_on_batch(X, Y)
        file = f"{name}{suffix}"
        model.save(folder / file)
        losses = [float(model.train_on_batch(X, Y)) for _ in range(2)]
        after = {f"after_{i}": w for i, w in enumerate(model.get_weights())}
        r.store(name, {"x": X, "y": Y}, after, file=file, losses=losses, **fields)

    def args(given):
        return {**RATE, **{k: v() if callable(v) else v for k, v in given.items()}}

    for name, (class_name, given) in KERAS_3.items():
        add(f"keras3_{name}", keras, lambda: fresh(lambda: getattr(keras.optimizers, class_name)(**args(given))), ".keras", **{"class": class_name})
    add("keras3_loss_scale", keras, lambda: fresh(lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.0625), 8.0, 3)), ".keras",
        **{"class": "LossScaleOptimizer"})
    add("keras3_multi", keras, lambda: fresh(lambda: keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(
        keras.optimizers.SGD(0.0625, 0.5), {".*kernel": keras.optimizers.Adam(0.0625)}))), ".keras", **{"class": "MultiOptimizer"})
    for table, module, who in ((TF_KERAS, tf_keras.optimizers.legacy, "older"), (LATER, tf_keras.optimizers, "later")):
        for name, (class_name, given) in table.items():
            tf_keras.backend.clear_session()
            add(f"{who}_{name}", tf_keras, lambda: getattr(module, class_name)(**args(given)), ".h5", **{"class": class_name})
