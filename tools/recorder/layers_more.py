"""Merging, activations, noise, masks, tables and wrappers: what `layers` records, for these."""
import numpy as np

from .common import floatx, normal
from .layers import CON, K, REG, record_table

MASK = [[True, True, False, True], [False, False, False, True]]
ROWS = [[1, 0, 3], [4, 3, 0]]


def merging():
    rows = []
    for kind in ("Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        name, last = kind.lower(), [] if kind == "Subtract" else [(2, 3, 4)]
        rows += [(name, (kind, {}), [(2, 3, 4), (2, 3, 4)]), (name + "_broadcast", (kind, {}), [(2, 3, 1), (2, 1, 4)] + last),
                 (name + "_ranks", (kind, {}), [(2, 3, 4), (2, 4)])]
    return rows + [
        ("dot", ("Dot", {"axes": 1}), [(3, 4), (3, 4)]),
        ("dot_axes", ("Dot", {"axes": (2, 1)}), [(2, 3, 4), (2, 4, 5)]),
        ("dot_last", ("Dot", {"axes": -1}), [(2, 3, 4), (2, 5, 4)]),
        ("dot_first", ("Dot", {"axes": 1}), [(2, 3, 4), (2, 3, 5)]),
        ("dot_ranks", ("Dot", {"axes": (2, 1)}), [(2, 3, 4), (2, 4)]),
        ("dot_normalize", ("Dot", {"axes": 1, "normalize": True}), [(3, 4), (3, 4)]),
        ("dot_normalize_axes", ("Dot", {"axes": (1, 2), "normalize": True}), [(2, 3, 4), (2, 5, 3)]),
    ]


TABLE = [
    ("leaky_relu", ("LeakyReLU", {}), (5, 3)),
    ("leaky_relu_slope", ("LeakyReLU", {"negative_slope": 0.125}), (2, 3, 4)),
    ("leaky_relu_zero", ("LeakyReLU", {"negative_slope": 0.0}), (5, 3)),
    ("prelu", ("PReLU", {}), (5, 3)),
    ("prelu_shared", ("PReLU", {"shared_axes": [1]}), (2, 3, 4)),
    ("prelu_shared_image", ("PReLU", {"shared_axes": (1, 2), "alpha_initializer": "he_normal"}), (2, 3, 2, 4)),
    ("prelu_everything", ("PReLU", {"alpha_initializer": "ones", "alpha_regularizer": REG.L2(0.05), "alpha_constraint": CON.NonNeg()}), (3, 2, 4)),
    ("elu", ("ELU", {}), (5, 3)),
    ("elu_half", ("ELU", {"alpha": 0.5}), (2, 3, 4)),
    ("elu_zero", ("ELU", {"alpha": 0.0}), (5, 3)),
    ("softmax", ("Softmax", {}), (3, 5)),
    ("softmax_axis", ("Softmax", {"axis": 1}), (2, 3, 4)),
    ("softmax_axis_minus2", ("Softmax", {"axis": -2}), (2, 3, 4, 2)),
    ("softmax_mask", ("Softmax", {}), (2, 4), {"mask": MASK}),
    ("relu", ("ReLU", {}), (5, 3)),
    ("relu_bounded", ("ReLU", {"max_value": 0.75}), (5, 3)),
    ("relu_everything", ("ReLU", {"max_value": 1.0, "negative_slope": 0.25, "threshold": 0.125}), (2, 3, 4)),
    ("spatial_dropout1d_inference", ("SpatialDropout1D", {"rate": 0.5}), (2, 3, 4)),
    ("spatial_dropout1d_seed_inference", ("SpatialDropout1D", {"rate": 0.25, "seed": 7}), (2, 3, 4)),
    ("spatial_dropout1d_rate0", ("SpatialDropout1D", {"rate": 0.0}), (2, 3, 4)),
    ("spatial_dropout2d_inference", ("SpatialDropout2D", {"rate": 0.5}), (2, 3, 2, 2)),
    ("spatial_dropout2d_channels_first_inference", ("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first"}), (2, 3, 2, 2)),
    ("spatial_dropout2d_rate0", ("SpatialDropout2D", {"rate": 0.0, "seed": 3}), (2, 3, 2, 2)),
    ("spatial_dropout3d_inference", ("SpatialDropout3D", {"rate": 0.5}), (1, 2, 3, 2, 2)),
    ("spatial_dropout3d_channels_first_inference", ("SpatialDropout3D", {"rate": 0.5, "data_format": "channels_first"}), (1, 2, 3, 2, 2)),
    ("spatial_dropout3d_rate0", ("SpatialDropout3D", {"rate": 0.0, "seed": 3}), (1, 2, 3, 2, 2)),
    ("gaussian_noise_inference", ("GaussianNoise", {"stddev": 0.5}), (5, 3)),
    ("gaussian_noise_seed_inference", ("GaussianNoise", {"stddev": 0.25, "seed": 7}), (2, 3, 4)),
    ("gaussian_noise_none", ("GaussianNoise", {"stddev": 0.0}), (5, 3)),
    ("gaussian_dropout_inference", ("GaussianDropout", {"rate": 0.5}), (5, 3)),
    ("gaussian_dropout_seed_inference", ("GaussianDropout", {"rate": 0.25, "seed": 7}), (2, 3, 4)),
    ("gaussian_dropout_rate0", ("GaussianDropout", {"rate": 0.0}), (5, 3)),
    ("alpha_dropout_inference", ("AlphaDropout", {"rate": 0.5}), (5, 3)),
    ("alpha_dropout_noise_shape_inference", ("AlphaDropout", {"rate": 0.25, "noise_shape": (None, 1, 4), "seed": 7}), (2, 3, 4)),
    ("alpha_dropout_rate0", ("AlphaDropout", {"rate": 0.0}), (5, 3)),
    ("activity_regularization", ("ActivityRegularization", {"l1": 0.0625}), (5, 3)),
    ("activity_regularization_l2", ("ActivityRegularization", {"l2": 0.25}), (2, 3, 4)),
    ("activity_regularization_both", ("ActivityRegularization", {"l1": 0.125, "l2": 0.5}), (5, 3)),
    ("masking", ("Masking", {}), (2, 4, 3), {"x_values": normal(71, (2, 4, 3)) * [[[1], [0], [1], [0]], [[0], [0], [0], [1]]]}),
    ("masking_value", ("Masking", {"mask_value": 0.5}), (1, 3, 2), {"x_values": [[[0.5, 0.5], [0.5, 1.0], [2.0, 3.0]]]}),
    ("masking_rank4", ("Masking", {"mask_value": -1.0}), (1, 2, 2, 2), {"x_values": [[[[-1.0, -1.0], [0.0, 1.0]], [[-1.0, 0.0], [-1.0, -1.0]]]]}),
    ("permute", ("Permute", {"dims": (2, 1)}), (2, 3, 4)),
    ("permute_three", ("Permute", {"dims": (3, 1, 2)}), (2, 3, 4, 2)),
    ("permute_same", ("Permute", {"dims": (1, 2, 3)}), (2, 3, 4, 2)),
    ("repeat_vector", ("RepeatVector", {"n": 3}), (2, 4)),
    ("repeat_vector_once", ("RepeatVector", {"n": 1}), (2, 4)),
    ("repeat_vector_five", ("RepeatVector", {"n": 5}), (3, 1)),
    ("embedding", ("Embedding", {"input_dim": 5, "output_dim": 4}), (2, 3), {"x_values": ROWS}),
    ("embedding_mask", ("Embedding", {"input_dim": 5, "output_dim": 2, "mask_zero": True}), (2, 3), {"x_values": ROWS}),
    ("embedding_vector", ("Embedding", {"input_dim": 6, "output_dim": 2, "embeddings_initializer": "he_normal"}), (4,), {"x_values": [5, 0, 5, 2]}),
    ("embedding_everything", ("Embedding", {"input_dim": 5, "output_dim": 3, "embeddings_regularizer": REG.L1L2(0.0078125, 0.02),
                                            "embeddings_constraint": CON.MaxNorm(0.5, axis=1)}), (2, 3), {"x_values": ROWS}),
    ("time_distributed_dense", ("TimeDistributed", {"layer": ("Dense", {"units": 4, "activation": "tanh"})}), (2, 3, 5)),
    ("time_distributed_conv", ("TimeDistributed", {"layer": ("Conv2D", {"filters": 2, "kernel_size": 2, "strides": (1, 2)})}), (2, 3, 4, 5, 2)),
    ("time_distributed_norm", ("TimeDistributed", {"layer": ("BatchNormalization", {"momentum": 0.75})}), (4, 3, 2)),
    ("time_distributed_pooling", ("TimeDistributed", {"layer": ("GlobalMaxPooling1D", {})}), (2, 3, 4, 2)),
    ("time_distributed_mask", ("TimeDistributed", {"layer": ("Softmax", {})}), (2, 4, 3), {"mask": np.array(MASK)[:, :, None] & [True, False, True]}),
    ("time_distributed_mask_dense", ("TimeDistributed", {"layer": ("Dense", {"units": 2})}), (2, 4, 3), {"mask": MASK}),
    ("time_distributed_twice", ("TimeDistributed", {"layer": ("TimeDistributed", {"layer": ("Dense", {"units": 2})})}), (2, 3, 2, 4)),
    ("time_distributed_penalty", ("TimeDistributed", {"layer": ("Dense", {"units": 2, "kernel_regularizer": REG.L2(0.05), "bias_constraint": CON.NonNeg()})}),
     (3, 2, 4)),
]
# Of these the five steps of training are recorded too.
TRAINED = ("prelu", "prelu_shared", "prelu_everything", "embedding", "embedding_mask", "embedding_everything", "time_distributed_dense",
           "time_distributed_conv", "time_distributed_norm", "time_distributed_twice", "time_distributed_penalty")


def noise(r):
    """Moments of ones in training, with tolerances of 4 sigma: checked on a sample of real Keras."""
    limit = -1.0507009873554805 * 1.6732632423543772

    def case(name, spec, shape, along, **expected):
        class_name, args = spec
        with floatx("float32"):
            y = np.asarray(getattr(K, class_name)(**args)(np.ones(shape, "float32"), training=True), "float64")
        draws = int(np.prod([1 if i in along else n for i, n in enumerate(shape)]))
        for axis in along:
            assert np.all(y == np.take(y, [0], axis)), name
        if "dropped" in expected:
            rate = args["rate"]
            expected.update(fraction=rate, tolerance=4 * np.sqrt(rate * (1 - rate) / draws))
            dropped = np.abs(y - expected["dropped"]) <= 1e-6
            assert np.all(dropped | (np.abs(y - expected["kept"]) <= 1e-6)), name
            assert abs(np.mean(dropped) - rate) <= expected["tolerance"], name
        else:
            expected.update(tolerance=4 * expected["stddev"] / np.sqrt(draws), stddev_tolerance=4 * expected["stddev"] / np.sqrt(2 * draws))
            assert abs(np.mean(y) - expected["mean"]) <= expected["tolerance"], name
            assert abs(np.std(y) - expected["stddev"]) <= expected["stddev_tolerance"], name
        r.add(name, **{"class": class_name}, args=args, shape=shape, same_along=along, moments=expected, source="formula, checked on a sample of real Keras")
    for rate in (0.5, 0.25):
        suffix = "_half" if rate == 0.5 else "_quarter"
        for axes, shape in ((1, (60, 3, 80)), (2, (60, 2, 3, 80)), (3, (60, 2, 1, 2, 80))):
            case(f"spatial_dropout{axes}d_train{suffix}", (f"SpatialDropout{axes}D", {"rate": rate, "seed": 11}), shape, list(range(1, axes + 1)),
                 dropped=0.0, kept=1 / (1 - rate))
        a = 1 / np.sqrt((1 - rate) * (1 + rate * limit**2))
        case("alpha_dropout_train" + suffix, ("AlphaDropout", {"rate": rate, "seed": 11}), (70, 70), [], dropped=a * limit - a * limit * rate,
             kept=a - a * limit * rate)
        case("gaussian_dropout_train" + suffix, ("GaussianDropout", {"rate": rate, "seed": 11}), (70, 70), [], mean=1.0, stddev=np.sqrt(rate / (1 - rate)))
        case("gaussian_noise_train" + suffix, ("GaussianNoise", {"stddev": rate, "seed": 11}), (70, 70), [], mean=1.0, stddev=rate)
    case("spatial_dropout2d_train_channels_first", ("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first", "seed": 11}), (60, 80, 2, 3), [2, 3],
         dropped=0.0, kept=2.0)
    case("spatial_dropout3d_train_channels_first", ("SpatialDropout3D", {"rate": 0.5, "data_format": "channels_first", "seed": 11}), (60, 80, 2, 1, 3),
         [2, 3, 4], dropped=0.0, kept=2.0)
    case("alpha_dropout_train_rows", ("AlphaDropout", {"rate": 0.25, "noise_shape": (None, 1), "seed": 11}), (4000, 3), [1],
         **(lambda a: {"dropped": a * limit * 0.75, "kept": a - a * limit * 0.25})(1 / np.sqrt(0.75 * (1 + 0.25 * limit**2))))


def record(r, _):
    record_table(r, merging() + TABLE, sparing=("BatchNormalization", "TimeDistributed"), trained=TRAINED)
    noise(r)
