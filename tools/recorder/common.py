"""What every family shares: Keras set up for repeatable numbers, float64 and float32 runs, the files written."""
import contextlib
import json
import math
import os
import re
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # plain Eigen kernels: the same order of additions in every run
os.environ["KERAS_HOME"] = os.path.join(tempfile.gettempdir(), "record_goldens_home")  # nobody's keras.json

import io  # noqa: E402
import logging  # noqa: E402
import warnings  # noqa: E402

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.python.ops import math_ops  # noqa: E402
from tensorflow.python.util import _pywrap_determinism  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.experimental.enable_op_determinism()
logging.getLogger("tensorflow").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")

BITS = {"64": "float64", "32": "float32"}


@contextlib.contextmanager
def exact_scalars():
    """Python's numbers reach float64 tensors whole.

    Keras and TensorFlow convert many of them (momentum 0.9, beta_1, l1, the slope of a leaky relu, gelu's square root of
    2) to float32 first, even when everything else is float64; that would spoil the float64 results in the eighth digit.
    """
    convert, cast, leaky = tf.convert_to_tensor, math_ops.cast, tf.nn.leaky_relu

    def exact_convert(value, dtype=None, *args, **kwargs):
        if isinstance(value, float) and dtype is None:
            dtype = tf.float64
        return convert(value, dtype, *args, **kwargs)

    def exact_cast(x, dtype, *args, **kwargs):
        return cast(convert(x, tf.float64) if isinstance(x, float) else x, dtype, *args, **kwargs)

    def exact_leaky(features, alpha=0.2, name=None):  # the kernel's alpha is a float32 attribute
        return tf.where(features > 0, features, convert(alpha, features.dtype) * features)
    try:
        tf.convert_to_tensor, tf.cast, math_ops.cast, tf.nn.leaky_relu = exact_convert, exact_cast, exact_cast, exact_leaky
        yield
    finally:
        tf.convert_to_tensor, tf.cast, math_ops.cast, tf.nn.leaky_relu = convert, cast, cast, leaky


@contextlib.contextmanager
def exact_floatx(dtype):
    """floatx, and in float64 without scalars rounded to float32."""
    with floatx(dtype), exact_scalars() if dtype == "float64" else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def floatx(dtype):
    """Everything Keras builds inside computes in `dtype`."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    keras.utils.set_random_seed(1337)
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def by_xla(compute):
    """What `compute` gives, compiled. On one thread that is the same each time, though XLA does not promise it of all gradients."""
    _pywrap_determinism.enable(False)
    try:
        return tf.function(compute, jit_compile=True)()
    finally:
        _pywrap_determinism.enable(True)


def fresh(make):
    """What `make` builds, with names that do not depend on what was built before."""
    keras.utils.clear_session(free_memory=False)
    return make()


def f32(values):
    """float64 values that float32 can hold, so that both runs see the same numbers."""
    return np.asarray(np.asarray(values, "float32"), "float64")


def normal(seed, shape, scale=1.0):
    return f32(np.random.RandomState(seed).normal(0, scale, shape))


def uniform(seed, shape, low=0.0, high=1.0):
    return f32(np.random.RandomState(seed).uniform(low, high, shape))


def tensor(value):
    """A Keras tensor: real arrays in the current floatx, integers and bools as they are."""
    value = np.asarray(value)
    return keras.ops.convert_to_tensor(value, keras.config.floatx() if value.dtype.kind == "f" else value.dtype.name)


def array(value):
    return np.asarray(keras.ops.convert_to_numpy(value)) if not isinstance(value, (np.ndarray, float, int)) else np.asarray(value)


def plain(value):
    """`value` as JSON can hold it; Keras objects as their serialized form, NaN and infinities as text."""
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if hasattr(value, "get_config"):
        return plain(keras.saving.serialize_keras_object(value))
    return {"repr": repr(value)}


class Recorder:
    """Collects the cases and arrays of one family."""

    def __init__(self, family):
        self.family, self.cases, self.arrays, self.names = family, [], {}, set()

    def add(self, name, inputs=None, run=None, bits="64 32", **fields):
        """One case. `run(inputs as tensors) -> {what: tensor}` is called under both floatx; other fields go to the JSON.

        Inputs are stored once as `name/what`, results as `name/what/64` and `name/what/32`. A result that is not
        real-valued and the same in both runs is stored once as `name/what`.
        """
        assert re.fullmatch(r"[a-z0-9_]+", name), name
        assert name not in self.names, f"{self.family}: {name} twice"
        self.names.add(name)
        inputs = {k: np.asarray(v) for k, v in (inputs or {}).items()}
        for what, value in inputs.items():
            if value.dtype.kind == "f" and value.dtype != np.float16:
                with np.errstate(all="ignore"):
                    assert np.array_equal(f32(value), value, equal_nan=True), f"{name}/{what} is not exact in float32"
            self.arrays[f"{name}/{what}"] = value
        case = {"name": name, **plain(fields)}
        if inputs:
            case["inputs"] = list(inputs)
        if run:
            results = {}
            for bit in bits.split():
                with exact_floatx(BITS[bit]):
                    results[bit] = {k: array(v) for k, v in run(**{k: tensor(v) for k, v in inputs.items()}).items()}
            self.outputs(case, results)
        self.cases.append(case)
        return case

    def store(self, name, inputs, outputs, **fields):
        """One case of fixed dtypes: results are stored as they are, as `name/what`."""
        case = self.add(name, **fields)
        for what, value in {**inputs, **outputs}.items():
            self.arrays[f"{name}/{what}"] = np.asarray(value)
        case["inputs"], case["outputs"] = list(inputs), list(outputs)

    def outputs(self, case, results):
        name = case["name"]
        case["outputs"] = list(next(iter(results.values())))
        floors = {}
        for what in case["outputs"]:
            values = {bit: result[what] for bit, result in results.items()}
            for bit, value in values.items():
                if value.dtype.kind == "f" and value.dtype != BITS[bit]:
                    print(f"note: {self.family} {name}/{what}/{bit} came as {value.dtype}")
                    case.setdefault("odd_dtype", {})[f"{what}/{bit}"] = value.dtype.name
            kinds = {v.dtype.kind for v in values.values()}
            if len(values) == 2 and "f" not in kinds and np.array_equal(values["64"], values["32"]):
                self.arrays[f"{name}/{what}"] = values["32"]
                continue
            for bit, value in values.items():
                self.arrays[f"{name}/{what}/{bit}"] = value
            if "f" in kinds and len(values) == 2:
                exact, single = values["64"], values["32"].astype("float64")
                assert np.array_equal(np.isnan(exact), np.isnan(single)) or case.get("differs"), f"{name}/{what}: NaN in one run"
                big = np.max(np.abs(exact[np.isfinite(exact)]), initial=0.0)
                if 0 < big < 1e-12:  # exactly 0 but for rounding
                    floors[what] = 1e-6
        if floors:
            case["floor"] = floors

    def write(self, folder):
        path = folder / f"{self.family}.json"
        lines = [json.dumps(c, allow_nan=False, separators=(", ", ": ")) for c in self.cases]
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        size = path.stat().st_size
        if self.arrays:
            path = folder / f"{self.family}.npz"
            with zipfile.ZipFile(path, "w") as archive:
                for key, value in self.arrays.items():
                    buffer = io.BytesIO()
                    np.lib.format.write_array(buffer, np.asarray(value, order="C"), version=(1, 0))
                    entry = zipfile.ZipInfo(key + ".npy", (1980, 1, 1, 0, 0, 0))
                    archive.writestr(entry, buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)
            size += path.stat().st_size
        return len(self.cases), size


def gradients(loss, sources):
    """Values and gradients: `loss()` must return (scalar, {what: tensor}); sources is {name: tensor or keras.Variable}."""
    with tf.GradientTape(persistent=False) as tape:
        for s in sources.values():
            tape.watch(s if not isinstance(s, keras.Variable) else s.value)
        scalar, values = loss()
    raw = [s.value if isinstance(s, keras.Variable) else s for s in sources.values()]
    grads = tape.gradient(scalar, raw, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    grads = [tf.convert_to_tensor(g) for g in grads]
    return {**values, **{f"d{k}": g for k, g in zip(sources, grads)}}
