"""Elementwise operations at ordinary points and at special ones: NaN, infinities, signed zeros, denormals, ends of domains."""
import numpy as np

from .common import f32, keras

O, A = keras.ops, keras.activations
INF, NAN = float("inf"), float("nan")
GRID = f32(np.concatenate([np.linspace(-4, 4, 17), np.random.RandomState(1).uniform(-3, 3, 23)]))
UNIT = f32(np.concatenate([np.linspace(-1, 1, 9), np.random.RandomState(2).uniform(-1, 1, 15)]))
POSITIVE = f32(np.concatenate([[0.25, 0.5, 1, 2, 3, 4, 10, 100], np.random.RandomState(3).uniform(0.01, 8, 16)]))
FROM_ONE = f32(np.concatenate([[1, 2, 10], np.random.RandomState(4).uniform(1, 5, 13)]))
ABOVE_MINUS_ONE = f32(np.concatenate([[-0.5, 0, 1, 10], np.random.RandomState(5).uniform(-0.95, 4, 16), [1e-6, -1e-6, 1e-3]]))
SPECIAL = f32([NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1e-30, -1e-30, 1e30, -1e30, 80, -80, 100, -100, 1000,
               -1000, 3.4e38, -3.4e38, 1.2e-38])
DENORMAL = f32([1e-40, -1e-40, 1.4e-45, 5e-39])
UNARY = {  # op: ordinary points
    "exp": GRID, "log": POSITIVE, "tanh": GRID, "sigmoid": GRID, "relu": GRID, "sign": GRID, "sqrt": POSITIVE, "rsqrt": POSITIVE, "round": GRID,
    "floor": GRID, "ceil": GRID, "trunc": GRID, "expm1": GRID, "log1p": ABOVE_MINUS_ONE, "erf": GRID, "erfinv": UNIT[1:8], "sin": GRID, "cos": GRID,
    "tan": f32(np.linspace(-1.4, 1.4, 15)), "arcsin": UNIT, "arccos": UNIT, "arctan": GRID, "sinh": GRID, "cosh": GRID, "arcsinh": GRID, "arccosh": FROM_ONE,
    "arctanh": UNIT[1:8], "abs": GRID, "negative": GRID, "square": GRID, "reciprocal": POSITIVE, "log2": POSITIVE, "log10": POSITIVE, "exp2": GRID,
    "softplus": GRID, "log_sigmoid": GRID, "silu": GRID, "gelu": GRID, "mish": GRID, "isnan": GRID, "isinf": GRID, "isfinite": GRID, "cbrt": GRID,
    "hard_sigmoid": GRID, "elu": GRID, "selu": GRID, "softsign": GRID, "logical_not": GRID,
}
PAIRS = [(a, b) for a in (NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, -3.0, 1e30) for b in
         (NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0)]
BINARY = ["add", "subtract", "multiply", "divide", "divide_no_nan", "power", "floor_divide", "mod", "logaddexp", "arctan2", "maximum", "minimum",
          "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "squared_difference"]
INTEGERS = [7, -7, 8, -8, 0, 1, -1, 100, -100, 3, 5, -5]
DIVISORS = [3, 3, -3, -3, 5, 2, 2, 7, 7, -2, 5, 5]


def function(name):
    if name == "squared_difference":
        return lambda a, b: O.square(O.subtract(a, b))
    return getattr(O, name) if hasattr(O, name) else getattr(A, name)


def record(r, _):
    for name, points in UNARY.items():
        if not (hasattr(O, name) or hasattr(A, name)):
            continue
        args = {"approximate": False} if name == "gelu" else {}  # ops.gelu's own default is True, activations.gelu's False
        call = lambda x: function(name)(x, **args)  # noqa: E731
        # TensorFlow's float64 erf(inf) is NaN, its float32 one is 1: nothing to agree with.
        special = SPECIAL[~np.isinf(SPECIAL)] if name == "erf" else SPECIAL
        r.add(name, {"x": points}, lambda x: {"y": call(x)}, op=name, args=args)
        # float32 overflows where float64 does not: the two runs may differ in finiteness, which is the point.
        r.add(f"{name}_special", {"x": special}, lambda x: {"y": call(x)}, op=name, args=args, differs=True)
        # TensorFlow flushes float32 denormals in some kernels and not in others: to read, not to hold anyone to.
        r.add(f"{name}_denormal", {"x": DENORMAL}, lambda x: {"y": call(x)}, op=name, args=args, differs=True, informational=True)
    ordinary = f32(np.random.RandomState(6).uniform(-4, 4, 24)), f32(np.random.RandomState(7).uniform(-4, 4, 24))
    special = f32([p[0] for p in PAIRS]), f32([p[1] for p in PAIRS])
    for name in BINARY:
        call = function(name)
        first = np.abs(ordinary[0]) if name == "power" else ordinary[0]
        r.add(name, {"a": first, "b": ordinary[1]}, lambda a, b: {"y": call(a, b)}, op=name)
        r.add(f"{name}_special", {"a": special[0], "b": special[1]}, lambda a, b: {"y": call(a, b)}, op=name, differs=True)
    for name in ("add", "subtract", "multiply", "divide", "floor_divide", "mod", "maximum", "minimum", "equal", "less", "greater_equal"):
        call = function(name)
        for dtype in ("int32", "int64", "uint8"):
            a, b = np.abs(INTEGERS) if dtype == "uint8" else INTEGERS, np.abs(DIVISORS) if dtype == "uint8" else DIVISORS
            r.add(f"{name}_{dtype}", {"a": np.asarray(a, dtype), "b": np.asarray(b, dtype)}, lambda a, b: {"y": call(a, b)}, op=name)
    for name in ("abs", "negative", "sign", "square", "exp", "sqrt", "floor", "round"):
        call = function(name)
        x = np.abs(INTEGERS) if name == "sqrt" else np.clip(INTEGERS, -8, 8)
        r.add(f"{name}_int32", {"x": np.asarray(x, "int32")}, lambda x: {"y": call(x)}, op=name)
    r.add("power_int32", {"a": np.asarray([2, -2, 3, 0, -1, 5], "int32"), "b": np.asarray([3, 3, 4, 0, 5, 1], "int32")},
          lambda a, b: {"y": O.power(a, b)}, op="power")
    for name in ("logical_and", "logical_or", "logical_xor"):
        call = function(name)
        r.add(name, {"a": np.array([True, True, False, False]), "b": np.array([True, False, True, False])}, lambda a, b: {"y": call(a, b)}, op=name)
    for decimals in (0, 1, 2, -1):
        r.add(f"round_decimals_{decimals}".replace("-", "m"), {"x": f32([0.5, 1.5, 2.5, -0.5, -1.5, 0.25, 0.125, 15.0, 25.0, 1234.5678])},
              lambda x: {"y": O.round(x, decimals)}, op="round", args={"decimals": decimals})
    for name, args in (("clip", {"x_min": -1.0, "x_max": 1.0}), ("nan_to_num", {})):
        call = function(name)
        r.add(f"{name}_special", {"x": SPECIAL}, lambda x: {"y": call(x, **args)}, op=name, args=args, differs=True)
    for name in ("softmax", "log_softmax", "logsumexp"):
        call = function(name)
        rows = f32([[INF, 0, 1], [NAN, 0, 1], [-INF, 0, 1], [-INF, -INF, -INF], [1e30, 1e30, 0], [-1e30, 0, 1e30], [INF, INF, 0]])
        r.add(f"{name}_special", {"x": rows}, lambda x: {"y": call(x, axis=-1)}, op=name, args={"axis": -1}, differs=True)
    for name in ("max", "min", "sum", "mean", "prod", "argmax", "argmin", "any", "all"):
        call = function(name)
        rows = f32([[NAN, 0, 1], [0, NAN, 1], [INF, -INF, 1], [-INF, -INF, -INF], [0.0, -0.0, 0.0], [-0.0, 0.0, -0.0], [INF, INF, INF]])
        r.add(f"reduce_{name}_special", {"x": rows}, lambda x: {"y": call(x, axis=-1)}, op=name, args={"axis": -1}, differs=True)
