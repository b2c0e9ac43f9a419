"""What the references share: arguments, and Keras on TensorFlow with a seed."""
import argparse
import importlib
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def arguments(epochs, *more):
    """--data DIR (what tools/unpack_data.py made), --epochs N, --seed N, --keras MODULE, and these: `keras` of the result is
    that module, seeded."""
    parser = argparse.ArgumentParser()
    for name in more:
        parser.add_argument(name)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--keras", choices=["keras", "tf_keras"], default="keras")
    given = parser.parse_args()
    given.keras = importlib.import_module(given.keras)
    given.keras.utils.set_random_seed(given.seed)
    return given
