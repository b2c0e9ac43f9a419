"""Metrics: the result after each of several updates, with and without sample weights; how names resolve."""
import numpy as np

from .common import f32, fresh, keras, normal, plain, uniform
from .losses import one_hot, softmax

M = keras.metrics


def result_of(metric):
    """The result as it is now: some metrics give the variable itself."""
    return np.array(keras.ops.convert_to_numpy(metric.result()))


def late(class_name, args):
    """Whether there is no state before the first update."""
    return class_name in ("FBetaScore", "F1Score", "R2Score") or (args.get("multi_label") and not args.get("num_labels"))


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
            out = {} if late(class_name, args) else {"result_before": result_of(metric)}
            if "TopK" in class_name:  # TensorFlow's in_top_k takes float32 alone
                tensors = {k: keras.ops.cast(v, "float32") if k.startswith("y_pred") else v for k, v in tensors.items()}
            for i in range(len(updates)):
                metric.update_state(**{k: tensors[f"{k}_{i}"] for k in keys if f"{k}_{i}" in tensors})
                out[f"result_{i}"] = result_of(metric)
            metric.reset_state()
            out["result_reset"] = result_of(metric)
            return out
        metric = fresh(lambda: getattr(M, class_name)(**args))
        if late(class_name, args):  # what the first update makes
            metric.update_state(*updates[0])
        r.add(name, inputs, run, **{"class": class_name}, args=args, updates=len(updates), key=metric.name,
              variables=[v.name for v in metric.variables],
              **({"variables_dtype": metric.variables[0].dtype} if "IoU" in class_name else {}))

    def three(make, weights):
        plain_updates = [make(i) for i in range(3)]
        return plain_updates, [u + (w,) for u, w in zip(plain_updates, weights or [None] * 3)]

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

    def rows(table):
        for name, class_name, args, make, weights in table:
            without, with_weights = three(make, weights)
            add(name, class_name, args, without)
            if weights is not None:
                add(name + "_weights", class_name, args, with_weights)

    rows(averages(labels, probs, w))
    rows(confusions(w))
    rows(areas(w))
    rows(overlaps())
    rows(scores(w))
    resolve(r)
    reported(r)


def averages(labels, probs, w):
    a, b = ([normal(s + i, (5, 3)) for i in range(3)] for s in (200, 210))
    rank3 = [(normal(220 + i, (5, 2, 4)), normal(230 + i, (5, 2, 4))) for i in range(3)]
    positive = [(uniform(240 + i, (5, 3), 0.1, 3), uniform(250 + i, (5, 3), 0.1, 3)) for i in range(3)]
    sign = [np.where(x > 0, 1.0, -1.0) for x in a]
    bits = [np.where(x > 0, 1.0, 0.0) for x in a]
    ids = [np.argsort(-p, -1).astype("int32") for p in probs]
    hot = [one_hot(x, 4) for x in labels]
    table = [("mape", "MeanAbsolutePercentageError", {}, lambda i: positive[i], w),
             ("msle", "MeanSquaredLogarithmicError", {}, lambda i: positive[i], w),
             ("log_cosh_error", "LogCoshError", {}, lambda i: (a[i], b[i]), w),
             ("cosine_similarity", "CosineSimilarity", {}, lambda i: (a[i], b[i]), w),
             ("cosine_similarity_axis", "CosineSimilarity", {"axis": 1}, lambda i: rank3[i], w),
             ("pearson_correlation", "PearsonCorrelation", {}, lambda i: (a[i], b[i]), w),
             ("pearson_correlation_axis", "PearsonCorrelation", {"axis": 0}, lambda i: (a[i], b[i]), None),
             ("concordance_correlation", "ConcordanceCorrelation", {}, lambda i: (a[i], b[i]), w),
             ("concordance_correlation_axis", "ConcordanceCorrelation", {"axis": 0}, lambda i: (a[i], b[i]), None),
             ("hinge", "Hinge", {}, lambda i: (sign[i], b[i]), w), ("hinge_bits", "Hinge", {}, lambda i: (bits[i], b[i]), w),
             ("squared_hinge", "SquaredHinge", {}, lambda i: (bits[i], b[i]), w),
             ("categorical_hinge", "CategoricalHinge", {}, lambda i: (hot[i], probs[i]), w),
             ("kl_divergence", "KLDivergence", {}, lambda i: (softmax(normal(260 + i, (5, 4))), probs[i]), w),
             ("poisson", "Poisson", {}, lambda i: positive[i], w),
             ("rmse_elementwise", "RootMeanSquaredError", {}, lambda i: (a[i], b[i]), [uniform(270 + i, (5, 3)) for i in range(3)]),
             ("rmse_rank3", "RootMeanSquaredError", {}, lambda i: rank3[i], w)]
    for k in (1, 2, 5):
        table += [(f"top_{k}", "TopKCategoricalAccuracy", {"k": k}, lambda i: (hot[i], probs[i]), w),
                  (f"sparse_top_{k}", "SparseTopKCategoricalAccuracy", {"k": k}, lambda i: (labels[i], probs[i]), w)]
    table += [("sparse_top_sorted_ids", "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, lambda i: (labels[i], ids[i]), w),
              ("sparse_top_rank3", "SparseTopKCategoricalAccuracy", {"k": 2},
               lambda i: (np.random.RandomState(280 + i).randint(0, 4, (5, 2)).astype("int32"), rank3[i][1]), w),
              ("top_rank3", "TopKCategoricalAccuracy", {"k": 2},
               lambda i: (one_hot(np.random.RandomState(280 + i).randint(0, 4, (5, 2)), 4), rank3[i][1]), w)]
    return table


def scored(seed):
    """Labels and predictions of one column, some of them at thresholds."""
    y = [np.round(uniform(seed + i, (5, 1))) for i in range(3)]
    p = [uniform(seed + 10 + i, (5, 1)) for i in range(3)]
    p[0][:3, 0] = [0.0, 0.5, 1.0]
    p[1][:2, 0] = [0.25, 0.75]
    return y, p


def confusions(w):
    y, p = scored(300)
    many = [(np.round(uniform(320 + i, (5, 4))), uniform(330 + i, (5, 4))) for i in range(3)]
    each = [uniform(340 + i, (5, 4)) for i in range(3)]
    one = lambda i: (y[i], p[i])  # noqa: E731
    wide = lambda i: many[i]  # noqa: E731
    table = []
    for name, cls in (("true_positives", "TruePositives"), ("true_negatives", "TrueNegatives"), ("false_positives", "FalsePositives"),
                      ("false_negatives", "FalseNegatives"), ("precision", "Precision"), ("recall", "Recall")):
        table += [(name, cls, {}, one, w), (f"{name}_threshold", cls, {"thresholds": 0.25}, one, w),
                  (f"{name}_thresholds", cls, {"thresholds": [0.125, 0.5, 0.75]}, wide, w),
                  (f"{name}_even_thresholds", cls, {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, wide, each),
                  (f"{name}_columns", cls, {}, wide, each),
                  (f"{name}_vector", cls, {}, lambda i: (y[i][:, 0], p[i][:, 0]), w),
                  (f"{name}_vector_against_column", cls, {}, lambda i: (y[i][:, 0].astype("int32"), p[i]), w)]
    for name, cls in (("precision", "Precision"), ("recall", "Recall")):
        table += [(f"{name}_top_k", cls, {"top_k": 2}, wide, w), (f"{name}_class_id", cls, {"class_id": 1}, wide, w),
                  (f"{name}_top_k_class_id", cls, {"top_k": 3, "class_id": 2, "thresholds": 0.5}, wide, w)]
    for name, cls, bound in (("sensitivity_at_specificity", "SensitivityAtSpecificity", "specificity"),
                             ("specificity_at_sensitivity", "SpecificityAtSensitivity", "sensitivity"),
                             ("precision_at_recall", "PrecisionAtRecall", "recall"), ("recall_at_precision", "RecallAtPrecision", "precision")):
        table += [(name, cls, {bound: 0.5}, wide, w), (f"{name}_high", cls, {bound: 0.875}, wide, each),
                  (f"{name}_one_threshold", cls, {bound: 0.25, "num_thresholds": 1}, wide, w),
                  (f"{name}_few_thresholds", cls, {bound: 0.5, "num_thresholds": 5, "class_id": 3}, wide, w)]
    return table


def areas(w):
    y, p = scored(400)
    many = [(np.round(uniform(420 + i, (5, 3))), uniform(430 + i, (5, 3))) for i in range(3)]
    one = lambda i: (y[i], p[i])  # noqa: E731
    wide = lambda i: many[i]  # noqa: E731
    table = [("auc", "AUC", {}, one, w), ("auc_default_columns", "AUC", {}, wide, w),
             ("auc_thresholds", "AUC", {"thresholds": [0.75, 0.125, 0.5]}, wide, w),
             ("auc_even_thresholds", "AUC", {"thresholds": [0.25, 0.5, 0.75]}, wide, w),
             ("auc_logits", "AUC", {"from_logits": True}, lambda i: (many[i][0], normal(440 + i, (5, 3))), w),
             ("auc_label_weights", "AUC", {"label_weights": [1.0, 0.5, 2.0]}, wide, w),
             ("auc_multi_label", "AUC", {"multi_label": True}, wide, w),
             ("auc_multi_label_num_labels", "AUC", {"multi_label": True, "num_labels": 3, "num_thresholds": 7}, wide, w),
             ("auc_multi_label_label_weights", "AUC", {"multi_label": True, "label_weights": [1.0, 0.5, 2.0], "curve": "PR"}, wide, w),
             ("auc_multi_label_thresholds", "AUC", {"multi_label": True, "thresholds": [0.125, 0.5, 0.75]}, wide, w)]
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            args = {"curve": curve, "summation_method": method, "num_thresholds": 11}
            table.append((f"auc_{curve.lower()}_{method}", "AUC", args, wide, w))
    return table


def overlaps():
    def classes(seed, shape, n):
        return [np.random.RandomState(seed + i).randint(0, n, shape).astype("int32") for i in range(3)]
    y, p = classes(500, (6,), 3), classes(510, (6,), 3)
    maps, predicted = classes(520, (2, 3, 4), 3), classes(530, (2, 3, 4), 3)
    w, whole = [uniform(540 + i, (6,), 0, 3) for i in range(3)], classes(550, (6,), 4)
    hot, score = [one_hot(x, 3) for x in y], [normal(560 + i, (6, 3)) for i in range(3)]
    bits, q = [np.round(uniform(570 + i, (6,))) for i in range(3)], [uniform(580 + i, (6,)) for i in range(3)]
    q[0][0] = 0.5
    real = {"dtype": "float32"}
    outside = [np.where(x == 1, 255, x).astype("int32") for x in y]
    return [("io_u", "IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, lambda i: (y[i], p[i]), whole),
            ("io_u_real", "IoU", {"num_classes": 3, "target_class_ids": [1], **real}, lambda i: (y[i], p[i]), w),
            ("io_u_outside", "IoU", {"num_classes": 3, "target_class_ids": [0, 1, 2]}, lambda i: (outside[i], p[i]), whole),
            ("io_u_missing", "IoU", {"num_classes": 5, "target_class_ids": [0, 4]}, lambda i: (y[i], p[i]), whole),
            ("io_u_dense", "IoU", {"num_classes": 3, "target_class_ids": [0, 2], "sparse_y_true": False, "sparse_y_pred": False},
             lambda i: (hot[i], score[i]), whole),
            ("mean_io_u", "MeanIoU", {"num_classes": 3}, lambda i: (y[i], p[i]), whole),
            ("mean_io_u_maps", "MeanIoU", {"num_classes": 3}, lambda i: (maps[i], predicted[i]), None),
            ("mean_io_u_ignore", "MeanIoU", {"num_classes": 3, "ignore_class": 1, **real}, lambda i: (y[i], p[i]), w),
            ("mean_io_u_axis", "MeanIoU", {"num_classes": 3, "sparse_y_pred": False, "axis": -1}, lambda i: (y[i], score[i]), whole),
            ("binary_io_u", "BinaryIoU", {}, lambda i: (bits[i], q[i]), whole),
            ("binary_io_u_one", "BinaryIoU", {"target_class_ids": [1], "threshold": 0.25, **real}, lambda i: (bits[i], q[i]), w),
            ("one_hot_io_u", "OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 2]}, lambda i: (hot[i], score[i]), whole),
            ("one_hot_io_u_sparse", "OneHotIoU", {"num_classes": 3, "target_class_ids": [1], "sparse_y_pred": True, "ignore_class": 0},
             lambda i: (hot[i], p[i]), whole),
            ("one_hot_mean_io_u", "OneHotMeanIoU", {"num_classes": 3}, lambda i: (hot[i], score[i]), whole)]


def scores(w):
    hot = [one_hot(np.random.RandomState(600 + i).randint(0, 3, 5), 3) for i in range(3)]
    q = [uniform(610 + i, (5, 3)) for i in range(3)]
    q[0][1] = [0.5, 0.5, 0.25]  # two largest
    q[1][2] = 0.0
    a, b = ([normal(s + i, (5, 3)) for i in range(3)] for s in (620, 630))
    table = []
    for average in (None, "micro", "macro", "weighted"):
        name = average or "each"
        table += [(f"f1_{name}", "F1Score", {"average": average}, lambda i: (hot[i], q[i]), w),
                  (f"fbeta_{name}", "FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.5}, lambda i: (hot[i], q[i]), w)]
    positive = [np.abs(x) + 0.25 for x in w]
    for aggregation in ("uniform_average", "variance_weighted_average", None):
        table += [(f"r2_{aggregation or 'each'}", "R2Score", {"class_aggregation": aggregation}, lambda i: (a[i], b[i]), positive),
                  (f"r2_adjusted_{aggregation or 'each'}", "R2Score", {"class_aggregation": aggregation, "num_regressors": 2},
                   lambda i: (a[i], b[i]), positive)]
    table += [("r2_column", "R2Score", {}, lambda i: (a[i][:, 0], b[i][:, :1]), positive),
              ("r2_too_many_regressors", "R2Score", {"num_regressors": 100}, lambda i: (a[i], b[i]), None)]
    return table


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
