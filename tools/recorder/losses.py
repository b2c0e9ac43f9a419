"""Losses: values per sample, every reduction, sample weights, gradients with respect to y_pred."""
import numpy as np

from .common import f32, gradients, keras, normal, uniform

L = keras.losses
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]


def one_hot(labels, classes):
    return np.eye(classes)[np.asarray(labels)]


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return f32(e / e.sum(-1, keepdims=True))


def run(class_name, args, activation=None):
    """values: the class without reduction; <reduction>: the class's value; d_*: gradients of its (summed) value."""
    def f(y_true, y_pred, sample_weight=None):
        cls = getattr(L, class_name)

        def predict():
            return y_pred if activation is None else getattr(keras.activations, activation)(y_pred)
        weights = [("", None)] + ([("_weighted", sample_weight)] if sample_weight is not None else [])
        out = {"values": cls(**args, reduction="none")(y_true, predict())}
        for suffix, weight in weights:
            for reduction in REDUCTIONS:
                loss = cls(**args, reduction=reduction)

                def value():
                    v = loss(y_true, predict(), sample_weight=weight)
                    return keras.ops.sum(v), {"v": v}
                both = gradients(value, {"y": y_pred})
                out[reduction + suffix] = both["v"]
                if reduction in ("sum_over_batch_size", "sum") or suffix:
                    out[f"d_{reduction}{suffix}"] = both["dy"]
        return out
    return f


def record(r, _):
    def add(name, class_name, args, y_true, y_pred, sample_weight=None, activation=None):
        inputs = {"y_true": np.asarray(y_true), "y_pred": f32(y_pred)}
        if sample_weight is not None:
            inputs["sample_weight"] = f32(sample_weight)
        extra = {"activation": activation} if activation else {}
        r.add(name, inputs, run(class_name, args, activation), **{"class": class_name}, args=args, **extra)

    w5, w23 = [1.0, 0.5, 0.0, 2.0, 0.25], uniform(9, (2, 3))
    a, b = normal(1, (5, 3)), normal(2, (5, 3))
    b[0, 0], b[1, 2] = a[0, 0], a[1, 2]  # equal elements: the tie of |x|
    for short, cls in (("mse", "MeanSquaredError"), ("mae", "MeanAbsoluteError")):
        add(short, cls, {}, a, b)
        add(short + "_weights", cls, {}, a, b, w5)
        add(short + "_weights_column", cls, {}, a, b, np.reshape(w5, (5, 1)))
        add(short + "_rank3", cls, {}, normal(3, (2, 3, 4)), normal(4, (2, 3, 4)), w23)
        add(short + "_rank3_weights_per_sample", cls, {}, normal(3, (2, 3, 4)), normal(4, (2, 3, 4)), [[1.0], [3.0]])
        add(short + "_vector_against_column", cls, {}, normal(5, (5,)), normal(6, (5, 1)), w5)
        add(short + "_column_against_vector", cls, {}, normal(5, (5, 1)), normal(6, (5,)))
        add(short + "_integer_labels", cls, {}, np.arange(15, dtype="int32").reshape(5, 3) % 4, b, w5)
        add(short + "_one_sample", cls, {}, normal(7, (1, 1)), normal(8, (1, 1)))

    labels = [2, 0, 3, 1, 2]
    hot = one_hot(labels, 4)
    logits = normal(10, (5, 4), 2.0)
    p = softmax(logits)
    edge = f32([[0, 0, 1, 0], [0, 0, 1, 0], [0.5, 0, 0, 0.5], [1e-8, 1, 1e-8, 1e-8], [2, 1, 4, 3]])  # not normalized too
    soft = f32([[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0], [0, 0.5, 0.5, 0], [0.25, 0.25, 0.25, 0.25], [0, 0, 0, 0]])
    big = f32([[50, -50, 0, 1], [1000, 0, -1000, 10], [0, 0, 0, 0], [-88, 88, 1, 2], [1, 1, 1, 1]])
    r3 = normal(11, (2, 3, 4), 1.5)
    labels3 = np.asarray([[0, 3, 1], [2, 2, 0]], "int32")
    C = "CategoricalCrossentropy"
    add("cce", C, {}, hot, p)
    add("cce_weights", C, {}, hot, p, w5)
    add("cce_edges", C, {}, hot, edge, w5)
    add("cce_soft_labels", C, {}, soft, p)
    add("cce_label_smoothing", C, {"label_smoothing": 0.1}, hot, p, w5)
    add("cce_logits", C, {"from_logits": True}, hot, logits, w5)
    add("cce_logits_large", C, {"from_logits": True}, hot, big)
    add("cce_logits_label_smoothing", C, {"from_logits": True, "label_smoothing": 0.2}, hot, logits)
    add("cce_logits_soft_labels", C, {"from_logits": True}, soft, logits)
    add("cce_rank3", C, {}, one_hot(labels3, 4), softmax(r3), w23)
    add("cce_axis1", C, {"axis": 1}, np.moveaxis(one_hot(labels3, 4), -1, 1), np.moveaxis(softmax(r3), -1, 1))
    add("cce_after_softmax", C, {}, hot, logits, w5, "softmax")
    add("cce_after_softmax_large", C, {}, hot, big, None, "softmax")
    add("cce_integer_one_hot", C, {}, hot.astype("int32"), p)

    S = "SparseCategoricalCrossentropy"
    y, column = np.asarray(labels, "int32"), np.asarray(labels, "int32").reshape(5, 1)
    add("scce", S, {}, y, p, w5)
    add("scce_column", S, {}, column, p, w5)
    add("scce_uint8", S, {}, y.astype("uint8"), p)
    add("scce_float_labels", S, {}, y.astype("float64"), p)
    add("scce_edges", S, {}, y, edge)
    add("scce_logits", S, {"from_logits": True}, y, logits, w5)
    add("scce_logits_large", S, {"from_logits": True}, y, big)
    add("scce_ignore_class", S, {"ignore_class": 2}, y, p)
    add("scce_ignore_class_weights", S, {"ignore_class": 2}, y, p, w5)
    add("scce_ignore_minus_one", S, {"ignore_class": -1, "from_logits": True}, np.asarray([2, -1, 3, -1, 0], "int32"), logits, w5)
    add("scce_ignore_rank3", S, {"ignore_class": 0}, labels3, softmax(r3))
    add("scce_rank3", S, {}, labels3, softmax(r3), w23)
    add("scce_rank3_logits", S, {"from_logits": True}, labels3, r3)
    add("scce_after_softmax", S, {}, y, logits, w5, "softmax")
    add("scce_after_softmax_large", S, {}, y, big, None, "softmax")

    B = "BinaryCrossentropy"
    bits = f32([[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0], [0.25, 0.5, 1]])
    q = uniform(12, (5, 3), 0.02, 0.98)
    q_edge = f32([[1, 0, 0], [1, 0, 1], [1e-8, 0.5, 1], [0, 1, 0], [0.25, 0.5, 1 - 2.0 ** -24]])
    z = normal(13, (5, 3), 2.0)
    z_big = f32([[50, -50, -1000], [1000, 0, 0], [-0.0, 88, 88], [-88, 20, -20], [10, -10, 1]])
    add("bce", B, {}, bits, q, w5)
    add("bce_column", B, {}, bits[:, :1], q[:, :1], w5)
    add("bce_edges", B, {}, bits, q_edge)
    add("bce_label_smoothing", B, {"label_smoothing": 0.1}, bits, q, w5)
    add("bce_logits", B, {"from_logits": True}, bits, z, w5)
    add("bce_logits_large", B, {"from_logits": True}, bits, z_big)
    add("bce_logits_label_smoothing", B, {"from_logits": True, "label_smoothing": 0.2}, bits, z)
    add("bce_rank3", B, {}, np.round(uniform(14, (2, 3, 4))), uniform(15, (2, 3, 4), 0.1, 0.9), w23)
    add("bce_axis1", B, {"axis": 1}, np.round(uniform(14, (2, 3, 4))), uniform(15, (2, 3, 4), 0.1, 0.9))
    add("bce_integer_labels", B, {}, np.round(bits).astype("int32"), q)
    add("bce_after_sigmoid", B, {}, bits, z, w5, "sigmoid")
    add("bce_after_sigmoid_large", B, {}, bits, z_big, None, "sigmoid")

    # The plain functions, which losses by name are: mean over the last axis only, aliases included.
    for name, function, args, t, v in (
            ("mse", "mean_squared_error", {}, a, b), ("mae", "mean_absolute_error", {}, a, b),
            ("cce", "categorical_crossentropy", {"label_smoothing": 0.1}, hot, p),
            ("scce", "sparse_categorical_crossentropy", {}, y, p),
            ("bce", "binary_crossentropy", {"label_smoothing": 0.1}, bits, q)):
        r.add(f"function_{name}", {"y_true": t, "y_pred": v},
              lambda y_true, y_pred: {"values": getattr(L, function)(y_true, y_pred, **args)}, function=function, args=args)
