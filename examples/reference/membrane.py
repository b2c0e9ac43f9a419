"""examples/membrane.cpp in Keras."""
import common

args = common.arguments(epochs=30)
keras, layers = args.keras, args.keras.layers

import numpy as np  # noqa: E402


def pictures(kind):
    grey = [keras.utils.img_to_array(keras.utils.load_img(args.data / "membrane" / f"{kind}_{i}.png", color_mode="grayscale",
                                                          target_size=(256, 256))) for i in range(5)]
    return np.stack(grey) / 255


def tiles(x):
    """64 x 64 pixels each, row by row."""
    return x.reshape(len(x), 4, 64, 4, 64, 1).transpose(0, 1, 3, 2, 4, 5).reshape(-1, 64, 64, 1)


def block(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
    return x


x, y = pictures("image"), (pictures("label") > 0.5).astype("float32")
inputs = keras.Input((None, None, 1), name="picture")
one = block(inputs, 16)
two = block(layers.MaxPooling2D()(one), 32)
three = block(layers.MaxPooling2D()(two), 64)
up = block(layers.concatenate([layers.UpSampling2D()(three), two]), 32)
up = block(layers.concatenate([layers.UpSampling2D()(up), one]), 16)
model = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid", name="mask")(up))
model.compile(optimizer=keras.optimizers.Adam(0.001), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(tiles(x[:4]), tiles(y[:4]), batch_size=8, epochs=args.epochs, verbose=2)
loss, accuracy = model.evaluate(x[4:], y[4:], verbose=0)
print(f"{np.mean(y[4:]):.4f} of the pixels are no membrane\ntest loss: {loss:.4f}\ntest accuracy: {accuracy:.4f}")
