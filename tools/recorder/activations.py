"""Activations: values, and gradients of sum(y * w), at ordinary points, at ties and far out."""
import numpy as np
import tf_keras

from .common import BITS, f32, gradients, keras, normal
from keras.src.activations import ALL_OBJECTS  # noqa: E402  (after common has set Keras up)

A = keras.activations
TIES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 2.5, -2.5, 3.0, -3.0, 6.0, -6.0, 0.25, -0.25, 4.0, -4.0, 1e-3, -1e-3]
ORDINARY = f32(np.concatenate([TIES, np.random.RandomState(1).uniform(-5, 5, 28)]))
LARGE = f32([7, -7, 10, -10, 15, -15, 20, -20, 30, -30, 50, -50, 85, -85, 100, -100, 1000, -1000, 1e4, -1e4])
EXP = f32([-80, -40, -20, -10, -8, 8, 10])

ELEMENTWISE = [
    ("celu", {}), ("celu", {"alpha": 0.5}), ("celu", {"alpha": 2.0}), ("elu", {}), ("elu", {"alpha": 0.5}),
    ("elu", {"alpha": 1.5}), ("exponential", {}), ("gelu", {}), ("gelu", {"approximate": True}), ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 1.0}), ("hard_sigmoid", {}), ("hard_silu", {}), ("hard_tanh", {}), ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}), ("linear", {}), ("log_sigmoid", {}), ("mish", {}), ("relu", {}),
    ("relu", {"negative_slope": 0.25}), ("relu", {"max_value": 3.0}), ("relu", {"max_value": 6.0}),
    ("relu", {"threshold": 0.5}), ("relu", {"negative_slope": 0.1, "max_value": 2.5, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 4.0}), ("relu", {"max_value": 3.0, "threshold": -1.0}), ("relu6", {}),
    ("selu", {}), ("sigmoid", {}), ("silu", {}), ("soft_shrink", {}), ("soft_shrink", {"threshold": 1.0}),
    ("softplus", {}), ("softsign", {}), ("sparse_plus", {}), ("sparse_sigmoid", {}), ("squareplus", {}),
    ("squareplus", {"b": 1}), ("tanh", {}), ("tanh_shrink", {}), ("threshold", {"threshold": 0.5, "default_value": 0.0}),
    ("threshold", {"threshold": -1.0, "default_value": 20.0}),
]
# Keras 3.15's sparsemax adds up the cumulative sums of its support, so its rows do not sum to 1: recorded as it is, and
# beside it what the paper defines.
BUG = {"sparsemax": {"known_bug": "the threshold is wrong wherever the support has more than one element"}}
AXIS = [("glu", -1), ("glu", 1), ("log_softmax", -1), ("log_softmax", 1), ("softmax", -1), ("softmax", 1), ("softmax", 0),
        ("sparsemax", -1), ("sparsemax", 1)]


def paper_sparsemax(x, w, axis):
    """The projection on the simplex; its gradient spreads over the support."""
    x, w = np.moveaxis(x, axis, -1), np.moveaxis(w, axis, -1)
    ordered = -np.sort(-x, -1)
    sums = np.cumsum(ordered, -1, dtype=x.dtype)
    count = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    k = (1 + count * ordered > sums).sum(-1, keepdims=True)
    tau = (np.take_along_axis(sums, k - 1, -1) - 1) / k.astype(x.dtype)
    y = np.maximum(x - tau, 0)
    support = y > 0
    mean = (w * support).sum(-1, keepdims=True) / support.sum(-1, keepdims=True).astype(x.dtype)
    return {"y": np.moveaxis(y, -1, axis), "dx": np.moveaxis(np.where(support, w - mean, 0).astype(x.dtype), -1, axis)}


def case_name(function, args):
    parts = [function] + [f"{k}_{v}" for k, v in args.items()]
    return "_".join(parts).lower().replace("-", "m").replace(".", "p")


def run(call, args):
    def f(x, w):
        def loss():
            y = call(x, **args)
            return keras.ops.sum(y * w), {"y": y}
        return gradients(loss, {"x": x})
    return f


def record(r, _):
    for function, args in ELEMENTWISE:
        call = getattr(A, function)
        name = case_name(function, args)
        base = {"function": function, "args": args}
        r.add(name, {"x": ORDINARY, "w": normal(2, ORDINARY.shape)}, run(call, args), **base)
        large = EXP if function == "exponential" else LARGE
        r.add(name + "_large", {"x": large, "w": normal(3, large.shape)}, run(call, args), **base)
    for function, axis in AXIS:
        call, args = getattr(A, function), {"axis": axis}
        name = f"{function}_axis_{axis}".replace("-", "m")
        base = {"function": function, "args": args, **BUG.get(function, {})}
        for rank, shape in ((2, (4, 6)), (3, (2, 4, 6))):
            r.add(f"{name}_rank{rank}", {"x": normal(4, shape, 2.0), "w": normal(5, shape if function != "glu" else
                  np.split(np.zeros(shape), 2, axis)[0].shape)}, run(call, args), **base)
    rows = f32([[1, 1, 1, 1], [0, 0, -1, 0], [50, 49, -50, 50], [1000, 0, -1000, 1], [-1000, -1000, -1000, -1000],
                [0.5, 0.25, 0.125, 0.0], [88, -88, 87, 0], [0.0, -0.0, 0.0, -0.0]])
    for function in ("softmax", "log_softmax", "sparsemax"):
        r.add(f"{function}_ties_and_large", {"x": rows, "w": normal(6, rows.shape)}, run(getattr(A, function), {}),
              function=function, args={}, **BUG.get(function, {}))
    for name, axis, x in (("rank2", -1, normal(4, (4, 6), 2.0)), ("axis_1", 1, normal(4, (2, 4, 6), 2.0)), ("ties", -1, rows)):
        w = normal(7, x.shape)
        case = r.add(f"sparsemax_paper_{name}", {"x": x, "w": w}, function="sparsemax", args={"axis": axis},
                     source="formula of Martins and Astudillo 2016, in NumPy")
        r.outputs(case, {bit: paper_sparsemax(x.astype(dtype), w.astype(dtype), axis) for bit, dtype in BITS.items()})

    # Keras 2.2's own slope of hard_sigmoid, from tf_keras, which kept it.
    def keras2(x, w):
        tf_keras.backend.set_floatx(keras.config.floatx())
        try:
            return run(tf_keras.activations.hard_sigmoid, {})(x, w)
        finally:
            tf_keras.backend.set_floatx("float32")
    r.add("keras2_hard_sigmoid", {"x": ORDINARY, "w": normal(2, ORDINARY.shape)}, keras2, function="hard_sigmoid", args={},
          dialect="keras2", source="tf_keras")
    r.add("keras2_hard_sigmoid_large", {"x": LARGE, "w": normal(3, LARGE.shape)}, keras2, function="hard_sigmoid", args={},
          dialect="keras2", source="tf_keras")
    missing = {f.__name__ for f in ALL_OBJECTS} - {c["function"] for c in r.cases}
    assert not missing, missing
