"""Layers over one and three axes of space: what `layers` records, for these."""
import contextlib

from keras.src import ops as inner_ops

from .common import keras
from .layers import CON, REG, record_table
from .layers_conv import FIRST, XLA, distinct

ONE, THREE = (2, 6, 3), (1, 4, 5, 3, 2)


def conv(axes, filters, kernel_size, **args):
    return f"Conv{axes}D", {"filters": filters, "kernel_size": kernel_size, **args}


def transpose(filters, kernel_size, **args):
    return "Conv3DTranspose", {"filters": filters, "kernel_size": kernel_size, **args}


def depthwise(kernel_size, **args):
    return "DepthwiseConv1D", {"kernel_size": kernel_size, **args}


def separable(filters, kernel_size, **args):
    return "SeparableConv1D", {"filters": filters, "kernel_size": kernel_size, **args}


PENALTIES = dict(bias_regularizer=REG.L2(0.05), activity_regularizer=REG.L1(0.0078125), bias_constraint=CON.NonNeg())
DEPTH = dict(depthwise_regularizer=REG.L2(0.03), depthwise_constraint=CON.MaxNorm(0.5, axis=[0, 1]))
CONVOLUTIONS = [
    ("conv1d", conv(1, 4, 3), ONE),
    ("conv1d_causal_dilation", conv(1, 2, 2, padding="causal", dilation_rate=2, activation="tanh"), ONE),
    ("conv1d_causal_strides", conv(1, 2, 3, padding="causal", strides=2, use_bias=False), ONE),
    ("conv1d_same_even_strides", conv(1, 2, 4, padding="same", strides=3), (2, 8, 3)),
    ("conv1d_groups", conv(1, 4, 2, groups=2, padding="same"), (2, 5, 4)),
    ("conv1d_channels_first", conv(1, 4, 3, padding="same", **FIRST), (2, 3, 6), XLA),
    ("conv1d_everything", conv(1, 4, (3,), kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer=REG.L1L2(0.0078125, 0.02),
                               kernel_constraint=CON.MaxNorm(0.75, axis=[0, 1]), **PENALTIES), ONE),
    ("conv3d", conv(3, 2, 2), THREE),
    ("conv3d_same_strides", conv(3, 3, (3, 2, 1), padding="same", strides=2, activation="relu"), THREE),
    ("conv3d_dilation", conv(3, 2, 2, dilation_rate=(1, 2, 2), use_bias=False), (1, 3, 4, 4, 2), XLA),
    ("conv3d_groups", conv(3, 4, 2, groups=2), (1, 3, 3, 2, 2), XLA),
    ("conv3d_channels_first", conv(3, 3, 2, padding="same", **FIRST), (1, 2, 3, 4, 2), XLA),
    ("conv3d_everything", conv(3, 2, 2, kernel_regularizer=REG.L2(0.02), kernel_constraint=CON.UnitNorm(axis=[0, 1, 2, 3]), **PENALTIES), (1, 3, 3, 2, 2)),
    ("transpose3d", transpose(2, 2), (1, 2, 3, 2, 2)),
    ("transpose3d_strides_same", transpose(3, 3, strides=(2, 1, 3), padding="same", activation="tanh"), (1, 2, 3, 2, 2)),
    ("transpose3d_output_padding", transpose(2, 2, strides=3, output_padding=(0, 1, 2), use_bias=False), (1, 2, 1, 2, 2)),
    ("transpose3d_channels_first", transpose(3, 2, strides=2, **FIRST), (1, 2, 2, 1, 2), XLA),
    ("depthwise1d", depthwise(3), ONE),
    ("depthwise1d_multiplier", depthwise(2, depth_multiplier=2, padding="same", activation="relu"), ONE),
    ("depthwise1d_strides", depthwise(3, strides=2, padding="same", use_bias=False), (2, 7, 2)),
    ("depthwise1d_dilation", depthwise(2, dilation_rate=3), ONE),
    ("depthwise1d_channels_first", depthwise(2, depth_multiplier=2, **FIRST), (2, 3, 6)),
    ("depthwise1d_everything", depthwise(2, **DEPTH, **PENALTIES), ONE),
    ("separable1d", separable(4, 3), ONE),
    ("separable1d_dilation", separable(2, 2, dilation_rate=2, depth_multiplier=2, activation="tanh"), ONE),
    ("separable1d_strides", separable(3, 3, strides=2, padding="same", use_bias=False), (2, 7, 2)),
    ("separable1d_channels_first", separable(4, 2, padding="same", **FIRST), (2, 3, 6)),
    ("separable1d_everything", separable(4, 2, pointwise_regularizer=REG.L1(0.0078125), pointwise_constraint=CON.NonNeg(), **DEPTH, **PENALTIES), ONE),
]


@contextlib.contextmanager
def by_axes():
    """TensorFlow pools three axes in float32 only; in float64 this pools two and then the third, which is the same."""
    own = {name: getattr(inner_ops, name) for name in ("max_pool", "average_pool")}

    def pool(name):
        def call(x, pool_size, strides=None, padding="valid", data_format=None):
            if len(x.shape) != 5 or x.dtype != "float64":
                return own[name](x, pool_size, strides, padding, data_format)
            first = data_format == "channels_first"
            x = keras.ops.transpose(x, (0, 2, 3, 4, 1)) if first else x
            n, d, h, w, c = x.shape
            y = own[name](keras.ops.reshape(x, (n * d, h, w, c)), pool_size[1:], strides[1:], padding, "channels_last")
            h, w = y.shape[1:3]
            y = own[name](keras.ops.reshape(y, (n, d, h * w, c)), (pool_size[0], 1), (strides[0], 1), padding, "channels_last")
            y = keras.ops.reshape(y, (n, y.shape[1], h, w, c))
            return keras.ops.transpose(y, (0, 4, 1, 2, 3)) if first else y
        return call
    try:
        for name in own:
            setattr(inner_ops, name, pool(name))
        yield
    finally:
        for name, function in own.items():
            setattr(inner_ops, name, function)


def pooling():
    rows = []
    for axes, long, first in ((1, (2, 7, 2), (2, 2, 7)), (3, (1, 5, 4, 3, 2), (1, 2, 5, 4, 3))):
        for kind in ("Max", "Average"):
            name = f"{kind}Pooling{axes}D".lower()
            named = f"{kind}Pooling{axes}D"
            pair = (3, 2, 2)[:axes]
            for suffix, args, shape in (("", {"pool_size": 2}, long), ("_same", {"pool_size": pair, "strides": (2, 1, 2)[:axes], "padding": "same"}, long),
                                        ("_overlap", {"pool_size": pair, "strides": 1}, long),
                                        ("_channels_first", {"pool_size": 2, "padding": "same", **FIRST}, first)):
                options = {"x_values": distinct(len(rows), shape)} if kind == "Max" else {}
                rows.append((name.replace("pooling", "_pooling") + suffix, (named, args), shape, {**options, **({"within": by_axes} if axes == 3 else XLA if "first" in suffix else {})}))
            named, name = f"Global{kind}Pooling{axes}D", f"global_{kind.lower()}_pooling{axes}d"
            for suffix, args, shape in (("", {}, long), ("_keepdims", {"keepdims": True}, long), ("_channels_first", FIRST, first),
                                        ("_channels_first_keepdims", {"keepdims": True, **FIRST}, first)):
                rows.append((name + suffix, (named, args), shape, {"x_values": distinct(len(rows), shape)} if kind == "Max" else {}))
    mask = [[True, True, False, True], [False, False, False, True]]
    rows += [("global_average_pooling1d_mask", ("GlobalAveragePooling1D", {}), (2, 4, 3), {"mask": mask}),
             ("global_average_pooling1d_mask_keepdims", ("GlobalAveragePooling1D", {"keepdims": True}), (2, 4, 3), {"mask": mask}),
             ("global_average_pooling1d_mask_channels_first", ("GlobalAveragePooling1D", FIRST), (2, 3, 4), {"mask": mask})]
    return rows


BORDERS = [
    ("zero_padding1d", ("ZeroPadding1D", {}), ONE),
    ("zero_padding1d_pair", ("ZeroPadding1D", {"padding": (2, 1)}), ONE),
    ("zero_padding1d_channels_first", ("ZeroPadding1D", {"padding": (0, 3), **FIRST}), ONE),
    ("zero_padding3d", ("ZeroPadding3D", {}), (1, 2, 1, 2, 2)),
    ("zero_padding3d_triple", ("ZeroPadding3D", {"padding": (1, 0, 2)}), (1, 2, 1, 2, 2)),
    ("zero_padding3d_pairs", ("ZeroPadding3D", {"padding": ((0, 1), (2, 0), (1, 1))}), (1, 2, 1, 2, 2)),
    ("zero_padding3d_channels_first", ("ZeroPadding3D", {"padding": ((0, 1), (2, 0), (0, 0)), **FIRST}), (1, 2, 1, 2, 2)),
    ("cropping1d", ("Cropping1D", {}), ONE),
    ("cropping1d_pair", ("Cropping1D", {"cropping": (2, 0)}), ONE),
    ("cropping1d_number", ("Cropping1D", {"cropping": 2}), ONE),
    ("cropping2d", ("Cropping2D", {}), (2, 4, 5, 2)),
    ("cropping2d_number", ("Cropping2D", {"cropping": 1}), (2, 4, 5, 2)),
    ("cropping2d_pair", ("Cropping2D", {"cropping": (0, 2)}), (2, 4, 5, 2)),
    ("cropping2d_pairs", ("Cropping2D", {"cropping": ((1, 0), (0, 3))}), (2, 4, 5, 2)),
    ("cropping2d_channels_first", ("Cropping2D", {"cropping": ((1, 2), (0, 1)), **FIRST}), (2, 2, 4, 5)),
    ("cropping3d", ("Cropping3D", {}), (1, 3, 4, 3, 2)),
    ("cropping3d_triple", ("Cropping3D", {"cropping": (0, 1, 1)}), (1, 3, 4, 3, 2)),
    ("cropping3d_pairs", ("Cropping3D", {"cropping": ((1, 0), (0, 0), (0, 2))}), (1, 3, 4, 3, 2)),
    ("cropping3d_channels_first", ("Cropping3D", {"cropping": ((1, 0), (2, 1), (0, 1)), **FIRST}), (1, 2, 3, 4, 3)),
    ("up_sampling1d", ("UpSampling1D", {}), ONE),
    ("up_sampling1d_three", ("UpSampling1D", {"size": 3}), (2, 3, 2)),
    ("up_sampling1d_one", ("UpSampling1D", {"size": 1}), (2, 3, 2)),
    ("up_sampling3d", ("UpSampling3D", {}), (1, 2, 1, 2, 2)),
    ("up_sampling3d_sizes", ("UpSampling3D", {"size": (1, 3, 2)}), (1, 2, 1, 2, 2)),
    ("up_sampling3d_channels_first", ("UpSampling3D", {"size": (2, 1, 3), **FIRST}), (1, 2, 1, 2, 2)),
]
# Of these the five steps of training are recorded too.
TRAINED = ("conv1d", "conv1d_causal_dilation", "conv1d_everything", "conv3d", "conv3d_channels_first", "conv3d_everything", "transpose3d_strides_same",
           "transpose3d", "transpose3d_channels_first", "depthwise1d", "depthwise1d_multiplier", "depthwise1d_everything", "separable1d",
           "separable1d_dilation", "separable1d_everything")


def record(r, _):
    record_table(r, CONVOLUTIONS + pooling() + BORDERS, dynamic=(3, 4, 5), sparing=("none",), trained=TRAINED)
