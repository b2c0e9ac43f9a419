"""The primer's MNIST network: one epoch from given weights and a given order of batches, in float64 and float32."""
import hashlib

import numpy as np

from .common import BITS, exact_floatx, keras

STEPS, BATCH, KEPT, TEST = 1875, 32, (1, 10, 100, 1000, 1875), 1000
MARGIN = 2e-5


def glorot(rng, shape):
    limit = np.sqrt(6.0 / sum(shape))
    return rng.uniform(-limit, limit, shape).astype("float16")  # exact in every wider type


def settle(x, y, weights, order):
    """Changes the order, in place, so that no hidden unit's input comes within MARGIN of relu's corner.

    A rounding error there would change that unit's gradient, and RMSprop makes that a full-sized step: two right float32
    computations would end several per cent apart. A sample that comes too near waits: it changes places with a later one.
    The training here is plain NumPy in float64; Keras is not asked until the order stands.
    """
    w = [v.astype("float64") for v in weights.values()]
    velocities = [np.zeros_like(v) for v in w]
    waited, next_place = 0, np.random.RandomState(7)
    for step in range(STEPS):
        place = slice(step * BATCH, (step + 1) * BATCH)
        while True:
            inputs = x[order[place]].astype("float64")
            z = inputs @ w[0] + w[1]
            near = np.flatnonzero(np.min(np.abs(z), 1) < MARGIN)
            if near.size == 0 or step == STEPS - 1:
                break
            for sample in step * BATCH + near:
                other = next_place.randint((step + 1) * BATCH, len(order))
                order[[sample, other]] = order[[other, sample]]
            waited += near.size
        assert near.size == 0, "the last batch comes too near: take another seed"
        hidden = np.maximum(z, 0)
        logits = hidden @ w[2] + w[3]
        p = np.exp(logits - logits.max(1, keepdims=True))
        d_logits = (p / p.sum(1, keepdims=True) - y[order[place]]) / BATCH
        d_z = (d_logits @ w[2].T) * (z > 0)
        for variable, v, g in zip(w, velocities, (inputs.T @ d_z, d_z.sum(0), hidden.T @ d_logits, d_logits.sum(0))):
            v *= 0.9
            v += (1 - 0.9) * np.square(g)
            variable -= 0.001 * g / np.sqrt(v + 1e-8)
    return waited


def record(r, arguments):
    if not arguments.mnist:
        raise SystemExit("mnist_mlp needs --mnist FILE")
    with np.load(arguments.mnist) as data:
        x_train, y_train, x_test, y_test = (data[k] for k in ("x_train", "y_train", "x_test", "y_test"))
    digest = hashlib.sha256(x_train.tobytes() + y_train.tobytes() + x_test.tobytes() + y_test.tobytes()).hexdigest()
    x_train, x_test = (x.reshape(-1, 784).astype("float32") / np.float32(255) for x in (x_train, x_test))
    y_train, y_test = (keras.utils.to_categorical(y, 10) for y in (y_train, y_test))
    rng = np.random.RandomState(1337)
    weights = {"kernel_0": glorot(rng, (784, 400)), "bias_0": np.zeros(400, "float16"), "kernel_1": glorot(rng, (400, 10)), "bias_1": np.zeros(10, "float16")}
    order = rng.permutation(60000).astype("uint16")
    waited = settle(x_train, y_train, weights, order)
    results = {bit: train(dtype, x_train, y_train, x_test[:TEST], y_test[:TEST], weights, order) for bit, dtype in BITS.items()}
    case = r.add("mnist_mlp", steps=STEPS, batch_size=BATCH, kept=KEPT, test_samples=TEST, margin=MARGIN, samples_that_waited=waited, data_sha256=digest,
                 data="x float32, divided by 255 in float32 (widened for the float64 run); y one-hot; batch k is order[32 k : 32 k + 32]",
                 layers=[{"class": "Dense", "args": {"units": 400, "input_dim": 784}}, {"class": "Activation", "args": {"activation": "relu"}},
                         {"class": "Dense", "args": {"units": 10}}, {"class": "Activation", "args": {"activation": "softmax"}}],
                 optimizer={"class": "RMSprop", "args": {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-8}}, loss="categorical_crossentropy")
    for key, value in {**weights, "order": order}.items():
        r.arrays[f"mnist_mlp/{key}"] = value
    case["inputs"] = [*weights, "order"]
    r.outputs(case, results)


def train(dtype, x, y, x_test, y_test, weights, order):
    """Losses of the kept batches before their updates, and of the test slice after them; the last bias, too."""
    with exact_floatx(dtype):
        model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(400), keras.layers.Activation("relu"), keras.layers.Dense(10),
                                  keras.layers.Activation("softmax")])
        model.set_weights([w.astype(dtype) for w in weights.values()])
        model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.001, rho=0.9, epsilon=1e-8), loss="categorical_crossentropy",
                      jit_compile=False)
        test = [model.test_on_batch(x_test.astype(dtype), y_test.astype(dtype))]
        train_losses, all_losses = [], []
        for step in range(1, STEPS + 1):
            batch = order[(step - 1) * BATCH:step * BATCH]
            loss = float(model.train_on_batch(x[batch].astype(dtype), y[batch].astype(dtype)))
            all_losses.append(loss)
            if step in KEPT:
                train_losses.append(loss)
                test.append(model.test_on_batch(x_test.astype(dtype), y_test.astype(dtype)))
        final = model.get_weights()
        accuracy = np.mean(np.argmax(model.predict(x_test.astype(dtype), verbose=0), -1) == np.argmax(y_test, -1))
    return {"loss": np.array(train_losses, dtype), "test_loss": np.array(test, dtype), "losses": np.array(all_losses, dtype),
            "bias_1_final": final[3], "test_accuracy": np.array(accuracy, dtype)}
