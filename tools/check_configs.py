#!/usr/bin/env python3
"""Opens architectures that this library wrote in real Keras, as saving's live test asks for.

    check_configs.py FILE

FILE: a list of {"name", "dialect", "config", "training", "outputs"}: `dialect` is keras3 or keras2, `outputs` the shapes that the
model must have (null: it is not built). One line for each that does not open, or opens as something else; exit status 1 then.
Keras 3 opens those of keras2 too, but for models inside models, whose calls it takes to be numbered from 0, where Keras 2
began with 1, and for recurrent layers with initial states, which Keras 2 lists among the inputs.
"""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras  # noqa: E402
import tf_keras  # noqa: E402
from keras.src.legacy.saving import saving_utils  # noqa: E402
from tf_keras.src.saving.legacy import saving_utils as tf_saving_utils  # noqa: E402


def shapes(model):
    return [[None if d is None else int(d) for d in o.shape] for o in model.outputs] if model.built else None


def has_inner_model(config):
    if isinstance(config, list):
        return any(has_inner_model(c) for c in config)
    if not isinstance(config, dict):
        return False
    return config.get("class_name") in ("Functional", "Model", "Sequential") or any(has_inner_model(c) for c in config.values())


def has_states(config):
    recurrent = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM2D")
    return any(layer["class_name"] in recurrent and any(len(node) > 1 for node in layer.get("inbound_nodes", [])) for layer in config["layers"])


def openers(case):
    text = json.dumps(case["config"])
    if case["dialect"] == "keras3":
        yield "Keras 3", lambda: keras.models.model_from_json(text)
        return
    if not text.isascii() or "\\u" in text:
        return  # TensorFlow takes letters of ASCII alone in names
    yield "tf_keras", lambda: tf_keras.models.model_from_json(text)
    if "OpLambda" not in text and not has_inner_model(case["config"]["config"]) and '"mask"' not in text and not any("/" in layer.get("name", "") for layer in case["config"]["config"]["layers"]) and not has_states(case["config"]["config"]) and "LocallyConnected" not in text and "ThresholdedReLU" not in text:
        yield "Keras 3, as .h5", lambda: saving_utils.model_from_config(json.loads(text))


def main():
    cases, faults = json.load(open(sys.argv[1], encoding="utf-8")), 0
    opened = 0
    for case in cases:
        for who, opened_by in openers(case):
            try:
                model = opened_by()
                got = shapes(model)
                if got != case["outputs"]:
                    raise ValueError(f"outputs {got} and not {case['outputs']}")
                training = case.get("training")
                if training and case["dialect"] == "keras2":
                    utils = tf_saving_utils if who == "tf_keras" else saving_utils
                    model.compile(**utils.compile_args_from_training_config(json.loads(json.dumps(training))))
                opened += 1
            except Exception as error:
                faults += 1
                print(f"{case['name']} ({case['dialect']}) in {who}: {type(error).__name__}: {' '.join(str(error).split())[-400:]}")
    print(f"{opened} opened, {faults} did not", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
