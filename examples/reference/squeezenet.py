"""SqueezeNet 1.1 as examples/squeezenet.h has it."""


def base(keras, shape):
    layers = keras.layers

    def convolution(x, filters, size, name):
        return layers.Conv2D(filters, size, padding="same", activation="relu", name=name)(x)

    def fire(x, number, squeeze, expand):
        name = f"fire{number}_"
        few = convolution(x, squeeze, 1, name + "squeeze1x1")
        return layers.Concatenate(name=name + "concat")(
            [convolution(few, expand, 1, name + "expand1x1"), convolution(few, expand, 3, name + "expand3x3")])

    picture = keras.Input(shape, name="picture")
    x = layers.Conv2D(64, 3, strides=2, activation="relu", name="conv1")(picture)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    x = fire(fire(x, 2, 16, 64), 3, 16, 64)
    x = layers.MaxPooling2D(3, strides=2, name="pool3")(x)
    x = fire(fire(x, 4, 32, 128), 5, 32, 128)
    x = layers.MaxPooling2D(3, strides=2, name="pool5")(x)
    x = fire(fire(x, 6, 48, 192), 7, 48, 192)
    x = fire(fire(x, 8, 64, 256), 9, 64, 256)
    return keras.Model(picture, x, name="squeezenet")


def preprocess(x):
    return x[..., ::-1] - [103.939, 116.779, 123.68]
