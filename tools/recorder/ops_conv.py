"""Convolution, pooling and normalization of keras.ops: forward, and the gradient of sum(y * w) by every operand."""
import numpy as np
import tensorflow as tf

from .common import f32, gradients, keras, normal, uniform

O = keras.ops


def first(x):
    """channels_first to channels_last."""
    return O.transpose(x, (0, *range(2, len(x.shape)), 1))


def last(x):
    """channels_last to channels_first."""
    return O.transpose(x, (0, len(x.shape) - 1, *range(1, len(x.shape) - 1)))


def native(op):
    """keras.ops's own function; where TensorFlow's CPU kernels refuse channels_first, with transposes around it."""
    def call(*tensors, data_format="channels_last", **args):
        if data_format == "channels_last":
            return getattr(O, op)(*tensors, **args, data_format=data_format)
        return last(getattr(O, op)(first(tensors[0]), *tensors[1:], **args, data_format="channels_last"))
    return call


def compiled(op):
    """The same by XLA, for dilations that TensorFlow's CPU kernels of conv_transpose refuse."""
    def call(*tensors, **args):
        return tf.function(lambda *t: getattr(O, op)(*t, **args), jit_compile=True)(*tensors)
    return call


def causal(x, kernel, padding, data_format="channels_last", **args):
    """keras.ops.conv on TensorFlow knows no causal padding; the layer has it."""
    assert padding == "causal"
    layer = keras.layers.Conv1D(kernel.shape[-1], kernel.shape[0], padding="causal", use_bias=False,
                                groups=x.shape[-1] // kernel.shape[-2], **args)
    layer.build(x.shape)
    y, _ = layer.stateless_call([kernel], [], x)
    return y


def pool3d(op):
    """TensorFlow pools three axes in float32 only; in float64 by two axes and then the third, which is the same."""
    def call(x, pool_size, strides=None, padding="valid", **_):
        strides = strides or pool_size
        if x.dtype == tf.float32:
            return getattr(O, op)(x, pool_size, strides=strides, padding=padding)
        n, d, h, w, c = x.shape
        y = getattr(O, op)(O.reshape(x, (n * d, h, w, c)), pool_size[1:], strides=strides[1:], padding=padding)
        h, w = y.shape[1:3]
        y = getattr(O, op)(O.reshape(y, (n, d, h * w, c)), (pool_size[0], 1), strides=(strides[0], 1), padding=padding)
        return O.reshape(y, (n, -1, h, w, c))
    return call


def record(r, _):
    counts = {}

    def case(op, shapes, args=None, call=None):
        args = args or {}
        counts[op] = counts.get(op, 0) + 1
        seed = 1000 * len(op) + 10 * counts[op]
        names = {"conv": "x kernel", "depthwise_conv": "x kernel", "separable_conv": "x kernel pointwise",
                 "conv_transpose": "x kernel"}.get(op, "x").split()
        inputs = {name: normal(seed + i, shape) for i, (name, shape) in enumerate(zip(names, shapes))}
        function = call or native(op)
        y_shape = function(*(O.convert_to_tensor(v, "float32") for v in inputs.values()), **args).shape
        inputs["w"] = uniform(seed + 9, tuple(y_shape), 0.5, 1.5)

        def run(w, **tensors):
            def loss():
                y = function(*tensors.values(), **args)
                return O.sum(y * w), {"y": y}
            return gradients(loss, tensors)
        r.add(f"{op}_{counts[op]}", inputs, run, op=op, args=args)

    same, valid = {"padding": "same"}, {"padding": "valid"}
    # 1 axis
    case("conv", [(2, 8, 2), (4, 2, 2)], {**same, "strides": 1})
    case("conv", [(1, 9, 2), (3, 2, 3)], {**same, "strides": 2})
    case("conv", [(1, 10, 2), (3, 2, 3)], {**valid, "dilation_rate": 2})
    case("conv", [(1, 8, 4), (3, 2, 4)], {**same})
    case("conv", [(1, 4, 7), (3, 4, 2)], {"strides": 2, "data_format": "channels_first"})
    case("conv", [(1, 9, 2), (2, 2, 2)], {"padding": "causal", "strides": 2}, causal)
    case("conv", [(1, 7, 2), (3, 2, 2)], {"padding": "causal", "dilation_rate": 2}, causal)
    # 2 axes
    case("conv", [(2, 4, 5, 3), (3, 3, 3, 2)])
    case("conv", [(1, 5, 6, 2), (2, 4, 2, 2)], {**same})
    case("conv", [(1, 7, 6, 2), (3, 2, 2, 3)], {**same, "strides": (2, 3)})
    case("conv", [(1, 8, 7, 1), (2, 2, 1, 3)], {**valid, "strides": 3})
    case("conv", [(1, 5, 4, 3), (1, 1, 3, 2)], {**same, "strides": 2})
    case("conv", [(1, 7, 8, 2), (3, 2, 2, 2)], {**same, "dilation_rate": (2, 3)})
    case("conv", [(1, 5, 4, 6), (3, 3, 2, 3)], {**same})
    case("conv", [(1, 5, 4, 4), (3, 3, 1, 8)], {**same, "strides": 2})
    case("conv", [(1, 3, 5, 4), (3, 3, 3, 2)], {**same, "data_format": "channels_first"})
    case("conv", [(1, 4, 5, 6), (2, 3, 2, 4)], {"strides": (1, 2), "data_format": "channels_first"})
    case("conv", [(1, 3, 3, 17), (2, 2, 17, 1)], {**same})
    # 3 axes
    case("conv", [(1, 3, 4, 3, 2), (2, 3, 2, 2, 2)])
    case("conv", [(1, 4, 3, 3, 2), (2, 3, 2, 2, 1)], {**same, "strides": (2, 1, 2)})
    case("conv", [(1, 3, 4, 3, 1), (2, 2, 2, 1, 1)], {**same, "dilation_rate": 2})
    case("conv", [(1, 2, 3, 4, 2), (2, 2, 2, 2, 1)], {"data_format": "channels_first"})
    case("conv", [(1, 2, 3, 2, 4), (2, 2, 1, 2, 2)], {**same})

    case("depthwise_conv", [(2, 6, 2), (3, 2, 2)], {**same})
    case("depthwise_conv", [(1, 9, 2), (2, 2, 1)], {"strides": 2})
    case("depthwise_conv", [(1, 3, 8), (3, 3, 1)], {"dilation_rate": 2, "data_format": "channels_first"})
    case("depthwise_conv", [(1, 5, 4, 3), (3, 2, 3, 2)])
    case("depthwise_conv", [(1, 6, 5, 3), (2, 2, 3, 1)], {**same, "strides": 2})
    case("depthwise_conv", [(1, 6, 7, 2), (3, 3, 2, 1)], {**same, "dilation_rate": 2})
    case("depthwise_conv", [(1, 7, 6, 2), (3, 3, 2, 2)], {**same, "strides": 2, "dilation_rate": 2})
    case("depthwise_conv", [(1, 3, 5, 4), (3, 3, 3, 1)], {**same, "data_format": "channels_first"})
    case("separable_conv", [(2, 6, 2), (3, 2, 2), (1, 4, 3)], {**same})
    case("separable_conv", [(1, 5, 4, 2), (3, 3, 2, 2), (1, 1, 4, 3)])
    case("separable_conv", [(1, 6, 5, 2), (3, 3, 2, 1), (1, 1, 2, 3)], {**same, "strides": 2})
    case("separable_conv", [(1, 7, 6, 2), (3, 3, 2, 1), (1, 1, 2, 3)], {"strides": 2, "dilation_rate": 2})
    case("separable_conv", [(1, 2, 5, 5), (3, 3, 2, 1), (1, 1, 2, 3)], {**same, "data_format": "channels_first"})

    for padding in (valid, same):
        for strides in (1, 2, 3):
            k = 2 + (strides + len(padding["padding"])) % 3
            case("conv_transpose", [(1, 4, 2), (k, 3, 2)], {**padding, "strides": strides})
    for padding, strides, k, added in ((valid, 2, 3, 0), (valid, 2, 3, 1), (same, 2, 3, 0), (same, 2, 3, 1),
                                       (same, 3, 4, 1), (same, 3, 4, 3), (same, 1, 3, 0), (same, 2, 2, 1)):
        case("conv_transpose", [(1, 4, 2), (k, 3, 2)], {**padding, "strides": strides, "output_padding": added})
    case("conv_transpose", [(1, 4, 2), (3, 2, 2)], {**valid, "dilation_rate": 2}, compiled("conv_transpose"))
    case("conv_transpose", [(1, 5, 2), (3, 2, 2)], {**same, "dilation_rate": 2}, compiled("conv_transpose"))
    case("conv_transpose", [(1, 5, 4, 2), (2, 3, 2, 2)], {**same, "dilation_rate": (2, 3)}, compiled("conv_transpose"))
    case("conv_transpose", [(2, 3, 3, 2), (3, 3, 2, 2)], {**same, "strides": 2})
    case("conv_transpose", [(1, 3, 3, 2), (2, 5, 1, 2)], {**valid, "strides": (3, 2)})
    case("conv_transpose", [(1, 3, 3, 2), (3, 4, 1, 2)], {**same, "strides": (2, 3), "output_padding": (1, 2)})
    case("conv_transpose", [(1, 2, 3, 3), (3, 3, 2, 2)], {**same, "strides": 2, "data_format": "channels_first"})
    case("conv_transpose", [(1, 2, 3, 2, 1), (3, 2, 3, 1, 1)], {**same, "strides": 2})
    case("conv_transpose", [(1, 2, 2, 3, 1), (2, 3, 2, 1, 1)], {**valid, "strides": (1, 2, 3)})

    for op in ("max_pool", "average_pool"):
        case(op, [(1, 8, 2)], {"pool_size": 3, "strides": 2, **same})
        case(op, [(1, 3, 7)], {"pool_size": 2, **same, "data_format": "channels_first"})
        case(op, [(1, 6, 5, 3)], {"pool_size": 2})
        case(op, [(2, 5, 4, 2)], {"pool_size": (3, 2), "strides": (2, 1), **same})
        case(op, [(1, 7, 7, 2)], {"pool_size": (2, 1), "strides": (3, 2)})
        case(op, [(1, 5, 6, 2)], {"pool_size": 4, "strides": 3, **same})
        case(op, [(1, 2, 2, 2)], {"pool_size": 3, "strides": 1, **same})
        case(op, [(1, 3, 5, 4)], {"pool_size": (3, 2), "strides": 1, "data_format": "channels_first"})
        case(op, [(1, 4, 3, 4, 1)], {"pool_size": (2, 2, 2)}, pool3d(op))
        case(op, [(1, 3, 4, 5, 1)], {"pool_size": (2, 3, 2), "strides": (1, 2, 2), **same}, pool3d(op))
    ties = f32(np.arange(60).reshape(1, 5, 6, 2) // 7 % 3)
    r.add("max_pool_ties", {"x": ties, "w": uniform(5, (1, 4, 5, 2))}, lambda x, w: gradients(
        lambda: (lambda y: (O.sum(y * w), {"y": y}))(O.max_pool(x, 2, strides=1)), {"x": x}), op="max_pool", args={"pool_size": 2, "strides": 1})

    for i, (shape, axes, keepdims) in enumerate((((6, 3), [0], False), ((4, 5, 3), [0, 1], False), ((2, 5, 3), [0, 1], True), ((2, 3, 4, 2), [-1], False),
                                                 ((2, 3, 4), [0, 1, 2], False))):
        x = normal(70 + i, shape, 2.0)
        args = {"axes": axes, "keepdims": keepdims}
        w = normal(80 + i, tuple(O.moments(x, **args)[0].shape))

        def run(x, w):
            def loss():
                mean, variance = O.moments(x, **args)
                return O.sum((mean * 0.5 + variance) * w), {"mean": mean, "variance": variance}
            return gradients(loss, {"x": x})
        r.add(f"moments_{i + 1}", {"x": x, "w": w}, run, op="moments", args=args)

    for i, (shape, axis, given) in enumerate((((5, 3), -1, "offset scale"), ((2, 3, 2, 3), -1, "offset scale"), ((2, 3, 2, 2), 1, "offset scale"),
                                              ((5, 3), -1, "offset"), ((5, 3), 1, "scale"), ((2, 4, 3), 2, ""))):
        n = shape[axis]
        inputs = {"x": normal(90 + i, shape), "mean": normal(100 + i, (n,)), "variance": uniform(110 + i, (n,), 0.5, 2.0)}
        inputs.update({name: normal(120 + i + len(name), (n,)) for name in given.split()})
        inputs["w"] = normal(130 + i, shape)
        args = {"axis": axis, **({"epsilon": 0.01} if i % 2 else {})}

        def run(w, **tensors):
            def loss():
                y = O.batch_normalization(**tensors, **args)
                return O.sum(y * w), {"y": y}
            return gradients(loss, tensors)
        r.add(f"batch_normalization_{i + 1}", inputs, run, op="batch_normalization", args=args)
