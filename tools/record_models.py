"""Makes the small model files of tests/data/models with real Keras 3 and tf_keras, and expected.json, which says what
they computed there.

    record_models.py [FOLDER]

Both Kerases have to be installed, with TensorFlow. tf_keras runs in a process of its own: the two do not mix."""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "models"


def floats(values):
    return [float(value) for value in np.asarray(values).ravel()]


def training(model, x, y):
    """Two epochs more than the file has: their losses, which the optimizer's state decides."""
    history = model.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0).history
    return {name: floats(values) for name, values in history.items()}


def dense(keras, folder, suffix):
    """Compiled, trained for an epoch, and then two more."""
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    x = rng.normal(size=(64, 4)).astype("float32")
    y = (x[:, :1] + x[:, 1:2] > 0).astype("float32")
    inputs = keras.Input((4,), name="measurements")
    hidden = keras.layers.Dense(8, activation="relu", name="hidden")(inputs)
    outputs = keras.layers.Dense(1, activation="sigmoid", name="positive")(hidden)
    model = keras.Model(inputs, outputs, name="dense")
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=16, verbose=0, shuffle=False)
    model.save(folder / f"dense{suffix}")
    np.savez(folder / "dense.npz", x=x, y=y)
    expected = {"predictions": floats(model.predict(x[:8], verbose=0)),
                "evaluate": {name: float(value) for name, value in model.evaluate(x, y, verbose=0, return_dict=True).items()}}
    if suffix == ".h5":
        model.save_weights(folder / "dense_weights.h5")
        (folder / "dense.json").write_text(model.to_json() + "\n")
    else:
        model.save_weights(folder / "dense.weights.h5")
    return expected | {"history": training(model, x, y)}


def two(keras, folder):
    """Two inputs, two outputs, a loss for each."""
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(4)
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    hidden = keras.layers.Dense(6, activation="tanh", name="hidden")(keras.layers.Concatenate(name="both")([left, right]))
    total = keras.layers.Dense(1, name="total")(hidden)
    kind = keras.layers.Dense(3, activation="softmax", name="kind")(hidden)
    model = keras.Model([left, right], [total, kind], name="two")
    model.compile("rmsprop", ["mse", "sparse_categorical_crossentropy"])
    a, b = rng.normal(size=(40, 3)).astype("float32"), rng.normal(size=(40, 2)).astype("float32")
    targets = [a.sum(1, keepdims=True) + b.sum(1, keepdims=True), (np.arange(40) % 3).astype("float32").reshape(-1, 1)]
    model.fit([a, b], targets, batch_size=16, verbose=0, shuffle=False)
    model.save(folder / "two.keras")
    np.savez(folder / "two.npz", left=a, right=b, total=targets[0], kind=targets[1])
    found = [floats(each) for each in model.predict([a, b], verbose=0)]
    return {"predictions": {"total": found[0], "kind": found[1]}, "loss": float(model.evaluate([a, b], targets, verbose=0)[0]),
            "history": training(model, [a, b], targets)}


def image(keras, folder):
    """Not compiled; on two pictures of its size, in a folder, and one of another size."""
    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = keras.Sequential([keras.Input((8, 8, 3), name="picture"), keras.layers.Conv2D(2, 3, activation="relu", name="conv"),
                              keras.layers.GlobalAveragePooling2D(name="pool"),
                              keras.layers.Dense(3, activation="softmax", name="kind")], name="image")
    model.save(folder / "image.keras")
    (folder / "pictures").mkdir(exist_ok=True)
    rows = []
    for name, size in {"a.png": (8, 8), "b.png": (8, 8), "c.png": (12, 16)}.items():
        keras.utils.save_img(folder / "pictures" / name, rng.integers(0, 256, (*size, 3)).astype("uint8"), scale=False)
        loaded = keras.utils.img_to_array(keras.utils.load_img(folder / "pictures" / name, target_size=(8, 8)))
        rows.append(floats(model.predict(loaded[None] / 255, verbose=0)))
    return {"predictions": rows}


def refused(keras, folder):
    """A Lambda, which is Python's code."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2, name="twice")], name="refused")
    model.save(folder / "lambda.keras")


def main():
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if part:
        import tf_keras
        print(json.dumps({"dense.h5": dense(tf_keras, folder, ".h5")}))
        return
    import keras
    expected = {"dense.keras": dense(keras, folder, ".keras"), "two.keras": two(keras, folder), "image.keras": image(keras, folder)}
    refused(keras, folder)
    old = subprocess.run([sys.executable, __file__, folder, "tf_keras"], capture_output=True, text=True)
    if old.returncode != 0:
        sys.exit(old.stderr)
    expected |= json.loads(old.stdout.splitlines()[-1])
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
