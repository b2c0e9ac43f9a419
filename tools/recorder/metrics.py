"""Metrics: the result after each of several updates, with and without sample weights; how names resolve."""
import numpy as np

from .common import f32, keras, normal, plain, uniform
from .losses import one_hot, softmax

M = keras.metrics


def record(r, _):
    def add(name, class_name, args, updates, use_reset=True):
        """updates: a list of argument tuples for update_state."""
        inputs = {}
        keys = ["values", "sample_weight"] if class_name in ("Mean", "Sum") else ["y_true", "y_pred", "sample_weight"]
        for i, update in enumerate(updates):
            for key, value in zip(keys, update):
                if value is not None:
                    value = np.asarray(value)
                    inputs[f"{key}_{i}"] = f32(value) if value.dtype.kind == "f" else value

        def run(**tensors):
            metric = getattr(M, class_name)(**args)
            out = {"result_before": metric.result()}
            for i in range(len(updates)):
                metric.update_state(**{k: tensors[f"{k}_{i}"] for k in keys if f"{k}_{i}" in tensors})
                out[f"result_{i}"] = metric.result()
            metric.reset_state()
            out["result_reset"] = metric.result()
            return out
        metric = getattr(M, class_name)(**args)
        r.add(name, inputs, run, **{"class": class_name}, args=args, updates=len(updates), key=metric.name,
              variables=[v.name for v in metric.variables])

    def three(make, weights):
        plain_updates = [make(i) for i in range(3)]
        return plain_updates, [u + (w,) for u, w in zip(plain_updates, weights)]

    w = [np.array([1.0, 0.5, 0.0, 2.0, 0.25]), np.array([0.0, 0.0, 0.0, 0.0, 0.0]), np.array([3.0, 1.0, 1.0, 0.125, 4.0])]
    column = [x.reshape(5, 1) for x in w]
    labels = [np.random.RandomState(20 + i).randint(0, 4, 5).astype("int32") for i in range(3)]
    probs = [softmax(normal(30 + i, (5, 4), 2.0)) for i in range(3)]
    probs[0][2] = [0.25, 0.25, 0.25, 0.25]  # ties: the first maximum counts
    bits = [np.round(uniform(40 + i, (5, 1))) for i in range(3)]
    q = [uniform(50 + i, (5, 1)) for i in range(3)]
    q[0][1] = 0.5  # exactly at the threshold counts as 0
    a = [normal(60 + i, (5, 3)) for i in range(3)]
    b = [normal(70 + i, (5, 3)) for i in range(3)]
    rounded = [np.round(x) for x in a]

    table = [
        ("categorical_accuracy", "CategoricalAccuracy", {}, lambda i: (one_hot(labels[i], 4), probs[i]), w),
        ("sparse_categorical_accuracy", "SparseCategoricalAccuracy", {}, lambda i: (labels[i], probs[i]), w),
        ("sparse_categorical_accuracy_column", "SparseCategoricalAccuracy", {},
         lambda i: (labels[i].reshape(5, 1), probs[i]), w),
        ("binary_accuracy", "BinaryAccuracy", {}, lambda i: (bits[i], q[i]), w),
        ("binary_accuracy_threshold", "BinaryAccuracy", {"threshold": 0.75}, lambda i: (bits[i], q[i]), w),
        ("binary_accuracy_vector_labels", "BinaryAccuracy", {}, lambda i: (bits[i][:, 0], q[i]), w),
        ("binary_accuracy_multilabel", "BinaryAccuracy", {}, lambda i: (np.round(uniform(80 + i, (5, 3))), uniform(90 + i, (5, 3))), w),
        ("accuracy", "Accuracy", {}, lambda i: (rounded[i], np.round(b[i])), w),
        ("accuracy_integers", "Accuracy", {}, lambda i: (labels[i], np.roll(labels[i], 1)), w),
        ("mean_squared_error", "MeanSquaredError", {}, lambda i: (a[i], b[i]), w),
        ("mean_absolute_error", "MeanAbsoluteError", {}, lambda i: (a[i], b[i]), w),
        ("mean_squared_error_column", "MeanSquaredError", {}, lambda i: (a[i][:, :1], b[i][:, :1]), column),
        ("mean_squared_error_vector_labels", "MeanSquaredError", {}, lambda i: (a[i][:, 0], b[i][:, :1]), w),
        ("root_mean_squared_error", "RootMeanSquaredError", {}, lambda i: (a[i], b[i]), w),
        ("categorical_crossentropy", "CategoricalCrossentropy", {}, lambda i: (one_hot(labels[i], 4), probs[i]), w),
        ("categorical_crossentropy_smooth", "CategoricalCrossentropy", {"label_smoothing": 0.1},
         lambda i: (one_hot(labels[i], 4), probs[i]), w),
        ("categorical_crossentropy_logits", "CategoricalCrossentropy", {"from_logits": True},
         lambda i: (one_hot(labels[i], 4), normal(30 + i, (5, 4), 2.0)), w),
        ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", {}, lambda i: (labels[i], probs[i]), w),
        ("sparse_categorical_crossentropy_logits", "SparseCategoricalCrossentropy", {"from_logits": True},
         lambda i: (labels[i], normal(30 + i, (5, 4), 2.0)), w),
        ("binary_crossentropy", "BinaryCrossentropy", {}, lambda i: (bits[i], q[i]), w),
        ("binary_crossentropy_smooth", "BinaryCrossentropy", {"label_smoothing": 0.2}, lambda i: (bits[i], q[i]), w),
        ("binary_crossentropy_logits", "BinaryCrossentropy", {"from_logits": True}, lambda i: (bits[i], normal(33 + i, (5, 1))), w),
        ("mean", "Mean", {}, lambda i: (a[i][:, 0],), w),
        ("mean_rank2", "Mean", {}, lambda i: (a[i],), w),
        ("mean_scalar", "Mean", {}, lambda i: (a[i][0, 0],), [2.0, 0.0, 0.5]),
        ("sum", "Sum", {}, lambda i: (a[i][:, 0],), w),
        ("sum_rank2", "Sum", {}, lambda i: (a[i],), w),
    ]
    for name, class_name, args, make, weights in table:
        without, with_weights = three(make, weights)
        add(name, class_name, args, without)
        add(name + "_weights", class_name, args, with_weights)
    add("mean_one_weight_missing", "Mean", {}, [(a[0][:, 0], w[0]), (a[1][:, 0],), (a[2][:, 0], w[2])])

    resolve(r)
    reported(r)


def resolve(r):
    """What the strings 'accuracy' and 'acc' mean by the shapes of y_true and y_pred, and 'crossentropy' as a loss."""
    from keras.src.trainers import compile_utils
    shapes = [((5, 1), (5, 1)), ((5,), (5, 1)), ((5, 4), (5, 4)), ((5,), (5, 4)), ((5, 1), (5, 4)), ((5, 3), (5, 3, 4)),
              ((5, 3, 1), (5, 3, 4)), ((5, 3, 4), (5, 3, 4)), ((5, 3, 1), (5, 3, 1)), ((5, 3), (5, 3, 1)), ((5, 2), (5, 2)),
              ((5,), (5,))]
    for t, p in shapes:
        y_true, y_pred = np.zeros(t, "float32"), np.zeros(p, "float32")
        row = {"y_true": t, "y_pred": p}
        for identifier in ("accuracy", "acc", "Accuracy", "mse", "categorical_accuracy", "binary_accuracy"):
            metric = compile_utils.get_metric(identifier, y_true, y_pred)
            function = getattr(getattr(metric, "_fn", None), "__name__", None)
            row[identifier] = {"class": type(metric).__name__, "function": function, "key": metric.name}
        for identifier in ("crossentropy", "ce"):
            row[identifier] = compile_utils.get_loss(identifier, y_true, y_pred)._fn.__name__ if hasattr(
                compile_utils.get_loss(identifier, y_true, y_pred), "_fn") else compile_utils.get_loss(identifier, y_true, y_pred).fn.__name__
        r.add("resolve_" + "_".join("x".join(map(str, s)) for s in (t, p)), resolve=plain(row))


def reported(r):
    """What evaluate and train_on_batch report, names and numbers, for a model with several metrics and sample weights."""
    x, kernel = normal(100, (10, 3)), normal(101, (3, 4))
    labels = np.random.RandomState(102).randint(0, 4, 10).astype("int32")
    weight = uniform(103, (10,))
    for name, loss, metrics, weighted, y in (
            ("sparse", "sparse_categorical_crossentropy", ["accuracy", "sparse_categorical_crossentropy"], None, labels),
            ("one_hot", "categorical_crossentropy", ["acc", "mae"], ["accuracy"], one_hot(labels, 4)),
            ("objects", "categorical_crossentropy", [M.CategoricalAccuracy(name="own"), M.MeanSquaredError()], None, one_hot(labels, 4))):
        def run(x, y, kernel, sample_weight):
            model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="softmax", use_bias=False)])
            fresh = [m if isinstance(m, str) else type(m).from_config(m.get_config() | {"dtype": None}) for m in metrics]
            model.compile(optimizer=keras.optimizers.SGD(0.0), loss=loss, metrics=fresh, weighted_metrics=weighted, jit_compile=False)
            model.layers[0].set_weights([np.asarray(kernel)])
            out, keys = {}, None
            for suffix, extra in (("", {}), ("_weighted", {"sample_weight": np.asarray(sample_weight)})):
                for call, result in (
                        ("evaluate", model.evaluate(np.asarray(x), np.asarray(y), batch_size=4, verbose=0, return_dict=True, **extra)),
                        ("train_on_batch", model.train_on_batch(np.asarray(x), np.asarray(y), return_dict=True, **extra))):
                    keys = list(result)
                    out[call + suffix] = np.array([result[k] for k in keys], keras.config.floatx())
            out["evaluate_list"] = np.array(model.evaluate(np.asarray(x), np.asarray(y), batch_size=4, verbose=0), keras.config.floatx())
            order = model._flatten_metrics_in_order({k: k for k in keys})
            run.keys, run.order = keys, order
            return out
        case = r.add(f"reported_{name}", {"x": x, "y": y, "kernel": kernel, "sample_weight": weight}, run, loss=loss,
                     metrics=[m if isinstance(m, str) else m for m in metrics], weighted_metrics=weighted, batch_size=4,
                     model="Dense(4, softmax, no bias) on 3 inputs")
        case["keys"], case["list_order"] = run.keys, run.order
