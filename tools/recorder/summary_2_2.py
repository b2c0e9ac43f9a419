"""model.summary() as Keras 2.2.4 printed it: its own function, out of its wheel, on models of tf_keras."""
import re
import types
import zipfile

import numpy as np
import tensorflow as tf
import tf_keras

L = tf_keras.layers


def chain():
    return tf_keras.Sequential([tf_keras.Input((784,)), L.Dense(400, name="dense_1"), L.Activation("relu", name="activation_1"),
                                L.Dense(10, name="a_name_that_is_longer_than_its_column"), L.Dropout(0.5, name="d", trainable=False)],
                               name="sequential_1")


def frozen():
    return tf_keras.Sequential([tf_keras.Input((6, 6, 2)), L.Conv2D(3, 3, name="conv", trainable=False),
                                L.BatchNormalization(name="bn"), L.Flatten(name="flat"), L.Dense(1, name="out")], name="frozen")


def functional_chain():
    x = tf_keras.Input((5,), name="x")
    return tf_keras.Model(x, L.Dense(2, name="out")(L.Dense(3, name="hidden")(x)), name="model_1")


def twins():
    a, b = tf_keras.Input((4,), name="a"), tf_keras.Input((4,), name="b")
    shared = L.Dense(3, name="shared")
    joined = L.Concatenate(name="join")([shared(a), shared(b)])
    return tf_keras.Model([a, b], [L.Dense(2, name="sum")(joined), L.Dense(1, name="sign")(joined)], name="twins")


def two_inputs():
    a, b = tf_keras.Input((3, 3, 2), name="a"), tf_keras.Input((3, 3, 2), name="b")
    h = L.Add(name="together")([L.Conv2D(2, 1, name="first")(a), b])
    return tf_keras.Model([a, b], L.Flatten(name="flat")(h), name="two")


def nested():
    x = tf_keras.Input((3,), name="inner_x")
    h = L.Dense(4, name="inner_d")(x)
    inner = tf_keras.Model(x, [h, L.Dense(2, name="inner_e")(h)], name="inner")
    a, b = tf_keras.Input((3,), name="a"), tf_keras.Input((3,), name="b")
    u, v = inner(a)
    w, _ = inner(b)
    return tf_keras.Model([a, b], L.Dense(2, name="out")(L.Concatenate(name="join")([u, v, w])), name="outer")


def multiple():
    """A layer that gives another shape by each call."""
    a, b = tf_keras.Input((4, 3), name="a"), tf_keras.Input((5, 3), name="b")
    d = L.Dense(2, name="d")
    flat = [L.Flatten(name=f"flat_{i}")(d(x)) for i, x in enumerate((a, b))]
    return tf_keras.Model([a, b], L.Concatenate(name="join")(flat), name="multiple")


def free():
    i = tf_keras.Input((None, None, 3), name="any")
    base = tf_keras.Model(i, L.Conv2D(4, 3, name="conv")(i), name="base")
    x = tf_keras.Input((8, 9, 3), name="x")
    return tf_keras.Model(x, L.Flatten(name="flat")(base(x)), name="free")


def stacked():
    inner = tf_keras.Sequential([tf_keras.Input((5,)), L.Dense(3, name="i")], name="inner_stack")
    return tf_keras.Sequential([tf_keras.Input((5,)), inner, L.Dense(2, name="o")], name="stacked")


def nodes(layer):
    found = []
    for node in layer._inbound_nodes:
        inbound = list(node.iterate_inbound())
        found.append(types.SimpleNamespace(key=node, inbound_layers=[i[0] for i in inbound], node_indices=[i[1] for i in inbound],
                                           tensor_indices=[i[2] for i in inbound]))
    return found


class Old:
    """A layer or model with the attributes that 2.2.4's function reads."""

    def __init__(self, thing, known=None):
        self.thing, self.name = thing, thing.name
        self._inbound_nodes = known if known is not None else []

    @property
    def output_shape(self):
        if isinstance(self.thing, tf_keras.Model):  # in 2.2.4 a model was a call of itself, on its own inputs
            own = {str(t.shape) for t in self.thing.outputs}
            if own != {str(t.shape) for node in self.thing._inbound_nodes for t in tf.nest.flatten(node.outputs)}:
                raise AttributeError("calls of different shapes")
        shape = self.thing.output_shape
        return shape[0] if isinstance(shape, list) and len(shape) == 1 else shape

    def count_params(self):
        return self.thing.count_params()


def old_model(model):
    by_node = {id(n.key): n for layer in model.layers for n in nodes(layer)}
    layers = []
    for layer in model.layers:
        name = layer.__class__.__name__
        kind = type("Model" if name == "Functional" else name, (Old,), {})
        layers.append(kind(layer, [by_node[id(n)] for n in layer._inbound_nodes]))
    kind = type("Sequential" if isinstance(model, tf_keras.Sequential) else "Model", (), {})
    old = kind()
    old.layers, old.trainable_weights, old.non_trainable_weights = layers, model.trainable_weights, model.non_trainable_weights
    old._is_graph_network = True
    old._nodes_by_depth = {d: [by_node[id(n)] for n in level if id(n) in by_node] for d, level in
                           sorted(model._nodes_by_depth.items(), reverse=True)}
    old._check_trainable_weights_consistency = lambda: None
    return old


def record(r, arguments):
    with zipfile.ZipFile(arguments.keras2) as wheel:
        source = wheel.read("keras/utils/layer_utils.py").decode()
    source = re.sub(r"^from \.+.*$", "", source, flags=re.M)
    space = {}
    exec(compile(source, "layer_utils.py", "exec"), space)
    space["count_params"] = lambda weights: int(sum(np.prod(w.shape) for w in {id(w): w for w in weights}.values()))
    for name, make, args in [("chain", chain, {}), ("chain_80", chain, {"line_length": 80}), ("frozen", frozen, {}),
                             ("functional_chain", functional_chain, {}), ("twins", twins, {}), ("two_inputs", two_inputs, {}),
                             ("twins_120", twins, {"line_length": 120}), ("nested", nested, {}), ("multiple", multiple, {}),
                             ("stacked", stacked, {}), ("free", free, {}), ("chain_positions", chain, {"positions": [0.3, 0.7, 0.95]}),
                             ("chain_absolute", chain, {"positions": [40, 60, 64], "line_length": 64})]:
        tf_keras.backend.clear_session()
        lines = []
        space["print_summary"](old_model(make()), print_fn=lines.append, **args)
        r.add(name, args=args, lines=lines)
