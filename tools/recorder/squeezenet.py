"""What SqueezeNet with its weights of ImageNet sees in the pictures of the test data."""
import importlib.util
import pathlib

import numpy as np

from .common import floatx, keras

REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "reference" / "squeezenet.py"
WEIGHTS = "models/rcmalli/weights/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5"


def record(recorder, arguments):
    spec = importlib.util.spec_from_file_location("squeezenet", REFERENCE)
    squeezenet = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(squeezenet)
    data = pathlib.Path(arguments.data)
    for path in sorted((data / "pictures").glob("*.png")):
        picture = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(227, 227)))[None]
        features = {}
        for bits, name in (("64", "float64"), ("32", "float32")):
            with floatx(name):
                base = squeezenet.base(keras, (227, 227, 3))
                base.load_weights(data / WEIGHTS)
                x = squeezenet.preprocess(picture.astype(name)).astype(name)
                features[bits] = np.mean(base.predict(x, verbose=0), axis=(1, 2))
        recorder.store(path.stem.lower(), {}, {f"features/{bits}": value for bits, value in features.items()}, picture=path.name)
