"""Schedules of the learning rate: their values over steps, with every argument."""
import numpy as np

from .common import keras

STEPS = np.array([*range(0, 33), 39, 40, 41, 69, 70, 71, 99, 100, 101, 1000, 123456], "int64")
TABLE = [
    ("exponential", "ExponentialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.75}),
    ("exponential_staircase", "ExponentialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.75, "staircase": True}),
    ("exponential_fraction", "ExponentialDecay", {"initial_learning_rate": 0.001, "decay_steps": 2.5, "decay_rate": 1.0625, "name": "own"}),
    ("piecewise", "PiecewiseConstantDecay", {"boundaries": [10, 20], "values": [1.0, 0.5, 0.1]}),
    ("piecewise_one", "PiecewiseConstantDecay", {"boundaries": [7], "values": [0.3, 0.2], "name": "own"}),
    ("piecewise_real", "PiecewiseConstantDecay", {"boundaries": [2.5, 10.0, 30.75], "values": [0.4, 0.3, 0.2, 0.1]}),
    ("polynomial", "PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 20}),
    ("polynomial_power", "PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 20, "end_learning_rate": 0.01, "power": 0.5}),
    ("polynomial_cycle", "PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "end_learning_rate": 0.01, "power": 2.0, "cycle": True}),
    ("inverse_time", "InverseTimeDecay", {"initial_learning_rate": 0.5, "decay_steps": 4, "decay_rate": 0.5}),
    ("inverse_time_staircase", "InverseTimeDecay", {"initial_learning_rate": 0.5, "decay_steps": 4, "decay_rate": 0.5, "staircase": True}),
    ("cosine", "CosineDecay", {"initial_learning_rate": 0.5, "decay_steps": 20}),
    ("cosine_alpha", "CosineDecay", {"initial_learning_rate": 0.5, "decay_steps": 20, "alpha": 0.1}),
    ("cosine_warmup", "CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 20, "alpha": 0.1, "warmup_target": 0.4, "warmup_steps": 10}),
    ("cosine_warmup_0", "CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "warmup_target": 0.4}),
    ("restarts", "CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 10}),
    ("restarts_even", "CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.5, "alpha": 0.1}),
    ("restarts_args", "CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 8, "t_mul": 1.5, "m_mul": 0.75, "alpha": 0.25}),
]


def record(r, _):
    for name, class_name, args in TABLE:
        def run(class_name=class_name, args=args):
            schedule = getattr(keras.optimizers.schedules, class_name)(**args)
            return {"y": np.stack([np.asarray(schedule(step)) for step in STEPS])}
        made = getattr(keras.optimizers.schedules, class_name)(**args)
        r.add(name, {"steps": STEPS}, lambda steps, run=run: run(), **{"class": class_name}, args=args, config=made.get_config(),
              serialized=keras.optimizers.schedules.serialize(made))
