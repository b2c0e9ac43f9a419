"""float32 arrays of NumPy's files as lists, for tests that run without NumPy."""
import ast
import struct
import zipfile


def read(data):
    assert data[:6] == b"\x93NUMPY", "no .npy file"
    wide = data[6] > 1
    size = struct.unpack("<I" if wide else "<H", data[8:12 if wide else 10])[0]
    begin = (12 if wide else 10) + size
    header = ast.literal_eval(data[begin - size:begin].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    return list(struct.unpack(f"<{(len(data) - begin) // 4}f", data[begin:]))


def read_npz(path):
    with zipfile.ZipFile(path) as archive:
        return {name.removesuffix(".npy"): read(archive.read(name)) for name in archive.namelist()}
