"""VGG16: its layers, shapes and checks; preprocess_input and decode_predictions."""
import numpy as np

from keras.src.applications import imagenet_utils as utils  # its table of classes is no part of the public face

from .common import fresh, keras

VGG16 = keras.applications.VGG16

TABLE = {
    "no_top": {"include_top": False}, "small": {"input_shape": [32, 32, 3], "classes": 7, "classifier_activation": None},
    "no_top_small": {"include_top": False, "input_shape": [48, 32, 3], "name": "base"},
    "average": {"include_top": False, "pooling": "avg"}, "maximum": {"include_top": False, "pooling": "max", "input_shape": [64, 64, 1]},
    "one_axis_unknown": {"include_top": False, "input_shape": [None, 64, 3]},
}
WRONG = {
    "no_file": {"weights": "none/such.h5"}, "classes": {"weights": "imagenet", "classes": 10},
    "imagenet_shape": {"weights": "imagenet", "input_shape": [100, 100, 3]},
    "imagenet_channels": {"weights": "imagenet", "include_top": False, "input_shape": [100, 100, 1]},
    "too_small": {"weights": None, "include_top": False, "input_shape": [31, 32, 3]},
    "rank": {"weights": None, "include_top": False, "input_shape": [32, 32]},
    "unknown_with_top": {"weights": None, "input_shape": [None, 32, 3]},
}


def describe(model):
    return {"model": model.name, "params": model.count_params(), "input_shape": list(model.input_shape),
            "layers": [[layer.name, type(layer).__name__, list(layer.output.shape), layer.count_params()] for layer in model.layers]}


def record(r, _):
    for name, args in TABLE.items():
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in args.items()}
        r.add(name, function="VGG16", args=args, **describe(fresh(lambda: VGG16(weights=None, **given))))
    full = fresh(lambda: VGG16(weights=None))
    r.add("full", function="VGG16", args={}, **describe(full))
    del full
    x = keras.Input((40, 40, 3), name="mine")
    r.add("on_a_tensor", function="input_tensor",
          **describe(fresh(lambda: VGG16(weights=None, include_top=False, input_tensor=keras.layers.Activation("relu", name="before")(x)))))
    for name, args in WRONG.items():
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in args.items()}
        try:
            VGG16(**given)
            raise AssertionError(name)
        except ValueError as error:
            r.add(f"wrong_{name}", function="VGG16", args=args, error=type(error).__name__)

    random = np.random.RandomState(5)
    batch = random.uniform(0, 255, (2, 3, 4, 3)).astype("float32")
    for mode in ("caffe", "tf", "torch"):
        for data_format in ("channels_last", "channels_first"):
            for kind, x in {"batch": batch, "one": batch[0], "bytes": batch.astype("uint8"), "double": batch.astype("float64")}.items():
                if data_format == "channels_first":
                    x = np.ascontiguousarray(np.moveaxis(x, -1, -3))
                y = utils.preprocess_input(x.copy(), data_format=data_format, mode=mode)
                r.store(f"preprocess_{mode}_{data_format[9:]}_{kind}", {"x": x}, {"y": y}, function="preprocess_input",
                        args={"mode": mode, "data_format": data_format})

    utils.CLASS_INDEX = {str(i): [f"n{i:08}", f"thing_{i}"] for i in range(1000)}
    preds = random.permutation(1000).astype("float32").reshape(1, -1) / 1000
    preds = np.concatenate([preds, preds[:, ::-1]])
    for top in (5, 1, 12):
        decoded = [[[a, b, float(score)] for a, b, score in row] for row in utils.decode_predictions(preds, top=top)]
        r.store(f"decode_{top}", {"preds": preds}, {}, function="decode_predictions", top=top, decoded=decoded)
