"""Layers: forward in both modes, gradients, configuration, and the weights after five steps of SGD."""
import contextlib

import numpy as np

from .common import by_xla, floatx, fresh, gradients, keras, normal, plain, uniform

K = keras.layers
REG, CON = keras.regularizers, keras.constraints


def dense(units, **args):
    return "Dense", {"units": units, **args}


# L1's factors are exact in float32, because Keras keeps them so.
# name, class and arguments, shape of the input with its batch
TABLE = [
    ("dense", dense(4), (5, 3)),
    ("dense_relu", dense(4, activation="relu"), (5, 3)),
    ("dense_no_bias_tanh", dense(2, activation="tanh", use_bias=False), (5, 3)),
    ("dense_rank3_sigmoid", dense(4, activation="sigmoid"), (2, 3, 5)),
    ("dense_rank4", dense(3), (2, 2, 3, 4)),
    ("dense_softmax", dense(6, activation="softmax"), (4, 5)),
    ("dense_initial", dense(4, kernel_initializer="he_normal", bias_initializer="ones"), (5, 3)),
    ("dense_l1_l2", dense(4, kernel_regularizer=REG.L1L2(0.02, 0.03), bias_regularizer=REG.L2(0.05)), (5, 3)),
    ("dense_activity", dense(4, activity_regularizer=REG.L2(0.1), activation="relu"), (5, 3)),
    ("dense_activity_l1_rank3", dense(4, activity_regularizer=REG.L1(0.0625)), (2, 3, 5)),
    ("dense_max_norm", dense(4, kernel_constraint=CON.MaxNorm(0.75), bias_constraint=CON.NonNeg()), (5, 3)),
    ("dense_unit_norm", dense(4, kernel_constraint=CON.UnitNorm(axis=1)), (5, 3)),
    ("dense_min_max_norm", dense(4, kernel_constraint=CON.MinMaxNorm(0.5, 1.0, rate=0.5)), (5, 3)),
    ("dense_everything", dense(4, activation="elu", use_bias=True, kernel_initializer="glorot_normal", bias_initializer="zeros",
                               kernel_regularizer=REG.L1(0.0078125), bias_regularizer=REG.L1L2(0.01, 0.02),
                               activity_regularizer=REG.L2(0.01), kernel_constraint=CON.MaxNorm(2, axis=0),
                               bias_constraint=CON.MinMaxNorm(0.1, 0.5)), (5, 3)),
    ("dense_one_sample", dense(1), (1, 1)),
    ("activation_relu", ("Activation", {"activation": "relu"}), (5, 3)),
    ("activation_softmax", ("Activation", {"activation": "softmax"}), (4, 6)),
    ("activation_tanh_rank3", ("Activation", {"activation": "tanh"}), (2, 3, 4)),
    ("activation_gelu", ("Activation", {"activation": "gelu"}), (5, 3)),
    ("activation_linear", ("Activation", {"activation": None}), (5, 3)),
    ("flatten", ("Flatten", {}), (2, 3, 4)),
    ("flatten_channels_first", ("Flatten", {"data_format": "channels_first"}), (2, 3, 4, 2)),
    ("flatten_channels_last", ("Flatten", {"data_format": "channels_last"}), (2, 3, 4, 2)),
    ("flatten_channels_first_rank3", ("Flatten", {"data_format": "channels_first"}), (2, 3, 4)),
    ("flatten_rank2", ("Flatten", {}), (3, 4)),
    ("flatten_vector", ("Flatten", {}), (4,)),
    ("reshape", ("Reshape", {"target_shape": (4, 3)}), (2, 3, 4)),
    ("reshape_minus_one", ("Reshape", {"target_shape": (-1, 2)}), (2, 3, 4)),
    ("reshape_flat", ("Reshape", {"target_shape": (-1,)}), (2, 3, 4)),
    ("reshape_rank4", ("Reshape", {"target_shape": (2, -1, 2)}), (3, 12)),
    ("reshape_empty", ("Reshape", {"target_shape": ()}), (3, 1)),
    ("dropout_rate0", ("Dropout", {"rate": 0.0}), (5, 3)),
    ("dropout_half_inference", ("Dropout", {"rate": 0.5}), (5, 3)),
    ("dropout_noise_shape_inference", ("Dropout", {"rate": 0.3, "noise_shape": (None, 1, 4), "seed": 7}), (2, 3, 4)),
]
# Whole stacks for the training steps of layers that own no weights.
STACKS = [
    ("stack_activation", [dense(4), ("Activation", {"activation": "relu"}), dense(2)], (6, 3), 2),
    ("stack_flatten", [("Reshape", {"target_shape": (3, 2)}), dense(4, activation="tanh"), ("Flatten", {}), dense(2)], (6, 6), 2),
    ("stack_flatten_channels_first", [("Reshape", {"target_shape": (2, 3, 2)}), ("Flatten", {"data_format": "channels_first"}), dense(2)], (4, 12), 2),
    ("stack_reshape", [dense(6), ("Reshape", {"target_shape": (2, -1)}), dense(3, activation="sigmoid"), ("Reshape", {"target_shape": (-1,)}), dense(1)], (5, 4), 1),
    ("stack_dropout_rate0", [dense(5, activation="relu"), ("Dropout", {"rate": 0.0}), dense(2)], (6, 3), 2),
    ("stack_regularized", [dense(4, activation="relu", kernel_regularizer=REG.L2(0.1), activity_regularizer=REG.L1(0.015625)),
                           dense(2, kernel_constraint=CON.MaxNorm(0.5), bias_regularizer=REG.L1(0.125))], (6, 3), 2),
    ("stack_softmax", [dense(8, activation="tanh"), dense(3), ("Activation", {"activation": "softmax"})], (6, 4), 3),
]


def is_layer(value):
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], dict)


def build(spec):
    """A layer of (class, arguments); an argument may be one too."""
    class_name, args = spec
    return getattr(K, class_name)(**{k: build(v) if is_layer(v) else v for k, v in args.items()})


def train(model, x, y, loss="mse", xla=False):
    """Losses of five batches before their updates, then the weights."""
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss=loss, jit_compile=False)
    model._jit_compile = xla  # compile() refuses where operations are asked to be deterministic
    losses = [model.train_on_batch(np.asarray(x), np.asarray(y)) for _ in range(5)]
    return {"losses": np.array(losses, keras.config.floatx()), **{f"after_{i}": v for i, v in enumerate(model.get_weights())}}


def record(r, _):
    record_table(r, TABLE)
    for seed, (name, specs, shape, width) in enumerate(STACKS):
        stack(r, name, specs, shape, width, 3000 + 20 * seed)
    dropout(r)


def record_table(r, table, **shared):
    """A row: name, (class, arguments), shape of the input or list of shapes, then what `record_layer` may be told."""
    for seed, (name, spec, shape, *options) in enumerate(table):
        record_layer(r, name, spec, shape, seed, **shared, **(options[0] if options else {}))


def weight(variable, seed):
    """A value for a weight: variances and deviations are positive."""
    if "variance" in variable.name or "stddev" in variable.name:
        return uniform(seed, variable.shape, 0.5, 2.0)
    return normal(seed, variable.shape, 0.6)


def record_layer(r, name, spec, shape, seed, xla=False, mask=None, x_values=None, dynamic=False, sparing=(), trained=None, within=None):
    """`xla`: compiled, because TensorFlow's CPU kernels refuse what is asked. `within()`: a context to compute in, for the same reason. `mask`: the call gets one.

    Of layers that make masks or pass them on, `mask_out` is the mask of the output. `sparing`: the classes of which training is recorded beside testing, where it differs; () for all. `trained`: the cases with five steps
    of training; None for all.
    """
    shapes = shape if isinstance(shape, list) else [shape]
    many = isinstance(shape, list)
    layer = fresh(lambda: build(spec))
    layer.build(shapes if many else shape)
    weights = [weight(w, 1000 + 10 * seed + i) for i, w in enumerate(layer.weights)]
    xs = {"x" if i == 0 else f"x{i}": normal(seed + 1 + 50 * i, s) for i, s in enumerate(shapes)}
    if x_values is not None:
        xs["x"] = np.asarray(x_values)
    out_shape = tuple(layer.compute_output_shape(shapes if many else shape))
    inputs = {**xs, "w": normal(seed + 500, out_shape)}
    if mask is not None:
        inputs["mask"] = np.asarray(mask)
    inputs.update({f"weight_{i}": w for i, w in enumerate(weights)})
    trains = len(layer.trainable_weights) > 0 and mask is None and (trained is None or name in trained)
    if trains:
        inputs["y"] = normal(seed + 700, out_shape)

    def run(**given):
        with within() if within else contextlib.nullcontext():
            return results(**given)

    def results(w, y=None, mask=None, **rest):
        x = {k: rest.pop(k) for k in xs}
        out = {}
        modes = [("test", False)] + ([] if "inference" in name or sparing and spec[0] not in sparing else [("train", True)])
        for mode, flag in modes:
            layer = build(spec)
            layer.build([tuple(v.shape) for v in x.values()] if many else tuple(x["x"].shape))
            layer.set_weights([np.asarray(v) for v in rest.values()])
            extra = {"training": flag} if layer._call_has_training_arg else {}
            if mask is not None:
                extra["mask"] = mask

            def loss():
                y = layer(list(x.values()) if many else x["x"], **extra)
                return keras.ops.sum(y * w), {"y": y}
            real = {k: v for k, v in x.items() if "float" in str(v.dtype)}  # numbers of rows have no gradient
            sources = {**real, **{f"weight_{i}": v for i, v in enumerate(layer.weights)}}
            both = by_xla(lambda: gradients(loss, sources)) if xla else gradients(loss, sources)
            out.update({f"{k}_{mode}": v for k, v in both.items()})
            if flag and layer.non_trainable_weights:
                out.update({f"moved_{i}": v.numpy() for i, v in enumerate(layer.weights)})
        if mask is not None or spec[0] in ("Masking", "Embedding"):
            made = layer.compute_mask(x["x"], mask)
            if made is not None:
                out["mask_out"] = made
        if layer.losses:
            out["layer_losses"] = np.array([float(v) for v in layer.losses], keras.config.floatx())
        if trains:
            model = keras.Sequential([keras.Input(x["x"].shape[1:]), build(spec)])
            model.set_weights([np.asarray(v) for v in rest.values()])
            out.update(train(model, x["x"], y, xla=xla))
        return out
    extra = {"weights": [{"name": w.name, "path": w.path, "shape": list(w.shape)} for w in layer.weights]} if weights else {}
    if dynamic and len(shapes[0]) in (dynamic if isinstance(dynamic, tuple) else (4,)):
        axis = 1 if getattr(layer, "data_format", "") == "channels_first" or getattr(layer, "axis", -1) == 1 else len(shapes[0]) - 1
        sizes = [[d if i == axis else None for i, d in enumerate(s)] for s in shapes]
        extra["dynamic"] = {"inputs": sizes, "output": layer.compute_output_shape([tuple(s) for s in sizes] if many else tuple(sizes[0]))}
    config = layer.get_config()
    r.add(name, inputs, run, **{"class": spec[0]}, args=serialized(spec[1]), config=config, output_shape=[None] + list(out_shape[1:]), **extra)


def serialized(args):
    def one(value):
        if is_layer(value):
            return {"class_name": value[0], "config": serialized(value[1])}
        return keras.saving.serialize_keras_object(value) if hasattr(value, "get_config") else value
    return {k: one(v) for k, v in args.items()}


def stack(r, name, specs, shape, width, seed):
    def make():
        return keras.Sequential([keras.Input(shape[1:])] + [build(s) for s in specs])
    model = fresh(make)
    weights = [normal(seed + i, w.shape, 0.5) for i, w in enumerate(model.weights)]
    loss = "categorical_crossentropy" if "softmax" in name else "mse"
    y = np.eye(width)[np.random.RandomState(seed).randint(0, width, shape[0])] if "softmax" in name else normal(seed + 10, (shape[0], width))

    def run(x, y, **initial):
        model = make()
        model.set_weights([np.asarray(v) for v in initial.values()])
        model.compile(optimizer="sgd", loss=loss, jit_compile=False)
        return {"predict": model.predict(np.asarray(x), verbose=0), "evaluate": np.array(model.evaluate(
            np.asarray(x), np.asarray(y), verbose=0), keras.config.floatx()), **train(model, x, y, loss)}
    r.add(name, {"x": normal(seed + 11, shape), "y": y, **{f"weight_{i}": w for i, w in enumerate(weights)}}, run,
          layers=[{"class": c, "args": serialized(a)} for c, a in specs], loss=loss, config=model.get_config(),
          weights=[{"name": w.name, "path": w.path, "shape": list(w.shape)} for w in model.weights])


def dropout(r):
    """What training may be held to: kept elements are x / (1 - rate), the rest 0; how many, within 4 sigma."""
    for name, rate, noise, shape in (("dropout_train_half", 0.5, None, (100, 80)), ("dropout_train_fifth", 0.2, None, (64, 100)),
                                     ("dropout_train_rows", 0.25, (None, 1), (4000, 3)), ("dropout_train_channels", 0.5, (None, 1, 64), (50, 6, 64))):
        x = np.ones(shape)
        args = {"rate": rate, **({"noise_shape": noise} if noise else {}), "seed": 11}
        free = [d if noise is None or noise[i] != 1 else 1 for i, d in enumerate(shape)]
        n = int(np.prod(free))
        tolerance = 4 * np.sqrt(rate * (1 - rate) / n)
        with floatx("float32"):
            y = np.asarray(K.Dropout(**args)(np.asarray(x, "float32"), training=True))
        kept = np.float32(1) / np.float32(1 - rate)
        assert np.all((y == 0) | (np.abs(y - kept) <= 1e-6)), name
        assert abs(np.mean(y == 0) - rate) <= tolerance, name
        for axis in range(len(shape)):
            if noise and noise[axis] == 1:
                assert np.all(y == np.take(y, [0], axis)), name
        r.add(name, **{"class": "Dropout"}, args=args, shape=shape, kept_value=float(kept), zero_fraction=rate, zero_fraction_tolerance=tolerance,
              draws=n, same_along=[i for i in range(len(shape)) if noise and noise[i] == 1], source="formula, checked on a sample of real Keras")
    with floatx("float32"):
        with_rate_1 = np.asarray(K.Dropout(1.0)(np.ones((3, 4), "float32"), training=True))
    r.add("dropout_train_all", **{"class": "Dropout"}, args={"rate": 1.0}, shape=(3, 4), value=plain(np.unique(with_rate_1)))
    for rate in (-0.1, 1.5):
        try:
            K.Dropout(rate)
        except ValueError:
            r.add("dropout_refuses_" + str(rate).replace("-", "m").replace(".", "p"), **{"class": "Dropout"}, args={"rate": rate}, error="ValueError")
