#!/usr/bin/env python3
"""Records tests/data/npy and tests/data/print: files that NumPy wrote, and texts that NumPy printed.

    golden-venv/bin/python tools/recorder/npy_samples.py    # NumPy 2.4 and ml_dtypes, as record_goldens.py installs them
"""
import pathlib
import zipfile

import ml_dtypes
import numpy as np
from numpy.lib import format as npy_format

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "tests" / "data"
DTYPES = {"bool": "|b1", "uint8": "|u1", "uint16": "<u2", "uint32": "<u4", "uint64": "<u8", "int8": "|i1", "int16": "<i2",
          "int32": "<i4", "int64": "<i8", "float16": "<f2", "float32": "<f4", "float64": "<f8"}


def write(path, array, version=None):
    with open(path, "wb") as file:
        npy_format.write_array(file, array, version)


def record_npy(out):
    """2 x 3 arrays of 0, 1, … 5 (bool: of False, True, …) in every form, and what no Array can hold."""
    out.mkdir(parents=True, exist_ok=True)
    plain = np.arange(6).reshape(2, 3)
    for name, code in DTYPES.items():
        values = plain % 2 if name == "bool" else plain
        write(out / f"{name}.npy", values.astype(code))
        if code[0] == "<":
            write(out / f"{name}_big_endian.npy", values.astype(">" + code[1:]))
    write(out / "bfloat16.npy", plain.astype(ml_dtypes.bfloat16))
    write(out / "fortran.npy", np.asfortranarray(plain.astype("<f4")))
    write(out / "fortran_3d_big_endian.npy", np.asfortranarray(np.arange(24, dtype=">i2").reshape(2, 3, 4)))
    write(out / "version_2.npy", plain.astype("<f4"), (2, 0))
    write(out / "version_3.npy", plain.astype("<f4"), (3, 0))
    write(out / "scalar.npy", np.array(2.5))
    write(out / "empty.npy", np.zeros((0, 3), "<f4"))
    write(out / "complex.npy", plain.astype("<c8"))
    write(out / "text.npy", np.array(["a", "bc"]))
    write(out / "objects.npy", np.array([{"a": 1}, None], object))
    write(out / "structures.npy", np.zeros(2, [("a", "<f4"), ("b", "<i2")]))
    arrays = {"x": plain.astype("<f4"), "dense/kernel": plain.astype("<i8"), "b": plain.astype(ml_dtypes.bfloat16)}
    np.savez(out / "plain.npz", **arrays)
    np.savez_compressed(out / "compressed.npz", **arrays)
    with zipfile.ZipFile(out / "other.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("metadata.json"), "{}")


def arrays_to_print():
    rng = np.random.default_rng(1337)
    for name, code in DTYPES.items():
        kind = np.dtype(code).kind
        if kind == "f":
            yield np.round(rng.normal(size=(3, 4)), 3).astype(code)
            yield rng.normal(size=(2, 2, 3)).astype(code)
            yield (rng.normal(size=5) * 10.0 ** rng.integers(-8, 4, 5)).astype(code)
            yield np.array([0.5, np.nan, -np.inf, -0.0], code)
            yield np.array([np.nan, np.inf], code)
            yield np.array([1.0, 2.0, -30.0], code)
            yield np.array([0.0001, 0.1], code)
            yield np.array([999.0, 1000.0], code)
            yield np.array([1e-7, 1.5], code)
            yield np.zeros((2, 3), code)
            yield rng.normal(size=1200).astype(code)
            yield rng.normal(size=(40, 30)).astype(code)
            yield rng.normal(size=(8, 7, 9, 8)).astype(code)
            for number in (0.1, 1 / 3, 2.0, -0.0, 1e-5, 12345.678, 1e6, 1e16, 6e-8, np.inf, np.nan, 0.015625):
                with np.errstate(over="ignore"):
                    yield np.array(number).astype(code)
        elif kind == "b":
            yield np.array([[True, False], [False, False]])
            yield np.array(True)
            yield rng.random((2, 30)) < 0.5
        else:
            limits = np.iinfo(code)
            yield np.array([limits.min, 0, limits.max], code)
            yield (np.arange(12).reshape(3, 4) * 7 % 100).astype(code)
            yield np.arange(1001).astype(code)
            yield np.array(limits.max, code)
    yield np.array([1e8, 1.0])
    yield np.array([123456789.0, 0.5])
    yield np.array([99999999.0])
    yield np.array([1e300, 1e-300, np.nan, -np.inf])
    yield np.array([5e-324, 1.7976931348623157e308])
    yield np.array([16777216.0, 1.0], "<f4")
    yield np.array([1 / 3, 1e-3, 123456.789])
    yield np.zeros((2, 0, 3))
    yield np.arange(1000)
    yield np.arange(2 * 3 * 1 * 5).reshape(2, 3, 1, 5)
    yield np.array([1.5, 0.1, 1e-8, 3e5, -2.0, np.nan]).astype(ml_dtypes.bfloat16)
    yield np.array([[0.25, 100.0], [1.0, 2.0]]).astype(ml_dtypes.bfloat16)
    yield np.array(0.1).astype(ml_dtypes.bfloat16)


def record_print(out):
    """arrays.npz, and after a line `== <name>` what print() writes of each."""
    out.mkdir(parents=True, exist_ok=True)
    arrays = {f"a{i:03}": np.asarray(a) for i, a in enumerate(arrays_to_print())}
    np.savez_compressed(out / "arrays.npz", **arrays)
    (out / "expected.txt").write_text("".join(f"== {name}\n{array!s}\n" for name, array in arrays.items()))


if __name__ == "__main__":
    record_npy(OUT / "npy")
    record_print(OUT / "print")
