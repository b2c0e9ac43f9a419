"""keras summary, plot, convert, show, profile and info."""
import json
import struct
import unittest
import zipfile

import cli
import npy
from cli import EXPECTED, MODELS


class Summary(cli.CommandTest):
    def test_table(self):
        text = self.keras("summary", MODELS / "dense.keras")
        self.assertIn('Model: "dense"', text)
        self.assertIn("hidden (Dense)", text)
        self.assertIn("Total params: 49 (196.00 B)", text)
        self.assertEqual(self.notes, "")

    def test_options(self):
        self.assertIn("Trainable", self.keras("summary", MODELS / "dense.h5", "--show-trainable"))
        text = self.keras("summary", MODELS / "dense.h5", "--line-length", 70)
        self.assertEqual({len(line) for line in text.splitlines() if line.startswith(("┏", "│"))}, {70})
        self.keras("summary", MODELS / "image.keras", "--expand-nested")

    def test_json(self):
        found = self.json("summary", MODELS / "two.keras")
        self.assertEqual([found["name"], found["class_name"], found["total_params"], found["trainable_params"],
                          found["non_trainable_params"]], ["two", "Functional", 64, 64, 0])
        layers = {layer["name"]: layer for layer in found["layers"]}
        self.assertEqual(list(layers), ["left", "right", "both", "hidden", "total", "kind"])
        self.assertEqual(layers["kind"], {"name": "kind", "class_name": "Dense", "output_shape": [None, 3], "params": 21,
                                          "trainable": True})

    def test_architecture_alone(self):
        self.assertIn("Total params: 49", self.keras("summary", MODELS / "dense.json"))
        self.assertIn("is an architecture without weights", self.notes)
        self.keras("summary", MODELS / "dense.json", "--quiet")
        self.assertEqual(self.notes, "")

    def test_kind_is_told_by_content(self):
        (self.folder / "model.bin").write_bytes((MODELS / "dense.keras").read_bytes())
        self.assertIn("Total params: 49", self.keras("summary", "model.bin"))

    def test_no_model(self):
        self.fails(1, "No such file or directory", "summary", "nothing.keras")
        self.fails(1, "Is a directory", "summary", self.folder)
        self.fails(1, "it is a PNG image", "summary", MODELS / "pictures" / "a.png")
        self.fails(1, "without config.json, so no .keras file", "summary", MODELS / "dense.npz")
        self.fails(1, "holds no model .* but weights", "summary", MODELS / "dense.weights.h5")
        self.fails(1, "holds no model .* but weights", "summary", MODELS / "dense_weights.h5")
        self.fails(1, "Lambda .layer «twice».*never run", "summary", MODELS / "lambda.keras")
        (self.folder / "text.json").write_text('{"class_name": ')
        self.fails(1, "JSON|line 1", "summary", "text.json")
        (self.folder / "cut.keras").write_bytes((MODELS / "dense.keras").read_bytes()[:9000])
        self.fails(1, "damaged", "summary", "cut.keras")
        (self.folder / "empty.h5").write_bytes(b"")
        self.fails(1, "empty", "summary", "empty.h5")
        (self.folder / "saved").mkdir()
        (self.folder / "saved" / "saved_model.pb").write_bytes(b"")
        self.fails(1, "is a SavedModel", "summary", "saved")

    def test_called_wrongly(self):
        self.fails(2, "MODEL is required", "summary")
        self.fails(2, "there is no option --jsn; did you mean --json", "summary", "x.keras", "--jsn")
        self.fails(2, "one argument too many: b", "summary", "a", "b")
        self.fails(2, "no number of columns", "summary", MODELS / "dense.keras", "--line-length", "0")
        self.fails(1, "line_length", "summary", MODELS / "dense.keras", "--line-length", "9")


class Program(cli.CommandTest):
    def test_without_a_command(self):
        self.fails(2, "there is no command sumary; did you mean summary", "sumary", "x")
        self.fails(2, "there is no command xyzzyplugh .keras --help", "xyzzyplugh")
        result = self.call()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("Usage: keras", result.stderr)
        self.fails(2, "there is no option --version2; did you mean --version", "--version2")

    def test_version_and_help(self):
        self.assertRegex(self.keras("--version"), r"^keras\.cpp \d+\.\d+\.\d+\n$")
        text = self.keras("--help")
        for command in "summary plot predict evaluate fit convert show profile info".split():
            self.assertIn(f"\n  {command} ", text)
            of_command = self.keras(command, "--help")
            self.assertIn(f"\nExample:\n  keras {command} ", of_command)
            self.assertEqual(of_command, self.keras(command, "-h"))
            self.assertEqual([line for line in of_command.splitlines() if len(line) > 120], [])


class Plot(cli.CommandTest):
    def test_formats(self):
        beginnings = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "dot": b"digraph"}
        info = self.json("info")
        for suffix, beginning in beginnings.items():
            if suffix != "dot" and "Graphviz" not in info["features"]:
                self.fails(1, "no Graphviz library", "plot", MODELS / "dense.keras", "--to-file", f"m.{suffix}")
                continue
            self.assertEqual(self.keras("plot", MODELS / "dense.keras", "--to-file", f"m.{suffix}"), "")
            self.assertEqual(self.notes, f"wrote m.{suffix}\n")
            self.assertTrue((self.folder / f"m.{suffix}").read_bytes().startswith(beginning), suffix)

    def dot(self, *options):
        self.keras("plot", MODELS / "dense.keras", "--to-file", "m.dot", *options)
        return (self.folder / "m.dot").read_text()

    def test_options(self):
        plain = self.dot()
        self.assertIn("hidden", plain)
        self.assertNotIn("hidden", self.dot("--hide-layer-names"))
        self.assertIn("(None, 8)", self.dot("--show-shapes"))
        self.assertIn("float32", self.dot("--show-dtype"))
        self.assertIn("relu", self.dot("--show-layer-activations"))
        self.assertIn("rankdir=LR", self.dot("--rankdir", "LR").replace('"', ""))
        self.assertIn("dpi=50", self.dot("--dpi", 50).replace('"', ""))
        self.assertNotEqual(self.dot("--show-trainable"), plain)
        self.assertEqual(self.dot("--expand-nested"), plain)

    def test_errors(self):
        self.fails(2, "--to-file is required", "plot", MODELS / "dense.keras")
        self.fails(2, "m.txt ends in none of .png", "plot", MODELS / "dense.keras", "--to-file", "m.txt")
        self.fails(2, "--rankdir", "plot", MODELS / "dense.keras", "--to-file", "m.png", "--rankdir", "UP")
        self.fails(2, "no number of dots", "plot", MODELS / "dense.keras", "--to-file", "m.png", "--dpi", "-1")
        self.fails(1, "there is no folder none", "plot", MODELS / "dense.keras", "--to-file", "none/m.png")


class Convert(cli.CommandTest):
    def setUp(self):
        super().setUp()
        self.arrays = {"x": npy.parse_npz(MODELS / "dense.npz")["x"]}

    def predictions(self, model):
        npy.write_npz(self.folder / "x.npz", self.arrays)
        self.keras("predict", model, "--input", "x.npz", "--output", "p.npy")
        return npy.read((self.folder / "p.npy").read_bytes())

    def test_between_all_formats(self):
        for start in ("dense.keras", "dense.h5"):
            expected = self.predictions(MODELS / start)
            self.near(expected[:8], EXPECTED[start]["predictions"])
            for suffix in ("keras", "h5", "hdf5"):
                self.assertEqual(self.keras("convert", MODELS / start, f"m.{suffix}"), "")
                self.assertEqual(self.notes.splitlines()[-1], f"wrote m.{suffix}")
                self.assertEqual(self.predictions(f"m.{suffix}"), expected)
                self.assertEqual(self.keras("evaluate", f"m.{suffix}", "--data", MODELS / "dense.npz"),
                                 self.keras("evaluate", MODELS / start, "--data", MODELS / "dense.npz"))
            self.keras("convert", MODELS / start, "m.json")
            for weights in (["m.weights.h5"], ["m.npz"], ["m.h5", "--weights-only"]):
                self.keras("convert", MODELS / start, *weights)
                self.keras("convert", "m.json", "again.keras", "--weights", weights[0])
                self.assertNotIn("without weights", self.notes)
                self.assertEqual(self.predictions("again.keras"), expected)

    def test_weights_of_keras(self):
        for weights in ("dense.weights.h5", "dense_weights.h5", "dense.keras", "dense.h5"):
            self.keras("convert", MODELS / "dense.json", "m.keras", "--weights", MODELS / weights)
            self.near(self.predictions("m.keras")[:8], EXPECTED["dense.keras"]["predictions"])

    def test_contents(self):
        self.keras("convert", MODELS / "dense.keras", "m.keras")
        with zipfile.ZipFile(self.folder / "m.keras") as archive:
            self.assertEqual(sorted(archive.namelist()), ["config.json", "metadata.json", "model.weights.h5"])
        self.keras("convert", MODELS / "dense.keras", "m.h5")
        self.assertEqual((self.folder / "m.h5").read_bytes()[:8], b"\x89HDF\r\n\x1a\n")
        self.keras("convert", MODELS / "dense.keras", "m.npz")
        self.assertEqual({name: shape for name, (shape, _) in npy.parse_npz(self.folder / "m.npz").items()},
                         {"hidden/kernel": (4, 8), "hidden/bias": (8,), "positive/kernel": (8, 1), "positive/bias": (1,)})

    def test_json_of_both_kerases(self):
        for version in ([], ["--keras-version", "3"]):
            self.keras("convert", MODELS / "dense.h5", "m.json", *version)
            found = json.loads((self.folder / "m.json").read_text())
            self.assertEqual((found["module"], found["class_name"]), ("keras.src.models.functional", "Functional"))
        self.keras("convert", MODELS / "dense.keras", "m.json", "--keras-version", "2")
        found = json.loads((self.folder / "m.json").read_text())
        self.assertEqual(sorted(found), ["backend", "class_name", "config", "keras_version"])
        theirs = json.loads((MODELS / "dense.json").read_text())
        self.assertEqual(found["keras_version"].split(".")[0], theirs["keras_version"].split(".")[0])
        names = [layer["config"]["name"] for layer in theirs["config"]["layers"]]
        self.assertEqual([layer["config"]["name"] for layer in found["config"]["layers"]], names)
        self.assertIn("Total params: 49", self.keras("summary", "m.json"))

    def test_errors(self):
        self.fails(2, "OUT is required", "convert", MODELS / "dense.keras")
        self.fails(2, "m.txt ends in none of .keras, .h5", "convert", MODELS / "dense.keras", "m.txt")
        self.fails(2, "--keras-version", "convert", MODELS / "dense.keras", "m.h5", "--keras-version", "4")
        self.fails(2, "does not read .keras; name it .h5", "convert", MODELS / "dense.keras", "m.keras", "--keras-version", "2")
        self.fails(2, "does not read .weights.h5", "convert", MODELS / "dense.keras", "m.weights.h5", "--keras-version", "2")
        self.fails(2, "no file of weights", "convert", MODELS / "dense.keras", "m.keras", "--weights-only")
        self.fails(1, "No such file", "convert", "none.keras", "m.h5")
        self.fails(1, "there is no folder a/b", "convert", MODELS / "dense.keras", "a/b/m.h5")
        (self.folder / "m.h5").mkdir()
        self.fails(1, "m.h5: it is a folder", "convert", MODELS / "dense.keras", "m.h5")

    def test_errors_are_one_line(self):
        other = ("convert", MODELS / "image.keras", "m.keras", "--weights", MODELS / "dense.h5")
        self.fails(1, "--verbose tells more", *other)
        result = self.call(*other, "--verbose")
        self.assertEqual(result.returncode, 1)
        self.assertGreater(len(result.stderr.splitlines()), 3, result.stderr)
        self.assertNotIn("--verbose", result.stderr)


class ShowAndProfile(cli.CommandTest):
    def test_stages(self):
        texts = {stage: self.keras("show", MODELS / "dense.keras", "--stage", stage)
                 for stage in ("graph", "grad", "fused", "program")}
        self.assertEqual(len(set(texts.values())), 4)
        self.assertIn("matmul", texts["graph"])
        self.assertEqual(self.keras("show", MODELS / "dense.keras"), texts["program"])
        self.assertEqual(self.keras("show", MODELS / "dense.keras", "--stage=program"), texts["program"])
        self.assertIn("f32[7,4]", self.keras("show", MODELS / "image.keras", "--stage=graph", "--batch-size", 7)
                      .replace("f32[7,8,8,3]", "f32[7,4]"))
        self.fails(2, "--stage", "show", MODELS / "dense.keras", "--stage", "all")

    def test_profile(self):
        self.assertIn("cpu.adam_update", self.keras("profile", MODELS / "dense.keras", "--batch-size", 8))
        found = self.json("profile", MODELS / "image.keras", "--batch-size", 3)
        self.assertEqual(found["batch_size"], 3)
        self.assertGreaterEqual(found["threads"], 1)
        for kernel in found["kernels"]:
            self.assertEqual(list(kernel), ["program", "kernel", "node", "seconds", "share", "flops", "bytes"])
            self.assertEqual(kernel["program"], "predict")
        self.assertAlmostEqual(sum(kernel["share"] for kernel in found["kernels"]), 1, places=6)
        self.fails(2, "no number of samples", "profile", MODELS / "dense.keras", "--batch-size", 0)

    def test_tune(self):
        self.keras("profile", MODELS / "dense.keras", "--batch-size", 4, "--tune", "tuning.json")
        self.assertEqual(self.notes, "measuring kernels\nwrote tuning.json\n")
        tuning = json.loads((self.folder / "tuning.json").read_text())
        self.assertEqual(sorted(tuning), ["keras.cpp", "kernels", "machine"])
        info = self.json("info")
        choice = len(info["backends"]) > 2  # beside the reference, the last resort
        self.assertEqual(bool(tuning["kernels"]), choice)
        self.assertEqual(tuning["machine"], {name: info[name] for name in ("processor", "isa", "threads")})
        with_tuning = {"KERAS_TUNING": str(self.folder / "tuning.json")}
        npy.write_npz(self.folder / "x.npz", {"x": npy.parse_npz(MODELS / "dense.npz")["x"]})
        self.keras("predict", MODELS / "dense.keras", "--input", "x.npz", "--output", "p.npy", environment=with_tuning)
        self.assertEqual(self.notes, "wrote p.npy: (64, 1)\n")
        self.near(npy.read((self.folder / "p.npy").read_bytes())[:8], EXPECTED["dense.keras"]["predictions"])
        tuning["machine"]["isa"] = "none"
        (self.folder / "tuning.json").write_text(json.dumps(tuning))
        self.keras("predict", MODELS / "dense.keras", "--input", "x.npz", "--output", "p.npy", environment=with_tuning)
        self.assertIn("is left aside", self.notes)
        result = self.call("predict", MODELS / "dense.keras", "--input", "x.npz", "--output", "p.npy",
                           environment={"KERAS_TUNING": "none.json"})
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "none.json.: No such file")
        self.fails(1, "there is no folder none", "profile", MODELS / "dense.keras", "--tune", "none/tuning.json")

    def test_info(self):
        found = self.json("info")
        self.assertEqual(list(found), ["version", "compiler", "processor", "processor_features", "isa", "threads", "backends",
                                       "features"])
        self.assertIn("reference", found["backends"])
        self.assertIn("sse4.2", found["processor_features"])
        text = self.keras("info")
        self.assertIn(f"threads     {found['threads']}\n", text)
        self.assertIn(found["version"], text)


if __name__ == "__main__":
    unittest.main()
