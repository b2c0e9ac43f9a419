"""model_to_dot as text, with n0, n1, … for the numbers that Python gives its nodes."""
import re

from .common import fresh, keras
from .summary import NESTED, SMALL, build, dense, stack

CONV = [{"class": "Conv2D", "args": {"filters": 4, "kernel_size": [3, 3], "name": "conv"}},
        {"class": "MaxPooling2D", "args": {"name": "pool"}}, {"class": "Flatten", "args": {"name": "flat"}}, dense(2, "out")]
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
    ("free", "functional_free", {"show_shapes": True}),
    ("free_expanded", "functional_free", {"show_shapes": True, "expand_nested": True}),
    ("subgraph", "functional_chain", {"subgraph": True}),
]


def record(r, _):
    for name, spec, args in TABLE:
        model = fresh(lambda: build(spec))
        text = keras.utils.model_to_dot(model, **args).to_string()
        known = {}
        text = re.sub(r"\b\d{9,}\b", lambda m: known.setdefault(m.group(), f"n{len(known)}"), text)
        r.add(name, model=spec, args=args, text=text.splitlines())
