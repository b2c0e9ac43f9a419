"""Gradients where they are a matter of choice: ties, corners, zeros of roots, ends of domains."""
import numpy as np

from .common import f32, gradients, keras

O, A = keras.ops, keras.activations
INF = float("inf")
CORNERS = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 6.0, -6.0]
UNARY = {
    "relu": (A.relu, {}, CORNERS), "relu6": (A.relu6, {}, CORNERS), "leaky_relu": (A.leaky_relu, {}, CORNERS),
    "elu": (A.elu, {}, CORNERS), "selu": (A.selu, {}, CORNERS), "celu": (A.celu, {}, CORNERS),
    "hard_sigmoid": (A.hard_sigmoid, {}, CORNERS), "hard_tanh": (A.hard_tanh, {}, CORNERS), "hard_silu": (A.hard_silu, {}, CORNERS),
    "softsign": (A.softsign, {}, CORNERS), "softplus": (A.softplus, {}, CORNERS + [20, -20, 40, -40, 100, -100]),
    "log_sigmoid": (A.log_sigmoid, {}, CORNERS + [40, -40, 100, -100]), "hard_shrink": (A.hard_shrink, {}, CORNERS),
    "soft_shrink": (A.soft_shrink, {}, CORNERS), "sparse_plus": (A.sparse_plus, {}, CORNERS),
    "sparse_sigmoid": (A.sparse_sigmoid, {}, CORNERS), "abs": (O.abs, {}, CORNERS), "sign": (O.sign, {}, CORNERS),
    "clip": (O.clip, {"x_min": -1.0, "x_max": 2.0}, CORNERS), "clip_empty": (O.clip, {"x_min": 1.0, "x_max": 1.0}, CORNERS),
    "sqrt": (O.sqrt, {}, [0.0, 1.0, 4.0, 0.25]), "rsqrt": (O.rsqrt, {}, [1.0, 4.0, 0.25]), "square": (O.square, {}, CORNERS),
    "log": (O.log, {}, [0.0, 1.0, 0.5]), "log1p": (O.log1p, {}, [-1.0, 0.0, 1.0]), "floor": (O.floor, {}, CORNERS), "ceil": (O.ceil, {}, CORNERS),
    "round": (O.round, {}, CORNERS), "reciprocal": (O.reciprocal, {}, [1.0, -2.0, 0.0, -0.0]), "tan": (O.tan, {}, [0.0, 1.0]),
    "arcsin": (O.arcsin, {}, [0.0, 1.0, -1.0, 0.5]), "arccos": (O.arccos, {}, [0.0, 1.0, -1.0, 0.5]), "arctanh": (O.arctanh, {}, [0.0, 0.5, 1.0, -1.0]),
    "arccosh": (O.arccosh, {}, [1.0, 2.0]), "erfinv": (O.erfinv, {}, [0.0, 0.5, 1.0, -1.0]),
}
BINARY = {
    "maximum": ([1.0, 2.0, 0.0, -0.0, 3.0, INF], [1.0, 1.0, -0.0, 0.0, 4.0, INF], {}),
    "minimum": ([1.0, 2.0, 0.0, -0.0, 3.0, INF], [1.0, 1.0, -0.0, 0.0, 4.0, INF], {}),
    "power": ([0.0, 0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 1.0], [2.0, 1.0, 0.0, 0.5, 0.0, 2.0, 3.0, 0.0], {}),
    "arctan2": ([0.0, 1.0, -1.0, 0.0, -0.0], [1.0, 0.0, 0.0, -1.0, -1.0], {}),
    "logaddexp": ([0.0, 1.0, 1000.0, -1000.0], [0.0, 1.0, 1000.0, 1000.0], {}),
    "mod": ([5.0, -5.0, 4.0, 0.5], [3.0, 3.0, 2.0, 1.0], {}), "divide": ([1.0, 0.0, -2.0], [2.0, 4.0, 8.0], {}),
    "floor_divide": ([5.0, -5.0, 4.0], [3.0, 3.0, 2.0], {}), "divide_no_nan": ([1.0, 0.0, 3.0], [2.0, 0.0, 0.0], {}),
}
TIED = [[1.0, 3.0, 3.0, 2.0], [0.0, -0.0, 0.0, -1.0], [5.0, 5.0, 5.0, 5.0]]
REDUCTIONS = [("max", {"axis": 1}), ("max", {"axis": 0}), ("max", {}), ("min", {"axis": 1}), ("min", {}), ("prod", {"axis": 1}), ("prod", {}),
              ("amax", {"axis": 1, "keepdims": True}), ("logsumexp", {"axis": 1}), ("norm", {"axis": 1}), ("var", {"axis": 1}), ("std", {"axis": 1}),
              ("cumprod", {"axis": 1}), ("sort", {"axis": 1}), ("top_k_values", {"k": 2}), ("argmax", {"axis": 1}), ("mean", {}), ("sum", {"axis": 0})]


def weights(shape):
    """Fixed upstream gradients, all different."""
    size = int(np.prod(shape)) if shape else 1
    return f32((np.arange(size) + 1.0) / 4).reshape(shape)


def record(r, _):
    for name, (function, args, points) in UNARY.items():
        x = f32(points)

        def run(x, w):
            def loss():
                y = function(x, **args)
                return O.sum(y * w), {"y": y}
            return gradients(loss, {"x": x})
        r.add(name, {"x": x, "w": weights(x.shape)}, run, op=name.replace("_empty", ""), args=args)
    for name, (a, b, args) in BINARY.items():
        function = getattr(O, name)

        def run(a, b, w):
            def loss():
                y = function(a, b, **args)
                return O.sum(y * w), {"y": y}
            return gradients(loss, {"a": a, "b": b})
        r.add(name, {"a": f32(a), "b": f32(b), "w": weights((len(a),))}, run, op=name, args=args)
    for name, args in REDUCTIONS:
        def call(x):
            if name == "top_k_values":
                return O.top_k(x, **args)[0]
            if name == "argmax":  # no gradient, whatever is made of its indices
                return O.cast(O.argmax(x, **args), x.dtype)
            return getattr(O, name)(x, **args)
        suffix = "_".join(f"{k}{v}" for k, v in args.items()).lower()
        shape = np.shape(call(O.convert_to_tensor(np.asarray(TIED, "float32"))))

        def run(x, w):
            def loss():
                y = call(x)
                return O.sum(y * w), {"y": y}
            return gradients(loss, {"x": x})
        r.add(f"reduce_{name}_{suffix}".strip("_"), {"x": f32(TIED), "w": weights(shape)}, run, op=name, args=args)

    def where(x, y, w):
        def loss():
            z = O.where(O.greater(x, 0), O.log(x), y)  # the branch not taken has an infinite slope
            return O.sum(z * w), {"y": z}
        return gradients(loss, {"x": x, "y": y})
    r.add("where_log", {"x": f32([1.0, 0.0, -1.0, 2.0]), "y": f32([5.0, 6.0, 7.0, 8.0]), "w": weights((4,))}, where, op="where",
          expression="where(x > 0, log(x), y)")

    def stopped(x, w):
        def loss():
            y = x * O.stop_gradient(x)
            return O.sum(y * w), {"y": y}
        return gradients(loss, {"x": x})
    r.add("stop_gradient", {"x": f32([1.0, -2.0, 0.0]), "w": weights((3,))}, stopped, op="stop_gradient", expression="x * stop_gradient(x)")

    def gathered(x, indices, w):
        def loss():
            y = O.take(x, indices, axis=0)
            return O.sum(y * w), {"y": y}
        return gradients(loss, {"x": x})
    r.add("take_repeated", {"x": f32([[1, 2], [3, 4], [5, 6]]), "indices": np.array([2, 0, 2, 2], "int32"), "w": weights((4, 2))}, gathered,
          op="take", args={"axis": 0})
