"""Structured operations of keras.ops for a handful of shapes each, casts, and the tables of result types."""
import numpy as np

from .common import array, f32, floatx, keras, normal

O = keras.ops
X, X3, V = normal(1, (3, 4)), normal(2, (2, 3, 4)), normal(3, (6,))
TIES = f32([[2, 1, 2, 0], [-1, -1, -1, -1], [0, 3, 3, 3]])
INTS = np.asarray([[3, -2, 7, 0], [1, 1, -5, 4], [0, 0, 2, -8]], "int32")
BOOLS = np.array([[True, False, True], [True, True, True], [False, False, False]])
DTYPES = ["bool", "uint8", "uint16", "uint32", "int8", "int16", "int32", "int64", "bfloat16", "float16", "float32", "float64"]


def record(r, _):
    counts = {}

    def case(op, inputs, args=None, listed=False, **extra):
        """listed: the operation takes its inputs as one list. Result tuples become y0, y1 ..."""
        args = args or {}
        counts[op] = counts.get(op, 0) + 1

        def run(**tensors):
            values = list(tensors.values())
            y = getattr(O, op)(values, **args) if listed else getattr(O, op)(*values, **args)
            return {f"y{i}": v for i, v in enumerate(y)} if isinstance(y, (tuple, list)) else {"y": y}
        r.add(f"{op}_{counts[op]}", inputs, run, op=op, args=args, **({"listed": True} if listed else {}), **extra)

    for op in ("sum", "mean", "max", "min", "prod"):
        for args in ({}, {"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": True}, {"axis": [0, 2]}, {"axis": [0, 1, 2], "keepdims": True}, {"axis": [-1, 0]}):
            case(op, {"x": X3}, args)
        case(op, {"x": V})
        case(op, {"x": INTS}, {"axis": 1})
        case(op, {"x": np.asarray(2.5)})
        if op in ("sum", "prod", "mean"):
            case(op, {"x": np.zeros((0, 3))}, {"axis": 0})
            case(op, {"x": BOOLS}, {"axis": 0})
    case("sum", {"x": normal(4, (3, 1000), 10.0)}, {"axis": 1})
    case("sum", {"x": normal(5, (5000,))})
    case("mean", {"x": normal(6, (7, 33, 5))}, {"axis": 1})
    for op in ("var", "std"):
        for args in ({}, {"axis": 0}, {"axis": [1, 2], "keepdims": True}):
            case(op, {"x": X3}, args)
    for op in ("argmax", "argmin"):
        for x in (X, TIES, INTS):
            for args in ({}, {"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": True}):
                case(op, {"x": x}, args)
    for op in ("any", "all"):
        for x in (BOOLS, TIES, INTS):
            for args in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}):
                case(op, {"x": x}, args)
    case("count_nonzero", {"x": INTS}, {"axis": 1})

    shapes = [((3, 4), (4, 5)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)),
              ((2, 1, 3, 4), (5, 4, 2)), ((1, 3, 4), (6, 4, 1)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((1, 1), (1, 1)), ((17, 33), (33, 19)), ((0, 4), (4, 3)),
              ((3, 0), (0, 2))]
    for i, (a, b) in enumerate(shapes):
        case("matmul", {"a": normal(100 + i, a), "b": normal(200 + i, b)})
    case("matmul", {"a": INTS, "b": INTS.T.copy()})
    case("dot", {"a": X, "b": X.T.copy()})
    case("tensordot", {"a": X3, "b": normal(7, (4, 3, 2))}, {"axes": [[1, 2], [1, 0]]})
    case("outer", {"a": V, "b": X[0]})

    for shape in ((12,), (4, 3), (2, -1), (-1,), (2, 2, 3), (1, 12, 1)):
        case("reshape", {"x": X}, {"newshape": shape})
    case("reshape", {"x": np.asarray(2.0)}, {"newshape": (1, 1)})
    for axes in (None, (1, 0, 2), (2, 0, 1), (0, 2, 1), (2, 1, 0)):
        case("transpose", {"x": X3}, {"axes": axes} if axes else {})
    case("transpose", {"x": INTS})
    case("swapaxes", {"x": X3}, {"axis1": 0, "axis2": -1})
    case("moveaxis", {"x": X3}, {"source": 0, "destination": 2})
    for x, shape in ((X[0], (3, 4)), (X, (2, 3, 4)), (X[:, :1], (3, 5)), (np.asarray(3.0), (2, 2)), (X3[:, :1], (2, 3, 4))):
        case("broadcast_to", {"x": x}, {"shape": shape})
    case("expand_dims", {"x": X}, {"axis": 1})
    case("expand_dims", {"x": X}, {"axis": -1})
    case("squeeze", {"x": normal(8, (1, 3, 1, 4))})
    case("squeeze", {"x": normal(8, (1, 3, 1, 4))}, {"axis": 2})
    for args in ({"axis": 0}, {"axis": 1}, {"axis": -1}):
        case("concatenate", {"a": X, "b": normal(9, (3, 4)), "c": normal(10, (3, 4))}, args, listed=True)
        case("stack", {"a": X, "b": normal(9, (3, 4))}, args, listed=True)
    case("concatenate", {"a": X, "b": normal(11, (1, 4))}, {"axis": 0}, listed=True)
    case("concatenate", {"a": X3, "b": normal(12, (2, 3, 2))}, {"axis": 2}, listed=True)
    case("concatenate", {"a": X, "b": INTS}, {"axis": 0}, listed=True)
    case("split", {"x": X3}, {"indices_or_sections": 2, "axis": -1})
    case("split", {"x": X3}, {"indices_or_sections": [1, 3], "axis": 2})
    for args in ({"axis": 0}, {"axis": 1}, {"axis": [0, 1]}):
        case("flip", {"x": X}, args)
    case("tile", {"x": X}, {"repeats": (2, 3)})
    case("repeat", {"x": X}, {"repeats": 2, "axis": 1})
    case("roll", {"x": X}, {"shift": 1, "axis": 1})

    for start, shape in (((0, 0, 0), (2, 3, 4)), ((1, 0, 2), (1, 2, 2)), ((0, 2, 3), (2, 1, 1))):
        case("slice", {"x": X3}, {"start_indices": start, "shape": shape})
    case("slice_update", {"x": X, "start_indices": np.array([1, 2], "int32"), "updates": normal(13, (2, 2))})
    for i, (text, index) in enumerate((("[1:3]", np.s_[1:3]), ("[::2]", np.s_[::2]), ("[::-1]", np.s_[::-1]), ("[:, 1::2]", np.s_[:, 1::2]), ("[-2:]", np.s_[-2:]),
                                       ("[5:1:-2]", np.s_[5:1:-2]), ("[..., -1]", np.s_[..., -1]), ("[:, None, 2]", np.s_[:, None, 2]), ("[2]", np.s_[2]),
                                       ("[4:2]", np.s_[4:2]), ("[-1:-4:-1, ::3]", np.s_[-1:-4:-1, ::3]), ("[:100]", np.s_[:100]))):
        x = normal(14, (6, 5))
        r.add(f"getitem_{i + 1}", {"x": x}, lambda x: {"y": x[index]}, op="getitem", index=text)

    for mode in ("constant", "reflect", "symmetric"):
        case("pad", {"x": X}, {"pad_width": ((1, 2), (0, 3)), "mode": mode})
        case("pad", {"x": X3}, {"pad_width": ((0, 0), (1, 1), (2, 1)), "mode": mode})
        case("pad", {"x": V}, {"pad_width": ((2, 0),), "mode": mode})
    case("pad", {"x": X}, {"pad_width": ((1, 1), (1, 1)), "mode": "constant", "constant_values": 2.5})
    case("pad", {"x": INTS}, {"pad_width": ((1, 1), (0, 2))})

    picks = np.array([2, 0, 0, -1], "int32")
    case("take", {"x": X, "indices": picks}, {"axis": 0})
    case("take", {"x": X, "indices": picks}, {"axis": 1})
    case("take", {"x": X, "indices": picks})
    case("take", {"x": X3, "indices": np.array([[0, 2], [1, 1]], "int32")}, {"axis": 1})
    case("take", {"x": X3, "indices": np.array(1, "int32")}, {"axis": -1})
    case("take_along_axis", {"x": X, "indices": np.array([[3, 0], [1, 1], [2, 2]], "int32")}, {"axis": 1})
    case("scatter", {"indices": np.array([[0], [2], [0]], "int32"), "values": normal(15, (3, 4))}, {"shape": (4, 4)})
    case("scatter", {"indices": np.array([[0, 1], [2, 3], [0, 1]], "int32"), "values": normal(16, (3,))}, {"shape": (3, 4)})
    case("scatter_update", {"x": X, "indices": np.array([[0, 1], [2, 3]], "int32"), "values": f32([9, 8])})
    segments = np.array([0, 0, 1, 3, 3, 3], "int32")
    case("segment_sum", {"data": normal(17, (6, 2)), "segment_ids": segments}, {"num_segments": 4})
    case("segment_sum", {"data": normal(17, (6, 2)), "segment_ids": segments[::-1].copy()}, {"num_segments": 5})
    case("segment_sum", {"data": V, "segment_ids": segments}, {"num_segments": 4})
    case("segment_max", {"data": V, "segment_ids": segments}, {"num_segments": 4})
    labels = np.array([0, 3, 1, 4, -1, 2], "int32")
    case("one_hot", {"x": labels}, {"num_classes": 4})
    case("one_hot", {"x": labels.reshape(2, 3)}, {"num_classes": 4, "axis": 1})
    case("one_hot", {"x": labels.reshape(2, 3)}, {"num_classes": 5, "axis": 0})
    case("one_hot", {"x": labels}, {"num_classes": 3, "dtype": "int32"})
    case("bincount", {"x": np.array([1, 1, 3, 0, 5], "int32")})

    for args in ({}, {"axis": 0}, {"axis": -1}):
        case("sort", {"x": X}, args)
        case("sort", {"x": INTS}, args)
        case("argsort", {"x": X}, args)
        case("argsort", {"x": TIES}, args)
    for k in (1, 2, 4):
        case("top_k", {"x": X}, {"k": k})
        case("top_k", {"x": TIES}, {"k": k})
    case("top_k", {"x": INTS}, {"k": 2})
    for op in ("cumsum", "cumprod"):
        for args in ({}, {"axis": 0}, {"axis": -1}):
            case(op, {"x": X}, args)
            case(op, {"x": np.clip(INTS, -3, 3)}, args)
    case("cumsum", {"x": X3}, {"axis": 1})
    for op in ("softmax", "log_softmax"):
        for x in (X, X3, TIES, X * 64):
            case(op, {"x": x}, {"axis": -1})
        case(op, {"x": X3}, {"axis": 1})
        case(op, {"x": X3}, {"axis": 0})
    case("softmax", {"x": X3}, {"axis": (1, 2)})
    for args in ({"axis": -1}, {"axis": 0, "keepdims": True}, {}):
        case("logsumexp", {"x": X3}, args)
    mask = X > 0
    case("where", {"condition": mask, "x1": X, "x2": normal(18, (3, 4))})
    case("where", {"condition": mask[0], "x1": X, "x2": normal(19, (1, 4))})
    case("where", {"condition": mask[:, :1], "x1": np.asarray(1.0), "x2": X})
    case("where", {"condition": mask, "x1": INTS, "x2": X})
    case("where", {"condition": INTS, "x1": X, "x2": normal(18, (3, 4))})
    case("clip", {"x": X}, {"x_min": -0.5, "x_max": 0.75})
    case("clip", {"x": INTS}, {"x_min": -2, "x_max": 3})
    case("eye", {}, {"N": 3})
    case("eye", {}, {"N": 2, "M": 4})  # with k as well, Keras 3.15.1 gives the wrong shape
    case("arange", {}, {"start": 2, "stop": 11, "step": 3})
    case("arange", {}, {"start": 0.0, "stop": 1.0, "step": 0.25})
    case("linspace", {}, {"start": -1, "stop": 1, "num": 9})
    case("linspace", {}, {"start": 0, "stop": 1, "num": 5, "endpoint": False})
    case("tril", {"x": X}, {"k": 0})
    case("triu", {"x": X}, {"k": 1})
    case("diag", {"x": X}, {"k": 0})
    case("norm", {"x": X3}, {"axis": -1})
    case("normalize", {"x": X}, {"axis": 1, "order": 2})
    for a, b in (((3, 1), (1, 4)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 1)), ((), (2, 2)), ((0, 3), (1, 3))):
        for op in ("add", "multiply", "maximum"):
            case(op, {"a": normal(20, a), "b": normal(21, b)})
    categorical(r)
    casts(r)
    types(r)


def categorical(r):
    """utils.to_categorical and utils.normalize, which are NumPy on NumPy."""
    for i, (x, args) in enumerate((([0, 2, 1, 2], {}), ([0, 2, 1, 2], {"num_classes": 5}), ([[0, 1], [2, 0]], {}), ([[0], [3]], {}), ([1], {}))):
        x = np.asarray(x, "int32")
        r.store(f"to_categorical_{i + 1}", {"x": x}, {"y": keras.utils.to_categorical(x, **args)}, op="to_categorical", args=args)


def wide(value):
    """NumPy has no bfloat16: such results are stored as the float32 of the same value."""
    value = array(value)
    return value.astype("float32") if value.dtype.name == "bfloat16" else value


def casts(r):
    reals = np.array([0.0, -0.0, 0.4, 0.5, 0.6, 1.0, 1.5, 2.5, -0.4, -0.5, -0.6, -1.5, -2.5, 100.7, -100.7], "float64")
    narrow = np.array([1.0, 1 + 2.0 ** -11, 1 + 3 * 2.0 ** -11, 1 + 2.0 ** -8, 1 + 3 * 2.0 ** -8, 1 + 2.0 ** -9, 3.14159274, 65504, 65519, 65520, 1e5, -1e5, 6e-8, 3e-8, 2.9e-8, 6.1e-5,
                       1e-10, 3.38953139e38, 3.3961775e38, 3.4e38, np.inf, -np.inf, np.nan, 0.1, -0.1], "float32")
    table = [("float64", "int32", reals), ("float32", "int32", reals), ("float32", "int64", reals), ("float32", "int8", reals), ("float32", "bool", reals),
             ("float32", "uint8", np.abs(reals)), ("float64", "float32", np.array([0.1, 1 / 3, 1e300, -1e300, 1e-320, np.nan, 16777217.0])),
             ("float32", "float64", narrow), ("float32", "float16", narrow), ("float32", "bfloat16", narrow), ("int32", "float32", [0, 1, -1, 16777217, 2147483647, -2147483648]),
             ("int64", "float32", [2 ** 53 + 1, -2 ** 60 - 1, 7]), ("int64", "float64", [2 ** 53 + 1, 2 ** 63 - 1, 7]), ("int32", "int8", [0, 127, 128, 255, 256, -129, -1]),
             ("int32", "uint8", [0, 255, 256, -1, -256, 300]), ("int64", "int32", [2 ** 31, -2 ** 31 - 1, 2 ** 32 + 5, 7]), ("int32", "bool", [0, 1, -1, 256]),
             ("bool", "float32", [True, False]), ("bool", "int32", [True, False]), ("uint8", "int8", [0, 127, 128, 255]), ("int32", "float16", [0, 1, 2049, 2051, 65504, 65520, 70000]),
             ("int32", "bfloat16", [0, 1, 257, 259, 65504, 70000])]
    for source, target, values in table:
        with np.errstate(over="ignore"):
            x = np.asarray(values).astype(source)
        y = O.cast(O.convert_to_tensor(x, dtype=source), target)
        assert keras.backend.standardize_dtype(y.dtype) == target
        r.store(f"cast_{source}_{target}", {"x": x}, {"y": wide(y)}, op="cast", source=source, target=target)


def types(r):
    """Result types as tables: rows are the first operand. int and float are Python's numbers."""
    def ones(dtype):
        return {"int": 1, "float": 1.0}.get(dtype) if dtype in ("int", "float") else O.ones((2, 2), dtype)

    def result(call):
        try:
            y = call()
        except Exception:  # what TensorFlow has no kernel for, or Keras refuses
            return None
        y = y[0] if isinstance(y, (tuple, list)) else y
        return keras.backend.standardize_dtype(y.dtype)
    for bits, fx in (("64", "float64"), ("32", "float32")):
        with floatx(fx):
            for op in ("add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "mod", "power", "maximum", "matmul", "equal", "logical_and", "arctan2",
                       "logaddexp"):
                columns = DTYPES + ([] if op == "matmul" else ["int", "float"])
                r.add(f"types_{op}_{bits}", op=op, floatx=fx, columns=columns,
                      table={a: {b: result(lambda: getattr(O, op)(ones(a), ones(b))) for b in columns} for a in DTYPES})
            r.add(f"types_where_{bits}", op="where", floatx=fx, columns=DTYPES + ["int", "float"], table={
                a: {b: result(lambda: O.where(O.ones((2, 2), "bool"), ones(a), ones(b))) for b in DTYPES + ["int", "float"]} for a in DTYPES})
            r.add(f"types_concatenate_{bits}", op="concatenate", floatx=fx, columns=DTYPES, table={
                a: {b: result(lambda: O.concatenate([ones(a), ones(b)])) for b in DTYPES} for a in DTYPES})
            unary = ["exp", "log", "sqrt", "tanh", "sigmoid", "relu", "softmax", "abs", "negative", "sign", "square", "floor", "ceil", "round", "isnan", "logical_not",
                     "sum", "mean", "max", "prod", "any", "argmax", "cumsum", "cumprod", "var", "std", "sort", "argsort", "reciprocal", "erf", "rsqrt", "sin", "expm1",
                     "logsumexp", "transpose", "count_nonzero"]
            r.add(f"types_unary_{bits}", floatx=fx, columns=DTYPES, table={
                op: {a: result(lambda: getattr(O, op)(ones(a))) for a in DTYPES} for op in unary})
            r.add(f"types_python_{bits}", floatx=fx, table={
                "convert_to_tensor": {"int": result(lambda: O.convert_to_tensor(1)), "float": result(lambda: O.convert_to_tensor(1.5)),
                                      "bool": result(lambda: O.convert_to_tensor(True)), "list_of_float": result(lambda: O.convert_to_tensor([1.5]))},
                "array": {"int": result(lambda: O.array(1)), "float": result(lambda: O.array(1.5)), "bool": result(lambda: O.array(True))},
                "make": {"ones": result(lambda: O.ones((2,))), "zeros": result(lambda: O.zeros((2,))), "full_int": result(lambda: O.full((2,), 3)),
                         "full_float": result(lambda: O.full((2,), 3.0)), "eye": result(lambda: O.eye(2)), "arange_int": result(lambda: O.arange(3)),
                         "arange_float": result(lambda: O.arange(3.0)), "linspace": result(lambda: O.linspace(0, 1, 3)),
                         "one_hot": result(lambda: O.one_hot(O.ones((2,), "int32"), 3)), "top_k_indices": result(lambda: O.top_k(O.ones((2,)), 1)[1]),
                         "argmax": result(lambda: O.argmax(O.ones((2,)))), "shape": result(lambda: O.convert_to_tensor(O.shape(O.ones((2,)))))}})
