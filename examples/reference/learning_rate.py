"""examples/learning_rate.cpp in Keras."""
import argparse
import importlib
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

parser = argparse.ArgumentParser()
parser.add_argument("--way", choices=["step", "plateau", "decay"], default="step")
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--seed", type=int, default=1337)
parser.add_argument("--keras", choices=["keras", "tf_keras"], default="keras")
args = parser.parse_args()
keras = importlib.import_module(args.keras)
keras.utils.set_random_seed(args.seed)

import numpy as np  # noqa: E402

x = np.arange(256, dtype="float32") / 128 - 1
y = np.sin(3 * x) + x / 2
test = np.arange(256) % 4 == 3

rate, decay = 0.1, 0.01
if args.way == "decay":
    rate = keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)
model = keras.Sequential([keras.layers.Dense(32, activation="tanh", input_shape=(1,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(rate, momentum=0.8), "mse")

third = max(1, args.epochs // 3)
callbacks = {"step": [keras.callbacks.LearningRateScheduler(lambda epoch, now: now * 0.1 if epoch > 0 and epoch % third == 0 else now)],
             "plateau": [keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=5, verbose=1)], "decay": []}[args.way]


def tell(epoch, logs):
    if (epoch + 1) % max(1, args.epochs // 6) == 0:
        now = model.optimizer.learning_rate
        if callable(now):  # tf_keras gives the schedule
            now = now(model.optimizer.iterations)
        now = float(keras.ops.convert_to_numpy(now)) if args.keras == "keras" else float(now)
        print(f"epoch {epoch + 1}: learning rate {now:.5g}, validation loss {logs['val_loss']:.5f}")


callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=tell))
model.fit(x[~test, None], y[~test, None], batch_size=16, epochs=args.epochs, verbose=0, callbacks=callbacks,
          validation_data=(x[test, None], y[test, None]))
print(f"test loss: {model.evaluate(x[test, None], y[test, None], verbose=0):.5f}")
