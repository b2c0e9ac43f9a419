"""Layers that Keras 3 has no more, by tf_keras: what `layers` records."""
import contextlib

import numpy as np
import tf_keras

from .common import gradients, keras, normal, plain

K = tf_keras.layers
REG, CON = tf_keras.regularizers, tf_keras.constraints
FIRST = {"data_format": "channels_first"}


def local(axes, filters, kernel_size, **args):
    return f"LocallyConnected{axes}D", {"filters": filters, "kernel_size": kernel_size, **args}


PENALTIES = dict(kernel_regularizer=REG.L1L2(0.0078125, 0.03125), bias_regularizer=REG.L2(0.0625), activity_regularizer=REG.L2(0.015625),
                 kernel_constraint=CON.MaxNorm(0.75, axis=1), bias_constraint=CON.NonNeg())
INHERITED = ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")  # written, but not taken
# tf_keras adds the bias of channels_first by reshaping (places…, filters) to (filters, places…), without turning the axes.
TABLE = [
    ("thresholded_relu", ("ThresholdedReLU", {}), (5, 3)),
    ("thresholded_relu_half", ("ThresholdedReLU", {"theta": 0.5}), (2, 3, 4)),
    ("thresholded_relu_zero", ("ThresholdedReLU", {"theta": 0.0}), (5, 3)),
    ("local1d", local(1, 4, 3), (2, 6, 3)),
    ("local1d_strides", local(1, 2, 2, strides=2, activation="tanh"), (2, 7, 3)),
    ("local1d_no_bias", local(1, 2, (3,), strides=(3,), use_bias=False), (2, 6, 2)),
    ("local1d_channels_first", local(1, 4, 2, **FIRST), (2, 3, 5)),
    ("local1d_everything", local(1, 3, 2, kernel_initializer="he_normal", bias_initializer="ones", **PENALTIES), (2, 5, 2)),
    ("local2d", local(2, 3, 2), (2, 4, 3, 2)),
    ("local2d_strides", local(2, 2, (2, 3), strides=(2, 1), activation="relu"), (2, 5, 4, 2)),
    ("local2d_no_bias", local(2, 2, (1, 2), strides=2, use_bias=False), (1, 3, 4, 3)),
    ("local2d_channels_first", local(2, 3, (2, 1), strides=(1, 2), **FIRST), (2, 2, 4, 3)),
    ("local2d_everything", local(2, 2, 2, **PENALTIES), (2, 3, 3, 2)),
    ("causal_separable1d", ("SeparableConv1D", {"filters": 3, "kernel_size": 2, "padding": "causal", "dilation_rate": 2, "depth_multiplier": 2}), (2, 6, 3)),
    ("causal_separable1d_relu", ("SeparableConv1D", {"filters": 2, "kernel_size": 3, "padding": "causal", "activation": "relu"}), (2, 5, 3)),
    ("causal_separable1d_no_bias", ("SeparableConv1D", {"filters": 2, "kernel_size": 3, "padding": "causal", "use_bias": False}), (2, 5, 3)),
]
TRAINED = ("local1d", "local1d_channels_first", "local1d_everything", "local2d", "local2d_strides", "local2d_everything", "causal_separable1d")


@contextlib.contextmanager
def floatx():
    """tf_keras computes as `keras` is told to."""
    before = tf_keras.backend.floatx()
    tf_keras.backend.set_floatx(keras.config.floatx())
    try:
        yield
    finally:
        tf_keras.backend.set_floatx(before)


def serialized(args):
    return {k: tf_keras.utils.legacy.serialize_keras_object(v) if hasattr(v, "get_config") else v for k, v in args.items()}


def record_layer(r, name, spec, shape, seed):
    def build():
        return getattr(K, spec[0])(**spec[1])
    tf_keras.backend.clear_session()
    layer = build()
    layer.build(shape)
    weights = [normal(1000 + 10 * seed + i, w.shape, 0.6) for i, w in enumerate(layer.weights)]
    out_shape = tuple(layer.compute_output_shape(shape))
    inputs = {"x": normal(seed + 1, shape), "w": normal(seed + 500, out_shape), **{f"weight_{i}": w for i, w in enumerate(weights)}}
    if name in TRAINED:
        inputs["y"] = normal(seed + 700, out_shape)

    def run(x, w, y=None, **rest):
        with floatx():
            layer = build()
            layer.build(shape)
            values = [np.asarray(v) for v in rest.values()]
            layer.set_weights(values)

            def loss():
                y = layer(x)
                return keras.ops.sum(y * w), {"y": y}
            sources = {"x": x, **{f"weight_{i}": v for i, v in enumerate(layer.weights)}}
            out = {f"{k}_test": v for k, v in gradients(loss, sources).items()}
            if layer.losses:
                out["layer_losses"] = np.array([float(v) for v in layer.losses], keras.config.floatx())
            if y is not None:
                model = tf_keras.Sequential([tf_keras.Input(x.shape[1:], dtype=keras.config.floatx()), build()])
                model.set_weights(values)
                model.compile(optimizer=tf_keras.optimizers.SGD(0.05), loss="mse")
                losses = [model.train_on_batch(np.asarray(x), np.asarray(y)) for _ in range(5)]
                out["losses"] = np.array(losses, keras.config.floatx())
                out.update({f"after_{i}": v for i, v in enumerate(model.get_weights())})
            return out
    named = [{"name": w.name.split("/")[-1].split(":")[0], "shape": list(w.shape)} for w in layer.weights]
    for w in named:
        w["path"] = layer.name + "/" + w["name"]
    config = {k: v for k, v in layer.get_config().items() if spec[0] != "SeparableConv1D" or k not in INHERITED}
    r.add(name, inputs, run, **{"class": spec[0]}, args=serialized(spec[1]), config=plain(config), output_shape=[None] + list(out_shape[1:]),
          source="tf_keras", **({"weights": named} if named else {}))


def dialect(r):
    """What Keras 2 does otherwise than 3: masks of merging layers and of TimeDistributed, and its steps as one batch."""
    first, second = np.array([[True, True, False, True], [False, False, True, True]]), np.array([[True, False, False, True], [True, False, True, False]])
    x = [normal(1, (2, 4, 3)), normal(2, (2, 4, 3))]
    rows = np.array([[[1, 0, 2], [0, 0, 3]], [[4, 4, 4], [0, 0, 0]]])

    def inside(class_name, **args):
        return {"layer": {"class_name": class_name, "config": args}}
    for name, class_name, args, inputs, masks in [
            ("mask_add", "Add", {}, x, [first, second]),
            ("mask_maximum_of_one", "Maximum", {}, x, [first, None]),
            ("mask_concatenate", "Concatenate", {}, x, [first, second]),
            ("mask_concatenate_axis", "Concatenate", {"axis": 1}, x, [first, second]),
            ("mask_embedding", "TimeDistributed", inside("Embedding", input_dim=5, output_dim=2, mask_zero=True), [rows], None),
            ("mask_masking", "TimeDistributed", inside("Masking"), [normal(3, (2, 2, 3, 2)) * (rows > 0)[..., None]], None),
            ("mask_dense", "TimeDistributed", inside("Dense", units=2), [x[0]], [first]),
            ("mask_pooled", "TimeDistributed", inside("GlobalAveragePooling1D"), [normal(4, (2, 4, 3, 2))], [np.stack([first, second, first], 2)])]:
        many = len(inputs) > 1
        keyed = {"x" if i == 0 else f"x{i}": v for i, v in enumerate(inputs)}
        given = {f"mask{i}": m for i, m in enumerate(masks or []) if m is not None}

        def run(**arrays):
            with floatx():
                made = {**args, "layer": tf_keras.layers.deserialize(args["layer"])} if args.get("layer") else args
                layer = getattr(K, class_name)(**made)
                x = [arrays[k] for k in keyed]
                all_masks = [arrays.get(f"mask{i}") for i in range(len(inputs))] if masks else None
                layer(x if many else x[0])
                return {"mask_out": layer.compute_mask(x if many else x[0], (all_masks if many else all_masks[0]) if masks else None)}
        r.add(name, {**keyed, **given}, run, **{"class": class_name}, args=args, dialect="2.2", source="tf_keras")

    def run(x):
        with floatx():
            return {"y_train": K.TimeDistributed(K.BatchNormalization())(x, training=True)}
    r.add("steps_norm", {"x": x[0]}, run, **{"class": "TimeDistributed"}, args=inside("BatchNormalization"), dialect="2.2", source="tf_keras")


def record(r, _):
    dialect(r)
    for seed, (name, spec, shape) in enumerate(TABLE):
        record_layer(r, name, spec, shape, seed)
