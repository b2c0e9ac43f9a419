"""model.summary(): the text, line by line, for a terminal of `columns` columns."""
import contextlib
import io
import os
import sys

import numpy as np

from .common import fresh, keras

K = keras.layers


def dense(units, name, **args):
    return {"class": "Dense", "args": {"units": units, "name": name, **args}}


def stack(name, layers, shape=None, **args):
    """A Sequential; `shape` is that of its input with the batch, and None leaves it unbuilt."""
    return {"class": "Sequential", "args": {"name": name, **args}, "layers": layers, "input": shape}


MNIST = [{"class": "Dense", "args": {"units": 400}}, {"class": "Activation", "args": {"activation": "relu"}},
         {"class": "Dense", "args": {"units": 10}}, {"class": "Activation", "args": {"activation": "softmax"}}]
SMALL = [dense(16, "hidden", activation="relu"), dense(3, "out")]
LONG = [dense(12345, "the_first_layer_of_a_model_with_very_long_names"), dense(7, "a" * 60),
        {"class": "Dropout", "args": {"rate": 0.5, "name": "dropout_between_the_two_largest_layers"}}, dense(1, "b")]
NESTED = [stack("encoder", [dense(8, "wide"), stack("core", [dense(4, "c1"), dense(2, "c2")], [None, 8])], [None, 5]),
          dense(2, "head", trainable=False)]
SHAPES = [{"class": "Reshape", "args": {"target_shape": [4, -1, 2], "name": "blocks"}}, dense(6, "over_blocks"),
          {"class": "Flatten", "args": {"name": "flat"}}, {"class": "Dropout", "args": {"rate": 0.25, "name": "drop"}},
          dense(1, "one"), {"class": "Reshape", "args": {"target_shape": [], "name": "scalar"}}]


def functional_chain():
    x = keras.Input((5,), name="x")
    return keras.Model(x, K.Dense(2, name="out")(K.Dense(3, activation="relu", name="hidden")(x)), name="chain")


def functional_twins():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = K.Dense(3, name="shared")
    joined = K.Concatenate(name="join")([shared(a), shared(b)])
    return keras.Model([a, b], [K.Dense(2, name="sum")(joined), K.Dense(1, name="sign", trainable=False)(joined)], name="twins")


def functional_ops():
    x = keras.Input((5,), name="x")
    h = K.Dense(5, name="d1")(x)
    h = K.Add(name="residual")([h, x])
    return keras.Model(x, K.Concatenate(name="both")([h, K.Dense(3, name="d3")(h * 2 + 1)]), name="ops")


def functional_repeated():
    """A layer that is called twice, one after the other: no branch, and yet no chain."""
    x = keras.Input((4,), name="x")
    d = K.Dense(4, name="d")
    return keras.Model(x, d(d(x)), name="repeated")


def functional_nested():
    x = keras.Input((3,), name="inner_x")
    h = K.Dense(4, name="inner_d")(x)
    inner = keras.Model(x, [h, K.Dense(2, name="inner_e")(h)], name="inner")
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    u, v = inner(a)
    w, _ = inner(b)
    return keras.Model([a, b], K.Dense(2, name="out")(K.Concatenate(name="join")([u, v, w])), name="outer")


def functional_states():
    """The states of one recurrent layer begin another: tensors beside the input."""
    a, b = keras.Input((None, 3), name="a"), keras.Input((None, 2), name="b")
    _, h, c = K.LSTM(4, return_state=True, name="encoder")(a)
    y = K.LSTM(4, return_sequences=True, name="decoder")(b, initial_state=[h, c])
    return keras.Model([a, b], K.Dense(1, name="out")(y), name="states")


def functional_deep():
    """Models in models: a functional one around a stack around a functional one, and one behind another."""
    x = keras.Input((4,), name="core_x")
    core = keras.Model(x, [K.Dense(3, name="core_d")(x), x], name="core")
    s = keras.Input((4,), name="side_x")
    tower = keras.Sequential([keras.Input((4,)), K.Dense(4, name="t1"), keras.Sequential(
        [keras.Input((4,)), K.Dense(4, name="t2"), K.ReLU(name="t3")], name="inner_tower")], name="tower")
    side = keras.Model(s, tower(s), name="side")
    a = keras.Input((4,), name="a")
    u, v = core(side(a))
    return keras.Model(a, K.Concatenate(name="join")([u, K.Dense(2, name="last")(v), tower(a)]), name="deep")


def functional_free():
    """Models for pictures of any size, called on some of one size: a functional one and a stack."""
    i = keras.Input((None, None, 3), name="any")
    base = keras.Model(i, K.Conv2D(4, 3, name="conv")(i), name="base")
    tower = keras.Sequential([keras.Input((None, None, 4)), K.Conv2D(2, 3, name="t")], name="tower")
    x = keras.Input((8, 9, 3), name="x")
    return keras.Model(x, K.Flatten(name="flat")(tower(base(x))), name="free")


FUNCTIONAL = {f.__name__: f for f in (functional_chain, functional_twins, functional_ops, functional_repeated, functional_nested,
                                       functional_states, functional_deep, functional_free)}
# name, model, arguments of summary, columns, optimizer that is compiled and trained one step, encoding
TABLE = [
    ("mnist_mlp", stack("sequential", MNIST, [None, 784]), {}, 80, None, "utf-8"),
    ("mnist_mlp_wide", stack("sequential", MNIST, [None, 784]), {}, 200, None, "utf-8"),
    ("mnist_mlp_60", stack("sequential", MNIST, [None, 784]), {"line_length": 60}, 80, None, "utf-8"),
    ("mnist_mlp_narrow", stack("sequential", MNIST, [None, 784]), {}, 44, None, "utf-8"),
    ("mnist_mlp_adam", stack("sequential", MNIST, [None, 784]), {}, 80, "adam", "utf-8"),
    ("small_sgd", stack("small", SMALL, [None, 4]), {}, 80, "sgd", "utf-8"),
    ("small_unbuilt", stack("small", SMALL), {}, 80, None, "utf-8"),
    ("small_unbuilt_trainable", stack("small", SMALL), {"show_trainable": True}, 80, None, "utf-8"),
    ("small_batch", stack("small", SMALL, [32, 4]), {}, 80, None, "utf-8"),
    ("small_unknown_axis", stack("small", SMALL, [None, None, 4]), {}, 80, None, "utf-8"),
    ("small_float16", stack("small", [dense(16, "hidden", dtype="float16"), dense(3, "out")], [None, 4]), {}, 80, None, "utf-8"),
    ("small_frozen", stack("small", [dense(16, "hidden", trainable=False), dense(3, "out")], [None, 4]),
     {"show_trainable": True, "line_length": 100}, 120, None, "utf-8"),
    ("empty", stack("nothing", []), {}, 80, None, "utf-8"),
    ("nested", stack("outer", NESTED, [None, 5]), {}, 80, None, "utf-8"),
    ("nested_expanded", stack("outer", NESTED, [None, 5]), {"expand_nested": True, "show_trainable": True}, 120, None, "utf-8"),
    ("shapes", stack("shapes", SHAPES, [None, 4, 6]), {"show_trainable": True}, 80, None, "utf-8"),
    ("long_names", stack("long", LONG, [None, 100]), {"line_length": 72}, 80, None, "utf-8"),
    ("long_names_trainable", stack("long", LONG, [None, 100]), {"show_trainable": True, "line_length": 57}, 80, None, "utf-8"),
    ("functional_chain", "functional_chain", {}, 80, None, "utf-8"),
    ("functional_twins", "functional_twins", {}, 120, None, "utf-8"),
    ("functional_twins_80", "functional_twins", {"show_trainable": True}, 80, None, "utf-8"),
    ("functional_ops", "functional_ops", {}, 120, None, "utf-8"),
    ("functional_repeated", "functional_repeated", {}, 120, None, "utf-8"),
    ("functional_nested", "functional_nested", {}, 120, None, "utf-8"),
    ("functional_nested_expanded", "functional_nested", {"expand_nested": True, "line_length": 110}, 140, None, "utf-8"),
    ("functional_states", "functional_states", {"show_trainable": True}, 140, None, "utf-8"),
    ("functional_deep", "functional_deep", {}, 120, None, "utf-8"),
    ("functional_deep_expanded", "functional_deep", {"expand_nested": True, "show_trainable": True}, 140, None, "utf-8"),
    ("functional_free", "functional_free", {"expand_nested": True}, 100, None, "utf-8"),
    ("functional_adam", "functional_chain", {}, 80, "adam", "utf-8"),
    ("mnist_mlp_positions", stack("sequential", MNIST, [None, 784]), {"positions": [0.3, 0.6, 0.9], "line_length": 70}, 80, None, "utf-8"),
    ("mnist_mlp_part", stack("sequential", MNIST, [None, 784]), {"layer_range": ["activation", "dense_1"]}, 80, None, "utf-8"),
    ("mnist_mlp_patterns", stack("sequential", MNIST, [None, 784]), {"layer_range": ["dense_[0-9]", "act.*n"]}, 80, None, "utf-8"),
    ("nested_part", stack("outer", NESTED, [None, 5]), {"expand_nested": True, "layer_range": ["enc", "enc"]}, 80, None, "utf-8"),
    ("functional_ops_part", "functional_ops", {"layer_range": ["residual", "d1"], "show_trainable": True}, 120, None, "utf-8"),
    ("norm_adam", stack("norm", [dense(5, "in"), {"class": "BatchNormalization", "args": {"name": "bn"}},
                                 {"class": "GaussianNoise", "args": {"stddev": 0.1, "name": "noise"}}, dense(1, "out")], [None, 3]),
     {"show_trainable": True}, 100, "adam", "utf-8"),
    ("small_ascii", stack("small", SMALL, [None, 4]), {}, 80, None, "ascii"),
]


def build(spec):
    if isinstance(spec, str):
        return FUNCTIONAL[spec]()
    if spec["class"] != "Sequential":
        return getattr(K, spec["class"])(**spec["args"])
    layers = [build(layer) for layer in spec["layers"]]
    if spec["input"]:
        layers = [keras.Input(batch_shape=spec["input"])] + layers
    return keras.Sequential(layers, **spec["args"])


@contextlib.contextmanager
def terminal(columns, encoding):
    before, stdout = os.environ.get("COLUMNS"), sys.stdout
    os.environ["COLUMNS"] = str(columns)
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    try:
        yield
    finally:
        sys.stdout = stdout
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


def record(r, _):
    for name, spec, args, columns, optimizer, encoding in TABLE:
        model = fresh(lambda: build(spec))
        if optimizer:
            model.compile(optimizer=optimizer, loss="mse", jit_compile=False)
            shape = [2 if d is None else d for d in model.input_shape]
            model.train_on_batch(np.zeros(shape), np.zeros([2] + list(model.output_shape[1:])))
        texts = []
        with terminal(columns, encoding):
            model.summary(print_fn=texts.append, **args)
        text = "".join(texts)
        assert text.endswith("\n")
        r.add(name, model=spec, args=args, columns=columns, encoding=encoding, **({"optimizer": optimizer} if optimizer else {}),
              lines=text[:-1].split("\n"))
