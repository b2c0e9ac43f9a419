"""Convolution and pooling: what `layers` records, for these. Stacks hold all layers of a vision model."""
import numpy as np

from .layers import CON, REG, record_table, stack

XLA = {"xla": True}
FIRST = {"data_format": "channels_first"}


def conv(filters, kernel_size, **args):
    return "Conv2D", {"filters": filters, "kernel_size": kernel_size, **args}


def transpose(filters, kernel_size, **args):
    return "Conv2DTranspose", {"filters": filters, "kernel_size": kernel_size, **args}


def depthwise(kernel_size, **args):
    return "DepthwiseConv2D", {"kernel_size": kernel_size, **args}


def separable(filters, kernel_size, **args):
    return "SeparableConv2D", {"filters": filters, "kernel_size": kernel_size, **args}


def norm(**args):
    return "BatchNormalization", args


def distinct(seed, shape):
    """Numbers far from one another, so that no rounding decides which is the largest of a window."""
    return np.random.RandomState(seed).permutation(int(np.prod(shape))).reshape(shape) / 16.0 - 4


# With channels_first, Keras 3.15 on TensorFlow adds the bias along the width where that has as many elements as there
# are filters (its `add` takes the bias for one of channels_last): no case is so.
TABLE = [
    ("conv2d", conv(3, 3), (2, 5, 6, 2)),
    ("conv2d_relu_rectangle", conv(2, (2, 3), activation="relu"), (2, 4, 5, 3)),
    ("conv2d_same", conv(2, 3, padding="same"), (2, 5, 4, 2)),
    ("conv2d_same_even", conv(2, (2, 4), padding="same"), (1, 5, 6, 2)),
    ("conv2d_same_strides", conv(2, 3, strides=2, padding="same"), (2, 6, 5, 2)),
    ("conv2d_same_even_strides", conv(2, (4, 2), strides=(2, 3), padding="same"), (1, 7, 8, 2)),
    ("conv2d_strides", conv(2, 3, strides=(2, 1), use_bias=False), (2, 6, 5, 2)),
    ("conv2d_strides_beyond_kernel", conv(2, 1, strides=3), (2, 7, 5, 2)),
    ("conv2d_dilation", conv(2, 2, dilation_rate=(2, 3)), (2, 5, 6, 2)),
    ("conv2d_dilation_same", conv(2, 3, dilation_rate=2, padding="same", activation="tanh"), (1, 6, 5, 2)),
    ("conv2d_groups", conv(4, 3, groups=2, padding="same"), (2, 4, 4, 4)),
    ("conv2d_groups_strides", conv(3, (2, 3), groups=3, strides=2), (2, 5, 6, 3)),
    ("conv2d_channels_first", conv(3, 3, **FIRST), (2, 2, 5, 6), XLA),
    ("conv2d_channels_first_same_strides", conv(2, (2, 3), strides=2, padding="same", activation="sigmoid", **FIRST), (2, 3, 4, 5), XLA),
    ("conv2d_pointwise", conv(4, 1), (2, 3, 4, 3)),
    ("conv2d_softmax", conv(3, 1, activation="softmax"), (2, 2, 3, 2)),
    ("conv2d_everything", conv(4, (3, 2), strides=(2, 1), padding="same", data_format="channels_last", dilation_rate=1, groups=2, activation="elu",
                               use_bias=True, kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer=REG.L1L2(0.0078125, 0.02),
                               bias_regularizer=REG.L2(0.05), activity_regularizer=REG.L2(0.01), kernel_constraint=CON.MaxNorm(2, axis=[0, 1, 2]),
                               bias_constraint=CON.NonNeg()), (2, 5, 4, 2)),
    ("transpose", transpose(3, 3), (2, 3, 4, 2)),
    ("transpose_same", transpose(2, 3, padding="same"), (2, 4, 3, 2)),
    ("transpose_strides", transpose(2, 3, strides=2, activation="relu"), (2, 3, 4, 2)),
    ("transpose_strides_same", transpose(2, 3, strides=2, padding="same"), (2, 3, 4, 2)),
    ("transpose_strides_same_even", transpose(2, (4, 2), strides=(2, 3), padding="same"), (1, 3, 4, 2)),
    ("transpose_strides_beyond_kernel", transpose(2, 2, strides=3, use_bias=False), (1, 3, 2, 2)),
    ("transpose_strides_beyond_kernel_same", transpose(2, 2, strides=3, padding="same"), (1, 3, 2, 2)),
    ("transpose_output_padding", transpose(2, 3, strides=2, output_padding=1), (1, 3, 4, 2)),
    ("transpose_output_padding_same", transpose(2, (3, 4), strides=(3, 2), padding="same", output_padding=(2, 1)), (1, 3, 4, 2)),
    ("transpose_dilation", transpose(2, 2, dilation_rate=(2, 1)), (1, 4, 3, 2), XLA),
    ("transpose_dilation_same", transpose(2, 3, dilation_rate=2, padding="same"), (1, 4, 5, 2), XLA),
    ("transpose_channels_first", transpose(3, 3, strides=2, padding="same", **FIRST), (2, 2, 3, 4), XLA),
    ("transpose_regularized", transpose(2, 2, kernel_regularizer=REG.L2(0.03), bias_regularizer=REG.L1(0.0078125), activity_regularizer=REG.L1(0.0625),
                                        kernel_constraint=CON.UnitNorm(axis=[0, 1, 3]), bias_constraint=CON.MaxNorm(0.5)), (2, 3, 3, 2)),
    ("depthwise", depthwise(3), (2, 5, 4, 3)),
    ("depthwise_multiplier", depthwise((2, 3), depth_multiplier=2, padding="same", activation="tanh"), (2, 4, 5, 2)),
    ("depthwise_strides", depthwise(3, strides=2, padding="same", use_bias=False), (2, 6, 5, 2)),
    ("depthwise_strides_rectangle", depthwise(2, strides=(1, 2)), (2, 4, 5, 2), XLA),
    ("depthwise_dilation", depthwise(2, dilation_rate=2, depth_multiplier=3), (1, 5, 4, 2)),
    ("depthwise_dilation_strides_same", depthwise(3, dilation_rate=2, strides=2, padding="same"), (1, 7, 6, 2)),
    ("depthwise_channels_first", depthwise(3, padding="same", strides=2, depth_multiplier=2, **FIRST), (2, 2, 5, 4)),
    ("depthwise_regularized", depthwise(2, depthwise_regularizer=REG.L2(0.03), bias_regularizer=REG.L1(0.0078125), activity_regularizer=REG.L2(0.05),
                                        depthwise_constraint=CON.MaxNorm(0.5, axis=[0, 1]), bias_constraint=CON.NonNeg(),
                                        depthwise_initializer="he_uniform"), (2, 4, 3, 2)),
    ("separable", separable(3, 3), (2, 5, 4, 2)),
    ("separable_multiplier_strides", separable(2, (3, 2), depth_multiplier=2, strides=2, padding="same", activation="relu"), (2, 5, 4, 2)),
    ("separable_dilation", separable(2, 2, dilation_rate=2, use_bias=False), (1, 5, 4, 2)),
    ("separable_channels_first", separable(3, 2, padding="same", **FIRST), (2, 2, 3, 4)),
    ("separable_regularized", separable(3, 2, depthwise_regularizer=REG.L2(0.03), pointwise_regularizer=REG.L1(0.0078125), bias_regularizer=REG.L2(0.05),
                                        activity_regularizer=REG.L2(0.02), depthwise_constraint=CON.MaxNorm(0.75), pointwise_constraint=CON.NonNeg(),
                                        bias_constraint=CON.MaxNorm(0.5), pointwise_initializer="he_normal"), (2, 4, 3, 2)),
    ("max_pooling", ("MaxPooling2D", {}), (2, 5, 4, 2), {"x_values": distinct(1, (2, 5, 4, 2))}),
    ("max_pooling_same", ("MaxPooling2D", {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}), (1, 6, 5, 2),
     {"x_values": distinct(2, (1, 6, 5, 2))}),
    ("max_pooling_overlap", ("MaxPooling2D", {"pool_size": 3, "strides": 1}), (1, 5, 4, 2), {"x_values": distinct(3, (1, 5, 4, 2))}),
    ("max_pooling_gaps", ("MaxPooling2D", {"pool_size": 2, "strides": 3}), (1, 6, 8, 2), {"x_values": distinct(4, (1, 6, 8, 2))}),
    ("max_pooling_channels_first", ("MaxPooling2D", {"pool_size": (2, 3), "padding": "same", **FIRST}), (2, 2, 5, 4),
     {"x_values": distinct(5, (2, 2, 5, 4))}),
    ("average_pooling", ("AveragePooling2D", {"pool_size": 2}), (2, 5, 4, 2)),
    ("average_pooling_same", ("AveragePooling2D", {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}), (1, 6, 5, 2)),
    ("average_pooling_same_even", ("AveragePooling2D", {"pool_size": 4, "strides": 3, "padding": "same"}), (1, 7, 6, 2)),
    ("average_pooling_channels_first", ("AveragePooling2D", {"pool_size": 3, "strides": 1, **FIRST}), (2, 2, 5, 4), XLA),
    ("global_average_pooling", ("GlobalAveragePooling2D", {}), (2, 3, 4, 3)),
    ("global_average_pooling_keepdims", ("GlobalAveragePooling2D", {"keepdims": True, **FIRST}), (2, 3, 4, 2)),
    ("global_max_pooling", ("GlobalMaxPooling2D", {}), (2, 3, 4, 3), {"x_values": distinct(6, (2, 3, 4, 3))}),
    ("global_max_pooling_keepdims", ("GlobalMaxPooling2D", {"keepdims": True}), (2, 3, 4, 2), {"x_values": distinct(7, (2, 3, 4, 2))}),
    ("global_max_pooling_channels_first", ("GlobalMaxPooling2D", FIRST), (2, 3, 4, 2), {"x_values": distinct(8, (2, 3, 4, 2))}),
    ("global_average_pooling_channels_first", ("GlobalAveragePooling2D", FIRST), (2, 3, 4, 2)),
]
# Of these the five steps of training are recorded too.
TRAINED = ("conv2d", "conv2d_same_strides", "conv2d_groups", "conv2d_channels_first", "conv2d_everything", "transpose_strides_same",
           "transpose_regularized", "depthwise", "depthwise_regularized", "separable", "separable_regularized")

# name, layers, shape of the input, width of the output
STACKS = [
    ("stack_conv", [conv(3, 3, padding="same", activation="relu"), ("MaxPooling2D", {}), norm(momentum=0.75), conv(2, 2), ("Flatten", {}),
                    ("Dense", {"units": 2})], (4, 6, 6, 1), 2),
    ("stack_frozen", [conv(2, 2, use_bias=False), norm(trainable=False), ("GlobalAveragePooling2D", {}), ("Dense", {"units": 2})], (4, 4, 3, 2), 2),
    ("stack_mobile", [("ZeroPadding2D", {"padding": ((0, 1), (0, 1))}), depthwise(3, strides=2, use_bias=False), norm(), separable(3, 2, padding="same"),
                      ("UpSampling2D", {}), transpose(1, 2, strides=2), ("AveragePooling2D", {"pool_size": 3}), ("Flatten", {})], (3, 4, 4, 2), 4),
]


def record(r, _):
    record_table(r, TABLE, dynamic=True, sparing=("none",), trained=TRAINED)
    for seed, (name, specs, shape, width) in enumerate(STACKS):
        stack(r, name, specs, shape, width, 6000 + 50 * seed)
