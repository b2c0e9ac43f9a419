"""Names, order and defaults of arguments, and the configuration made of defaults: from inspection of real Keras."""
import inspect

import tf_keras

from .common import fresh, keras, plain

K, M, O, I = keras.layers, keras.metrics, keras.optimizers, keras.initializers
CLASSES = {
    "layers": (K, ["Dense", "Activation", "Flatten", "Reshape", "Dropout", "InputLayer", "Conv2D", "Conv2DTranspose",
                   "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
                   "BatchNormalization", "ZeroPadding2D", "UpSampling2D", "Add", "Concatenate", "ActivityRegularization", "AlphaDropout",
                   "Average", "AveragePooling1D", "AveragePooling3D", "Conv1D", "Conv3D", "Conv3DTranspose", "DepthwiseConv1D", "Dot", "ELU",
                   "Embedding", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D", "GlobalAveragePooling3D", "GlobalMaxPooling1D",
                   "GlobalMaxPooling3D", "LeakyReLU", "Masking", "Maximum", "MaxPooling1D", "MaxPooling3D", "Minimum", "Multiply", "Permute",
                   "PReLU", "ReLU", "RepeatVector", "SeparableConv1D", "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
                   "Subtract", "SimpleRNN", "GRU", "LSTM", "SimpleRNNCell", "GRUCell", "LSTMCell", "RNN", "StackedRNNCells",
                   "Bidirectional", "ConvLSTM2D", "Lambda", "Cropping1D", "Cropping2D", "Cropping3D", "ZeroPadding1D", "ZeroPadding3D", "UpSampling1D", "UpSampling3D",
                   "TimeDistributed"]),
    "layers ": (tf_keras.layers, ["ThresholdedReLU", "LocallyConnected1D", "LocallyConnected2D"]),  # which Keras 3 has no more
    "optimizers": (O, ["SGD", "RMSprop", "Adam", "Adadelta", "Adagrad", "Adamax", "Nadam", "AdamW", "Ftrl", "Lion", "Lamb", "Adafactor", "Muon",
                       "ScheduleFreeAdamW", "LossScaleOptimizer", "MultiOptimizer"]),
    "schedules": (O.schedules, ["CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "PiecewiseConstantDecay",
                                "PolynomialDecay"]),
    "losses": (keras.losses, ["MeanSquaredError", "MeanAbsoluteError", "CategoricalCrossentropy", "SparseCategoricalCrossentropy",
                              "BinaryCrossentropy"]),
    "metrics": (M, ["Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "Mean", "Sum", "MeanSquaredError",
                    "RootMeanSquaredError", "MeanAbsoluteError", "CategoricalCrossentropy", "SparseCategoricalCrossentropy",
                    "BinaryCrossentropy", "MeanMetricWrapper"]),
    "initializers": (I, ["Zeros", "Ones", "Constant", "Identity", "STFT", "RandomNormal", "RandomUniform", "TruncatedNormal", "GlorotUniform",
                         "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal", "VarianceScaling", "Orthogonal"]),
    "regularizers": (keras.regularizers, ["L1", "L2", "L1L2", "OrthogonalRegularizer"]),
    "constraints": (keras.constraints, ["MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"]),
    "callbacks": (keras.callbacks, ["EarlyStopping", "LambdaCallback", "History", "Callback", "BackupAndRestore", "CSVLogger", "LearningRateScheduler",
                                    "ModelCheckpoint", "ProgbarLogger", "ReduceLROnPlateau", "RemoteMonitor", "SwapEMAWeights", "TerminateOnNaN"]),
    "models": (keras, ["Sequential"]),
}
# What has no default but is needed to build one, for get_config.
NEEDED = {"LossScaleOptimizer": {"inner_optimizer": O.SGD()}, "MultiOptimizer": None,
          **{name: {"initial_learning_rate": 0.5, "decay_steps": 10} for name in ("CosineDecay", "PolynomialDecay")},
          **{name: {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.25} for name in ("ExponentialDecay", "InverseTimeDecay")},
          "CosineDecayRestarts": {"initial_learning_rate": 0.5, "first_decay_steps": 10},
          "PiecewiseConstantDecay": {"boundaries": [3, 6], "values": [1.0, 0.5, 0.25]},
          "SimpleRNN": {"units": 3}, "GRU": {"units": 3}, "LSTM": {"units": 3}, "SimpleRNNCell": {"units": 3}, "GRUCell": {"units": 3},
          "LSTMCell": {"units": 3}, "RNN": {"cell": K.LSTMCell(2)}, "StackedRNNCells": {"cells": [K.LSTMCell(2)]},
          "Bidirectional": {"layer": K.LSTM(2)}, "ConvLSTM2D": {"filters": 2, "kernel_size": 3},
          "Dense": {"units": 4}, "Activation": {"activation": "relu"}, "Reshape": {"target_shape": (2, 3)}, "Dropout": {"rate": 0.5},
          "MeanMetricWrapper": None, "InputLayer": {"shape": (3,)},
          "Conv2D": {"filters": 3, "kernel_size": (3, 2)}, "Conv2DTranspose": {"filters": 3, "kernel_size": (3, 2)},
          "DepthwiseConv2D": {"kernel_size": (3, 2)}, "SeparableConv2D": {"filters": 3, "kernel_size": (3, 2)}, "AveragePooling2D": {"pool_size": 2},
          "AlphaDropout": {"rate": 0.5}, "AveragePooling1D": {"pool_size": 2}, "AveragePooling3D": {"pool_size": 2},
          "Conv1D": {"filters": 3, "kernel_size": 2}, "Conv3D": {"filters": 3, "kernel_size": 2}, "DepthwiseConv1D": {"kernel_size": 2},
          "Conv3DTranspose": {"filters": 3, "kernel_size": 2}, "Dot": {"axes": 1}, "Embedding": {"input_dim": 5, "output_dim": 3},
          "GaussianDropout": {"rate": 0.5}, "GaussianNoise": {"stddev": 0.5}, "Permute": {"dims": (2, 1)}, "RepeatVector": {"n": 3},
          "SeparableConv1D": {"filters": 3, "kernel_size": 2}, "SpatialDropout1D": {"rate": 0.5}, "SpatialDropout2D": {"rate": 0.5},
          "SpatialDropout3D": {"rate": 0.5}, "Lambda": None, "TimeDistributed": None, "LocallyConnected1D": {"filters": 3, "kernel_size": 2},
          "LocallyConnected2D": {"filters": 3, "kernel_size": 2}}
FUNCTIONS = {
    "losses": (keras.losses, ["mean_squared_error", "mean_absolute_error", "categorical_crossentropy", "sparse_categorical_crossentropy",
                              "binary_crossentropy"]),
    "metrics": (M, ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"]),
    "utils": (keras.utils, ["to_categorical", "set_random_seed", "plot_model"]),
    "datasets.mnist": (keras.datasets.mnist, ["load_data"]),
    "": (keras, ["Input"]),
}
METHODS = {
    "Model": (keras.Model, ["compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "get_weights",
                            "set_weights", "summary", "save", "save_weights", "load_weights", "get_layer", "get_config", "compute_loss"]),
    "Sequential": (keras.Sequential, ["add", "pop", "build", "compile", "fit"]),
    "Layer": (keras.layers.Layer, ["__init__", "add_weight", "build", "call", "get_weights", "set_weights", "count_params"]),
    "Optimizer": (O.Optimizer, ["apply", "apply_gradients", "build", "get_config"]),
    "Metric": (M.Mean, ["update_state", "reset_state", "result"]),
    "Loss": (keras.losses.Loss, ["__init__", "__call__"]),
    "Callback": (keras.callbacks.Callback, ["on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin",
                                            "on_train_batch_end", "on_batch_begin", "on_batch_end", "on_test_begin", "on_test_end",
                                            "on_test_batch_begin", "on_test_batch_end", "on_predict_begin", "on_predict_end",
                                            "on_predict_batch_begin", "on_predict_batch_end"]),
}


def signature(function):
    rows = []
    if function is object.__init__:
        return rows
    for p in inspect.signature(function).parameters.values():
        if p.name == "self":
            continue
        row = {"name": p.name}
        if p.kind is p.VAR_KEYWORD:
            row["kind"] = "keywords"
        elif p.kind is p.VAR_POSITIONAL:
            row["kind"] = "rest"
        elif p.default is p.empty:
            row["required"] = True
        else:
            row["default"] = plain(p.default)
        rows.append(row)
    return rows


def record(r, _):
    def add(title, **fields):
        r.cases.append(plain({"name": title, **fields}))
    for room, (module, classes) in CLASSES.items():
        room = room.strip()
        for name in classes:
            cls = getattr(module, name)
            fields = {"kind": "class", "arguments": signature(cls.__init__)}
            needed = NEEDED.get(name, {})
            if needed is not None and hasattr(cls, "get_config") and room != "callbacks":
                tf_keras.backend.clear_session()
                made = fresh(lambda: cls(**needed))
                fields["made_with"] = needed
                fields["config"] = made.get_config()
                if room == "layers":
                    own = type(made).compute_mask not in (K.Layer.compute_mask, tf_keras.layers.Layer.compute_mask)
                    fields["mask"] = "own" if own else "passed" if made.supports_masking else "dropped"
                if hasattr(made, "name"):
                    fields["default_name"] = made.name
            add(f"{room}.{name}", **fields)
    for room, (module, names) in FUNCTIONS.items():
        for name in names:
            add(f"{room}.{name}".strip("."), kind="function", arguments=signature(getattr(module, name)))
    for name in sorted(n for n in dir(keras.activations) if not n.startswith("_") and callable(getattr(keras.activations, n))):
        function = getattr(keras.activations, name)
        add(f"activations.{name}", kind="function", arguments=signature(function), **({"alias_of": function.__name__} if function.__name__ != name
                                                                                     else {}))
    for room, (cls, names) in METHODS.items():
        for name in names:
            add(f"{room}.{name}", kind="method", arguments=signature(getattr(cls, name)))
    # Base arguments that every layer takes through **kwargs.
    layer = fresh(lambda: K.Dense(3, input_dim=4, name="own", dtype="float64", trainable=False))
    add("layers.Dense.base", kind="config", made_with={"units": 3, "input_dim": 4, "name": "own", "dtype": "float64", "trainable": False},
        config=layer.get_config())
    model = fresh(lambda: keras.Sequential([K.Dense(400, input_dim=784), K.Activation("relu"), K.Dense(10), K.Activation("softmax")]))
    add("models.mnist_mlp", kind="config", config=model.get_config(), names=[layer.name for layer in model.layers],
        count_params=model.count_params(), weights=[[w.name, w.path, list(w.shape)] for w in model.weights])
    for identifier in ("sgd", "SGD", "rmsprop", "RMSprop", "adam", "Adam", "adadelta", "Adadelta", "adagrad", "adamax", "nadam", "adamw", "AdamW", "ftrl", "lion",
                       "adafactor", "muon", "ScheduleFreeAdamW"):
        made = fresh(lambda: O.get(identifier))
        add(f"optimizers.get.{identifier}", kind="get", **{"class": type(made).__name__}, config=made.get_config())
    for identifier in ("mse", "MSE", "mean_squared_error", "MeanSquaredError", "mae", "MAE", "mean_absolute_error", "MeanAbsoluteError",
                       "categorical_crossentropy", "CategoricalCrossentropy", "sparse_categorical_crossentropy",
                       "SparseCategoricalCrossentropy", "binary_crossentropy", "BinaryCrossentropy", "bce", "BCE"):
        for room, module in (("losses", keras.losses), ("metrics", M)):
            try:
                made = fresh(lambda: module.get(identifier))
            except ValueError:
                add(f"{room}.get.{identifier}", kind="get", error="ValueError")
                continue
            add(f"{room}.get.{identifier}", kind="get", **({"function": made.__name__} if inspect.isfunction(made)
                                                          else {"class": type(made).__name__, "config": made.get_config()}))
    assert len({c["name"] for c in r.cases}) == len(r.cases)
