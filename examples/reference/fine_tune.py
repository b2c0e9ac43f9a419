"""examples/fine_tune.cpp in Keras."""
import common

args = common.arguments(10, "--weights")
keras, layers = args.keras, args.keras.layers

import numpy as np  # noqa: E402
import squeezenet  # noqa: E402


def read(folder):
    x, y = [], []
    for label, name in enumerate(sorted(folder.iterdir())):
        for path in sorted(name.iterdir()):
            picture = keras.utils.load_img(path, target_size=(96, 96), interpolation="bilinear")
            x.append(keras.utils.img_to_array(picture))
            y.append(label)
    return squeezenet.preprocess(np.stack(x)).astype("float32"), np.array(y)


(x, y), (x_test, y_test) = (read(args.data / "cifar10_folder" / part) for part in ("train", "test"))
base = squeezenet.base(keras, (96, 96, 3))
if args.weights:
    base.load_weights(args.weights)
base.trainable = False
inputs = keras.Input((96, 96, 3))
model = keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(base(inputs)))))


def train(rate, when):
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=args.epochs, verbose=2)
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"{when}: test loss: {loss:.4f}, test accuracy: {accuracy:.4f}")


train(1e-3, "frozen base")
base.trainable = True
for layer in base.layers:
    layer.trainable = layer.name.startswith("fire9_")
train(1e-4, "last module too")
