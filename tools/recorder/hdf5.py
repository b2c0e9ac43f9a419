"""HDF5 files of every kind that the reader knows, written by h5py and Keras into tests/golden/hdf5, and what h5py finds in them."""
import hashlib
import re

import h5py
import ml_dtypes
import numpy as np

from .common import keras

FOLDER = "hdf5"
ODD_NAMES = ["a.b", "back\\slash", "with space", "ünïcode", "quote\"'", "new\nline", "tab\t", "..", "dense_1:0", "x" * 300]
DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


class Files:
    """Writes one file after the other, without times in it."""

    def __init__(self, folder):
        self.folder, self.names = folder, []

    def open(self, name, low="earliest", high=None, track=False, sizes=None, user_block=0):
        self.names.append(name)
        fcpl, fapl = h5py.h5p.create(h5py.h5p.FILE_CREATE), h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        levels = {"earliest": h5py.h5f.LIBVER_EARLIEST, "v108": h5py.h5f.LIBVER_V18, "v110": h5py.h5f.LIBVER_V110,
                  "latest": h5py.h5f.LIBVER_LATEST}
        fapl.set_libver_bounds(levels[low], levels[high or (low if low != "earliest" else "latest")])
        fcpl.set_obj_track_times(False)
        fcpl.set_userblock(user_block)
        if track:
            order = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED
            fcpl.set_link_creation_order(order)
            fcpl.set_attr_creation_order(order)
        if sizes:
            fcpl.set_sizes(*sizes)
        return h5py.File(h5py.h5f.create(str(self.folder / f"{name}.h5").encode(), h5py.h5f.ACC_TRUNC, fcpl, fapl))


def group(parent, name, track=False):
    gcpl, lcpl = h5py.h5p.create(h5py.h5p.GROUP_CREATE), h5py.h5p.create(h5py.h5p.LINK_CREATE)
    gcpl.set_obj_track_times(False)
    lcpl.set_create_intermediate_group(False)
    lcpl.set_char_encoding(h5py.h5t.CSET_UTF8)
    if track:
        order = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED
        gcpl.set_link_creation_order(order)
        gcpl.set_attr_creation_order(order)
    return h5py.Group(h5py.h5g.create(parent.id, name.encode(), lcpl=lcpl, gcpl=gcpl))


def dataset(parent, name, value, **options):
    return parent.create_dataset(name, data=value, **options)


def plain_dataset(parent, name, kind, shape, value, layout=None, chunks=None, alloc=None):
    """What create_dataset cannot make; of `kind` in the file."""
    dcpl = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    dcpl.set_obj_track_times(False)
    if layout is not None:
        dcpl.set_layout(layout)
    if chunks:
        dcpl.set_chunk(chunks)
    if alloc is not None:
        dcpl.set_alloc_time(alloc)
    made = h5py.h5d.create(parent.id, name.encode(), kind, h5py.h5s.create_simple(shape), dcpl=dcpl)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, value, mtype=kind)


def numbers(dtype, shape, seed=0):
    random = np.random.RandomState(seed)
    if dtype == "bool":
        return random.randint(0, 2, shape).astype(bool)
    if np.dtype(dtype).kind == "f":
        return random.normal(0, 1, shape).astype(dtype)
    bounds = np.iinfo(dtype)
    return random.randint(bounds.min, bounds.max, shape, dtype=dtype)


def basics(f):
    """Groups in groups, every dtype, shapes with and without elements, attributes of every kind, names, links."""
    f.attrs["keras_version"] = "3.15.1"
    deep = f
    for name in ("model_weights", "dense", "nested", "deeper"):
        deep = group(deep, name)
        deep.attrs["depth"] = len(name)
    for i, dtype in enumerate(DTYPES):
        dataset(deep, dtype, numbers(dtype, (2, 3), i))
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 6e-8, 65504.0, 1.5])
    shapes = group(f, "shapes")
    for dtype in ("float16", "float32", "float64"):
        with np.errstate(all="ignore"):
            dataset(shapes, "special_" + dtype, special.astype(dtype))
    dataset(shapes, "scalar", np.float32(2.5))
    dataset(shapes, "one", np.array([7], "int64"))
    dataset(shapes, "no_elements", np.zeros((3, 0, 2), "float32"))
    dataset(shapes, "null", h5py.Empty("float32"))
    dataset(shapes, "five_axes", numbers("int16", (2, 1, 3, 2, 2)))
    dataset(shapes, "bfloat16", numbers("float32", (5,)).astype(ml_dtypes.bfloat16)).attrs["dtype"] = "bfloat16"
    value = numbers("int32", (4, 5))
    plain_dataset(shapes, "compact", h5py.h5t.NATIVE_INT32, value.shape, value, layout=h5py.h5d.COMPACT)
    shapes.create_dataset("never_written", (3, 4), "float32")
    shapes.create_dataset("never_written_filled", (3, 4), ">i4", fillvalue=77)
    attributes = group(f, "attributes")
    a = attributes.attrs
    a["str"], a["bytes"], a["numpy_bytes"], a["empty_str"] = "größe", b"ascii", np.bytes_("fixed"), ""
    a["layer_names"] = np.array([b"dense", b"dense_1", b"a much longer name"])
    a["strs"], a["no_names"] = ["one", "zwei", "trois", ""], np.array([], "S1")
    a["int"], a["float"], a["bool"], a["floats"], a["matrix"] = 3, 1.5, True, np.array([1.5, 2]), numbers("int32", (2, 3))
    a["null"], a["null_str"] = h5py.Empty("float32"), h5py.Empty(h5py.string_dtype())
    a["enum"] = np.array([2, 5], h5py.enum_dtype({"RED": 2, "BLUE": 5}, basetype="int16"))
    a["long"] = "x" * 400
    names = group(f, "names")
    for i, name in enumerate(ODD_NAMES):
        dataset(names, name, np.array([i], "int32")).attrs[name] = i
    links = group(f, "links")
    links["hard"] = f["shapes/one"]
    links["soft"] = h5py.SoftLink("/shapes/one")
    links["relative"] = h5py.SoftLink("hard")
    links["to_group"] = h5py.SoftLink("/model_weights/dense")
    links["nowhere"] = h5py.SoftLink("/shapes/none")
    links["circle"] = h5py.SoftLink("circle")
    links["up"] = f["/"]


def small(f):
    """What depends on the sizes of addresses and on where the file begins."""
    deep = group(group(f, "a"), "b")
    dataset(deep, "data", numbers("float32", (3, 2))).attrs["text"] = np.bytes_("one")
    deep.attrs["names"] = np.array([b"one", b"two"])
    dataset(f, "packed", numbers("int16", (9, 4)), chunks=(2, 4), compression="gzip")
    f.create_dataset("never_written", (2,), "float32")
    f["soft"] = h5py.SoftLink("/a/b/data")


def strings(f):
    for name, encoding in (("ascii", "ascii"), ("utf8", "utf-8")):
        dataset(f, "variable_" + name, ["one", "", "three" * 40], dtype=h5py.string_dtype(encoding))
        dataset(f, "fixed_" + name, np.array([b"one", b"", b"seven77"], h5py.string_dtype(encoding, 7)))
    dataset(f, "scalar", "text")
    dataset(f, "matrix", np.array([[b"a", b"bc"], [b"", b"d"]]))
    dataset(f, "packed", [f"text {i}" for i in range(50)], dtype=h5py.string_dtype(), chunks=(8,), compression="gzip")
    for name, padding in (("terminated", h5py.h5t.STR_NULLTERM), ("zeros", h5py.h5t.STR_NULLPAD), ("blanks", h5py.h5t.STR_SPACEPAD)):
        text = h5py.h5t.C_S1.copy()
        text.set_size(6)
        text.set_strpad(padding)
        filler = b" " if name == "blanks" else b"\0"
        value = np.array([t.ljust(6, filler) for t in (b"ab", b"a b c", b"five5")], "S6")
        attribute = h5py.h5a.create(f.id, name.encode(), text, h5py.h5s.create_simple((3,)))
        attribute.write(value, mtype=text)
    for i in range(10):  # several collections of the global heap
        f.attrs[f"long_{i}"] = chr(97 + i) * 450
    f["never_written"] = h5py.Empty(h5py.string_dtype())
    f.create_dataset("unwritten", (4,), h5py.string_dtype())


def endian(f):
    for i, kind in enumerate(("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8")):
        value = numbers(np.dtype(kind).name, (3, 2), i).astype(">" + kind)
        dataset(f, kind, value)
        f.attrs[kind] = value[0]
    dataset(f, "packed_big", numbers("float32", (20, 7)).astype(">f4"), chunks=(6, 4), compression="gzip", shuffle=True)
    array = np.dtype((">i2", (2, 3)))
    value = numbers("int16", (4, 2, 3))
    plain_dataset(f, "arrays", h5py.h5t.py_create(array, logical=True), (4,), value.astype(">i2"))
    f.attrs.create("arrays", value[:2].astype(">i2"), shape=(2, 2, 3), dtype=array)


FILTERS = {"plain": {}, "gzip": {"compression": "gzip"}, "fletcher": {"fletcher32": True},
           "all": {"compression": "gzip", "compression_opts": 9, "shuffle": True, "fletcher32": True}}


def chunked(f):
    """Chunks that fit, overlap the end, are missing, or are left over."""
    for name, options in FILTERS.items():
        dataset(f, "one_axis_" + name, numbers("float32", (50,)), chunks=(16,), **options)
    dataset(f, "many", numbers("int8", (100,)), chunks=(1,))
    dataset(f, "three_axes", numbers("int16", (7, 10, 3)), chunks=(3, 4, 2), **FILTERS["all"])
    holes = f.create_dataset("holes", (40, 6), "int16", chunks=(5, 6), fillvalue=-3, shuffle=True)
    holes[12:14] = 5
    holes[38] = np.arange(6)
    f.create_dataset("never_written", (40, 6), "float32", chunks=(5, 6), fillvalue=0.5)
    f.create_dataset("larger_chunk", data=numbers("int8", (3, 3)), chunks=(8, 2), maxshape=(8, 8))
    shrunk = dataset(f, "shrunk", numbers("int32", (40,)), chunks=(4,), maxshape=(None,))
    shrunk.resize((13,))


def indexes(f):
    """Every index of chunks that files of the latest kind have."""
    for name in ("plain", "all"):
        options = FILTERS[name]
        dataset(f, "single_" + name, numbers("float64", (4, 5)), chunks=(4, 5), **options)
        dataset(f, "fixed_" + name, numbers("int16", (7, 10, 3)), chunks=(3, 4, 2), **options)
        dataset(f, "bounded_" + name, numbers("int8", (9, 11)), chunks=(4, 4), maxshape=(20, 30), **options)
        dataset(f, "grows_" + name, numbers("int32", (30, 4)), chunks=(4, 4), maxshape=(None, 4), **options)
        dataset(f, "grows_last_" + name, numbers("int32", (4, 30)), chunks=(3, 4), maxshape=(8, None), **options)
        dataset(f, "grows_both_" + name, numbers("int32", (9, 11)), chunks=(4, 4), maxshape=(None, None), **options)
        grown = f.create_dataset("holes_" + name, (400,), "int8", chunks=(5,), maxshape=(None,), fillvalue=3, **options)
        grown[333:336] = 5
    value = numbers("int32", (9, 7))
    plain_dataset(f, "implicit", h5py.h5t.NATIVE_INT32, value.shape, value, chunks=(4, 3), alloc=h5py.h5d.ALLOC_TIME_EARLY)
    pages = f.create_dataset("pages", (2100,), "int8", chunks=(1,))  # of a fixed array: three, the middle one never written
    pages[5:8] = 1
    pages[2060:2070] = 2
    dataset(f, "many_both", numbers("int8", (10, 12)), chunks=(1, 1), maxshape=(None, None))
    dataset(f, "many_grows", numbers("int8", (150,)), chunks=(1,), maxshape=(None,))


def many_links(f, count, track):
    target = dataset(f, "target", np.arange(3))
    many = group(f, "many", track)
    order = np.random.RandomState(5).permutation(count)
    for i in order:
        many[f"layer_{i}"] = target
    few = group(f, "few", track)
    for name in ("z", "a", "m"):
        few[name] = target
    many["soft"] = h5py.SoftLink("/few/z")
    for i in range(0, count, 3):
        del many[f"layer_{i}"]


def many_attributes(f, track):
    many = group(f, "many", track)
    for i in np.random.RandomState(6).permutation(50):
        many.attrs[f"weight_{i}"] = int(i)
    if track:
        many.attrs["large"] = np.arange(1030, dtype="int32")  # too large for a block of the heap
    for i in range(0, 50, 4):
        del many.attrs[f"weight_{i}"]
    few = group(f, "few", track)
    for name in ("z", "a", "m"):
        few.attrs[name] = name
    dataset(f, "data", np.arange(3)).attrs["note"] = "few"


def keras_models(folder):
    """A small model as Keras saves it, whole and its weights alone; the .keras archive's weights are of the second kind."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1337)
    model = keras.Sequential([keras.Input((4,), name="in"), keras.layers.Dense(3, name="first", activation="relu"),
                              keras.layers.BatchNormalization(name="second")], name="small")
    model.save_weights(folder / "keras.weights.h5")
    model.compile(optimizer=keras.optimizers.SGD(momentum=0.5), loss="mse")
    model.train_on_batch(np.ones((2, 4), "float32"), np.ones((2, 3), "float32"))
    model.save(folder / "keras_model.h5")
    return ["keras_model", "keras.weights"]


def refused(f):
    """What the reader does not follow: it must say so, and h5py's contents are not recorded."""
    dataset(f, "compound", np.zeros(3, [("a", "i4"), ("b", "f4")]))
    f.create_dataset("reference", (2,), h5py.ref_dtype)[0] = f["compound"].ref
    f.create_dataset("list_of_variable_length", (2,), h5py.vlen_dtype("int32"))
    dataset(f, "lzf", np.zeros(100), chunks=(10,), compression="lzf")
    dataset(f, "scaleoffset", np.arange(100), chunks=(10,), scaleoffset=0)
    f["committed_type"] = np.dtype("float64")
    dataset(f, "of_committed_type", np.zeros(3), dtype=f["committed_type"])
    f["compound"].attrs.create("of_committed_type", 1.5, dtype=f["committed_type"])
    f["external_link"] = h5py.ExternalLink("other.h5", "/x")
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("external_data", (4,), "f4", external=[("other.bin", 0, 16)])
    f.create_dataset("long_double", data=np.zeros(2, "longdouble"))
    f.create_dataset("much_of_nothing", (1 << 20, 1 << 20), "float32", chunks=(1024, 1024))


def value_of(value, dtype, shape):
    """What the reader must find: texts as they are, other elements as little-endian bytes, or their hash if many."""
    base = dtype.subdtype[0] if dtype.subdtype else dtype
    text = h5py.check_string_dtype(base) is not None
    kind = "text" if text else f"opaque{base.itemsize}" if base.kind == "V" else base.newbyteorder("=").name
    if shape is None:
        return {"type": kind, "null": True}
    result = {"type": kind, "shape": [int(d) for d in shape]}
    if text:
        items = np.asarray(value, dtype=object).ravel() if base.kind == "O" else np.asarray(value).ravel()
        result["texts"] = [t.decode() if isinstance(t, bytes) else str(t) for t in items]
    else:
        array = np.asarray(value)
        data = (array if base.kind == "V" else array.astype(array.dtype.newbyteorder("<"))).tobytes()
        result.update({"hex": data.hex()} if len(data) <= 64 else {"sha256": hashlib.sha256(data).hexdigest()})
    return result


def shape_of(space, dtype):
    if space.get_simple_extent_type() == h5py.h5s.NULL:
        return None
    return tuple(space.get_simple_extent_dims()) + (dtype.subdtype[1] if dtype.subdtype else ())


def attributes_of(thing, padded):
    found = {}
    for name in thing.attrs:
        low = h5py.h5a.open(thing.id, name.encode())
        shape = shape_of(low.get_space(), low.dtype)
        value = None if shape is None else thing.attrs[name]
        if name in padded:  # NumPy leaves off zeros only
            value = np.array([v.rstrip(b" ") for v in value])
        found[name] = value_of(value, low.dtype, shape)
    return found


def objects_of(f, padded):
    """Each object once, by its first path."""
    found, seen = [], {h5py.h5o.get_info(f.id).addr}

    def visit(folder, path):
        found.append({"path": path, "names": list(folder), "attributes": attributes_of(folder, padded)})
        for name in folder:
            if not isinstance(folder.get(name, getlink=True), h5py.HardLink):
                continue
            thing, below = folder[name], f"{path if path != '/' else ''}/{name}"
            address = h5py.h5o.get_info(thing.id).addr
            if address in seen:
                continue
            seen.add(address)
            if isinstance(thing, h5py.Group):
                visit(thing, below)
            elif isinstance(thing, h5py.Dataset):
                shape = shape_of(thing.id.get_space(), thing.id.dtype)
                value = None if shape is None else thing[()]
                found.append({"path": below, "data": value_of(value, thing.id.dtype, shape),
                              "attributes": attributes_of(thing, padded)})
    visit(f, "/")
    return found


def record(recorder, arguments):
    folder = arguments.out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder)
    for name, options in {"earliest": {}, "latest": {"low": "latest", "track": True}}.items():
        with files.open("basics_" + name, **options) as f:
            basics(f)
    for name, options in {"short_addresses": {"sizes": (4, 4)},
                          "shortest_addresses": {"low": "v108", "sizes": (2, 2), "user_block": 1024}}.items():
        with files.open("small_" + name, **options) as f:
            small(f)
    for content in (strings, endian, chunked):
        with files.open(content.__name__) as f:
            content(f)
    with files.open("indexes", "v110") as f:
        indexes(f)
    with files.open("many_links_old", user_block=512) as f:
        many_links(f, 150, False)
    for track in (False, True):
        with files.open("many_links_tracked" if track else "many_links_new", low="v108", track=track) as f:
            many_links(f, 170 if track else 100, track)
        with files.open("many_attributes_tracked" if track else "many_attributes", low="v108", track=track) as f:
            many_attributes(f, track)
    names = files.names + keras_models(folder)
    for name in names:
        with h5py.File(folder / f"{name}.h5") as f:
            case = name.replace(".", "_").lower()
            recorder.add(case, file=f"{name}.h5", objects=objects_of(f, ("blanks",)))
    with files.open("refused") as f:
        refused(f)
        names = [name for name in f if name != "committed_type"]
    path = folder / "refused.h5"  # HDF5 gives a committed type a time, whatever one asks for
    path.write_bytes(re.sub(rb"(\x12\0\x08\0.\0\0\0\x01\0\0\0)....", rb"\1\0\0\0\0", path.read_bytes(), flags=re.S))
    recorder.add("refused", file="refused.h5", refused=names)
