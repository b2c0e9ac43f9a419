"""Arrays of NumPy's files as lists, for tests that run without NumPy."""
import ast
import math
import struct
import zipfile

KINDS = {"<f4": "f", "<f8": "d", "<i4": "i", "<i8": "q", "|u1": "B"}


def parse(data):
    """(shape, values), the values in C order."""
    assert data[:6] == b"\x93NUMPY", "no .npy file"
    wide = data[6] > 1
    size = struct.unpack("<I" if wide else "<H", data[8:12 if wide else 10])[0]
    begin = (12 if wide else 10) + size
    header = ast.literal_eval(data[begin - size:begin].decode())
    assert not header["fortran_order"], header
    kind = KINDS[header["descr"]]
    count = math.prod(header["shape"])
    return header["shape"], list(struct.unpack(f"<{count}{kind}", data[begin:begin + count * struct.calcsize(kind)]))


def read(data):
    return parse(data)[1]


def parse_npz(path):
    with zipfile.ZipFile(path) as archive:
        return {name.removesuffix(".npy"): parse(archive.read(name)) for name in archive.namelist()}


def read_npz(path):
    return {name: values for name, (_, values) in parse_npz(path).items()}


def made(shape, values):
    """An .npy file of float32."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)!r}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}f", *values)


def write_npz(path, arrays):
    with zipfile.ZipFile(path, "w") as archive:
        for name, (shape, values) in arrays.items():
            archive.writestr(f"{name}.npy", made(shape, values))
