"""Regularizers: values and gradients; the tie of |x| at 0 included."""
import numpy as np

from .common import f32, gradients, keras, normal

R = keras.regularizers
# L1 and OrthogonalRegularizer keep their factor in float32 under any floatx (and the latter then fails in float64):
# the run puts the factor back at full precision.
TABLE = [("L1", {}), ("L1", {"l1": 0.3}), ("L2", {}), ("L2", {"l2": 0.2}), ("L1L2", {}), ("L1L2", {"l1": 0.1, "l2": 0.02}),
         ("L1L2", {"l1": 0.5}), ("L1L2", {"l2": 0.5}), ("OrthogonalRegularizer", {"factor": 0.015625}),
         ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"})]


def record(r, _):
    tied = normal(2, (4, 3))
    tied[0], tied[2, 1] = 0.0, -0.0
    far = normal(3, (3, 3), 1e3)
    for class_name, args in TABLE:
        name = "_".join([class_name.lower()] + [f"{k}_{v}" for k, v in args.items()]).lower().replace(".", "p")
        for suffix, x in (("", normal(1, (5, 4))), ("_zeros", tied), ("_vector", normal(4, (6,))), ("_rank4", normal(5, (2, 3, 2, 2))), ("_far", far)):
            if class_name == "OrthogonalRegularizer" and suffix not in ("", "_far"):
                continue

            def run(x):
                def loss():
                    regularizer = getattr(R, class_name)(**args)
                    for factor, default in (("factor", 0.01), ("l1", 0.01)):
                        if keras.ops.is_tensor(getattr(regularizer, factor, None)):
                            setattr(regularizer, factor, keras.ops.convert_to_tensor(args.get(factor, default), keras.config.floatx()))
                    value = regularizer(x)
                    return value, {"value": value}
                return gradients(loss, {"x": x})
            r.add(name + suffix, {"x": x}, run, **{"class": class_name}, args=args, config=getattr(R, class_name)(**args).get_config())
    for name in ("l1", "l2", "l1_l2", "L1", "L2", "L1L2", "l1l2", "orthogonal_regularizer", "OrthogonalRegularizer"):
        try:
            made = R.get(name)
            what = {"class": type(made).__name__, "config": made.get_config()}
        except (ValueError, KeyError) as error:
            what = {"error": type(error).__name__}
        r.add("get_" + ("class_" if name != name.lower() else "") + name.lower(), identifier=name, **what)
    # Keras 2.2.4: the functions' defaults are .01 each, also for l1_l2.
    x = f32(normal(1, (5, 4)))
    r.add("keras2_l1_l2", {"x": x}, lambda x: {"value": R.L1L2(0.01, 0.01)(x)}, identifier="l1_l2", **{"class": "L1L2"},
          args={"l1": 0.01, "l2": 0.01}, dialect="keras2")
    assert np.isfinite(x).all()
