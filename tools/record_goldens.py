#!/usr/bin/env python3
"""Records tests/golden from real Keras. See recorder/README.md.

Make the environment once (Python 3.11; the CPU build of TensorFlow is enough):

    python3 -m venv golden-venv
    golden-venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf_keras==2.21.0 h5py scipy pillow pydot

and run it:

    golden-venv/bin/python tools/record_goldens.py                        # every family but those that need a file
    golden-venv/bin/python tools/record_goldens.py losses metrics         # these families
    golden-venv/bin/python tools/record_goldens.py mnist_mlp --mnist FILE # needs Keras's mnist.npz
    golden-venv/bin/python tools/record_goldens.py squeezenet pictures config_files --data DIR # the folder that KERAS_TEST_DATA names
    golden-venv/bin/pip download --no-deps keras==2.2.4                   # its wheel, for its own texts and names
    golden-venv/bin/python tools/record_goldens.py inventory summary_2_2 progbar_2_2 callbacks_2_2 --keras2 Keras-2.2.4-py2.py3-none-any.whl

The same versions on the same kind of processor give the same bytes again.
"""
import argparse
import importlib
import pathlib
import sys
import time

FAMILIES = ["activations", "losses", "metrics", "optimizers", "optimizer_files", "schedules", "initializers", "regularizers", "constraints", "layers",
            "layers_conv", "layers_more", "layers_norm", "layers_old", "layers_rnn", "layers_space", "models", "added",
            "arguments", "autodiff_ties", "numerics", "ops", "ops_backend", "ops_conv", "summary", "plot", "progbar",
            "early_stopping", "callbacks", "keras_2_2", "data", "preprocessing", "applications", "configs", "hdf5"]
MNIST = ["mnist_mlp"]
DATA = ["squeezenet", "pictures", "config_files"]
KERAS_2 = ["inventory", "summary_2_2", "progbar_2_2", "callbacks_2_2"]


def main():
    parser = argparse.ArgumentParser(description="Records tests/golden from real Keras.")
    parser.add_argument("families", nargs="*", help="default: all whose files are given")
    parser.add_argument("--mnist", help="mnist.npz as Keras ships it")
    parser.add_argument("--data", help="the folder that KERAS_TEST_DATA names")
    parser.add_argument("--keras2", help="the wheel of Keras 2.2.4")
    parser.add_argument("--out", default=pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden",
                        type=pathlib.Path)
    arguments = parser.parse_args()
    given = FAMILIES + (MNIST if arguments.mnist else []) + (DATA if arguments.data else []) + (
        KERAS_2 if arguments.keras2 else [])
    families = arguments.families or given
    every = FAMILIES + MNIST + DATA + KERAS_2
    unknown = [f for f in families if f not in every]
    if unknown:
        parser.error(f"no such family: {', '.join(unknown)}; there are {', '.join(every)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    from recorder import common
    for family in families:
        start = time.time()
        recorder = common.Recorder(family)
        importlib.import_module(f"recorder.{family}").record(recorder, arguments)
        cases, size = recorder.write(arguments.out)
        print(f"{family:15} {cases:5} cases {size:9} bytes {time.time() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
