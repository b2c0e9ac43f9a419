"""examples/shakespeare.cpp in Keras."""
import common

args = common.arguments(epochs=3)
keras, layers = args.keras, args.keras.layers

import numpy as np  # noqa: E402
from tf_keras.preprocessing.text import Tokenizer  # noqa: E402

LENGTH = 64
text = (args.data / "text" / "tinyshakespeare.txt").read_text(encoding="utf-8")
tokenizer = Tokenizer(filters="", lower=False, char_level=True)
tokenizer.fit_on_texts([text])
characters = np.array(tokenizer.texts_to_sequences([text])[0], "int32")
count = (len(characters) - 1) // LENGTH
x = characters[:count * LENGTH].reshape(count, LENGTH)
y = characters[1:count * LENGTH + 1].reshape(count, LENGTH)
symbols, cut = len(tokenizer.word_index) + 1, count * 9 // 10

model = keras.Sequential([
    keras.Input((LENGTH,), dtype="int32"),
    layers.Embedding(symbols, 32),
    layers.LSTM(128, return_sequences=True),
    layers.Dense(symbols, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:cut], y[:cut], batch_size=64, epochs=args.epochs, verbose=2)
loss, accuracy = model.evaluate(x[cut:], y[cut:], verbose=0)
print(f"test loss: {loss:.4f}\ntest accuracy: {accuracy:.4f}")
