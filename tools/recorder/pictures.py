"""Real photographs, which the repository does not ship: what load_img makes of them."""
import pathlib

import numpy as np

from .common import keras


def record(recorder, arguments):
    for path in sorted((pathlib.Path(arguments.data) / "pictures").iterdir()):
        if path.suffix not in (".jpg", ".png"):
            continue
        try:
            whole = np.asarray(keras.utils.load_img(path))
        except OSError as error:
            recorder.add(path.name.lower().replace(".", "_"), file=path.name, error=type(error).__name__)
            continue
        sizes = {f: np.asarray(keras.utils.load_img(path, target_size=(20, 24), interpolation=f)) for f in ("nearest", "bicubic")}
        recorder.store(path.name.lower().replace(".", "_"), {}, sizes, file=path.name, shape=list(whole.shape), mean=float(whole.mean()))
