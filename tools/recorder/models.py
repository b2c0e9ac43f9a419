"""Functional models: the order of their layers and weights, what they compute, and how they train with several outputs."""
import numpy as np

from .common import floatx, fresh, keras, normal, BITS

L = keras.layers


def twins():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(3, activation="tanh", name="shared")
    joined = L.Concatenate(name="join")([shared(a), shared(b)])
    return keras.Model([a, b], [L.Dense(2, name="sum")(joined), L.Dense(1, activation="sigmoid", name="sign")(joined)], name="twins")


def skip():
    x = keras.Input((5,), name="x")
    h = L.Dense(5, activation="relu", name="d1")(x)
    h = L.Add(name="residual")([h, x])
    g = L.Dense(2, name="d2")(h)
    return keras.Model(x, L.Concatenate(name="both")([g, L.Dense(3, name="d3")(h * 2 + 1)]), name="skip")


def nested():
    x = keras.Input((3,), name="inner_x")
    inner = keras.Model(x, L.Dense(4, activation="tanh", name="inner_d")(x), name="inner")
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    return keras.Model([a, b], L.Dense(2, name="out")(L.Add(name="add")([inner(a), inner(b)])), name="outer")


def late_input():
    """An input that joins late, and one layer whose calls lie at different depths."""
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    d = L.Dense(3, name="d")
    h = d(L.Dense(3, name="first")(a))
    return keras.Model([a, b], [d(b), L.Dense(1, name="last")(L.Add(name="add")([h, b]))], name="late")


MODELS = {"twins": twins, "skip": skip, "nested": nested, "late_input": late_input}


def data_of(model, seed, rows=12):
    x = [normal(seed + i, (rows, *t.shape[1:])) for i, t in enumerate(model.inputs)]
    y = [np.float32(normal(seed + 10 + i, (rows, *t.shape[1:])) > 0).astype("float64") if name == "sign" else normal(seed + 10 + i, (rows, *t.shape[1:]))
         for i, (t, name) in enumerate(zip(model.outputs, model.output_names))]
    return x, y


TRAINING = {  # model, compile, fit
    "twins_one_loss": ("twins", {"loss": "mse"}, {}),
    "twins_lists": ("twins", {"loss": ["mse", "binary_crossentropy"], "loss_weights": [0.5, 2.0], "metrics": [["mae"], ["accuracy", "mse"]]}, {}),
    "twins_names": ("twins", {"loss": {"sum": "mae", "sign": "mse"}, "loss_weights": {"sum": 1.0, "sign": 0.25}, "metrics": {"sign": ["mae"]}}, {}),
    "twins_weighted": ("twins", {"loss": "mse", "weighted_metrics": [["mae"], ["mse"]]}, {"sample_weight": 2}),
    "skip_class_weight": ("skip_classes", {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}, {"class_weight": {0: 1.0, 1: 3.0, 3: 0.5}}),
    "nested_trained": ("nested", {"loss": "mse", "metrics": ["mae"]}, {}),
}


def skip_classes():
    x = keras.Input((5,), name="x")
    return keras.Model(x, L.Softmax(name="p")(L.Dense(5, name="d")(x)), name="skip_classes")


def train(r, name, which, compile_args, fit_args):
    make = skip_classes if which == "skip_classes" else MODELS[which]
    model = fresh(make)
    x, y = data_of(model, 100)
    if which == "skip_classes":
        y = [np.random.RandomState(5).randint(0, 5, (12,))]
    weights = [normal(200 + i, w.shape, 0.5) for i, w in enumerate(model.weights)]
    inputs = {**{f"x{i}": v for i, v in enumerate(x)}, **{f"y{i}": v for i, v in enumerate(y)}, **{f"weight_{i}": v for i, v in enumerate(weights)}}
    count = fit_args.get("sample_weight", 0)
    given = [np.float64(np.float32(np.abs(normal(300 + i, (12,))))) for i in range(count)]
    inputs |= {f"sample_weight{i}": v for i, v in enumerate(given)}
    histories = {}

    def run(**tensors):
        model = fresh(make)
        model.set_weights(weights)
        model.compile(optimizer=keras.optimizers.SGD(0.05), **compile_args)
        dtype = keras.config.floatx()
        cast = [v.astype(dtype) for v in x]
        targets = [v.astype(dtype) if v.dtype.kind == "f" else v for v in y]
        more = {"class_weight": fit_args["class_weight"]} if "class_weight" in fit_args else {}
        if count:
            more["sample_weight"] = [v.astype(dtype) for v in given]
        history = model.fit(cast if len(cast) > 1 else cast[0], targets if len(targets) > 1 else targets[0], batch_size=4, epochs=3, shuffle=False, verbose=0, **more)
        histories[dtype] = list(history.history)
        out = {f"history_{k}": np.asarray(v, "float64") for k, v in history.history.items()}
        if dtype == "float32":
            out = {k: v.astype("float32") for k, v in out.items()}
        evaluated = model.evaluate(cast if len(cast) > 1 else cast[0], targets if len(targets) > 1 else targets[0], batch_size=4, verbose=0, return_dict=True,
                                   **({"sample_weight": more["sample_weight"]} if count else {}))
        out |= {f"evaluate_{k}": np.asarray(v, dtype) for k, v in evaluated.items()}
        return out | {f"after_{i}": w for i, w in enumerate(model.weights)}
    case = r.add(name, inputs, run, model=which)
    case["history"] = histories["float32"]
    case["class_weight"] = {str(k): v for k, v in fit_args.get("class_weight", {}).items()}


def record(r, arguments):
    for seed, (name, make) in enumerate(MODELS.items()):
        model = fresh(make)
        x, _ = data_of(model, seed)
        weights = [normal(50 * seed + i, w.shape, 0.5) for i, w in enumerate(model.weights)]

        def run(**tensors):
            model = fresh(make)
            model.set_weights(weights)
            values = [tensors[f"x{i}"] for i in range(len(model.inputs))]
            y = model(values if len(values) > 1 else values[0])
            return {f"y{i}": v for i, v in enumerate(y if isinstance(y, (list, tuple)) else [y])}
        r.add(name, {**{f"x{i}": v for i, v in enumerate(x)}, **{f"weight_{i}": v for i, v in enumerate(weights)}}, run,
              layers=[layer.name for layer in model.layers], weights=[w.path for w in model.weights], outputs_named=list(model.output_names))
    for name, (which, compile_args, fit_args) in TRAINING.items():
        train(r, name, which, compile_args, fit_args)
