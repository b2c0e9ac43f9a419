"""Optimizers: 20 steps over four variables with given gradients; the weights after steps 1, 5 and 20."""
import re

import numpy as np
import tf_keras

from .common import BITS, fresh, keras, normal, tensor, tf

STEPS, KEPT = 20, (1, 5, 20)
SHAPES = {"kernel": (3, 4), "bias": (4,), "tall": (5, 2), "cube": (2, 3, 2)}
# Exact in float32, because tf_keras keeps its hyperparameters in float32 even when the variables are float64.
EXACT = {"learning_rate": 1 / 128, "momentum": 0.875, "decay": 1 / 16, "rho": 0.875, "beta_1": 0.875, "beta_2": 0.984375,
         "epsilon": 2.0 ** -20}


def inputs():
    gradients = {f"gradient_{n}": normal(11 + i, (STEPS,) + s) for i, (n, s) in enumerate(SHAPES.items())}
    gradients["gradient_bias"][3] = 0  # a step without gradient for one variable
    return {**{n: normal(1 + i, s) for i, (n, s) in enumerate(SHAPES.items())}, **gradients}


def keras3(make, change=None, exclude=None, scale=1.0, infinite=()):
    """20 steps. `infinite`: steps in which a gradient is not finite."""
    def run():
        values = {n: tensor(v) for n, v in inputs().items()}
        variables = [keras.Variable(values[n], name=n) for n in SHAPES]
        optimizer = make()
        if exclude:
            optimizer.exclude_from_weight_decay(var_names=exclude)
        optimizer.build(variables)
        if isinstance(optimizer, keras.optimizers.ScheduleFreeAdamW):
            # On TensorFlow it reads its momentum after it was written where it means the one before.
            kind = type(optimizer._momentums[0])
            held = type("Held", (kind,), {"value": property(lambda self: tf.identity(kind.value.fget(self)))})
            for momentum in optimizer._momentums:
                momentum.__class__ = held
            optimizer.assign_sub = lambda variable, value: variable._value.assign_sub(value)
        out = {}
        for step in range(1, STEPS + 1):
            if change and step == change["step"]:
                optimizer.learning_rate = change["learning_rate"]
            gradients = [values[f"gradient_{n}"][step - 1] * scale for n in SHAPES]
            if step in infinite:
                gradients[0] = gradients[0] / 0.0
            optimizer.apply(gradients, variables)
            if step in KEPT:
                out.update({f"{n}_{step}": v.numpy() for n, v in zip(SHAPES, variables)})
        out.update({f"slot_{i}": v.numpy() for i, v in enumerate(optimizer.variables) if i > 0})
        run.variables = [re.sub(r"^variable_\d+$", "variable", v.path.split("/", 1)[-1]) for v in optimizer.variables]
        if optimizer.use_ema:
            optimizer.finalize_variable_values(variables)
            out.update({f"{n}_final": v.numpy() for n, v in zip(SHAPES, variables)})
        return out
    return run


VARIANTS = {
    "weight_decay": {"weight_decay": 0.02}, "clipnorm": {"clipnorm": 1.5}, "clipvalue": {"clipvalue": 0.5},
    "global_clipnorm": {"global_clipnorm": 2.0}, "ema": {"use_ema": True, "ema_momentum": 0.9},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.75, "ema_overwrite_frequency": 3},
    "loss_scale": {"loss_scale_factor": 128.0}, "accumulate": {"gradient_accumulation_steps": 4},
}
PLAIN = [
    ("sgd", "SGD", {}), ("sgd_lr", "SGD", {"learning_rate": 0.1}), ("sgd_momentum", "SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    ("sgd_nesterov", "SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    ("rmsprop", "RMSprop", {}), ("rmsprop_primer", "RMSprop", {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-8}),
    ("rmsprop_momentum", "RMSprop", {"learning_rate": 0.01, "momentum": 0.8}),
    ("rmsprop_centered", "RMSprop", {"learning_rate": 0.01, "rho": 0.8, "centered": True}),
    ("rmsprop_centered_momentum", "RMSprop", {"learning_rate": 0.01, "momentum": 0.5, "centered": True}),
    ("adam", "Adam", {}), ("adam_args", "Adam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("adam_amsgrad", "Adam", {"learning_rate": 0.01, "beta_2": 0.9, "amsgrad": True}),
    ("adadelta", "Adadelta", {}), ("adadelta_args", "Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-3}),
    ("adadelta_weight_decay", "Adadelta", {"learning_rate": 1.0, "weight_decay": 0.02, "clipnorm": 1.5}),
    ("adadelta_accumulate", "Adadelta", {"learning_rate": 0.5, "gradient_accumulation_steps": 4}),
    ("adagrad", "Adagrad", {}), ("adagrad_args", "Adagrad", {"learning_rate": 0.25, "initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    ("adamax", "Adamax", {}), ("adamax_args", "Adamax", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("nadam", "Nadam", {}), ("nadam_args", "Nadam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("adamw", "AdamW", {}), ("adamw_args", "AdamW", {"learning_rate": 0.05, "weight_decay": 0.25, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("adamw_amsgrad", "AdamW", {"learning_rate": 0.05, "weight_decay": 0.125, "beta_2": 0.9, "amsgrad": True}),
    ("ftrl", "Ftrl", {}), ("ftrl_args", "Ftrl", {"learning_rate": 0.5, "learning_rate_power": -0.25, "initial_accumulator_value": 0.5, "beta": 0.25,
                                               "l1_regularization_strength": 0.5, "l2_regularization_strength": 0.125,
                                               "l2_shrinkage_regularization_strength": 0.0625}),
    ("ftrl_root", "Ftrl", {"learning_rate": 0.5, "l1_regularization_strength": 0.5, "l2_regularization_strength": 0.125, "beta": 0.5}),
    ("ftrl_power_0", "Ftrl", {"learning_rate": 0.125, "learning_rate_power": 0.0}),
    ("lion", "Lion", {}), ("lion_args", "Lion", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.9}),
    ("lamb", "Lamb", {}), ("lamb_args", "Lamb", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("adafactor", "Adafactor", {}), ("adafactor_args", "Adafactor", {"learning_rate": 0.5, "beta_2_decay": -0.5, "epsilon_1": 1e-3, "epsilon_2": 0.5,
                                                                    "clip_threshold": 0.25, "relative_step": False}),
    ("muon", "Muon", {}), ("muon_args", "Muon", {"learning_rate": 0.05, "adam_beta_1": 0.8, "adam_beta_2": 0.95, "adam_weight_decay": 0.25, "epsilon": 1e-3,
                                                "weight_decay": 0.125, "exclude_layers": ["ta.l"], "adam_lr_ratio": 0.5, "momentum": 0.5, "ns_steps": 3,
                                                "nesterov": False, "rms_rate": None, "muon_a": 3.0, "muon_b": -3.0, "muon_c": 1.0}),
    ("muon_no_decay", "Muon", {"weight_decay": None, "adam_weight_decay": None}),
    ("schedule_free", "ScheduleFreeAdamW", {}),
    ("schedule_free_args", "ScheduleFreeAdamW", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "warmup_steps": 6}),
]
BASES = {"sgd": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}), "rmsprop": ("RMSprop", {"learning_rate": 0.01}),
         "adam": ("Adam", {"learning_rate": 0.01}), "adadelta": ("Adadelta", {"learning_rate": 0.5}),
         "adagrad": ("Adagrad", {"learning_rate": 0.05}), "adamax": ("Adamax", {"learning_rate": 0.05}), "nadam": ("Nadam", {"learning_rate": 0.05}),
         "adamw": ("AdamW", {"learning_rate": 0.05}), "ftrl": ("Ftrl", {"learning_rate": 0.25}), "lion": ("Lion", {"learning_rate": 0.01}),
         "lamb": ("Lamb", {"learning_rate": 0.05}), "adafactor": ("Adafactor", {"learning_rate": 0.05}), "muon": ("Muon", {"learning_rate": 0.05}),
         "schedule_free": ("ScheduleFreeAdamW", {"learning_rate": 0.05})}


def record(r, _):
    r.add("inputs", inputs(), shapes=SHAPES)

    def add(name, class_name, args, change=None, make=None, **options):
        make = make or (lambda: getattr(keras.optimizers, class_name)(**args))
        run = keras3(make, change, **options)
        extra = {"change": change} if change else {}
        case = r.add(name, None, run, **{"class": class_name}, args=args, config=fresh(make).get_config(), steps=STEPS, kept=KEPT, **extra, **options)
        case["variables"] = run.variables

    done = {name for name, _, _ in PLAIN}
    for name, class_name, args in PLAIN:
        add(name, class_name, args)
    for base, (class_name, args) in BASES.items():
        for variant, more in VARIANTS.items():
            if f"{base}_{variant}" not in done:
                add(f"{base}_{variant}", class_name, {**args, **more})
        add(f"{base}_lr_change", class_name, args, {"step": 10, "learning_rate": 0.001})
    add("sgd_weight_decay_plain", "SGD", {"learning_rate": 0.1, "weight_decay": 0.02})
    for base in ("sgd", "adamw", "muon", "lamb"):
        class_name, args = BASES[base]
        add(f"{base}_excluded", class_name, {**args, "weight_decay": 0.25}, exclude=["bi.s", "tall"])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.125, 4, 0.5)
    for base in ("sgd", "adam", "adafactor", "adamw", "nadam"):
        add(f"{base}_schedule", BASES[base][0], {**BASES[base][1], "learning_rate": schedule})
    add("sgd_schedule_accumulate", "SGD", {"learning_rate": schedule, "gradient_accumulation_steps": 4})
    for name, inner in (("loss_scale_sgd", keras.optimizers.SGD), ("loss_scale_adam", keras.optimizers.Adam)):
        def make(inner=inner):
            return keras.optimizers.LossScaleOptimizer(inner(learning_rate=0.0625), initial_scale=8.0, dynamic_growth_steps=3)
        add(name, "LossScaleOptimizer", {"inner_optimizer": inner(learning_rate=0.0625, name=inner.__name__.lower()), "initial_scale": 8.0,
                                         "dynamic_growth_steps": 3}, make=make, scale=16.0, infinite=[1, 6, 7])

    def several():
        return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(
            keras.optimizers.SGD(0.0625, 0.875, name="sgd"), {"ker.*": keras.optimizers.Adam(0.0625, name="adam"), "cube": keras.optimizers.Lion(0.0625, name="lion")}),
            loss_scale_factor=16.0)
    add("multi", "MultiOptimizer", {k: v for k, v in several().get_config().items() if k != "name"}, make=several)
    tied_names(r)
    keras2(r)


def tied_names(r):
    """The order and the paths of optimizer variables, as files need them."""
    for class_name, args in (("SGD", {}), ("SGD", {"momentum": 0.9}), ("RMSprop", {}), ("RMSprop", {"momentum": 0.9, "centered": True}),
                             ("Adam", {}), ("Adam", {"amsgrad": True}), ("Adadelta", {}), ("SGD", {"use_ema": True}), ("Adam", {"gradient_accumulation_steps": 2}),
                             ("Adagrad", {}), ("Adamax", {}), ("Nadam", {}), ("AdamW", {}), ("Ftrl", {}), ("Lion", {}), ("Lamb", {}), ("Adafactor", {}), ("Muon", {}),
                             ("ScheduleFreeAdamW", {}), ("Nadam", {"use_ema": True})):
        model = fresh(lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="first"), keras.layers.Dense(1, name="second")]))
        optimizer = getattr(keras.optimizers, class_name)(**args)
        optimizer.build(model.trainable_variables)
        r.add("_".join(["variables", class_name] + list(args)).lower(), **{"class": class_name}, args=args,
              variables=[{"path": v.path, "name": v.name, "shape": list(v.shape), "dtype": v.dtype} for v in optimizer.variables])


def formula(class_name, args, values, dtype):
    """Keras 2.2.4's update rules in NumPy: the check of tf_keras, and the source where tf_keras does otherwise."""
    t = np.dtype(dtype).type
    p = [values[n].astype(t) for n in SHAPES]
    grads = [values[f"gradient_{n}"].astype(t) for n in SHAPES]
    schedule = t(1)  # Nadam's m_schedule
    get = {"schedule_decay": 0.004, "learning_rate": 0.01 if class_name == "SGD" else 0.001, "momentum": 0, "nesterov": False, "rho": 0.9, "beta_1": 0.9,
           "beta_2": 0.999, "epsilon": 1e-7, "decay": 0, "amsgrad": False, "clipnorm": None, "clipvalue": None, **args}
    m, v, h = ([np.zeros_like(x) for x in p] for _ in range(3))
    out = {}
    for step in range(STEPS):
        lr = t(get["learning_rate"]) * (t(1) / (t(1) + t(get["decay"]) * t(step)))
        g = [x[step] for x in grads]
        if get["clipnorm"]:
            norm = np.sqrt(sum(np.sum(np.square(x)) for x in g), dtype=t)
            g = [x * (t(get["clipnorm"]) / norm) if norm >= get["clipnorm"] else x for x in g]
        if get["clipvalue"]:
            g = [np.clip(x, t(-get["clipvalue"]), t(get["clipvalue"])) for x in g]
        if class_name == "Nadam":
            now, after = (t(get["beta_1"]) * (t(1) - t(0.5) * t(0.96) ** (t(step + k) * t(get["schedule_decay"]))) for k in (1, 2))
            schedule = schedule * now
        for i in range(len(p)):
            if class_name == "SGD":
                m[i] = t(get["momentum"]) * m[i] - lr * g[i]
                p[i] = p[i] + (t(get["momentum"]) * m[i] - lr * g[i] if get["nesterov"] else m[i])
            elif class_name == "Adadelta":
                v[i] = t(get["rho"]) * v[i] + t(1 - get["rho"]) * g[i] ** 2
                step_size = g[i] * np.sqrt(m[i] + t(get["epsilon"])) / np.sqrt(v[i] + t(get["epsilon"]))
                m[i] = t(get["rho"]) * m[i] + t(1 - get["rho"]) * step_size ** 2
                p[i] = p[i] - lr * step_size
            elif class_name == "Adagrad":
                v[i] = v[i] + g[i] ** 2
                p[i] = p[i] - lr * g[i] / (np.sqrt(v[i]) + t(get["epsilon"]))
            elif class_name == "Adamax":
                b1, b2 = t(get["beta_1"]), t(get["beta_2"])
                m[i] = b1 * m[i] + (1 - b1) * g[i]
                v[i] = np.maximum(b2 * v[i], np.abs(g[i]))
                p[i] = p[i] - lr / (1 - b1 ** t(step + 1)) * m[i] / (v[i] + t(get["epsilon"]))
            elif class_name == "Nadam":
                b1, b2 = t(get["beta_1"]), t(get["beta_2"])
                m[i] = b1 * m[i] + (1 - b1) * g[i]
                v[i] = b2 * v[i] + (1 - b2) * g[i] ** 2
                ahead = (1 - now) * (g[i] / (1 - schedule)) + after * (m[i] / (1 - schedule * after))
                p[i] = p[i] - lr * ahead / (np.sqrt(v[i] / (1 - b2 ** t(step + 1))) + t(get["epsilon"]))
            elif class_name == "RMSprop":
                v[i] = t(get["rho"]) * v[i] + t(1 - get["rho"]) * g[i] ** 2
                p[i] = p[i] - lr * g[i] / (np.sqrt(v[i]) + t(get["epsilon"]))
            else:
                b1, b2 = t(get["beta_1"]), t(get["beta_2"])
                lr_t = lr * np.sqrt(1 - b2 ** t(step + 1)) / (1 - b1 ** t(step + 1))
                m[i] = b1 * m[i] + (1 - b1) * g[i]
                v[i] = b2 * v[i] + (1 - b2) * g[i] ** 2
                h[i] = np.maximum(h[i], v[i])
                p[i] = p[i] - lr_t * m[i] / (np.sqrt(h[i] if get["amsgrad"] else v[i]) + t(get["epsilon"]))
        if step + 1 in KEPT:
            out.update({f"{n}_{step + 1}": x.astype(t) for n, x in zip(SHAPES, p)})
    return out


def legacy(class_name, args, values, dtype):
    variables = [tf.Variable(tf.constant(values[n], dtype)) for n in SHAPES]
    optimizer = getattr(tf_keras.optimizers.legacy, class_name)(**args)
    out = {}
    for step in range(STEPS):
        optimizer.apply_gradients([(tf.constant(values[f"gradient_{n}"][step], dtype), v) for n, v in zip(SHAPES, variables)])
        if step + 1 in KEPT:
            out.update({f"{n}_{step + 1}": v.numpy() for n, v in zip(SHAPES, variables)})
    return out


def keras2(r):
    e = EXACT
    lr, decay = {"learning_rate": e["learning_rate"]}, {"decay": e["decay"]}
    rms, adam = {"rho": e["rho"], "epsilon": e["epsilon"]}, {k: e[k] for k in ("beta_1", "beta_2", "epsilon")}
    momentum = {"momentum": e["momentum"]}
    table = [("sgd_decay", "SGD", lr | decay), ("sgd_momentum_decay", "SGD", lr | momentum | decay),
             ("sgd_nesterov_decay", "SGD", lr | momentum | {"nesterov": True} | decay),
             ("sgd_momentum", "SGD", lr | momentum), ("rmsprop", "RMSprop", lr | rms), ("rmsprop_decay", "RMSprop", lr | rms | decay),
             ("adadelta_decay", "Adadelta", {"learning_rate": 1.0} | rms | decay), ("adam", "Adam", lr | adam), ("adam_decay", "Adam", lr | adam | decay),
             ("adam_amsgrad_decay", "Adam", lr | adam | {"amsgrad": True} | decay),
             ("adagrad", "Adagrad", lr | {"epsilon": e["epsilon"], "initial_accumulator_value": 0.0}),
             ("adagrad_decay", "Adagrad", lr | {"epsilon": e["epsilon"], "initial_accumulator_value": 0.0} | decay),
             ("adamax", "Adamax", lr | adam), ("adamax_decay", "Adamax", lr | adam | decay), ("nadam", "Nadam", lr | adam),
             ("nadam_schedule_decay", "Nadam", lr | adam | {"schedule_decay": 0.25}),
             ("sgd_clipvalue_decay", "SGD", lr | momentum | {"clipvalue": 0.5} | decay)]
    for name, class_name, args in table:
        values = inputs()
        results = {bit: legacy(class_name, args, values, dtype) for bit, dtype in BITS.items()}
        checked = formula(class_name, args, values, "float64")
        for what, exact in results["64"].items():
            error = np.max(np.abs(exact - checked[what]))
            # tf_keras keeps Nadam's 0.96 in float32 even when the variables are float64.
            assert error < (1e-8 if class_name == "Nadam" else 1e-12), f"tf_keras and Keras 2.2.4's formula differ: {name} {what} {error}"
        case = r.add(f"keras2_{name}", **{"class": class_name}, args=args, steps=STEPS, kept=KEPT, dialect="keras2",
                     source="tf_keras.optimizers.legacy, equal to 2.2.4's formula")
        if class_name == "Nadam":
            results["64"] = checked
        r.outputs(case, results)
    # Keras 2.2.4 clips by the norm over all gradients; tf_keras does not, so the formula is the source.
    for name, class_name, args in (("sgd_clipnorm", "SGD", lr | momentum | {"clipnorm": 2.0}),
                                   ("adam_clipnorm", "Adam", lr | adam | {"clipnorm": 2.0, "clipvalue": 0.5})):
        values = inputs()
        case = r.add(f"keras2_{name}", **{"class": class_name}, args=args, steps=STEPS, kept=KEPT, dialect="keras2",
                     source="formula of 2.2.4 in NumPy")
        r.outputs(case, {bit: formula(class_name, args, values, dtype) for bit, dtype in BITS.items()})
