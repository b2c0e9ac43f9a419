"""What the callbacks of Keras 2.2.4 do: its own classes, out of its wheel, driven by hand with a model that only remembers."""
import ast
import collections
import csv
import io
import os
import pathlib
import sys
import types
import warnings
import zipfile

import numpy as np

from . import callback_drive as drive

CLASSES = ["Callback", "TerminateOnNaN", "ModelCheckpoint", "EarlyStopping", "LearningRateScheduler", "CSVLogger", "ReduceLROnPlateau"]


class Backend:
    """Stands in for keras.backend: a variable is a list of one number."""

    @staticmethod
    def get_value(variable):
        return variable[0]

    @staticmethod
    def set_value(variable, value):
        variable[0] = np.float32(value)


class Model:
    def __init__(self):
        self.weight, self.stop_training = 0.0, False
        self.optimizer = types.SimpleNamespace(lr=[np.float32(0.5)])

    def save(self, path, overwrite):
        pathlib.Path(path).write_text(str(self.weight))

    save_weights = save

    def get_weights(self):
        return self.weight

    def set_weights(self, weights):
        self.weight = weights


def classes(path):
    six = types.SimpleNamespace(PY2=False, string_types=(str,))
    np_1 = types.SimpleNamespace(**{name: getattr(np, name) for name in dir(np) if not name.startswith("_")}, Inf=np.inf)
    space = {"np": np_1, "K": Backend, "warnings": warnings, "os": os, "io": io, "csv": csv, "six": six, "sys": sys,
             "OrderedDict": collections.OrderedDict, "Iterable": collections.abc.Iterable}
    with zipfile.ZipFile(path) as wheel:
        tree = ast.parse(wheel.read("keras/callbacks.py").decode())
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in CLASSES]
    exec(compile(tree, "keras/callbacks.py", "exec"), space)
    return space


def record(r, arguments):
    space = classes(arguments.keras2)
    for name, callbacks, metrics, fits in drive.cases(True):
        model = Model()

        def make(cls, given):
            if "schedule" in given:
                given["schedule"] = drive.SCHEDULES[given["schedule"]]
            return space[cls](**given)

        def weight(value=None):
            if value is not None:
                model.weight = float(value)
            return model.weight

        case = dict(callbacks=[list(c) for c in callbacks], metrics=metrics, fits=fits)
        with drive.folder():
            try:
                # 2.2.4 ran with NumPy 1, where a float32 is written as Python writes it.
                with np.printoptions(legacy="1.25"):
                    case["results"] = drive.drive(make, model, lambda: float(model.optimizer.lr[0]), weight, callbacks, fits)
                case["files"] = [[path, None if path.endswith(".csv") else float(pathlib.Path(path).read_text())] for path in drive.files()]
                case["tables"] = {path: pathlib.Path(path).read_bytes().decode() for path in drive.files() if path.endswith(".csv")}
            except ValueError:
                case["error"] = "ValueError"
        r.add(name, **case)
