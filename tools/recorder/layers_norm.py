"""Normalization, reshaping and merging: what `layers` records, for these."""
import numpy as np

from .common import floatx, fresh, gradients, keras, normal
from .layers import CON, K, REG, record_table, serialized
from .layers_conv import FIRST, norm


TABLE = [
    ("norm", norm(), (3, 4, 2, 3)),
    ("norm_rank2", norm(momentum=0.75), (6, 4)),
    ("norm_rank3", norm(epsilon=0.01, momentum=0.5), (3, 4, 2)),
    ("norm_rank5", norm(), (2, 2, 3, 2, 2)),
    ("norm_axis1", norm(axis=1, momentum=0.875), (3, 2, 4, 3)),
    ("norm_axis1_rank2", norm(axis=1), (5, 3)),
    ("norm_axis2_rank3", norm(axis=-2), (3, 4, 2)),
    ("norm_plain", norm(center=False, scale=False), (4, 3, 2)),
    ("norm_no_center", norm(center=False), (4, 3)),
    ("norm_no_scale", norm(scale=False), (4, 3)),
    ("norm_frozen", norm(trainable=False), (4, 3, 2)),
    ("norm_synchronized", norm(synchronized=True), (4, 3, 2)),
    ("norm_mask", norm(momentum=0.75), (3, 4, 2), {"mask": [[True, True, False, True], [False, False, False, True], [True, False, True, True]]}),
    ("norm_renorm", norm(renorm=True, momentum=0.75, renorm_momentum=0.5), (4, 3, 2)),
    ("norm_renorm_clipping", norm(renorm=True, renorm_clipping={"rmax": 1.25, "rmin": 0.75, "dmax": 0.5}, axis=1), (3, 2, 4)),
    ("norm_renorm_plain", norm(renorm=True, renorm_clipping={"rmax": 2.0}, center=False, scale=False), (4, 3)),
    ("norm_everything", norm(axis=-1, momentum=0.9, epsilon=0.002, center=True, scale=True, beta_initializer="ones", gamma_initializer="he_normal",
                             moving_mean_initializer="ones", moving_variance_initializer="zeros", beta_regularizer=REG.L2(0.05),
                             gamma_regularizer=REG.L1(0.0078125), beta_constraint=CON.NonNeg(), gamma_constraint=CON.MaxNorm(0.5)), (4, 3, 3)),
    ("zero_padding", ("ZeroPadding2D", {}), (1, 2, 3, 2)),
    ("zero_padding_pair", ("ZeroPadding2D", {"padding": (1, 2)}), (1, 2, 3, 2)),
    ("zero_padding_pairs", ("ZeroPadding2D", {"padding": ((0, 1), (2, 3))}), (1, 2, 3, 2)),
    ("zero_padding_channels_first", ("ZeroPadding2D", {"padding": ((1, 0), (0, 2)), **FIRST}), (1, 2, 3, 2)),
    ("up_sampling", ("UpSampling2D", {}), (2, 2, 3, 2)),
    ("up_sampling_rectangle", ("UpSampling2D", {"size": (3, 1)}), (1, 2, 3, 2)),
    ("up_sampling_channels_first", ("UpSampling2D", {"size": (1, 2), **FIRST}), (1, 2, 3, 2)),
    ("add", ("Add", {}), [(2, 3, 4), (2, 3, 4)]),
    ("add_three_broadcast", ("Add", {}), [(2, 3, 1), (2, 1, 4), (2, 3, 4)]),
    ("add_ranks", ("Add", {}), [(2, 3, 4), (2, 4)]),
    ("add_one", ("Add", {}), [(2, 3)]),
    ("concatenate", ("Concatenate", {}), [(2, 3, 4), (2, 3, 1), (2, 3, 2)]),
    ("concatenate_axis1", ("Concatenate", {"axis": 1}), [(2, 3, 2, 2), (2, 1, 2, 2)]),
    ("concatenate_axis_minus2", ("Concatenate", {"axis": -2}), [(2, 3, 2), (2, 1, 2)]),
]
TRAINED = ("norm", "norm_axis1", "norm_renorm_clipping", "norm_everything")


def kernel(name, distance):
    """The weight of a sample at this distance (Keys, 1981, a = -0.5; Lanczos)."""
    t = abs(distance)
    if name == "bilinear":
        return max(0.0, 1 - t)
    if name == "bicubic":
        if t <= 1:
            return (1.5 * t - 2.5) * t * t + 1
        return ((-0.5 * t + 2.5) * t - 4) * t + 2 if t < 2 else 0.0
    radius = int(name[-1])
    if t > radius:
        return 0.0
    return 1.0 if t <= 1e-3 else radius * np.sin(np.pi * t) * np.sin(np.pi * t / radius) / (np.pi * t) ** 2


def matrix(name, size, factor):
    """Rows of weights: output i is a mean of the inputs around it; TensorFlow's bicubic places it on a grid of 1/1024."""
    rows = np.zeros((size * factor, size))
    for i in range(size * factor):
        at = (i + 0.5) / factor - 0.5
        if name == "bicubic":
            at = np.floor(at) + np.rint((at - np.floor(at)) * 1024) / 1024
        rows[i] = [kernel(name, j - at) for j in range(size)]
        if name == "bilinear":  # beyond the border the border itself
            rows[i] = [0.0] * size
            clamped = min(max(at, 0), size - 1)
            rows[i] = [kernel(name, j - clamped) for j in range(size)]
        rows[i] /= rows[i].sum()
    return rows


def resizing(r):
    """TensorFlow resizes in float32 only: float64 is a formula, checked against it."""
    for seed, (name, args, shape) in enumerate([
            ("up_sampling_bilinear", {"interpolation": "bilinear"}, (2, 3, 4, 2)),
            ("up_sampling_bilinear_rectangle", {"size": (3, 1), "interpolation": "bilinear"}, (1, 3, 4, 2)),
            ("up_sampling_bilinear_channels_first", {"size": (2, 3), "interpolation": "bilinear", **FIRST}, (1, 2, 3, 4)),
            ("up_sampling_bicubic", {"interpolation": "bicubic"}, (1, 5, 4, 2)),
            ("up_sampling_bicubic_thirds", {"size": (3, 5), "interpolation": "bicubic"}, (1, 5, 3, 1)),
            ("up_sampling_lanczos3", {"interpolation": "lanczos3"}, (1, 7, 5, 1)),
            ("up_sampling_lanczos3_thirds", {"size": 3, "interpolation": "lanczos3"}, (1, 5, 2, 1)),
            ("up_sampling_lanczos5", {"size": (2, 3), "interpolation": "lanczos5"}, (1, 6, 3, 1))]):
        first = args.get("data_format") == "channels_first"
        x = normal(900 + seed, shape)
        size = args.get("size", 2)
        size = (size, size) if isinstance(size, int) else size
        rows, columns = [matrix(args["interpolation"], n, f) for n, f in zip(shape[2:] if first else shape[1:3], size)]
        equation = "yh,bchw,xw->bcyx" if first else "yh,bhwc,xw->byxc"
        y = np.einsum(equation, rows, x, columns)
        w = normal(950 + seed, y.shape)
        dx = np.einsum("yh,bcyx,xw->bchw" if first else "yh,byxc,xw->bhwc", rows, w, columns)
        with floatx("float32"):
            layer = fresh(lambda: K.UpSampling2D(**args))
            single = np.asarray(layer(np.asarray(x, "float32")))
            x32 = keras.ops.convert_to_tensor(np.asarray(x, "float32"))
            dx32 = np.asarray(gradients(lambda: (keras.ops.sum(layer(x32) * np.asarray(w, "float32")), {}), {"x": x32})["dx"])
        for ours, theirs in ((y, single), (dx, dx32)):
            error = np.max(np.abs(ours - theirs))
            assert error < 2e-6 * max(1, np.max(np.abs(ours))), f"{name}: Keras resizes otherwise, by {error}"
        case = r.add(name, {"x": x, "w": w}, **{"class": "UpSampling2D"}, args=serialized(args), config=layer.get_config(),
                     output_shape=[None] + list(y.shape[1:]), source="float64: formula in NumPy, checked against Keras in float32")
        r.outputs(case, {"64": {"y_test": y, "dx_test": dx}, "32": {"y_test": single, "dx_test": dx32}})


def record(r, _):
    record_table(r, TABLE, dynamic=True, sparing=("BatchNormalization",), trained=TRAINED)
    resizing(r)
