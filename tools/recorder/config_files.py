"""The architectures in the model files that people published: how many parameters real Keras gives them.

Needs --data, the folder that the tests find by KERAS_TEST_DATA. Keras 1's arguments are put into Keras 2's words here, by hand, and
tf_keras makes the model. A case: `path` below the folder, `params`; or `why` it is no model that tf_keras makes.
"""
import copy
import json
import pathlib

import tf_keras

from .common import tf

RENAMED = {"output_dim": "units", "nb_filter": "filters", "border_mode": "padding", "init": "kernel_initializer", "bias": "use_bias", "p": "rate",
           "inner_init": "recurrent_initializer", "inner_activation": "recurrent_activation", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
           "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "U_regularizer": "recurrent_regularizer", "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
           "subsample": "strides", "subsample_length": "strides", "pool_length": "pool_size", "stride": "strides", "beta_init": "beta_initializer", "gamma_init": "gamma_initializer"}
DROPPED = {"consume_less", "input_dtype", "forget_bias_init", "mode", "dim_ordering", "weights", "mode_type", "dot_axes", "output_mask", "output_mask_type", "arguments", "output_shape",
           "output_shape_type", "kernel_regularizer", "bias_regularizer", "recurrent_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint", "W_regularizer",
           "b_regularizer", "U_regularizer", "W_constraint", "b_constraint", "beta_regularizer", "gamma_regularizer", "embeddings_regularizer", "embeddings_constraint",
           "init", "inner_init", "kernel_initializer", "recurrent_initializer", "bias_initializer", "embeddings_initializer", "beta_initializer", "gamma_initializer", "beta_init", "gamma_init"}
CLASSES = {"Convolution2D": "Conv2D", "Convolution1D": "Conv1D"}


def layer_of_keras_2(layer):
    """What does not change the number of parameters (initializers, penalties) is left out."""
    config, name = dict(layer["config"]), CLASSES.get(layer["class_name"], layer["class_name"])
    if name == "Merge":
        return {**layer, "class_name": "Concatenate", "config": {"name": config["name"], "axis": config["concat_axis"]}}  # no other mode is there
    if name == "TimeDistributedDense":
        name = "Dense"
        config["batch_input_shape"] = [None, config.pop("input_length"), config.pop("input_dim")]
    data_format = {"th": "channels_first", "tf": "channels_last"}.get(config.get("dim_ordering"))
    if name == "Conv2D" and "nb_row" in config:
        config["kernel_size"] = [config.pop("nb_row"), config.pop("nb_col")]
    if name == "Conv1D" and "filter_length" in config:
        config["kernel_size"] = config.pop("filter_length")
    if name == "Embedding":
        config = {k: config[k] for k in ("name", "input_dim", "output_dim", "mask_zero", "input_length", "batch_input_shape") if k in config}
    else:
        config = {RENAMED.get(k, k): v for k, v in config.items() if k not in DROPPED}
        if "batch_input_shape" in config or name not in ("Dense",):
            config.pop("input_length", None)
        config.pop("input_dim", None)
    if data_format:
        config["data_format"] = data_format
    if "layer" in config:
        config["layer"] = layer_of_keras_2(config["layer"])
    if config.get("dtype") in ("int32", "float") and name != "InputLayer":
        config.pop("dtype")
    if config.get("dtype") == "float":
        config["dtype"] = "float32"
    return {**layer, "class_name": name, "config": config}


def model_of_keras_2(model):
    model = copy.deepcopy(model)
    if isinstance(model["config"], list):
        model["config"] = {"name": "model", "layers": model["config"]}
    for i, layer in enumerate(model["config"]["layers"]):
        inner = layer["class_name"] in ("Sequential", "Model")
        model["config"]["layers"][i] = {**layer, **model_of_keras_2(layer)} if inner else layer_of_keras_2(layer)
        for node in layer.get("inbound_nodes", []):
            for ref in node:
                if len(ref) == 4:
                    ref[3].pop("mask", None)
    return model


def record(recorder, arguments):
    folder = pathlib.Path(arguments.data)
    for path in sorted(folder.glob("models/**/*.json")):
        name = "".join(c if c.isalnum() else "_" for c in str(path.relative_to(folder)).lower())
        fields = {"path": str(path.relative_to(folder))}
        tf_keras.backend.clear_session()
        tf.random.set_seed(1)
        try:
            model = json.loads(path.read_text())
            model = json.loads(model) if isinstance(model, str) else model
            model.pop("module", None)
            fields["params"] = tf_keras.models.model_from_json(json.dumps(model_of_keras_2(model))).count_params()
        except Exception as error:  # noqa: BLE001
            fields["why"] = f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
        recorder.add(name, **fields)
