"""What Keras 2.2.4 means otherwise than Keras 3 by the same names, as formulas in NumPy: losses with weights and masks,
BatchNormalization in training."""
import numpy as np

from .common import BITS, normal, uniform


def mse(y, p):
    return np.mean(np.square(p - y), -1)


def crossentropy(y, p):
    p = p / p.sum(-1, keepdims=True)
    return -np.sum(y * np.log(np.clip(p, p.dtype.type(1e-7), p.dtype.type(1 - 1e-7))), -1)


def reduced(values, weights, mask):
    """The scores over the part that a mask leaves, then over the part of the weights that is not 0."""
    if mask is not None:
        values = values * mask / np.mean(mask, dtype=values.dtype)
    if weights is not None:
        values = np.mean(values, tuple(range(weights.ndim, values.ndim)))
        values = values * weights / np.mean(weights != 0, dtype=values.dtype)
    return np.mean(values)


def one_hot(seed, shape, classes):
    return np.eye(classes)[np.random.RandomState(seed).randint(0, classes, shape)]


def losses(r):
    some = np.array([1.0, 0.0, 2.0, 0.5, 0.0, 0.25])
    steps = (np.arange(18).reshape(6, 3) % 4) / 2.0
    mask = (np.arange(18).reshape(6, 3) % 3 > 0) * 1.0
    flat, probable = (normal(1, (6, 4)), normal(2, (6, 4))), (one_hot(3, 6, 4), uniform(4, (6, 4), 0.1, 1))
    temporal = (normal(5, (6, 3, 2)), normal(6, (6, 3, 2)))
    for name, loss, (y, p), weights, masked in [
            ("mse", "mse", flat, None, None), ("mse_weighted", "mse", flat, some, None),
            ("crossentropy_weighted", "categorical_crossentropy", probable, some, None),
            ("temporal_by_sample", "mse", temporal, some, None), ("temporal_by_step", "mse", temporal, steps, None),
            ("temporal_masked", "mse", temporal, None, mask), ("temporal_masked_weighted", "mse", temporal, some, mask),
            ("temporal_masked_by_step", "mse", temporal, steps, mask)]:
        inputs = {"y_true": y, "y_pred": p} | ({} if weights is None else {"weight": weights}) | ({} if masked is None else {"mask": masked})
        case = r.add(f"loss_{name}", inputs, loss=loss, source="formula of 2.2.4 in NumPy")
        function = mse if loss == "mse" else crossentropy
        results = {}
        for bit, dtype in BITS.items():
            y_true, y_pred, weight, kept = (None if x is None else x.astype(dtype) for x in (y, p, weights, masked))
            results[bit] = {"loss": np.asarray(reduced(function(y_true, y_pred), weight, kept), dtype)}
        r.outputs(case, results)


def normalization(r):
    for name, trainable in (("batch_normalization", True), ("batch_normalization_frozen", False)):
        x = normal(7, (5, 3, 4), 2.0)
        case = r.add(name, {"x": x}, args={"trainable": trainable, "momentum": 0.75, "epsilon": 0.0078125},
                     source="formula of 2.2.4 in NumPy")
        results = {}
        for bit, dtype in BITS.items():
            t = np.dtype(dtype).type
            v = x.astype(dtype)
            mean, variance = v.mean((0, 1)), v.var((0, 1))
            y = (v - mean) / np.sqrt(variance + t(0.0078125))
            unbiased = variance * t(15) / t(15 - (1 + 0.0078125))
            part = t(0.25 if trainable else 0)
            results[bit] = {"y": y, "moving_mean": part * mean, "moving_variance": 1 - part + part * unbiased}
        r.outputs(case, results)


def record(r, _):
    losses(r)
    normalization(r)
