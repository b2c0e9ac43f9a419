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
        y_true = np.asarray(y_true)
        inputs = {"y_true": f32(y_true) if y_true.dtype.kind == "f" else y_true, "y_pred": f32(y_pred)}
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

    numbers(add)
    signs(add)
    distributions(add, hot, p, logits)
    binary_focal(add, bits, q, z)
    regions(add)
    embeddings(add)
    sequences(add)

    # The plain functions, which losses by name are: mean over the last axis only, aliases included.
    positive = (uniform(30, (5, 3), 0.1, 3), uniform(31, (5, 3), 0.1, 3))
    for name, function, args, t, v in (
            ("mse", "mean_squared_error", {}, a, b), ("mae", "mean_absolute_error", {}, a, b),
            ("mape", "mean_absolute_percentage_error", {}, a, b), ("msle", "mean_squared_logarithmic_error", {}, *positive),
            ("cosine_similarity", "cosine_similarity", {"axis": 0}, a, b), ("huber", "huber", {"delta": 0.5}, a, b),
            ("log_cosh", "log_cosh", {}, a, b), ("hinge", "hinge", {}, bits, b), ("squared_hinge", "squared_hinge", {}, np.round(bits), b),
            ("categorical_hinge", "categorical_hinge", {}, hot, logits), ("kl_divergence", "kl_divergence", {}, p, softmax(logits[::-1])),
            ("poisson", "poisson", {}, *positive),
            ("cce", "categorical_crossentropy", {"label_smoothing": 0.1}, hot, p),
            ("cfce", "categorical_focal_crossentropy", {"alpha": 0.5, "gamma": 1.5, "label_smoothing": 0.1}, hot, p),
            ("scce", "sparse_categorical_crossentropy", {}, y, p),
            ("bce", "binary_crossentropy", {"label_smoothing": 0.1}, bits, q),
            ("bfce", "binary_focal_crossentropy", {"apply_class_balancing": True, "alpha": 0.5, "gamma": 1.5}, bits, q),
            ("gce", "categorical_generalized_cross_entropy", {"q": 0.75}, y, p),
            ("ctc", "ctc", {}, np.asarray([[1, 2, 0], [3, 3, 1]], "int32"), normal(32, (2, 8, 4))),
            ("dice", "dice", {"axis": [1]}, np.round(q), q), ("tversky", "tversky", {"alpha": 0.25, "beta": 0.75, "axis": [0]}, np.round(q), q),
            ("circle", "circle", {"remove_diagonal": False, "gamma": 4.0, "margin": 0.25}, y, p)):
        r.add(f"function_{name}", {"y_true": f32(t) if np.asarray(t).dtype.kind == "f" else t, "y_pred": f32(v)},
              lambda y_true, y_pred: {"values": getattr(L, function)(y_true, y_pred, **args)}, function=function, args=args)
    references = {"y_true": y, "y_pred": unit(33, (5, 4)), "ref_labels": np.asarray([2, 0, 1], "int32"), "ref_embeddings": unit(34, (3, 4))}
    r.add("function_circle_references", references, lambda **t: {"values": L.circle(**t, remove_diagonal=False, gamma=4.0)}, function="circle",
          args={"remove_diagonal": False, "gamma": 4.0})


W5 = [1.0, 0.5, 0.0, 2.0, 0.25]


def unit(seed, shape):
    """Vectors of length 1, as far as float32 can say."""
    x = normal(seed, shape)
    return f32(x / np.linalg.norm(x, axis=-1, keepdims=True))


def numbers(add):
    a, b = normal(101, (5, 3)), normal(102, (5, 3))
    b[0, 0], b[1, 2] = a[0, 0], a[1, 2]
    a[2] = 0  # no percentage, no direction
    positive, other = uniform(103, (5, 3), 0, 4), uniform(104, (5, 3), -1, 4)  # a logarithm of a negative is that of epsilon
    rank3, other3, w23 = normal(105, (2, 3, 4)), normal(106, (2, 3, 4)), uniform(107, (2, 3))
    beyond = a + f32([[0.5], [-1.0], [1.5], [-20.0], [0.0]])  # on both sides of delta, and on it
    for short, cls, args, t, v in (
            ("mape", "MeanAbsolutePercentageError", {}, a + 0.25, b), ("msle", "MeanSquaredLogarithmicError", {}, positive, other),
            ("cosine", "CosineSimilarity", {}, a, b), ("huber", "Huber", {}, a, b), ("log_cosh", "LogCosh", {}, a, b)):
        add(short, cls, args, f32(t), v)
        add(short + "_weights", cls, args, f32(t), v, W5)
        add(short + "_rank3", cls, args, rank3, other3, w23)
        add(short + "_rank3_weights_per_sample", cls, args, rank3, other3, [[1.0], [3.0]])
        add(short + "_vector_against_column", cls, args, normal(108, (5,)), normal(109, (5, 1)), W5)
        add(short + "_integer_labels", cls, args, np.arange(15, dtype="int32").reshape(5, 3) % 4 + 1, b, W5)
    add("mape_zero_labels", "MeanAbsolutePercentageError", {}, a, b)
    add("cosine_axis", "CosineSimilarity", {"axis": 0}, a, b)
    add("cosine_axis_rank3", "CosineSimilarity", {"axis": 1}, rank3, other3)
    add("huber_delta", "Huber", {"delta": 0.5}, a, f32(beyond), W5)
    add("huber_large", "Huber", {"delta": 3.0}, a * 100, b)
    add("log_cosh_large", "LogCosh", {}, a * 100, b)


def signs(add):
    v = normal(111, (5, 3), 1.5)
    v[0, 0], v[1, 1] = 1.0, -1.0  # at the corner
    minus, zero = np.where(normal(112, (5, 3)) > 0, 1.0, -1.0), np.where(normal(112, (5, 3)) > 0, 1.0, 0.0)
    minus[:2, :2] = zero[:2, :2] = 1.0
    for short, cls in (("hinge", "Hinge"), ("squared_hinge", "SquaredHinge")):
        add(short, cls, {}, minus, v, W5)
        add(short + "_binary_labels", cls, {}, zero, v, W5)
        add(short + "_integer_labels", cls, {}, zero.astype("int32"), v)
        add(short + "_zeros_and_others", cls, {}, np.where(minus > 0, 0.0, -1.0), v)
        add(short + "_vector_against_column", cls, {}, zero[:, 0], v[:, :1], W5)
        add(short + "_rank3", cls, {}, np.sign(normal(113, (2, 3, 4))), normal(114, (2, 3, 4)), uniform(115, (2, 3)))
    hot = one_hot([2, 0, 1, 1, 2], 3)
    add("categorical_hinge", "CategoricalHinge", {}, hot, v, W5)
    add("categorical_hinge_integers", "CategoricalHinge", {}, hot.astype("int32"), v)
    add("categorical_hinge_soft", "CategoricalHinge", {}, softmax(normal(116, (5, 3))), v)
    add("categorical_hinge_rank3", "CategoricalHinge", {}, one_hot([[0, 3, 1], [2, 2, 0]], 4), normal(117, (2, 3, 4)), uniform(118, (2, 3)))


def distributions(add, hot, p, logits):
    y = np.asarray([2, 0, 3, 1, 2], "int32")
    soft, edge = softmax(normal(121, (5, 4))), f32([[0, 0, 1, 0], [0, 0.5, 0.5, 0], [1, 0, 0, 0], [2, 0, 0.5, 0.25], [0.25] * 4])
    three, w23 = softmax(normal(122, (2, 3, 4))), uniform(123, (2, 3))
    hot3 = one_hot([[0, 3, 1], [2, 2, 0]], 4)
    add("kl_divergence", "KLDivergence", {}, soft, p, W5)
    add("kl_divergence_edges", "KLDivergence", {}, edge, p, W5)
    add("kl_divergence_one_hot", "KLDivergence", {}, hot, p)
    add("kl_divergence_rank3", "KLDivergence", {}, softmax(normal(124, (2, 3, 4))), three, w23)
    counts, rate = np.floor(uniform(125, (5, 3), 0, 5)), uniform(126, (5, 3), 0.1, 4)
    add("poisson", "Poisson", {}, counts, rate, W5)
    add("poisson_integers", "Poisson", {}, counts.astype("int32"), rate)
    rate[0, 0] = 0
    add("poisson_zero_rate", "Poisson", {}, counts, rate)
    add("poisson_rank3", "Poisson", {}, uniform(127, (2, 3, 4), 0, 3), uniform(128, (2, 3, 4), 0.1, 4), w23)
    F = "CategoricalFocalCrossentropy"
    add("cfce", F, {}, hot, p, W5)
    add("cfce_gamma", F, {"gamma": 0.5, "alpha": 1.0}, hot, p)
    add("cfce_gamma_0", F, {"gamma": 0.0, "alpha": 0.75}, hot, p)
    add("cfce_edges", F, {}, hot, edge + np.float32(0.0625))
    add("cfce_smoothing", F, {"label_smoothing": 0.1}, hot, p, W5)
    add("cfce_logits", F, {"from_logits": True}, hot, logits, W5)
    add("cfce_rank3", F, {}, hot3, three, w23)
    add("cfce_axis1", F, {"axis": 1}, np.moveaxis(hot3, -1, 1), np.moveaxis(three, -1, 1))
    G = "CategoricalGeneralizedCrossEntropy"
    add("gce", G, {}, y, p, W5)
    add("gce_q", G, {"q": 0.875}, y, p)
    add("gce_small_q", G, {"q": 0.0625}, y, p)
    add("gce_real_labels", G, {}, y.astype("float64"), p)
    add("gce_rank3", G, {}, np.asarray([[0, 3, 1], [2, 2, 0]], "int32"), three, w23)


def binary_focal(add, bits, q, z):
    F = "BinaryFocalCrossentropy"
    add("bfce", F, {}, bits, q, W5)
    add("bfce_balanced", F, {"apply_class_balancing": True, "alpha": 0.75, "gamma": 1.0}, bits, q, W5)
    add("bfce_gamma", F, {"gamma": 0.5}, np.round(bits), q)
    add("bfce_smoothing", F, {"label_smoothing": 0.1}, bits, q)
    add("bfce_logits", F, {"from_logits": True}, bits, z, W5)
    add("bfce_integer_labels", F, {}, np.round(bits).astype("int32"), q)
    add("bfce_column", F, {}, bits[:, :1], q[:, :1], W5)
    add("bfce_axis1", F, {"axis": 1}, np.round(uniform(131, (2, 3, 4))), uniform(132, (2, 3, 4), 0.1, 0.9))


def regions(add):
    t, v = np.round(uniform(141, (5, 3))), uniform(142, (5, 3), 0.02, 0.98)
    maps, predicted = np.round(uniform(143, (2, 4, 4, 3))), uniform(144, (2, 4, 4, 3), 0.02, 0.98)
    for short, cls, args in (("dice", "Dice", {}), ("tversky", "Tversky", {}), ("tversky_unequal", "Tversky", {"alpha": 0.25, "beta": 0.75})):
        add(short, cls, args, t, v, W5)
        add(short + "_axis", cls, {**args, "axis": 1}, t, v, W5)
        add(short + "_integers", cls, args, t.astype("int32"), v)
        add(short + "_nothing", cls, args, t * 0, v * 0)
        add(short + "_maps", cls, {**args, "axis": [1, 2]}, maps, predicted, uniform(145, (2, 3)))
        add(short + "_maps_per_sample", cls, {**args, "axis": [1, 2, 3]}, maps, predicted, [1.0, 3.0])


def embeddings(add):
    y = np.asarray([1, 0, 1, 2, 0, 0], "int32")
    near = unit(151, (6, 4))
    add("circle", "Circle", {}, y, near)
    add("circle_weights", "Circle", {}, y, near, W5 + [1.0])
    add("circle_column", "Circle", {}, y.reshape(6, 1), near)
    add("circle_margin", "Circle", {"gamma": 8.0, "margin": 0.25}, y, near)
    add("circle_diagonal", "Circle", {"remove_diagonal": False, "gamma": 16.0}, y, near)


def sequences(add):
    y = np.asarray([[1, 2, 2, 0], [3, 0, 0, 0], [1, 2, 3, 4]], "int32")
    add("ctc", "CTC", {}, y, normal(161, (3, 9, 5)), [1.0, 0.5, 2.0])
    add("ctc_real_labels", "CTC", {}, y.astype("float64"), normal(162, (3, 9, 5), 3.0))
