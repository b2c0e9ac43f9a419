"""Architectures as configurations: models of every layer and shape of graph, as Keras 3 and tf_keras write them.

A case: `dialect`, `json` (what to_json() gives, as a value), `params`, `outputs` (their shapes), `layers` (each layer's name
and, where it has one, the shape of its first output). `names` are made again for each model.
"""
import json

import tf_keras

from .common import keras, np, tf


def dense(K, L):
    return K.Sequential([K.Input((4,), name="in"), L.Dense(3, activation="relu", kernel_regularizer="l2", name="a"),
                         L.Dropout(0.5, name="b"), L.Dense(2, use_bias=False, kernel_constraint=K.constraints.MaxNorm(2), name="c")], name="dense")


def unbuilt(K, L):
    return K.Sequential([L.Dense(3, name="a"), L.Dense(2, name="b")], name="unbuilt")


def built_later(K, L):
    m = K.Sequential([L.Dense(3, name="a"), L.Activation("softmax", name="b")], name="built_later")
    m.build((None, 5))
    return m


def stack_of_stacks(K, L):
    inner = K.Sequential([K.Input((6,), name="inner_in"), L.Dense(4, name="d")], name="inner")
    return K.Sequential([K.Input((6,), name="in"), inner, L.Dense(2, name="e")], name="outer")


def images(K, L):
    return K.Sequential([
        K.Input((16, 16, 3), name="in"), L.Conv2D(4, 3, strides=2, padding="same", dilation_rate=1, name="a"),
        L.BatchNormalization(momentum=0.9, name="b"), L.LeakyReLU(name="c"), L.SeparableConv2D(4, (3, 2), depth_multiplier=2, name="d"),
        L.DepthwiseConv2D(2, name="e"), L.Conv2DTranspose(3, 3, strides=2, name="f"), L.UpSampling2D(2, interpolation="bilinear", name="g"),
        L.ZeroPadding2D(((1, 0), (2, 1)), name="h"), L.Cropping2D(1, name="i"), L.MaxPooling2D(2, name="j"),
        L.AveragePooling2D((2, 1), padding="same", name="k"), L.SpatialDropout2D(0.1, name="l"), L.PReLU(shared_axes=[1, 2], name="m"),
        L.ELU(0.5, name="n"), L.ReLU(6.0, 0.1, 0.2, name="o"), L.Softmax(axis=-1, name="p"), L.GlobalAveragePooling2D(name="q"),
        L.Dense(2, name="r")], name="images")


def signals(K, L):
    return K.Sequential([
        K.Input((24, 3), name="in"), L.Conv1D(4, 3, padding="causal", dilation_rate=2, name="a"), L.SeparableConv1D(4, 3, name="b"),
        L.UpSampling1D(2, name="c"), L.ZeroPadding1D((1, 2), name="d"), L.Cropping1D(1, name="e"), L.MaxPooling1D(2, name="f"),
        L.AveragePooling1D(2, name="g"), L.SpatialDropout1D(0.1, name="h"), L.GlobalMaxPooling1D(name="i"), L.RepeatVector(3, name="j"),
        L.Permute((2, 1), name="k"), L.Flatten(name="l"), L.Reshape((3, -1), name="m"), L.GaussianNoise(0.1, name="n"),
        L.GaussianDropout(0.2, name="o"), L.AlphaDropout(0.2, name="p"), L.ActivityRegularization(0.1, 0.2, name="q"),
        L.GlobalAveragePooling1D(name="r")], name="signals")


def volumes(K, L):
    return K.Sequential([
        K.Input((6, 6, 6, 2), name="in"), L.Conv3D(3, 2, name="a"), L.ZeroPadding3D(1, name="b"), L.Cropping3D(((0, 1), (1, 0), (1, 1)), name="c"),
        L.UpSampling3D(2, name="d"), L.MaxPooling3D(2, name="e"), L.AveragePooling3D(2, name="f"), L.SpatialDropout3D(0.1, name="g"),
        L.Conv3DTranspose(2, 2, name="h"), L.GlobalMaxPooling3D(name="i")], name="volumes")


def pools(K, L):
    x = K.Input((4, 4, 2), name="x")
    v = K.Input((3, 3, 3, 2), name="v")
    return K.Model([x, v], [L.GlobalMaxPooling2D(name="a")(x), L.GlobalAveragePooling3D(name="b")(v)], name="pools")


def initializers(K, L):
    I = K.initializers
    made = [I.Zeros(), I.Ones(), I.Constant(0.5), I.RandomNormal(0.1, 0.2, seed=3), I.RandomUniform(-1, 1), I.TruncatedNormal(stddev=0.3), I.VarianceScaling(2.0, "fan_out", "uniform"),
            I.Orthogonal(1.5), I.GlorotNormal(), I.GlorotUniform(), I.HeNormal(), I.HeUniform(), I.LecunNormal(), I.LecunUniform()]
    return K.Sequential([K.Input((3,), name="in")] + [L.Dense(3, kernel_initializer=i, name=f"d{n}") for n, i in enumerate(made)], name="initializers")


def penalties(K, L):
    R, C = K.regularizers, K.constraints
    return K.Sequential([K.Input((3,), name="in"), L.Dense(3, kernel_regularizer=R.L1(0.1), bias_regularizer=R.L2(0.2), activity_regularizer=R.L1L2(0.1, 0.2), name="a"),
                         L.Dense(3, kernel_constraint=C.NonNeg(), bias_constraint=C.UnitNorm(axis=0), name="b"),
                         L.Dense(3, kernel_constraint=C.MinMaxNorm(0.1, 0.9, 0.5, axis=[0]), name="c")], name="penalties")


def activations(K, L):
    names = ["elu", "exponential", "gelu", "hard_sigmoid", "linear", "relu", "selu", "sigmoid", "softmax", "softplus", "softsign", "swish", "tanh"]
    return K.Sequential([K.Input((3,), name="in")] + [L.Activation(n, name=n) for n in names], name="activations")


def texts(K, L):
    return K.Sequential([K.Input((7,), dtype="int32", name="in"), L.Embedding(20, 5, mask_zero=True, name="a"), L.LSTM(4, return_sequences=True, dropout=0.1, name="b"),
                         L.GRU(3, return_sequences=True, recurrent_dropout=0.1, reset_after=False, name="c"), L.SimpleRNN(3, go_backwards=True, name="d"),
                         L.Dense(1, activation="sigmoid", name="e")], name="texts")


def both_ways(K, L):
    return K.Sequential([K.Input((7, 3), name="in"), L.Masking(name="m"), L.Bidirectional(L.LSTM(4, return_sequences=True, name="l"), merge_mode="sum", name="a"),
                         L.Bidirectional(L.GRU(3, name="g"), name="b")], name="both_ways")


def own_backward(K, L):
    return K.Sequential([K.Input((7, 3), name="in"), L.Bidirectional(L.LSTM(4, name="l"), backward_layer=L.LSTM(4, go_backwards=True, activation="relu", name="r"), name="a")], name="own_backward")


def cells(K, L):
    x = K.Input((5, 3), name="x")
    a = L.RNN([L.LSTMCell(4, name="c1"), L.GRUCell(2, name="c2")], return_sequences=True, name="stacked")(x)
    return K.Model(x, L.RNN(L.SimpleRNNCell(3, name="c3"), unroll=True, name="simple")(a), name="cells")


def conv_lstm(K, L):
    return K.Sequential([K.Input((4, 6, 6, 2), name="in"), L.ConvLSTM2D(3, 3, padding="same", return_sequences=True, name="a"), L.ConvLSTM2D(2, (2, 3), name="b")], name="conv_lstm")


def stateful(K, L):
    return K.Sequential([K.Input(batch_shape=(2, 5, 3), name="in") if K is keras else K.Input((5, 3), 2, name="in"), L.LSTM(4, stateful=True, name="a")], name="stateful")


def distributed(K, L):
    inner = K.Sequential([K.Input((6,), name="inner_in"), L.Dense(4, name="d")], name="inner")
    x = K.Input((5, 6), name="x")
    return K.Model(x, L.TimeDistributed(L.Dense(2, name="e"), name="b")(L.TimeDistributed(inner, name="a")(x)), name="distributed")


def merges(K, L):
    a, b = K.Input((4, 3), name="a"), K.Input((4, 3), name="b")
    outs = [L.Add(name="add")([a, b]), L.Subtract(name="sub")([a, b]), L.Multiply(name="mul")([a, b]), L.Average(name="ave")([a, b]), L.Maximum(name="max")([a, b]),
            L.Minimum(name="min")([a, b]), L.Concatenate(axis=1, name="con")([a, b, a]), L.Dot((2, 2), normalize=True, name="dot")([a, b])]
    return K.Model([a, b], outs, name="merges")


def one_input_as_list(K, L):
    a = K.Input((4,), name="a")
    return K.Model([a], [L.Dense(2, name="d")(a)], name="one")


def shared(K, L):
    a, b = K.Input((4,), name="a"), K.Input((4,), name="b")
    d = L.Dense(4, name="d")
    x = d(d(a))
    return K.Model([a, b], [L.Add(name="s")([x, d(b)]), x, d(b)], name="shared")


def nested(K, L):
    i = K.Input((4,), name="i")
    inner = K.Model(i, L.Dense(3, name="id")(i), name="inner")
    seq = K.Sequential([K.Input((4,), name="si"), L.Dense(4, name="sd")], name="seq")
    a = K.Input((4,), name="a")
    y = inner(seq(seq(a)))
    return K.Model(a, [y, inner(L.Dense(4, name="mid")(y)), seq(a)], name="nested")


def nested_many(K, L):
    i, j = K.Input((4,), name="i"), K.Input((4,), name="j")
    inner = K.Model([i, j], [L.Add(name="ia")([i, j]), L.Dense(2, name="ib")(i)], name="inner")
    a, b = K.Input((4,), name="a"), K.Input((4,), name="b")
    p, q = inner([a, b])
    return K.Model([a, b], L.Concatenate(name="c")([p, q]), name="nested_many")


def deep(K, L):
    make = lambda n, body: (lambda i: K.Model(i, body(i), name=f"level{n}"))(K.Input((3,), name=f"i{n}"))
    one = make(1, lambda x: L.Dense(3, name="d1")(x))
    two = make(2, lambda x: L.Dense(3, name="d2")(one(x)))
    three = make(3, lambda x: two(two(x)))
    return make(4, lambda x: three(x))


def unused_input(K, L):
    a, b = K.Input((4,), name="a"), K.Input((2,), name="b")
    return K.Model([a, b], L.Dense(2, name="d")(a), name="unused_input")


def inputs_as_outputs(K, L):
    a = K.Input((4,), name="a")
    return K.Model(a, [a, L.Dense(2, name="d")(a)], name="inputs_as_outputs")


def from_the_middle(K, L):
    a = K.Input((4,), name="a")
    h = L.Dense(4, name="h")(a)
    d = L.Dense(4, name="d")
    out = d(d(h))
    K.Model(a, out, name="whole")
    return K.Model(a, d(h), name="from_the_middle")


def training_flag(K, L):
    a = K.Input((4,), name="a")
    return K.Model(a, L.BatchNormalization(name="b")(L.Dropout(0.5, name="d")(a, training=True), training=False), name="training_flag")


def states(K, L):
    x, s = K.Input((5, 3), name="x"), K.Input((4,), name="s")
    seq, h, c = L.LSTM(4, return_sequences=True, return_state=True, name="enc")(x, initial_state=[s, s])
    y = L.GRU(4, name="dec")(seq, initial_state=h)
    z = L.Bidirectional(L.GRU(4, name="gru"), name="bi")(seq, initial_state=[h, c])
    return K.Model([x, s], [y, z, c], name="states")


def frozen(K, L):
    m = K.Sequential([K.Input((4,), name="in"), L.Dense(3, trainable=False, name="a"), L.Dense(2, name="b")], name="frozen")
    return m


def float64(K, L):
    return K.Sequential([K.Input((4,), dtype="float64", name="in"), L.Dense(3, dtype="float64", name="a")], name="float64")


def names(K, L):
    a = K.Input((4,), name="an input" if K is keras else "an_input")
    return K.Model(a, L.Dense(3, name="größe 2 «x»" if K is keras else "b/c")(L.Dense(3, name="a.b-c")(a)), name="odd names" if K is keras else "odd_names")


def channels_first(K, L):
    return K.Sequential([K.Input((3, 8, 8), name="in"), L.Conv2D(4, 3, data_format="channels_first", name="a"), L.MaxPooling2D(2, data_format="channels_first", name="b"),
                         L.BatchNormalization(axis=1, name="c"), L.Flatten(data_format="channels_first", name="d")], name="channels_first")


def unknown_sizes(K, L):
    x = K.Input((None, None, 3), name="x")
    return K.Model(x, L.GlobalMaxPooling2D(name="g")(L.Conv2D(4, 3, padding="same", name="c")(x)), name="unknown_sizes")


def two_stages(K, L):
    x = K.Input((8,), name="x")
    y = K.Input((6,), name="y")
    h = L.Concatenate(name="join")([L.Dense(4, activation="relu", name="left")(x), L.Dense(4, activation="tanh", name="right")(y)])
    m = K.Model([x, y], [L.Dense(1, activation="sigmoid", name="sign")(h), L.Dense(3, activation="softmax", name="kind")(h)], name="two_stages")
    m.compile(optimizer="adam", loss={"sign": "binary_crossentropy", "kind": "categorical_crossentropy"}, loss_weights={"sign": 1.0, "kind": 0.5}, metrics={"kind": ["accuracy"]})
    return m


def compiled(K, L):
    m = K.Sequential([K.Input((4,), name="in"), L.Dense(3, activation="softmax", name="a")], name="compiled")
    m.compile(optimizer=K.optimizers.SGD(0.05, momentum=0.9, nesterov=True), loss=K.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy", K.metrics.SparseCategoricalCrossentropy(name="xent")])
    return m


def compiled_rms(K, L):
    m = K.Sequential([K.Input((4,), name="in"), L.Dense(1, name="a")], name="compiled_rms")
    m.compile(optimizer=K.optimizers.RMSprop(0.002, rho=0.8, clipnorm=1.0), loss="mse", metrics=["mae", "mse"])
    return m


def compiled_later(K, L):
    """What this library does not have."""
    m = K.Sequential([K.Input((4,), name="in"), L.Dense(1, name="a")], name="compiled_later")
    m.compile(optimizer=K.optimizers.Ftrl(0.002), loss=K.losses.Huber(), metrics=[K.metrics.MeanIoU(num_classes=2)])
    return m


def locally(K, L):
    return K.Sequential([K.Input((6, 6, 2), name="in"), L.LocallyConnected2D(3, 2, name="a"), L.Reshape((25, 3), name="r"), L.LocallyConnected1D(2, 3, name="b"), L.ThresholdedReLU(0.5, name="c")], name="locally")


# ---- ops in the graph: Keras 3's, and what tf.keras made of TensorFlow's

def operators(K, L):
    a, b = K.Input((4,), name="a"), K.Input((4,), name="b")
    x = a * 2 + b
    y = (1 - x) / (b + 3.0)
    z = -(y ** 2)
    return K.Model([a, b], [z, x > 0.5, x[:, 1:3], x[:, 0], x[..., ::-1]], name="operators")


def functions(K, L):
    o = K.ops
    a = K.Input((4, 6), name="a")
    x = o.relu(a) + o.sigmoid(a) * o.tanh(a)
    y = o.concatenate([x, o.softmax(a, axis=1), o.abs(a)], axis=-1)
    r = [o.mean(y, axis=1), o.sum(y, axis=[1, 2]), o.max(y, axis=-1, keepdims=True), o.min(y), o.std(y, axis=1), o.var(y, axis=1), o.prod(a, axis=2), o.any(a > 0, axis=1), o.argmax(a, axis=1), o.logsumexp(a, axis=1)]
    s = [o.reshape(a, (-1, 24)), o.transpose(a, (0, 2, 1)), o.expand_dims(a, 1), o.squeeze(o.expand_dims(a, 1), 1), o.cast(a, "float32"), o.stack([a, a], axis=1), *o.split(a, 2, axis=2), o.pad(a, [[0, 0], [1, 1], [0, 2]]),
         o.repeat(a, 2, axis=1), o.tile(a, [1, 2, 1]), o.flip(a, axis=1), o.take(a, [0, 2], axis=2), o.swapaxes(a, 1, 2), o.clip(a, -1.0, 1.0), o.where(a > 0, a, 0.0), o.maximum(a, 0.1), o.zeros_like(a), o.ones_like(a)]
    t = [o.gelu(a), o.elu(a), o.silu(a), o.leaky_relu(a), o.hard_sigmoid(a), o.relu6(a), o.selu(a), o.softplus(a), o.log_softmax(a), o.exp(a), o.sqrt(o.abs(a)), o.square(a), o.erf(a), o.logaddexp(a, a), o.cumsum(a, axis=1), o.sort(a, axis=1), o.top_k(a, 2)[0],
         o.normalize(a), o.matmul(a, o.transpose(a, (0, 2, 1))), o.stop_gradient(a), o.one_hot(o.argmax(a, axis=1), 5)]
    return K.Model(a, r + s + t, name="functions")


def constants(K, L):
    a = K.Input((3,), name="a")
    return K.Model(a, L.Add(name="sum")([a + np.arange(3, dtype="float32"), a * np.full((1, 3), 0.5, "float32")]), name="constants")


def explicit_mask(K, L):
    x = K.Input((5, 3), name="x")
    return K.Model(x, L.LSTM(4, name="l")(x, mask=K.ops.any(x != 0, axis=-1)), name="explicit_mask")


def tf_operators(K, L):
    a, b = K.Input((4,), name="a"), K.Input((4,), name="b")
    x = a * 2 + b
    y = (1 - x) / (b + 3.0)
    return K.Model([a, b], [y, -y, y ** 2, x > 0.5, x[:, 1:3], x[:, 0], x[..., ::-1], a - b, tf.maximum(a, b)], name="tf_operators")


def tf_functions(K, L):
    a = K.Input((4, 6), name="a")
    outs = [tf.nn.relu(a), tf.sigmoid(a), tf.tanh(a), tf.nn.softmax(a), tf.nn.leaky_relu(a), tf.nn.gelu(a), tf.reduce_mean(a, axis=1), tf.reduce_sum(a, axis=[1, 2]), tf.reduce_max(a, axis=-1, keepdims=True),
            tf.reshape(a, (-1, 24)), tf.transpose(a, (0, 2, 1)), tf.expand_dims(a, 1), tf.concat([a, a], -1), tf.stack([a, a], axis=1), tf.squeeze(tf.expand_dims(a, 1), axis=1), tf.cast(a, "float32"),
            *tf.split(a, 2, axis=2), tf.tile(a, [1, 2, 1]), tf.clip_by_value(a, -1.0, 1.0), tf.exp(a), tf.square(a), tf.matmul(a, a, transpose_b=False) if False else tf.abs(a), tf.pad(a, [[0, 0], [1, 1], [0, 2]]),
            tf.math.l2_normalize(a, axis=1), tf.gather(a, [0, 2], axis=2), tf.where(a > 0, a, a * 0.5), tf.argmax(a, axis=1)]
    return K.Model(a, outs, name="tf_functions")


def tf_mask(K, L):
    x = K.Input((5, 3), name="x")
    return K.Model(x, L.LSTM(4, name="l")(x, mask=tf.reduce_any(tf.not_equal(x, 0.0), axis=-1)), name="tf_mask")


BOTH = [dense, unbuilt, built_later, stack_of_stacks, images, signals, volumes, pools, initializers, penalties, activations, texts, both_ways, own_backward, cells, conv_lstm, stateful, distributed, merges,
        one_input_as_list, shared, nested, nested_many, deep, unused_input, inputs_as_outputs, from_the_middle, training_flag, states, frozen, float64, names, channels_first, unknown_sizes, two_stages, compiled, compiled_rms, compiled_later]
KERAS_3 = [operators, functions, constants, explicit_mask]
TF_KERAS = [locally, tf_operators, tf_functions, tf_mask]


def shape(tensor):
    return [None if d is None else int(d) for d in tensor.shape]


def training_config(model):
    """As tf_keras writes it into a .h5."""
    from tf_keras.src.saving.legacy import saving_utils
    return saving_utils.model_metadata(model).get("training_config") if getattr(model, "optimizer", None) is not None else None


def default(value):
    return value.name if hasattr(value, "name") else value.item() if hasattr(value, "item") else str(value)


def add(recorder, dialect, K, make):
    K.backend.clear_session()
    tf.random.set_seed(1)
    model = make(K, K.layers)
    fields = {"dialect": dialect, "json": json.loads(model.to_json())}
    if dialect == "tf_keras" and (training := training_config(model)):
        fields["training_config"] = json.loads(json.dumps(training, default=default))
    if model.built:
        fields["params"], fields["outputs"] = model.count_params(), [shape(o) for o in model.outputs]
    recorder.add(f"{dialect}_{make.__name__}", **fields)


def record(recorder, arguments):
    for make in BOTH + KERAS_3:
        add(recorder, "keras3", keras, make)
    for make in BOTH + TF_KERAS:
        add(recorder, "tf_keras", tf_keras, make)
