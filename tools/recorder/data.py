"""fit, evaluate and predict of a PyDataset and a generator: figures of each epoch, number of steps, weights afterwards."""
import warnings

import keras
import numpy as np

from .common import f32, normal

ROWS, BATCH = 22, 4  # the last batch is smaller


class Batches(keras.utils.PyDataset):
    def __init__(self, *columns, workers=1):
        super().__init__(workers=workers)
        self.columns = columns

    def __len__(self):
        return -(-ROWS // BATCH)

    def __getitem__(self, index):
        return tuple(column[index * BATCH : (index + 1) * BATCH] for column in self.columns)


class Steps(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.steps = []

    def on_epoch_begin(self, epoch, logs=None):
        self.steps.append(0)

    def on_train_batch_end(self, batch, logs=None):
        self.steps[-1] += 1


def model_of(dtype):
    keras.backend.clear_session()
    keras.backend.set_floatx(dtype)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.SGD(0.0625), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


CASES = {
    "plain": {},
    "weighted": {"weights": True},
    "class_weight": {"class_weight": {0: 0.5, 1: 3.0}},
    "short_epochs": {"steps_per_epoch": 4},
    "long_epochs": {"steps_per_epoch": 9},
    "workers": {"workers": 3},
    "validation": {"validation": True, "validation_steps": 2},
    "generator": {"generator": True, "steps_per_epoch": 2},
}


def record(r, _):
    x, weight = normal(1, (ROWS, 3)), f32(np.abs(normal(2, (ROWS,))) + 0.5).astype("float64")
    y = (x[:, 0] > 0.1).astype("int32")
    for name, case in CASES.items():
        results, args = {}, {k: v for k, v in case.items() if k in ("class_weight", "steps_per_epoch", "validation_steps")}
        for bit, dtype in {"64": "float64", "32": "float32"}.items():
            model, steps = model_of(dtype), Steps()
            start = [w.astype("float64") for w in model.get_weights()]
            if bit == "64":  # from the same weights in both
                first = [w.astype("float32").astype("float64") for w in start]
            model.set_weights(first)
            columns = (x.astype(dtype), y) + ((weight.astype(dtype),) if case.get("weights") else ())
            data = Batches(*columns, workers=case.get("workers", 1))
            train = (data[i] for i in range(len(data))) if case.get("generator") else data
            with warnings.catch_warnings(record=True) as given:
                warnings.simplefilter("always")
                history = model.fit(train, epochs=3, verbose=0, shuffle=False, callbacks=[steps],
                                    validation_data=data if case.get("validation") else None, **args)
            tested = model.evaluate(data, verbose=0, return_dict=True)
            values = {f"history_{key}": np.asarray(v, dtype) for key, v in history.history.items()}
            values |= {f"test_{key}": np.asarray(v, dtype) for key, v in tested.items()}
            values |= {f"after_{i}": w for i, w in enumerate(model.get_weights())}
            values["predicted"] = model.predict(data, verbose=0)
            results[bit] = values
        keras.backend.set_floatx("float32")
        inputs = {"x": x, "y": y, "weight": weight} | {f"start_{i}": w for i, w in enumerate(first)}
        case_of = {k: v for k, v in case.items() if k != "class_weight"}
        r.outputs(r.add(name, inputs, case=case_of, class_weight=list(case.get("class_weight", {}).values()),
                        figures=list(history.history), tests=list(tested), steps=steps.steps,
                        warnings=sum("ran out of data" in str(w.message) for w in given)), results)
