"""Constraints: what they make of weights, zero rows and ties included."""
from .common import fresh, keras, normal

C = keras.constraints
TABLE = [("MaxNorm", {}), ("MaxNorm", {"max_value": 1.0}), ("MaxNorm", {"max_value": 0.5, "axis": 1}), ("NonNeg", {}), ("UnitNorm", {}),
         ("UnitNorm", {"axis": 1}), ("MinMaxNorm", {}), ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5}),
         ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.25}), ("MinMaxNorm", {"min_value": 2.0, "max_value": 3.0, "axis": 1})]


def record(r, _):
    matrix = normal(1, (5, 4))
    matrix[:, 2], matrix[1, 0] = 0.0, -0.0  # a norm of exactly 0
    matrix[3] = [3.0, 4.0, 0.0, 0.0]
    kernel = normal(2, (3, 3, 2, 4))
    kernel[..., 1] = 0.0

    def add(name, class_name, args, w):
        r.add(name, {"w": w}, lambda w: {"y": getattr(C, class_name)(**args)(w)}, **{"class": class_name}, args=args,
              config=fresh(lambda: getattr(C, class_name)(**args)).get_config())
    for class_name, args in TABLE:
        name = "_".join([class_name.lower()] + [f"{k}_{v}" for k, v in args.items()]).lower().replace(".", "p")
        add(name, class_name, args, matrix)
        if args.get("axis", 0) == 0:
            add(name + "_vector", class_name, args, normal(3, (6,), 2.0))
    for class_name, args in (("MaxNorm", {"max_value": 1.0}), ("UnitNorm", {}), ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.5})):
        for axis in ([0, 1, 2], [0, 1], -1):
            text = "".join(map(str, axis)) if isinstance(axis, list) else str(axis).replace("-", "m")
            add(f"{class_name.lower()}_kernel_axis_{text}", class_name, {**args, "axis": axis}, kernel)
    add("nonneg_kernel", "NonNeg", {}, kernel)
    for name in ("max_norm", "MaxNorm", "min_max_norm", "MinMaxNorm", "non_neg", "NonNeg", "unit_norm", "UnitNorm"):
        made = C.get(name)
        r.add("get_" + ("class_" if name != name.lower() else "") + name.lower(), identifier=name, **{"class": type(made).__name__},
              config=made.get_config())
