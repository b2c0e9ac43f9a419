"""add_loss and add_metric on functional models and in layers, from tf_keras, which is the last to have both."""
import numpy as np
import tf_keras

from .common import normal

L = tf_keras.layers


class Penalty(L.Layer):
    """x * scale, with a loss and a figure of its own."""

    def build(self, shape):
        self.scale = self.add_weight("scale", [shape[-1]], initializer="ones")

    def call(self, x):
        self.add_loss(0.125 * tf_keras.backend.sum(tf_keras.backend.square(self.scale)))
        self.add_metric(tf_keras.backend.abs(x), name="size")
        return x * self.scale


def functional():
    x = tf_keras.Input((3,), name="x")
    hidden = L.Dense(4, activation="tanh", name="hidden")(x)
    out = L.Dense(2, name="out")(hidden)
    model = tf_keras.Model(x, out, name="added")
    model.add_loss(0.25 * tf_keras.backend.mean(tf_keras.backend.square(hidden)))
    model.add_metric(tf_keras.backend.max(tf_keras.backend.abs(hidden)), name="largest", aggregation="mean")
    return model


def in_layer():
    x = tf_keras.Input((3,), name="x")
    return tf_keras.Model(x, L.Dense(2, name="out")(Penalty(name="penalty")(x)), name="added")


def alone():
    """No loss but an added one: an autoencoder's."""
    x = tf_keras.Input((3,), name="x")
    out = L.Dense(3, name="out")(x)
    model = tf_keras.Model(x, out, name="added")
    model.add_loss(tf_keras.backend.mean(tf_keras.backend.square(out - x)))
    return model


def weights_of(model):
    """In an order that is not tf_keras's: by layer and weight."""
    return {f"{v.name.split(':')[0].replace('/', '_')}": v.numpy() for v in model.weights}


def record(r, _):
    for name, make, loss in (("functional", functional, "mse"), ("in_layer", in_layer, "mse"), ("alone", alone, None)):
        # Where there is no loss but an added one, tf_keras weighs a smaller last batch like the others; Keras 3 does not.
        rows = 10 if loss else 8
        inputs = {"x": normal(1, (rows, 3)), "y": normal(2, (rows, 2))}
        results, names = {}, []
        for bit, dtype in {"64": "float64", "32": "float32"}.items():
            tf_keras.backend.clear_session()
            tf_keras.backend.set_floatx(dtype)
            tf_keras.utils.set_random_seed(1)
            model = make()
            start = {k: np.asarray(normal(10 + i, v.shape), dtype) for i, (k, v) in enumerate(weights_of(model).items())}
            for v in model.weights:
                v.assign(start[v.name.split(":")[0].replace("/", "_")])
            model.compile(tf_keras.optimizers.legacy.SGD(0.0625), loss)
            x, y = inputs["x"].astype(dtype), inputs["y"].astype(dtype) if loss else None
            history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0).history
            tested = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
            names = list(history)
            results[bit] = {**{f"history_{k}": np.asarray(v, dtype) for k, v in history.items()},
                            **{f"test_{k}": np.asarray(v, dtype) for k, v in tested.items()},
                            **{f"after_{k}": v for k, v in weights_of(model).items()}}
        tf_keras.backend.set_floatx("float32")
        case = r.add(name, inputs | {f"start_{k}": np.asarray(v, "float64") for k, v in start.items()}, loss=loss, figures=names,
                     weights=list(start), source="tf_keras")
        r.outputs(case, results)
