"""Initializers: exact values where there is no chance, distributions with their moments where there is."""
import math

import numpy as np
import scipy.stats

from .common import fresh, keras

I = keras.initializers
SHAPES = [(200, 300), (3, 3, 16, 32), (50,)]
TRUNCATION = 0.87962566103423978  # the stddev of a unit normal cut at 2
RANDOM = [
    ("RandomNormal", {}), ("RandomNormal", {"mean": 1.0, "stddev": 0.5}), ("RandomUniform", {}),
    ("RandomUniform", {"minval": 0.0, "maxval": 2.0}), ("TruncatedNormal", {}), ("TruncatedNormal", {"mean": -1.0, "stddev": 0.25}),
    ("GlorotUniform", {}), ("GlorotNormal", {}), ("HeUniform", {}), ("HeNormal", {}), ("LecunUniform", {}), ("LecunNormal", {}),
    ("VarianceScaling", {}), ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "untruncated_normal"}),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_avg", "distribution": "normal"}),
    ("VarianceScaling", {"scale": 1.0, "mode": "fan_in", "distribution": "untruncated_normal"}),
]
KINDS = {"GlorotUniform": (1, "fan_avg", "uniform"), "GlorotNormal": (1, "fan_avg", "truncated_normal"),
         "HeUniform": (2, "fan_in", "uniform"), "HeNormal": (2, "fan_in", "truncated_normal"),
         "LecunUniform": (1, "fan_in", "uniform"), "LecunNormal": (1, "fan_in", "truncated_normal")}


def fans(shape):
    if len(shape) == 0:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def distribution(class_name, args, shape):
    """The law of one element, by Keras's formulas: a scipy distribution and its name and parameters."""
    if class_name == "RandomUniform":
        low, high = args.get("minval", -0.05), args.get("maxval", 0.05)
        return scipy.stats.uniform(low, high - low), {"distribution": "uniform", "low": low, "high": high}
    if class_name in ("RandomNormal", "TruncatedNormal"):
        mean, stddev, truncated = args.get("mean", 0.0), args.get("stddev", 0.05), class_name == "TruncatedNormal"
    else:
        scale, mode, kind = KINDS.get(class_name, (args.get("scale", 1), args.get("mode", "fan_in"),
                                                   args.get("distribution", "truncated_normal")))
        fan_in, fan_out = fans(shape)
        scale /= max(1.0, {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode])
        if kind == "uniform":
            limit = math.sqrt(3 * scale)
            return scipy.stats.uniform(-limit, 2 * limit), {"distribution": "uniform", "low": -limit, "high": limit}
        truncated = kind in ("normal", "truncated_normal")
        mean, stddev = 0.0, math.sqrt(scale) / (TRUNCATION if truncated else 1)
    if truncated:
        return scipy.stats.truncnorm(-2, 2, mean, stddev), {"distribution": "truncated_normal", "mean_before": mean, "stddev_before": stddev,
                                                            "low": mean - 2 * stddev, "high": mean + 2 * stddev}
    return scipy.stats.norm(mean, stddev), {"distribution": "normal"}


def check(case, sample, law):
    n = sample.size
    assert abs(sample.mean() - case["mean"]) <= case["mean_tolerance"], case["name"]
    assert abs(sample.std() - case["stddev"]) <= case["stddev_tolerance"], case["name"]
    if "low" in case:
        slack = 1e-6 * max(abs(case["low"]), abs(case["high"]))
        assert sample.min() >= case["low"] - slack and sample.max() <= case["high"] + slack, case["name"]
    for point, p, tolerance in zip(case["points"], case["below"], case["below_tolerance"]):
        assert abs(np.mean(sample <= point) - p) <= tolerance, (case["name"], point)
    assert scipy.stats.kstest(sample.ravel()[:20000], law.cdf).pvalue > 1e-5, case["name"]
    assert n == math.prod(case["shape"])


def record(r, _):
    for class_name, args in RANDOM:
        for shape in SHAPES:
            law, extra = distribution(class_name, args, shape)
            n, sigma = math.prod(shape), law.std()
            kurtosis = float(law.stats(moments="k")) + 3
            points = [float(x) for x in law.ppf([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])]
            below = [float(x) for x in law.cdf(points)]
            instance = fresh(lambda: getattr(I, class_name)(**args))
            suffix = "_".join(str(v) for v in args.values()).replace(".", "p").replace("-", "m")
            name = "_".join(filter(None, [class_name.lower(), suffix.lower(), "x".join(map(str, shape))]))
            case = r.add(name, **{"class": class_name}, args=args, config=instance.get_config(), shape=shape, n=n, **extra, mean=float(law.mean()),
                         stddev=float(sigma), mean_tolerance=4 * sigma / math.sqrt(n),
                         stddev_tolerance=4 * sigma * math.sqrt((kurtosis - 1) / 4 / n), points=points, below=below,
                         below_tolerance=[4 * math.sqrt(p * (1 - p) / n) for p in below], source="formula, checked on a sample of real Keras")
            sample = np.asarray(getattr(I, class_name)(**args, seed=7)(shape), "float64")
            check(case, sample, law)

    for shape in [(), (50,), (200, 300), (5, 16, 32), (3, 3, 16, 32), (2, 3, 4, 5, 6)]:
        assert keras.src.initializers.random_initializers.compute_fans(shape) == fans(shape)
        r.add("fans_" + ("x".join(map(str, shape)) or "scalar"), shape=shape, fan_in=fans(shape)[0], fan_out=fans(shape)[1])

    for class_name, args, shapes in (("Zeros", {}, SHAPES), ("Ones", {}, SHAPES), ("Constant", {}, [(3,)]), ("Constant", {"value": 0.5}, SHAPES),
                                     ("Constant", {"value": -3}, [(2, 2)])):
        for shape in shapes:
            value = np.unique(np.asarray(getattr(I, class_name)(**args)(shape)))
            assert value.size == 1
            name = "_".join([class_name.lower()] + [str(v).replace(".", "p").replace("-", "m") for v in args.values()] + ["x".join(map(str, shape))])
            r.add(name, **{"class": class_name}, args=args, config=getattr(I, class_name)(**args).get_config(), shape=shape, value=value[0])
    for gain in (1.0, 2.5):
        for shape in ((3, 3), (3, 5), (4, 2)):
            r.add(f"identity_{gain}_{shape[0]}x{shape[1]}".replace(".", "p"), None,
                  lambda: {"value": I.Identity(gain=gain)(shape)}, **{"class": "Identity"}, args={"gain": gain},
                  config=I.Identity(gain=gain).get_config(), shape=shape)
    for shape in ((3, 3, 16, 32), (50,)):
        r.add("identity_refuses_" + "x".join(map(str, shape)), **{"class": "Identity"}, args={}, shape=shape,
              error=refusal(lambda: I.Identity()(shape)))
    for gain in (1.0, 1.5):
        for shape in ((200, 300), (300, 200), (40, 40), (3, 3, 16, 32)):
            rows, columns = math.prod(shape[:-1]), shape[-1]
            flat = np.asarray(I.Orthogonal(gain=gain, seed=3)(shape), "float64").reshape(rows, columns)
            gram = flat @ flat.T if rows < columns else flat.T @ flat
            error = np.max(np.abs(gram - gain ** 2 * np.eye(min(rows, columns))))
            assert error < 1e-4, error
            r.add(f"orthogonal_{gain}_".replace(".", "p") + "x".join(map(str, shape)), **{"class": "Orthogonal"}, args={"gain": gain},
                  config=fresh(lambda: I.Orthogonal(gain=gain)).get_config(), shape=shape, rows=rows, columns=columns,
                  orthonormal="rows" if rows < columns else "columns", squared_length=gain ** 2, keras32_error=error)
    r.add("orthogonal_refuses_50", **{"class": "Orthogonal"}, args={}, shape=(50,), error=refusal(lambda: I.Orthogonal()((50,))))
    for side in ("real", "imag"):
        for window, scaling, periodic in (("hann", "density", False), ("hamming", "spectrum", True), (None, None, False), ("hann", None, True)):
            args = {"side": side, "window": window, "scaling": scaling, "periodic": periodic}
            name = "stft_" + "_".join(str(v).lower() for v in args.values())
            r.add(name, None, lambda: {"value": I.STFT(**args)((16, 1, 9))}, **{"class": "STFT"}, args=args, config=I.STFT(**args).get_config(),
                  shape=(16, 1, 9))
    names(r)


def refusal(call):
    try:
        call()
    except Exception as error:  # the class is what is recorded
        return type(error).__name__
    raise AssertionError("Keras did not refuse")


def names(r):
    """Every name that initializers.get takes, and what it makes with its defaults."""
    from keras.src.initializers import ALL_OBJECTS_DICT
    for name in sorted(ALL_OBJECTS_DICT):
        if name.lower() == "initializer":
            continue
        case = "get_" + (name if name == name.lower() else "class_" + name.lower())
        try:
            made = fresh(lambda: I.get(name))
        except KeyError as error:  # 3.15.1 cannot make a Constant from its name alone
            r.add(case, identifier=name, error=type(error).__name__)
            continue
        r.add(case, identifier=name, **{"class": type(made).__name__}, config=made.get_config())
    # Keras 2.2.4's functions and aliases beyond these, from its documentation.
    for name, cls, args in (("lecun_uniform", "VarianceScaling", {"scale": 1, "mode": "fan_in", "distribution": "uniform"}),
                            ("lecun_normal", "VarianceScaling", {"scale": 1, "mode": "fan_in", "distribution": "normal"}),
                            ("glorot_uniform", "VarianceScaling", {"scale": 1, "mode": "fan_avg", "distribution": "uniform"}),
                            ("glorot_normal", "VarianceScaling", {"scale": 1, "mode": "fan_avg", "distribution": "normal"}),
                            ("he_uniform", "VarianceScaling", {"scale": 2, "mode": "fan_in", "distribution": "uniform"}),
                            ("he_normal", "VarianceScaling", {"scale": 2, "mode": "fan_in", "distribution": "normal"})):
        r.add("keras2_" + name, identifier=name, **{"class": cls}, args=args, dialect="keras2")
