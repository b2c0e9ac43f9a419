"""The backend functions of Keras 2.2.4, from tf_keras.backend: forward, and the gradients of sum(y * w) by real inputs.

Each case calls the function as 2.2.4 is called. What is random or has effects is tested without goldens.
"""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402

from .common import f32, keras, normal, uniform  # noqa: E402

K = tf_keras.backend
INTS = np.asarray([[3, -2, 7, 0], [1, 1, -5, 4], [0, 0, 2, -8]], "int32")
BOOLS = np.array([[True, False, True], [True, True, True], [False, False, False]])


def record(r, _):
    counts = {}

    def case(op, inputs, args=None, call=None, gradient=True, **extra):
        """inputs in the order of the function's arguments; `call` where that is not K.op(*inputs, **args)."""
        args = args or {}
        counts[op] = counts.get(op, 0) + 1
        inputs = {k: np.asarray(v) for k, v in inputs.items()}
        call = call or (lambda *tensors: getattr(K, op)(*tensors, **as_given))
        # 2.2.4's functions want tuples where JSON has lists
        as_given = {k: tuple(map(tuple, v)) if k == "padding" and isinstance(v[0], list) else tuple(v) if isinstance(v, list) else v
                    for k, v in args.items()}
        real = [k for k, v in inputs.items() if v.dtype.kind == "f"]

        def results(tensors):
            y = call(*tensors.values())
            return list(y) if isinstance(y, (list, tuple)) else [y]
        shapes = [tuple(v.shape) for v in results({k: tf.constant(v.astype("float32") if v.dtype.kind == "f" else v)
                                                   for k, v in inputs.items()})]
        weights = {"w": normal(900 + counts[op], shapes[0])} if gradient else {}

        def run(**tensors):
            K.set_floatx(keras.config.floatx())
            w = tensors.pop("w", None)
            with tf.GradientTape(persistent=True) as tape:
                for k in real:
                    tape.watch(tensors[k])
                ys = [tf.cast(y, keras.config.floatx()) if y.dtype.is_floating else y for y in map(tf.convert_to_tensor, results(tensors))]
                loss = tf.reduce_sum(ys[0] * w) if gradient else None
            out = {f"y{i}" if i else "y": y for i, y in enumerate(ys)}
            if gradient:
                for k in real:
                    g = tape.gradient(loss, tensors[k], unconnected_gradients=tf.UnconnectedGradients.ZERO)
                    out["d" + k] = tf.convert_to_tensor(g)
            K.set_floatx("float32")
            return out
        r.add(f"{op}_{counts[op]}", {**inputs, **weights}, run, op=op, args=args, real=real if gradient else [], **extra)

    def flat(op, inputs, args=None, call=None, **extra):
        case(op, inputs, args, call, gradient=False, **extra)

    X, X3, X4, X5 = normal(1, (3, 4)), normal(2, (2, 3, 4)), normal(3, (2, 4, 3, 2)), normal(4, (1, 2, 3, 2, 2))
    P = uniform(5, (3, 4), 0.2, 2.0)
    same, first = {"padding": "same"}, {"data_format": "channels_first"}

    for op in ("square", "abs", "exp", "sign", "round", "sin", "cos", "sigmoid", "tanh", "softplus", "softsign", "hard_sigmoid"):
        case(op, {"x": X * np.float32(2)}, gradient=op not in ("sign", "round"))
    for op in ("sqrt", "log"):
        case(op, {"x": P})
    for a in (2.0, 3.0, 0.5):
        case("pow", {"x": P}, {"a": a})
    case("clip", {"x": X}, {"min_value": -0.5, "max_value": 0.75})
    for op in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"):
        flat(op, {"x": INTS, "z": INTS.T.reshape(3, 4)})
    for op in ("maximum", "minimum"):
        case(op, {"x": X, "z": normal(6, (4,))})
    for args in ({}, {"alpha": 0.25}, {"max_value": 0.5}, {"threshold": 0.25}, {"alpha": 0.125, "max_value": 0.75, "threshold": 0.25}):
        case("relu", {"x": X}, args)
    for args in ({}, {"alpha": 0.5}):
        case("elu", {"x": X}, args)
    for args in ({}, {"axis": 1}):
        case("softmax", {"x": X3}, args)

    for op in ("max", "min", "sum", "prod", "mean", "std", "var", "logsumexp"):
        for args in ({}, {"axis": [1]}, {"axis": [0, -1], "keepdims": True}):
            of_keras = (lambda x, args=args: keras.ops.logsumexp(x, **args)) if op == "logsumexp" else None  # tf_keras dropped it
            case(op, {"x": X3}, args, of_keras)
    for op in ("any", "all"):
        for args in ({}, {"axis": [1]}, {"axis": [0], "keepdims": True}):
            flat(op, {"x": BOOLS}, args)
    for op in ("argmax", "argmin"):
        for axis in (-1, 0):
            flat(op, {"x": X3}, {"axis": axis})
    zeros = f32([[2, 0, 3, -1, 0.5], [1, 2, 0, 0, 4]])
    for op in ("cumsum", "cumprod"):
        for axis in (0, 1):
            # TensorFlow's gradient of cumprod is 0 where an element is, whatever the others are
            case(op, {"x": zeros}, {"axis": axis}, gradient=op == "cumsum")
        case(op, {"x": X3}, {"axis": 2})
        case(op, {"x": normal(9, (2, 9))}, {"axis": 1})

    for a, b in (((2, 3), (3, 4)), ((2, 3, 4), (4, 5)), ((2, 3), (4, 3, 5))):
        case("dot", {"x": normal(10, a), "z": normal(11, b)})
    for a, b, axes in (((3, 4), (3, 4), None), ((3, 4), (3, 4), 1), ((2, 3, 4), (2, 4, 5), None), ((2, 3, 4), (2, 5, 4), [2, 2]),
                       ((2, 3, 4), (2, 3), [1, 1]), ((2, 3), (2, 3, 4), [1, 1]), ((2, 3, 4, 2), (2, 4, 3), [2, 1]), ((2, 3, 4), (2, 4), None)):
        case("batch_dot", {"x": normal(12, a), "z": normal(13, b)}, {} if axes is None else {"axes": axes})

    case("transpose", {"x": X3})
    case("gather", {"reference": X, "indices": np.asarray([[2, 0], [1, 1]], "int32")}, gradient=True)
    a, b = f32([[[1, 2], [2, 3]], [[4, 4], [5, 3]]]), f32([[[7, 4], [8, 4]], [[2, 10], [15, 11]]])
    for axis in (-3, -2, -1, 0, 1, 2):
        case("concatenate", {"a": a, "b": b}, {"axis": axis}, lambda a, b, axis=axis: K.concatenate([a, b], axis=axis))
    for axis in (-4, -5):  # which 2.2.4 takes by modulo; tf_keras does too
        case("concatenate", {"a": a, "b": b}, {"axis": axis}, lambda a, b, axis=axis: K.concatenate([a, b], axis=axis))
    case("reshape", {"x": X}, {"shape": [2, 6]})
    case("permute_dimensions", {"x": X3}, {"pattern": [1, 2, 0]})
    for args in ({"height_factor": 2, "width_factor": 3, "data_format": "channels_last"}, {"height_factor": 1, "width_factor": 2, **first},
                 {"height_factor": 2, "width_factor": 3, "data_format": "channels_last", "interpolation": "bilinear"},
                 {"height_factor": 3, "width_factor": 2, "interpolation": "bilinear", **first}):
        # TensorFlow resizes by interpolation in float32 alone
        case("resize_images", {"x": X4}, args, **({"floor": {"y": 2e-6, "dx": 1e-5}} if "interpolation" in args else {}))
    for args in ({"depth_factor": 2, "height_factor": 1, "width_factor": 3, "data_format": "channels_last"},
                 {"depth_factor": 1, "height_factor": 2, "width_factor": 2, **first}):
        case("resize_volumes", {"x": X5}, args)
    for args in ({"rep": 2, "axis": 1}, {"rep": 3, "axis": 0}):
        case("repeat_elements", {"x": X3}, args)
    case("repeat", {"x": X}, {"n": 3})
    for args in ({"start": 5}, {"start": 2, "stop": 9, "step": 3}, {"start": 6, "stop": 0, "step": -2}, {"start": -3}):
        flat("arange", {}, args)
    for n in ([2, 1, 2], [1, 3, 1]):
        case("tile", {"x": X3}, {"n": n})
    case("flatten", {"x": X3})
    case("batch_flatten", {"x": X3})
    for axis in (0, 1, -1):
        case("expand_dims", {"x": X}, {"axis": axis})
    case("squeeze", {"x": normal(8, (3, 1, 4))}, {"axis": 1})
    case("temporal_padding", {"x": X3}, {"padding": [2, 1]})
    case("temporal_padding", {"x": X3})
    case("spatial_2d_padding", {"x": X4})
    case("spatial_2d_padding", {"x": X4}, {"padding": [[0, 2], [1, 0]], **first})
    case("spatial_3d_padding", {"x": X5})
    case("spatial_3d_padding", {"x": X5}, {"padding": [[0, 1], [1, 0], [2, 0]], **first})
    for axis in (0, 2):
        case("stack", {"a": X, "b": P}, {"axis": axis}, lambda a, b, axis=axis: K.stack([a, b], axis=axis))
    flat("one_hot", {"indices": np.asarray([[0, 2], [1, 3]], "int32")}, {"num_classes": 3})
    for axes in ([0], [1, 2], [-1]):
        case("reverse", {"x": X3}, {"axes": axes})
    for start, size in (([0, 1], [2, 2]), ([1, 0], [-1, 3])):
        case("slice", {"x": X}, {"start": start, "size": size}, lambda x, b=start, s=size: tf.slice(x, b, s))  # as 2.2.4 does

    case("switch", {"c": BOOLS, "a": X[:, :3], "b": P[:, :3]}, call=K.switch)
    # 2.2.4 gives a condition the axes it lacks at its end; tf_keras fails there
    case("switch", {"c": np.asarray([True, False, True]), "a": X, "b": P}, call=lambda c, a, b: tf.where(c[:, None], a, b))
    # K.switch under eager TensorFlow runs the branches of a scalar condition only as functions
    case("switch", {"c": np.asarray(False), "a": X, "b": P}, call=lambda c, a, b: K.switch(c, lambda: a, lambda: b))

    probabilities = uniform(20, (3, 4), 0.05, 1.0)
    one_hot = np.eye(4)[[1, 0, 3]]
    for args in ({}, {"from_logits": True}):
        case("categorical_crossentropy", {"target": one_hot, "output": probabilities}, args)
        case("sparse_categorical_crossentropy", {"target": np.asarray([1, 0, 3], "int32"), "output": probabilities}, args)
        case("binary_crossentropy", {"target": one_hot, "output": uniform(21, (3, 4), 0.05, 0.95)}, args,
             lambda t, o, args=args: keras.ops.binary_crossentropy(t, o, **args))  # tf_keras adds an epsilon to what it clipped
    case("categorical_crossentropy", {"target": np.moveaxis(np.eye(4)[[[1, 0], [3, 2], [2, 2]]], 2, 1), "output": uniform(22, (3, 4, 2), 0.05, 1.0)},
         {"axis": 1})
    for args in ({}, {"axis": 1}, {"axis": -1}):
        case("l2_normalize", {"x": X3}, args)
    scores = f32([[0.1, 0.4, 0.3, 0.2], [0.5, 0.1, 0.2, 0.2], [0.25, 0.3, 0.2, 0.25]])
    for k in (1, 2, 3):
        flat("in_top_k", {"predictions": scores, "targets": np.asarray([2, 1, 3], "int32")}, {"k": k},
             lambda p, t, k=k: K.in_top_k(tf.cast(p, "float32"), t, k))  # of float32 alone

    case("conv1d", {"x": normal(30, (2, 6, 2)), "kernel": normal(31, (3, 2, 3))}, {"strides": 2, **same})
    case("conv1d", {"x": normal(30, (2, 6, 2)), "kernel": normal(31, (3, 2, 3))}, {"padding": "causal", "dilation_rate": 2})
    case("conv2d", {"x": X4, "kernel": normal(32, (2, 3, 2, 3))}, same)
    case("conv2d", {"x": X4, "kernel": normal(32, (2, 3, 2, 3))}, {"strides": [2, 1]})
    case("conv3d", {"x": X5, "kernel": normal(33, (2, 2, 1, 2, 2))}, {**same, "strides": [1, 2, 1]})
    case("conv2d_transpose", {"x": normal(34, (2, 3, 3, 2)), "kernel": normal(35, (3, 3, 1, 2))},
         {"output_shape": [2, 6, 5, 1], "strides": [2, 2], **same})
    case("conv2d_transpose", {"x": normal(34, (2, 3, 3, 2)), "kernel": normal(35, (3, 3, 1, 2))},
         {"output_shape": [2, 8, 7, 1], "strides": [2, 2], "padding": "valid"})
    case("conv3d_transpose", {"x": X5, "kernel": normal(36, (2, 2, 2, 1, 2))}, {"output_shape": [1, 4, 6, 4, 1], "strides": [2, 2, 2], **same},
         lambda x, k: tf.nn.conv3d_transpose(x, k, [1, 4, 6, 4, 1], [1, 2, 2, 2, 1], "SAME"))  # as 2.2.4 does
    case("depthwise_conv2d", {"x": X4, "kernel": normal(37, (2, 2, 2, 2))}, same)
    case("separable_conv1d", {"x": normal(30, (2, 6, 2)), "kernel": normal(38, (3, 2, 2)), "pointwise": normal(39, (1, 4, 3))}, same,
         lambda x, k, p: keras.ops.separable_conv(x, k, p, padding="same"))
    case("separable_conv2d", {"x": X4, "kernel": normal(37, (2, 2, 2, 2)), "pointwise": normal(40, (1, 1, 4, 3))}, same)
    for mode in ("max", "avg"):
        case("pool2d", {"x": X4}, {"pool_size": [2, 2], "pool_mode": mode})
        case("pool2d", {"x": X4}, {"pool_size": [2, 2], "strides": [2, 2], "pool_mode": mode, **same})
        # TensorFlow pools over 3 axes in float32 alone
        case("pool3d", {"x": X5}, {"pool_size": [2, 2, 1], "strides": [1, 2, 2], "pool_mode": mode, **same},
             lambda x, mode=mode: K.pool3d(tf.cast(x, "float32"), (2, 2, 1), (1, 2, 2), "same", pool_mode=mode), floor={"y": 1e-6, "dx": 1e-6})
    for x, shapes in ((X4, ((2,), (4, 3, 2))), (X3, ((4,), (3, 4))), (X5, ((2,), (2, 3, 2, 2)))):
        for shape in shapes:
            case("bias_add", {"x": x, "bias": normal(41, shape)})
    case("bias_add", {"x": X4, "bias": normal(42, (4,))}, first)
    case("local_conv1d", {"x": normal(43, (2, 5, 2)), "kernel": normal(44, (2, 6, 3))}, {"kernel_size": [3], "strides": [2]})
    case("local_conv1d", {"x": normal(43, (2, 2, 5)), "kernel": normal(44, (3, 6, 3))}, {"kernel_size": [3], "strides": [1], **first})
    case("local_conv2d", {"x": X4, "kernel": normal(45, (6, 8, 3))}, {"kernel_size": [2, 2], "strides": [1, 1], "output_shape": [3, 2]})
    case("local_conv2d", {"x": normal(46, (2, 2, 5, 3)), "kernel": normal(47, (4, 12, 2))},
         {"kernel_size": [3, 2], "strides": [2, 1], "output_shape": [2, 2], **first})

    n = {"x": X4, "gamma": uniform(50, (2,), 0.5, 1.5), "beta": normal(51, (2,))}
    # not by the fused kernel, which takes float32 alone and gives another variance
    of_batch = tf_keras.src.backend._broadcast_normalize_batch_in_training
    case("normalize_batch_in_training", n, {"reduction_axes": [0, 1, 2]}, lambda x, g, b: of_batch(x, g, b, [0, 1, 2]))
    n = {"x": X3, "gamma": uniform(50, (3,), 0.5, 1.5), "beta": normal(51, (3,))}
    case("normalize_batch_in_training", n, {"reduction_axes": [0, 2], "epsilon": 0.0078125})
    n = {"x": X4, "mean": normal(52, (2,)), "var": uniform(53, (2,), 0.5, 2), "beta": normal(51, (2,)), "gamma": normal(50, (2,))}
    case("batch_normalization", n, {"axis": -1, "epsilon": 0.0078125}, lambda x, m, v, b, g: tf.nn.batch_normalization(x, m, v, b, g, 0.0078125))

    # loops: the functions are written again in the test
    case("map_fn", {"elems": X}, call=lambda e: K.map_fn(lambda v: tf.tanh(v) * tf.reduce_sum(v), e))
    case("foldl", {"elems": X}, call=lambda e: K.foldl(lambda a, v: a * 0.5 + v * v, e))
    case("foldr", {"elems": X}, call=lambda e: K.foldr(lambda a, v: a * 0.5 + v * v, e))
    case("foldl", {"elems": X, "start": P[0]}, call=lambda e, s: K.foldl(lambda a, v: a * 0.5 + v * v, e, initializer=s))

    def step(x, states):
        new = K.tanh(K.dot(x, states[1]) + states[0] * 0.5)
        return new * 2.0, [new]
    mask = np.asarray([[True, True, False, True], [False, True, True, False]])
    r_in = {"x": normal(60, (2, 4, 3)), "state": normal(61, (2, 5)), "kernel": normal(62, (3, 5))}
    for i, args in enumerate(({}, {"go_backwards": True}, {"mask": True}, {"mask": True, "go_backwards": True}, {"unroll": True, "mask": True})):
        def rnn(x, state, kernel, args=args):
            with_mask = {**args, **({"mask": tf.constant(mask)} if "mask" in args else {})}
            last, outputs, states = K.rnn(step, x, [state], constants=[kernel], **with_mask)
            return [outputs, last, states[0]]
        case("rnn", r_in, args, rnn, mask=mask.tolist())

    labels = np.asarray([[0, 1, 1, 0], [2, 0, 0, 0], [1, 2, 1, 2]], "int32")
    softmax = np.random.RandomState(70).normal(0, 1.5, (3, 9, 4))
    softmax = f32(np.exp(softmax) / np.exp(softmax).sum(-1, keepdims=True))
    ctc = {"y_true": labels, "y_pred": softmax, "input_length": np.asarray([[9], [4], [8]], "int32"), "label_length": np.asarray([[4], [1], [3]], "int32")}
    # tf.nn.ctc_loss takes float32 alone, and its own gradient
    case("ctc_batch_cost", ctc, call=lambda t, p, i, n: tf.cast(K.ctc_batch_cost(t, tf.cast(p, "float32"), i, n), p.dtype),
         floor={"y": 1e-5, "dy_pred": 1e-3})
    flat("ctc_decode", {"y_pred": softmax, "input_length": np.asarray([9, 4, 8], "int32")}, {"greedy": True},
         lambda p, i: (lambda d, s: [d[0], tf.cast(s, p.dtype)])(*K.ctc_decode(tf.cast(p, "float32"), i)), floor={"y1": 1e-5})
    flat("ctc_decode", {"y_pred": softmax, "input_length": np.asarray([9, 4, 8], "int32")}, {"greedy": False, "beam_width": 20, "top_paths": 3},
         lambda p, i: (lambda d, s: [*d, tf.cast(s, p.dtype)])(*K.ctc_decode(tf.cast(p, "float32"), i, greedy=False, beam_width=20, top_paths=3)),
         floor={"y3": 1e-5})

    # keras.ops that no function of 2.2.4 is
    O = keras.ops
    for args in ({}, {"axis": [0, 2]}, {"order": 1}, {"order": 3, "axis": 1}):
        case("ops_normalize", {"x": X3}, args, lambda x, args=args: O.normalize(x, **args))
    for begin, end, step in (([0, 3], [3, 0], [1, -1]), ([2, 0], [0, 4], [-2, 3]), ([-1, -1], [-9, -9], [-1, -2])):
        case("ops_strided_slice", {"x": X}, {"begin": begin, "end": end, "step": step},
             lambda x, b=begin, e=end, s=step: x[b[0]:e[0]:s[0], b[1]:e[1]:s[1]])
    for args in ({"size": [8, 6]}, {"size": [3, 5], "interpolation": "nearest"}, {"size": [2, 5], "interpolation": "bilinear"},
                 {"size": [7, 2], "interpolation": "bicubic"}, {"size": [6, 5], "interpolation": "lanczos3"}):
        case("ops_resize", {"x": X4}, args, lambda x, args=args: O.image.resize(tf.cast(x, "float32"), **args), floor={"y": 2e-6, "dx": 1e-5})
    for n, m, k in ((3, None, 0), (2, 4, 1), (4, 3, -2)):
        flat("ops_eye", {}, {"n": n, "m": m, "k": k}, lambda n=n, m=m, k=k: tf.constant(np.eye(n, m, k)), source="NumPy; Keras 3.15 gives (3, 5) for (2, 4, k=1)")
    for args in ({}, {"blank": 2}):
        case("ops_ctc_loss", {"target": np.asarray([[1, 3, 3], [1, 0, 0]], "int32"), "output": normal(71, (2, 7, 4)),
                              "target_length": np.asarray([3, 1], "int32"), "output_length": np.asarray([7, 5], "int32")}, args,
             lambda t, o, n, m, args=args: tf.cast(O.ctc_loss(t, tf.cast(o, "float32"), n, m, mask_index=args.get("blank", 0)), o.dtype),
             floor={"y": 1e-5, "doutput": 1e-5})
