"""Recurrent layers: outputs and states, gradients of inputs, initial states and weights, masks, configuration, training."""
import numpy as np

from .common import fresh, gradients, keras, normal
from .layers import serialized, train

K = keras.layers
REG, CON = keras.regularizers, keras.constraints
MASK = np.array([[1, 1, 0, 1, 0], [1, 0, 0, 0, 0], [0, 1, 1, 1, 1]], bool)
X = (3, 5, 4)


def cells():
    return [K.LSTMCell(3), K.GRUCell(2), K.SimpleRNNCell(4, activation="relu")]


# name, class, arguments, shape of the input, then what is special. No activity_regularizer: Keras 3 takes one and forgets it.
TABLE = [
    ("simple_rnn", "SimpleRNN", {"units": 3}, X),
    ("simple_rnn_sequences", "SimpleRNN", {"units": 3, "activation": "relu", "return_sequences": True, "return_state": True}, X),
    ("simple_rnn_backwards_no_bias", "SimpleRNN", {"units": 2, "use_bias": False, "go_backwards": True}, X),
    ("simple_rnn_backwards_sequences", "SimpleRNN", {"units": 2, "go_backwards": True, "return_sequences": True}, X),
    ("simple_rnn_unroll", "SimpleRNN", {"units": 3, "unroll": True, "return_sequences": True}, X),
    ("simple_rnn_mask", "SimpleRNN", {"units": 3, "return_sequences": True}, X, {"mask": MASK}),
    ("simple_rnn_mask_zero_output", "SimpleRNN", {"units": 3, "return_sequences": True, "zero_output_for_mask": True}, X, {"mask": MASK}),
    ("simple_rnn_state", "SimpleRNN", {"units": 3, "return_state": True}, X, {"states": [3]}),
    ("simple_rnn_regularized", "SimpleRNN", {"units": 3, "kernel_regularizer": REG.L2(0.1), "recurrent_regularizer": REG.L1(0.125),
                                             "bias_regularizer": REG.L2(0.25), "recurrent_constraint": CON.MaxNorm(0.5)}, X),
    ("simple_rnn_one_step", "SimpleRNN", {"units": 3, "return_sequences": True}, (2, 1, 3)),
    ("gru", "GRU", {"units": 3}, X),
    ("gru_sequences", "GRU", {"units": 3, "return_sequences": True, "return_state": True}, X),
    ("gru_reset_before", "GRU", {"units": 3, "reset_after": False, "return_sequences": True}, X),
    ("gru_reset_before_no_bias", "GRU", {"units": 2, "reset_after": False, "use_bias": False}, X),
    ("gru_no_bias_backwards", "GRU", {"units": 2, "use_bias": False, "go_backwards": True, "return_sequences": True}, X),
    ("gru_mask", "GRU", {"units": 3, "return_state": True}, X, {"mask": MASK}),
    ("gru_mask_unroll", "GRU", {"units": 3, "return_sequences": True, "unroll": True}, X, {"mask": MASK}),
    ("gru_state", "GRU", {"units": 3, "activation": "softsign", "recurrent_activation": "hard_sigmoid"}, X, {"states": [3]}),
    ("lstm", "LSTM", {"units": 3}, X),
    ("lstm_sequences", "LSTM", {"units": 3, "return_sequences": True, "return_state": True}, X),
    ("lstm_no_bias", "LSTM", {"units": 2, "use_bias": False, "activation": "relu", "recurrent_activation": "hard_sigmoid"}, X),
    ("lstm_no_forget_bias", "LSTM", {"units": 2, "unit_forget_bias": False, "return_sequences": True}, X),
    ("lstm_backwards", "LSTM", {"units": 3, "go_backwards": True, "return_sequences": True, "return_state": True}, X),
    ("lstm_mask", "LSTM", {"units": 3, "return_sequences": True, "return_state": True}, X, {"mask": MASK}),
    ("lstm_mask_last", "LSTM", {"units": 3}, X, {"mask": MASK}),
    ("lstm_mask_backwards", "LSTM", {"units": 3, "go_backwards": True, "return_sequences": True}, X, {"mask": MASK}),
    ("lstm_state", "LSTM", {"units": 3, "return_state": True}, X, {"states": [3, 3]}),
    ("lstm_unroll", "LSTM", {"units": 3, "unroll": True}, X),
    ("lstm_long", "LSTM", {"units": 5, "return_sequences": True}, (2, 23, 3)),
    ("rnn_cell", "RNN", {"cell": K.LSTMCell(3)}, X),
    ("rnn_gru_cell", "RNN", {"cell": K.GRUCell(3, reset_after=False), "return_sequences": True, "go_backwards": True}, X),
    ("rnn_simple_cell_state", "RNN", {"cell": K.SimpleRNNCell(3), "return_state": True}, X, {"states": [3], "mask": MASK}),
    ("rnn_cells", "RNN", {"cell": K.StackedRNNCells(cells())}, X),
    ("rnn_cells_sequences", "RNN", {"cell": K.StackedRNNCells(cells()), "return_sequences": True}, X),
    ("bidirectional_lstm", "Bidirectional", {"layer": K.LSTM(3)}, X),
    ("bidirectional_gru_sequences", "Bidirectional", {"layer": K.GRU(2, return_sequences=True), "merge_mode": "sum"}, X),
    ("bidirectional_ave_mask", "Bidirectional", {"layer": K.SimpleRNN(3, return_sequences=True), "merge_mode": "ave"}, X, {"mask": MASK}),
    ("bidirectional_mul", "Bidirectional", {"layer": K.LSTM(2, return_sequences=True), "merge_mode": "mul"}, X),
    ("bidirectional_none", "Bidirectional", {"layer": K.GRU(2, return_sequences=True), "merge_mode": None}, X),
    ("bidirectional_state", "Bidirectional", {"layer": K.LSTM(2, return_state=True)}, X),
    ("bidirectional_own_backward", "Bidirectional", {"layer": K.LSTM(3, return_sequences=True),
                                                     "backward_layer": K.GRU(2, return_sequences=True, go_backwards=True)}, X),
    ("conv_lstm", "ConvLSTM2D", {"filters": 2, "kernel_size": 3}, (2, 3, 5, 4, 2)),
    ("conv_lstm_same_sequences", "ConvLSTM2D", {"filters": 2, "kernel_size": (2, 3), "padding": "same", "return_sequences": True},
     (2, 3, 4, 5, 2)),
    ("conv_lstm_strides_state", "ConvLSTM2D", {"filters": 2, "kernel_size": 2, "strides": 2, "return_state": True, "use_bias": False},
     (2, 3, 5, 6, 1)),
    ("conv_lstm_backwards_dilated", "ConvLSTM2D", {"filters": 1, "kernel_size": 2, "dilation_rate": 2, "go_backwards": True,
                                                   "recurrent_activation": "hard_sigmoid", "unit_forget_bias": False}, (2, 3, 5, 6, 2)),
]


def untyped(value):
    """Without dtypes, so that the layers inside are of floatx."""
    if isinstance(value, dict):
        return {k: untyped(v) for k, v in value.items() if k != "dtype"}
    return [untyped(v) for v in value] if isinstance(value, list) else value


def build(class_name, args):
    return keras.layers.deserialize({"class_name": class_name, "module": "keras.layers", "registered_name": None,
                                     "config": untyped(serialized(args))})


def record(r, _):
    for seed, (name, class_name, args, shape, *options) in enumerate(TABLE):
        case(r, name, class_name, args, shape, 100 * seed, **(options[0] if options else {}))


def flat(outputs):
    return [y for o in outputs for y in flat(o)] if isinstance(outputs, (list, tuple)) else [outputs]


def case(r, name, class_name, args, shape, seed, mask=None, states=()):
    layer = fresh(lambda: build(class_name, args))
    y = flat(layer(np.zeros(shape, "float32")))
    inputs = {"x": normal(seed + 1, shape)}
    inputs.update({f"state_{i}": normal(seed + 60 + i, (shape[0], n), 0.5) for i, n in enumerate(states)})
    inputs.update({f"weight_{i}": normal(seed + 10 + i, w.shape, 0.6) for i, w in enumerate(layer.weights)})
    inputs.update({f"w{i}": normal(seed + 40 + i, o.shape) for i, o in enumerate(y)})
    trains = len(y) == 1 and mask is None and not states
    if trains:
        inputs["y"] = normal(seed + 80, y[0].shape)
    if mask is not None:
        inputs["mask"] = mask

    def run(x, mask=None, y=None, **rest):
        begin = [v for k, v in rest.items() if k.startswith("state_")]
        weights = [np.asarray(v) for k, v in rest.items() if k.startswith("weight_")]
        ws = [v for k, v in rest.items() if k.startswith("w") and not k.startswith("weight_")]
        layer = build(class_name, args)
        layer(x)
        layer.set_weights(weights)

        def loss():
            extra = {"initial_state": begin} if begin else {}
            if mask is not None:
                extra["mask"] = mask
            outputs = flat(layer(x, **extra))
            return sum(keras.ops.sum(o * w) for o, w in zip(outputs, ws)), {f"y{i}": o for i, o in enumerate(outputs)}
        sources = {"x": x, **{f"state_{i}": v for i, v in enumerate(begin)}, **{f"weight_{i}": v for i, v in enumerate(layer.weights)}}
        out = gradients(loss, sources)
        if trains:
            model = keras.Sequential([keras.Input(x.shape[1:]), build(class_name, args)])
            model.set_weights(weights)
            out.update(train(model, x, y))
        return out
    config = fresh(lambda: build(class_name, args)).get_config()
    r.add(name, inputs, run, **{"class": class_name}, args=untyped(serialized(args)), config=config, output_shape=[None] + list(y[0].shape[1:]),
          weights=[{"name": w.name, "path": w.path, "shape": list(w.shape)} for w in layer.weights], states=len(states))
