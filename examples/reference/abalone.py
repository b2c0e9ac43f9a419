"""examples/abalone.cpp in Keras."""
import common

args = common.arguments(epochs=40)
keras, layers = args.keras, args.keras.layers

import numpy as np  # noqa: E402

table = [line.split(",") for line in (args.data / "tabular" / "abalone.csv").read_text().split()]
sex = np.array(["FIM".index(row[0]) for row in table])
numbers = np.array([row[1:] for row in table], "float32")
sizes, weights, rings = numbers[:, :3], numbers[:, 3:7], numbers[:, 7]
test = np.arange(len(table)) % 5 == 4

size = keras.Input((3,), name="size")
weight = keras.Input((4,), name="weight")
hidden = layers.concatenate([layers.Dense(32, activation="relu")(size), layers.Dense(32, activation="relu")(weight)])
hidden = layers.Dense(32, activation="relu")(hidden)
model = keras.Model([size, weight], [layers.Dense(1, name="rings")(hidden), layers.Dense(3, activation="softmax", name="sex")(hidden)])
model.compile(optimizer=keras.optimizers.Adam(0.003), loss={"rings": "mse", "sex": "sparse_categorical_crossentropy"},
              loss_weights={"rings": 0.2, "sex": 1.0}, metrics={"rings": ["mae"], "sex": ["accuracy"]})


def part(rows):
    return {"size": sizes[rows], "weight": weights[rows]}, {"rings": rings[rows], "sex": sex[rows]}


model.fit(*part(~test), batch_size=32, epochs=args.epochs, verbose=0)
result = model.evaluate(*part(test), verbose=0, return_dict=True)
print(f"test loss: {result['loss']:.4f}\nmean error in rings: {result['rings_mae']:.4f}\naccuracy of the sex: {result['sex_accuracy']:.4f}")
