"""What Keras 2.2.4 has, by name: its layers with their other names, its callbacks, its optimizers, and its backend
functions. Read from its wheel; and the callbacks, optimizers and schedules of Keras 3.

Names only, no code: `pip download keras==2.2.4 --no-deps` gives the file for --keras2.
"""
import ast
import zipfile

from .common import keras

LAYERS = ["core", "convolutional", "pooling", "local", "recurrent", "cudnn_recurrent", "convolutional_recurrent", "embeddings",
          "merge", "noise", "normalization", "advanced_activations", "wrappers"]


def record(r, arguments):
    if not arguments.keras2:
        raise SystemExit("inventory needs --keras2: the wheel of Keras 2.2.4")
    wheel = zipfile.ZipFile(arguments.keras2)

    def module(path):
        return ast.parse(wheel.read(f"keras/{path}.py")).body

    def public(body, kind):
        return [n.name for n in body if isinstance(n, kind) and not n.name.startswith("_")]

    def assigned(body):  # OtherName = Name
        return {n.targets[0].id: n.value.id for n in body
                if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and isinstance(n.value, ast.Name)}

    r.add("layers_input", module="engine/input_layer", classes=["InputLayer"], other_names={}, functions=["Input"])
    for name in LAYERS:
        body = module(f"layers/{name}")
        functions = [f for f in public(body, ast.FunctionDef) if name == "merge"]
        r.add(f"layers_{name}", module=f"layers/{name}", classes=public(body, ast.ClassDef), other_names=assigned(body), functions=functions)
    r.add("callbacks", keras_2=public(module("callbacks"), ast.ClassDef),
          keras_3=sorted(name for name in dir(keras.callbacks) if isinstance(getattr(keras.callbacks, name), type)))
    r.add("backend", functions=["backend"] + public(module("backend/common"), ast.FunctionDef)
          + public(module("backend/tensorflow_backend"), ast.FunctionDef))
    optimizers = keras.optimizers
    r.add("optimizers", keras_2=public(module("optimizers"), ast.ClassDef),
          keras_3=sorted(name for name in dir(optimizers) if isinstance(getattr(optimizers, name), type)))
    r.add("schedules", keras_2=[], keras_3=sorted(name for name in dir(optimizers.schedules) if isinstance(getattr(optimizers.schedules, name), type)))
