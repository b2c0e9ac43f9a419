"""model_to_dot as text, with n0, n1, … for the numbers that Python gives its nodes."""
import re

from .common import fresh, keras
from .summary import FUNCTIONAL, K, NESTED, SMALL, build, dense, stack

CONV = [{"class": "Conv2D", "args": {"filters": 4, "kernel_size": [3, 3], "name": "conv"}},
        {"class": "MaxPooling2D", "args": {"name": "pool"}}, {"class": "Flatten", "args": {"name": "flat"}}, dense(2, "out")]


def functional_states():
    """The states of one recurrent layer begin another: tensors beside the input."""
    a, b = keras.Input((None, 3), name="a"), keras.Input((None, 2), name="b")
    _, h, c = K.LSTM(4, return_state=True, name="encoder")(a)
    y = K.LSTM(4, return_sequences=True, name="decoder")(b, initial_state=[h, c])
    return keras.Model([a, b], K.Dense(1, name="out")(y), name="states")


def functional_deep():
    """Models in models: a functional one around a stack around a functional one, and one behind another."""
    x = keras.Input((4,), name="core_x")
    core = keras.Model(x, [K.Dense(3, name="core_d")(x), x], name="core")
    s = keras.Input((4,), name="side_x")
    tower = keras.Sequential([keras.Input((4,)), K.Dense(4, name="t1"), keras.Sequential(
        [keras.Input((4,)), K.Dense(4, name="t2"), K.ReLU(name="t3")], name="inner_tower")], name="tower")
    side = keras.Model(s, tower(s), name="side")
    a = keras.Input((4,), name="a")
    u, v = core(side(a))
    return keras.Model(a, K.Concatenate(name="join")([u, K.Dense(2, name="last")(v), tower(a)]), name="deep")


FUNCTIONAL.update({f.__name__: f for f in (functional_states, functional_deep)})
ALL = {"show_shapes": True, "show_dtype": True, "show_layer_activations": True, "show_trainable": True}
TABLE = [
    ("small", stack("small", SMALL, [None, 4]), {}),
    ("small_all", stack("small", SMALL, [None, 4]), {**ALL, "rankdir": "LR", "dpi": 96, "splines": "curved"}),
    ("small_nameless", stack("small", [dense(16, "hidden", trainable=False), dense(3, "out")], [None, 4]),
     {"show_layer_names": False, "show_trainable": True, "show_dtype": True}),
    ("conv", stack("conv", CONV, [None, 8, 8, 1]), {"show_shapes": True, "show_layer_activations": True}),
    ("chain", "functional_chain", {"show_shapes": True}),
    ("twins", "functional_twins", ALL),
    ("ops", "functional_ops", {**ALL, "show_layer_names": False}),
    ("repeated", "functional_repeated", {}),
    ("states", "functional_states", ALL),
    ("nested", "functional_nested", ALL),
    ("nested_expanded", "functional_nested", {**ALL, "expand_nested": True}),
    ("stacks", stack("outer", NESTED, [None, 5]), {"show_shapes": True}),
    ("stacks_expanded", stack("outer", NESTED, [None, 5]), {"show_shapes": True, "expand_nested": True}),
    ("deep", "functional_deep", {"show_dtype": True}),
    ("deep_expanded", "functional_deep", {"expand_nested": True, "show_layer_activations": True, "show_trainable": True}),
    ("subgraph", "functional_chain", {"subgraph": True}),
]


def record(r, _):
    for name, spec, args in TABLE:
        model = fresh(lambda: build(spec))
        text = keras.utils.model_to_dot(model, **args).to_string()
        known = {}
        text = re.sub(r"\b\d{9,}\b", lambda m: known.setdefault(m.group(), f"n{len(known)}"), text)
        r.add(name, model=spec, args=args, text=text.splitlines())
