"""examples/reviews.cpp in Keras."""
import common

args = common.arguments(epochs=6)
keras, layers = args.keras, args.keras.layers

import numpy as np  # noqa: E402
from tf_keras.preprocessing.text import Tokenizer  # noqa: E402

train, test = ([], []), ([], [])  # texts, labels
for label, kind in enumerate(("neg", "pos")):
    for i, path in enumerate(sorted((args.data / "text" / "txt_sentoken" / kind).glob("*.txt"))):
        texts, labels = test if i >= 900 else train
        texts.append(path.read_text(encoding="utf-8", errors="surrogateescape"))
        labels.append(label)

tokenizer = Tokenizer(num_words=8000)
tokenizer.fit_on_texts(train[0])


def rows(texts):
    return keras.utils.pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=200)


model = keras.Sequential([
    keras.Input((200,), dtype="int32"),
    layers.Embedding(8000, 32, mask_zero=True),
    layers.Dropout(0.3),
    layers.LSTM(32),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(rows(train[0]), np.array(train[1], "float32"), batch_size=32, epochs=args.epochs, verbose=2)
loss, accuracy = model.evaluate(rows(test[0]), np.array(test[1], "float32"), verbose=0)
print(f"test loss: {loss:.4f}\ntest accuracy: {accuracy:.4f}")
