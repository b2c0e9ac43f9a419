"""Pictures, padded sequences and tokenizers. Writes the pictures to tests/data/png and jpeg, all of them drawn here."""
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

from .common import keras

DATA = pathlib.Path(__file__).resolve().parents[2] / "tests" / "data"
PICTURES, PHOTOS = DATA / "png", DATA / "jpeg"
TEXTS = [
    "The quick brown fox; the lazy dog -- and the fox again!",
    "A dog's life:\tno fox, no brown\ncow.  \"Quoted\" words, [brackets] and a_b.",
    "ÄRGER über Straßen, naïve Œuvre, ПРИВЕТ мир, ΑΒΓ δέλτα, Žižek Ÿ, 日本 語!",
    "",
    "fox fox fox <oov> the",
]
SEEN_LATER = ["the fox met an unicorn", "ärger, привет: nothing", "", "the the the cow fox"]


def motif(height, width):
    """RGB: a smooth part and a noisy one, with sharp edges."""
    random = np.random.RandomState(7)
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([x * 15, y * 19, (x + y) * 8], -1)
    return random, np.where((x < 9)[..., None], smooth, random.randint(0, 256, (height, width, 3))).astype("uint8")


def write_png(path, samples, bits, kind, interlaced=False, chunks=()):
    """What Pillow does not write: samples (height, width, channels) of `bits` bits; kind 0 grey, 2 RGB, 4 grey and alpha, 6 RGBA."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    def rows(part):
        if not part.size:
            return b""
        flat = part.reshape(part.shape[0], -1)
        if bits == 16:
            return b"".join(b"\0" + row.astype(">u2").tobytes() for row in flat)
        digits = ((flat[..., None] >> np.arange(bits - 1, -1, -1)) & 1).astype("uint8").reshape(flat.shape[0], -1)
        return b"".join(b"\0" + np.packbits(row).tobytes() for row in digits)

    height, width, _ = samples.shape
    adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b"".join(rows(samples[y::dy, x::dx]) for y, x, dy, dx in adam7) if interlaced else rows(samples)
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*c) for c in chunks) +
                     chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def draw_rare():
    """PNG files that Pillow reads but does not write."""
    height, width = 11, 13
    random, rgb = motif(height, width)
    grey = rgb[..., :1].astype("int64")
    fine = rgb.astype("int64") * 257 - random.randint(0, 200, rgb.shape) * (rgb > 0)
    alpha = random.randint(0, 65536, (height, width, 1))
    files = {
        "rgb_16": (fine, 16, 2), "rgba_16": (np.concatenate([fine, alpha], -1), 16, 6),
        "grey_alpha_16": (np.concatenate([fine[..., :1], alpha], -1), 16, 4),
        "grey_2_bits": (grey >> 6, 2, 0), "grey_4_bits": (grey >> 4, 4, 0),
        "rgb_interlaced": (rgb.astype("int64"), 8, 2, True), "grey_interlaced": (grey >> 7, 1, 0, True),
        "grey_16_interlaced": (fine[..., :1], 16, 0, True),
        "grey_transparent": (grey, 8, 0, False, [(b"tRNS", struct.pack(">H", int(grey[2, 3, 0])))]),
    }
    for name, args in files.items():
        write_png(PICTURES / f"{name}.png", *args)
    return list(files)


def draw_photos():
    """JPEG files of every kind."""
    PHOTOS.mkdir(parents=True, exist_ok=True)
    _, rgb = motif(21, 35)
    colour = Image.fromarray(rgb, "RGB")
    inks = Image.fromarray(np.dstack([rgb, rgb[::-1, :, 1] // 2]), "CMYK")
    files = {
        "rgb": (colour, {"quality": 90}), "rough": (colour, {"quality": 20}),
        "full_colour": (colour, {"subsampling": "4:4:4"}), "half_colour": (colour, {"subsampling": "4:2:2"}),
        "progressive": (colour, {"progressive": True}), "restarts": (colour, {"restart_marker_blocks": 2}),
        "stored_as_rgb": (colour, {"keep_rgb": True}), "grey": (colour.convert("L"), {}),
        "grey_progressive": (colour.convert("L"), {"progressive": True}), "cmyk": (inks, {"quality": 85}),
    }
    for name, (picture, options) in files.items():
        picture.save(PHOTOS / f"{name}.jpg", optimize=True, **options)
    # The same bytes, called YCCK by the transform that Adobe's marker names.
    data = bytearray((PHOTOS / "cmyk.jpg").read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    (PHOTOS / "ycck.jpg").write_bytes(data)
    return list(files) + ["ycck"]


def draw():
    """PNG files of every kind that Pillow writes."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    height, width = 13, 17
    random, rgb = motif(height, width)
    y = np.mgrid[0:height, 0:width][0]
    alpha = np.where(y < 6, 255, random.randint(0, 256, (height, width))).astype("uint8")
    alpha[8, 3:9] = 0
    grey = rgb[..., 0]
    colour, colour_alpha = Image.fromarray(rgb, "RGB"), Image.fromarray(np.dstack([rgb, alpha]), "RGBA")
    files = {
        "rgb": (colour, {}),
        "rgba": (colour_alpha, {}),
        "grey": (Image.fromarray(grey, "L"), {}),
        "grey_alpha": (Image.fromarray(np.dstack([grey, alpha]), "LA"), {}),
        "grey_16": (Image.fromarray((grey.astype("uint16") * 257 + 3).clip(0, 65535).astype("uint16")), {}),
        "black_white": (Image.fromarray(grey, "L").convert("1"), {}),
        "palette": (colour.quantize(13), {}),
        "palette_alpha": (colour.quantize(7), {"transparency": bytes([0, 40, 255, 99, 255, 200, 255])}),
        "one_transparent_colour": (colour, {"transparency": tuple(int(v) for v in rgb[2, 3])}),
    }
    for name, (picture, options) in files.items():
        picture.save(PICTURES / f"{name}.png", optimize=True, **options)
    return list(files)


def record_pictures(recorder):
    def add(name, file, **args):
        path = next(p for p in (PHOTOS / f"{file[5:]}.jpg", PICTURES / f"{file}.png") if p.exists())
        fields = {"function": "load_img", "file": f"{path.parent.name}/{path.name}", "args": args}
        try:
            picture = keras.utils.load_img(path, **args)
        except Exception as error:  # what Pillow cannot convert
            recorder.add(name, error=type(error).__name__, **fields)
            return
        value = np.asarray(picture)
        recorder.store(name, {}, {"img": value}, shape=list(value.shape), **fields)

    for file in draw() + draw_rare() + [f"jpeg_{name}" for name in draw_photos()]:
        for mode in ("grayscale", "rgb", "rgba"):
            add(f"load_{file}_{mode}", file, color_mode=mode)
    sizes = {"smaller": [5, 7], "larger": [29, 23], "wider": [13, 40], "lower": [4, 17], "odd": [12, 16]}
    for kind, size in sizes.items():
        for interpolation in ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"):
            add(f"{interpolation}_{kind}", "rgb", target_size=size, interpolation=interpolation)
    for interpolation in ("nearest", "bilinear", "lanczos"):
        add(f"alpha_{interpolation}", "rgba", color_mode="rgba", target_size=[9, 11], interpolation=interpolation)
        add(f"grey_{interpolation}", "grey", color_mode="grayscale", target_size=[9, 11], interpolation=interpolation)
        for kind, size in sizes.items():
            add(f"cut_{kind}_{interpolation}", "rgb", target_size=size, interpolation=interpolation, keep_aspect_ratio=True)
    add("wide_nearest", "grey_16", color_mode="grayscale", target_size=[9, 11])
    for interpolation in ("bilinear", "bicubic", "lanczos", "box", "hamming"):
        for kind, size in sizes.items():
            add(f"wide_{interpolation}_{kind}", "grey_16", color_mode="grayscale", target_size=size, interpolation=interpolation)
    add("photo_smaller", "jpeg_rgb", target_size=[9, 14], interpolation="bilinear")
    add("photo_cut", "jpeg_progressive", target_size=[16, 16], interpolation="lanczos", keep_aspect_ratio=True)
    add("photo_inks", "jpeg_cmyk", target_size=[30, 30], interpolation="bicubic")

    x = np.random.RandomState(3).normal(0, 50, (4, 5, 3)).astype("float32")
    for name, args in {"scaled": {}, "channels_first": {"data_format": "channels_first"}}.items():
        given = x.transpose(2, 0, 1) if args else x
        recorder.store(f"array_to_img_{name}", {"x": given}, {"img": np.asarray(keras.utils.array_to_img(given, **args))},
                       function="array_to_img", args=args)
    tall = np.array([[[300.], [5.5]], [[70000.], [255.]]], "float32")
    for name, given in {"deep": tall, "not_deep": np.minimum(tall, 255)}.items():
        recorder.store(f"array_to_img_{name}", {"x": given},
                       {"img": np.asarray(keras.utils.array_to_img(given, scale=False))[..., None]},
                       function="array_to_img", args={"scale": False})
    for name, args in {"last": {}, "first": {"data_format": "channels_first"}}.items():
        picture = keras.utils.load_img(PICTURES / "rgb.png")
        recorder.store(f"img_to_array_{name}", {}, {"y": keras.utils.img_to_array(picture, **args)}, function="img_to_array",
                       args=args)


def record_sequences(recorder):
    sequences = [[1, 2, 3], [4], [], [5, 6, 7, 8, 9]]
    for name, args in {
            "defaults": {}, "maxlen": {"maxlen": 3}, "long": {"maxlen": 7}, "post": {"padding": "post"},
            "cut_post": {"maxlen": 2, "truncating": "post"},
            "all_post": {"maxlen": 3, "padding": "post", "truncating": "post", "value": -1, "dtype": "int64"},
            "value": {"value": 0.5, "dtype": "float32", "maxlen": 4},
            "whole_value": {"value": 2.75, "maxlen": 4}}.items():
        recorder.store(f"pad_{name}", {}, {"y": keras.utils.pad_sequences(sequences, **args)}, function="pad_sequences",
                       sequences=sequences, args=args)
    steps = [[[1.5, 2], [3, 4], [5, 6]], [], [[7, 8.25]]]
    recorder.store("pad_steps", {}, {"y": keras.utils.pad_sequences(steps, maxlen=2, dtype="float64")}, function="pad_sequences",
                   sequences=steps, args={"maxlen": 2, "dtype": "float64"})


def record_tokenizers(recorder):
    import tf_keras

    for name, args in {
            "defaults": {}, "num_words": {"num_words": 6}, "oov": {"num_words": 8, "oov_token": "<unk>"},
            "oov_in_texts": {"oov_token": "oov"}, "as_written": {"lower": False, "filters": "!,é"},
            "split": {"split": "o", "filters": " -"}, "long_split": {"split": "--", "filters": ""},
            "characters": {"char_level": True}, "characters_oov": {"char_level": True, "lower": False, "oov_token": "?", "num_words": 12},
            "lists": {"oov_token": "OOV"}}.items():
        cut = (lambda text: text.split(" ")) if name == "lists" else (lambda text: text)
        texts, later = [cut(t) for t in TEXTS], [cut(t) for t in SEEN_LATER]
        tokenizer = tf_keras.preprocessing.text.Tokenizer(**args)
        tokenizer.fit_on_texts(texts[:3])
        tokenizer.fit_on_texts(texts[3:])
        sequences = tokenizer.texts_to_sequences(later)
        # A set of words has another order in every run, and so have word_docs and index_docs.
        tokenizer.word_docs = {word: tokenizer.word_docs[word] for word in tokenizer.word_counts}
        tokenizer.index_docs = dict(sorted(tokenizer.index_docs.items()))
        matrices = {mode: tokenizer.texts_to_matrix(later, mode) for mode in ("binary", "count", "freq", "tfidf")}
        recorder.store(f"tokenizer_{name}", {}, matrices, **{"class": "Tokenizer"}, args=args, texts=texts, later=later,
                       sequences=sequences, back=tokenizer.sequences_to_texts(sequences + [[0, 1, 99]]),
                       word_index=[[w, i] for w, i in tokenizer.word_index.items()],
                       word_counts=[[w, c] for w, c in tokenizer.word_counts.items()],
                       word_docs=sorted([w, c] for w, c in tokenizer.word_docs.items()),
                       index_docs=sorted([i, c] for i, c in tokenizer.index_docs.items()),
                       config=list(tokenizer.get_config()), json=tokenizer.to_json())
    words = tf_keras.preprocessing.text.text_to_word_sequence
    recorder.add("words", function="text_to_word_sequence", texts=TEXTS, words=[words(t) for t in TEXTS])


def record(recorder, arguments):
    record_pictures(recorder)
    record_sequences(recorder)
    record_tokenizers(recorder)
