"""keras predict, evaluate and fit."""
import json
import os
import signal
import struct
import subprocess
import unittest

import cli
import npy
from cli import EXPECTED, MODELS

DATA = npy.parse_npz(MODELS / "dense.npz")
X, Y = DATA["x"], DATA["y"]


class Predict(cli.CommandTest):
    def predict(self, model, source, output="p.npz", *options):
        self.assertEqual(self.keras("predict", MODELS / model, "--input", source, "--output", output, *options), "")
        return npy.parse_npz(self.folder / output) if output.endswith(".npz") else None

    def test_npz(self):
        expected = EXPECTED["dense.keras"]["predictions"]
        for names in (["measurements"], ["anything"], ["x"], ["measurements", "y"], ["x", "y"]):
            npy.write_npz(self.folder / "in.npz", {name: X if i == 0 else Y for i, name in enumerate(names)})
            found = self.predict("dense.keras", "in.npz")
            self.assertEqual(list(found), ["positive"])
            self.assertEqual(found["positive"][0], (64, 1))
            self.near(found["positive"][1][:8], expected)
            self.assertEqual(self.notes, "wrote p.npz: (64, 1)\n")
        self.near(self.predict("dense.h5", "in.npz")["positive"][1][:8], EXPECTED["dense.h5"]["predictions"])

    def test_npy_in_and_out(self):
        (self.folder / "in.npy").write_bytes(npy.made(*X))
        self.predict("dense.keras", "in.npy", "p.npy")
        shape, values = npy.parse((self.folder / "p.npy").read_bytes())
        self.assertEqual(shape, (64, 1))
        self.near(values[:8], EXPECTED["dense.keras"]["predictions"])

    def test_several_inputs_and_outputs(self):
        found = self.predict("two.keras", MODELS / "two.npz")
        self.assertEqual({name: shape for name, (shape, _) in found.items()}, {"total": (40, 1), "kind": (40, 3)})
        self.assertEqual(list(found), ["total", "kind"])
        for name, values in EXPECTED["two.keras"]["predictions"].items():
            self.near(found[name][1], values)
        self.predict("two.keras", MODELS / "two.npz", "p.csv")
        rows = [[float(cell) for cell in line.split(",")] for line in (self.folder / "p.csv").read_text().splitlines()]
        self.assertEqual((len(rows), len(rows[0])), (40, 4))
        self.assertEqual([struct.pack("<f", row[0]) for row in rows], [struct.pack("<f", v) for v in found["total"][1]])
        self.near([value for row in rows for value in row[1:]], found["kind"][1], 1e-8)

    def test_batch_size_changes_nothing(self):
        whole = self.predict("dense.keras", MODELS / "dense.npz")["positive"][1]
        for size in (1, 7, 64, 1000):
            self.near(self.predict("dense.keras", MODELS / "dense.npz", "p.npz", "--batch-size", size)["positive"][1], whole, 1e-6)

    def test_images(self):
        expected = EXPECTED["image.keras"]["predictions"]
        scale = ("--scale", 1 / 255)
        for i, name in enumerate("abc"):
            found = self.predict("image.keras", MODELS / "pictures" / f"{name}.png", "p.npz", *scale)
            self.assertEqual(found["kind"][0], (1, 3))
            self.near(found["kind"][1], expected[i])
        found = self.predict("image.keras", MODELS / "pictures", "p.npz", *scale, "--verbose")
        self.near(found["kind"][1], sum(expected, []))
        self.assertIn("row 1: " + str(MODELS / "pictures" / "b.png"), self.notes)
        self.predict("image.keras", str(MODELS / "pictures") + "/", "p.csv", *scale)
        self.assertEqual(len((self.folder / "p.csv").read_text().splitlines()), 3)

    def test_quiet(self):
        self.predict("dense.keras", MODELS / "dense.npz", "p.npz", "--quiet")
        self.assertEqual(self.notes, "")

    def test_errors(self):
        def fails(code, said, model, source, output="p.npz", *options):
            self.fails(code, said, "predict", MODELS / model, "--input", source, "--output", output, *options)

        fails(1, "there is no file or folder none.npz", "dense.keras", "none.npz")
        fails(1, "No such file", "dense.keras", "none.npy")
        fails(1, "No such file", "image.keras", "none.png")
        fails(1, "expected an array for each input of the model .left, right.. Received: x, y", "two.keras", MODELS / "dense.npz")
        fails(2, "p.txt ends in none of .npz, .npy, .csv", "dense.keras", MODELS / "dense.npz", "p.txt")
        fails(1, "write .npz", "two.keras", MODELS / "two.npz", "p.npy")
        fails(1, "which is no image", "dense.keras", MODELS / "pictures" / "a.png")
        fails(1, "takes several inputs", "two.keras", MODELS / "pictures" / "a.png")
        fails(1, "inputs are read from .npz, .npy, .png", "dense.keras", MODELS / "expected.json")
        fails(1, "there is no folder none", "dense.keras", MODELS / "dense.npz", "none/p.npz")
        fails(2, "no number of samples", "dense.keras", MODELS / "dense.npz", "p.npz", "--batch-size", "none")
        self.fails(2, "--input is required", "predict", MODELS / "dense.keras", "--output", "p.npz")
        self.fails(2, "--output is required", "predict", MODELS / "dense.keras", "--input", "x.npz")
        (self.folder / "empty").mkdir()
        fails(1, "there are no images .* in the folder empty", "image.keras", "empty")
        npy.write_npz(self.folder / "wide.npz", {"x": ((2, 5), [0] * 10)})
        fails(1, r"\(2, 5\)", "dense.keras", "wide.npz")
        (self.folder / "cut.png").write_bytes((MODELS / "pictures" / "a.png").read_bytes()[:100])
        fails(1, "cut.png", "image.keras", "cut.png")
        (self.folder / "no.npz").write_text("none")
        fails(1, "no.npz. is not a NumPy .npz file", "dense.keras", "no.npz")
        (self.folder / "no.npy").write_text("none")
        fails(1, "no.npy", "dense.keras", "no.npy")


class Evaluate(cli.CommandTest):
    def test_as_keras(self):
        for model in ("dense.keras", "dense.h5"):
            found = self.json("evaluate", MODELS / model, "--data", MODELS / "dense.npz")
            expected = EXPECTED[model]["evaluate"]
            self.assertEqual(list(found), ["loss", "accuracy"])
            self.near([found["loss"], found["accuracy"]], [expected["loss"], expected["accuracy"]])
        self.assertRegex(self.keras("evaluate", MODELS / "dense.keras", "--data", MODELS / "dense.npz"),
                         r"^loss: 0\.\d+\naccuracy: 0\.\d+\n$")

    def test_arrays_named_after_inputs_and_outputs(self):
        found = self.json("evaluate", MODELS / "two.keras", "--data", MODELS / "two.npz")
        self.assertEqual(list(found), ["loss", "total_loss", "kind_loss"])
        self.near([found["loss"]], [EXPECTED["two.keras"]["loss"]], 1e-5)
        npy.write_npz(self.folder / "named.npz", {"measurements": X, "positive": Y, "other": Y})
        self.assertEqual(self.json("evaluate", MODELS / "dense.keras", "--data", "named.npz"),
                         self.json("evaluate", MODELS / "dense.keras", "--data", MODELS / "dense.npz"))

    def test_options(self):
        data = ("--data", MODELS / "dense.npz")
        one = self.json("evaluate", MODELS / "dense.keras", *data)
        self.assertEqual(list(self.json("evaluate", "--metrics", "mae,mse", MODELS / "dense.keras", *data)),
                         ["loss", "mae", "mse"])
        self.assertEqual(list(self.json("evaluate", MODELS / "dense.keras", *data, "--metrics", "mae", "--metrics", "mse")),
                         ["loss", "mae", "mse"])
        mse = self.json("evaluate", MODELS / "dense.keras", *data, "--loss", "mse", "--metrics", "mse")
        self.assertAlmostEqual(mse["loss"], mse["mse"], places=6)
        small = self.json("evaluate", MODELS / "dense.keras", *data, "--batch-size", 10)
        self.near(list(small.values()), list(one.values()))
        self.json("evaluate", MODELS / "dense.keras", *data, "--optimizer", "sgd", "--learning-rate", 0.5)
        both = self.json("evaluate", MODELS / "two.keras", "--data", MODELS / "two.npz", "--loss",
                         "mae,sparse_categorical_crossentropy")
        self.assertEqual(list(both), ["loss", "total_loss", "kind_loss"])
        self.keras("convert", MODELS / "dense.keras", "m.json")
        self.assertIn("loss", self.json("evaluate", "m.json", *data))
        image = self.folder / "image.npz"
        npy.write_npz(image, {"x": ((2, 8, 8, 3), [0.5] * 384), "y": ((2, 1), [0, 2])})
        found = self.json("evaluate", MODELS / "image.keras", "--data", image, "--loss", "sparse_categorical_crossentropy",
                          "--metrics", "accuracy")
        self.assertEqual(list(found), ["loss", "accuracy"])

    def test_errors(self):
        def fails(code, said, model, data, *options):
            self.fails(code, said, "evaluate", MODELS / model, "--data", data, *options)

        npy.write_npz(self.folder / "d.npz", {"x": ((2, 8, 8, 3), [0] * 384), "y": ((2, 3), [0] * 6)})
        fails(1, "carries no training configuration .*--loss mse", "image.keras", "d.npz")
        fails(1, "did you mean|binary_crossentropy", "image.keras", "d.npz", "--loss", "binary_crosentropy")
        fails(1, "no_such_metric", "dense.keras", MODELS / "dense.npz", "--metrics", "no_such_metric")
        fails(1, "no_such", "dense.keras", MODELS / "dense.npz", "--optimizer", "no_such")
        fails(1, "No such file", "dense.keras", "none.npz")
        fails(1, "data are read from an .npz file", "dense.keras", MODELS / "expected.json")
        npy.write_npz(self.folder / "x.npz", {"x": X})
        fails(1, "expected x and y, or arrays named .*measurements; positive.*Received: x", "dense.keras", "x.npz")
        fails(1, "arrays named .*left, right; total, kind", "two.keras", MODELS / "dense.npz")
        npy.write_npz(self.folder / "rows.npz", {"x": X, "y": ((3, 1), [0, 1, 0])})
        fails(1, "64.*3|3.*64", "dense.keras", "rows.npz")
        fails(2, "learning rate", "dense.keras", MODELS / "dense.npz", "--learning-rate", "-1")
        self.fails(2, "--data is required", "evaluate", MODELS / "dense.keras")


class Fit(cli.CommandTest):
    DATA = ("--data", MODELS / "dense.npz")

    def fit(self, *options, output="m.keras"):
        result = self.keras("fit", *options, "--output", output)
        return result

    def history(self, *options):
        self.fit(*options, "--history", "h.json")
        return json.loads((self.folder / "h.json").read_text())

    def weights(self, model="m.keras"):
        self.keras("convert", model, "w.npz")
        return npy.read_npz(self.folder / "w.npz")

    def test_goes_on_as_keras_does(self):
        for model in ("dense.keras", "dense.h5"):
            found = self.history(MODELS / model, *self.DATA, "--epochs", 2, "--batch-size", 16, "--no-shuffle")
            self.assertEqual(found["epoch"], [0, 1])
            self.assertEqual(sorted(found["history"]), ["accuracy", "loss"])
            for name, values in EXPECTED[model]["history"].items():
                self.near(found["history"][name], values, 1e-5)
        found = self.history(MODELS / "two.keras", "--data", MODELS / "two.npz", "--epochs", 2, "--batch-size", 16, "--no-shuffle")
        history = found["history"]
        self.near(history["loss"], EXPECTED["two.keras"]["history"]["loss"], 2e-5)
        # Keras 3 counts a smaller last batch in the losses of the outputs, not in their sum, like a whole one; Keras 2 did not.
        self.near([a + b for a, b in zip(history["total_loss"], history["kind_loss"])], history["loss"], 1e-5)

    def test_prints(self):
        found = json.loads(self.fit(MODELS / "dense.keras", *self.DATA, "--epochs", 3, "--validation-split", 0.25, "--json"))
        self.assertEqual(list(found), ["loss", "accuracy", "val_accuracy", "val_loss"])
        notes = self.notes.splitlines()
        self.assertEqual(len(notes), 4)
        self.assertRegex(notes[2], r"^epoch 3  loss: 0\.\d+  accuracy: 0\.\d+  val_loss: 0\.\d+  val_accuracy: 0\.\d+$")
        self.assertEqual(notes[3], "wrote m.keras")
        self.assertRegex(self.fit(MODELS / "dense.keras", *self.DATA, "--quiet"), r"^loss: 0\.\d+\naccuracy: 0\.\d+\n$")
        self.assertEqual(self.notes, "")

    def test_validation_split_is_the_end_of_the_data(self):
        found = self.history(MODELS / "dense.keras", *self.DATA, "--validation-split", 0.25)["history"]
        npy.write_npz(self.folder / "end.npz", {"x": ((16, 4), X[1][-64:]), "y": ((16, 1), Y[1][-16:])})
        self.assertAlmostEqual(self.json("evaluate", "m.keras", "--data", "end.npz")["loss"], found["val_loss"][0], places=6)

    def test_seed(self):
        def trained(*seed):
            self.fit(MODELS / "dense.keras", *self.DATA, "--epochs", 2, *seed)
            return self.weights()

        once = trained("--seed", 5)
        self.assertEqual(trained("--seed", 5), once)
        self.assertNotEqual(trained("--seed", 6), once)
        still = trained("--no-shuffle")
        self.assertEqual(trained("--no-shuffle", "--seed", 6), still)

    def test_two_runs_are_one_longer_run(self):
        for suffix in ("keras", "h5"):
            with self.subTest(suffix):
                for optimizer in ([], ["--optimizer", "rmsprop"], ["--optimizer", "sgd", "--learning-rate", 0.1]):
                    options = (*self.DATA, "--no-shuffle", "--batch-size", 16)
                    whole = self.history(MODELS / "dense.keras", *options, *optimizer, "--epochs", 4)["history"]["loss"]
                    expected = self.weights()
                    self.fit(MODELS / "dense.keras", *options, *optimizer, "--epochs", 3, output=f"part.{suffix}")
                    self.assertEqual(self.history(f"part.{suffix}", *options)["history"]["loss"], whole[3:])
                    self.assertEqual(self.weights(), expected)

    def test_output_may_be_the_model(self):
        (self.folder / "m.keras").write_bytes((MODELS / "dense.keras").read_bytes())
        before = self.json("evaluate", "m.keras", *self.DATA)["loss"]
        self.fit("m.keras", *self.DATA, "--epochs", 5)
        self.assertLess(self.json("evaluate", "m.keras", *self.DATA)["loss"], before)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["m.keras"])

    def test_compiling(self):
        data = self.folder / "image.npz"
        npy.write_npz(data, {"x": ((4, 8, 8, 3), [(i * 7 % 11) / 10 for i in range(768)]), "y": ((4, 1), [0, 1, 2, 0])})
        found = self.history(MODELS / "image.keras", "--data", data, "--loss", "sparse_categorical_crossentropy", "--optimizer",
                             "adam", "--learning-rate", 0.01, "--metrics", "accuracy", "--epochs", 20)["history"]
        self.assertEqual(sorted(found), ["accuracy", "loss"])
        self.assertLess(found["loss"][-1], found["loss"][0])
        self.assertEqual(list(self.json("evaluate", "m.keras", "--data", data)), ["loss", "accuracy"])
        still = self.weights(MODELS / "dense.keras")
        self.fit(MODELS / "dense.keras", *self.DATA, "--learning-rate", 0)
        self.assertEqual(self.weights(), still)

    def test_interrupted(self):
        process = subprocess.Popen(cli.KERAS + ["fit", str(MODELS / "dense.keras"), "--data", str(MODELS / "dense.npz"), "--epochs",
                                                "100000000", "--output", "m.keras", "--history", "h.json"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stderr.readline()  # of the first epoch
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(err.splitlines()[-1], "interrupted; wrote m.keras")
        self.assertRegex(out, r"^loss: ")
        history = json.loads((self.folder / "h.json").read_text())
        self.assertEqual(len(history["epoch"]), len(history["history"]["loss"]))
        self.assertIn("loss", self.json("evaluate", "m.keras", *self.DATA))
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["h.json", "m.keras"])

    def test_errors(self):
        def fails(code, said, *options, output="m.keras"):
            self.fails(code, said, "fit", MODELS / "dense.keras", *self.DATA, "--output", output, *options)

        fails(2, "m.json ends in none of .keras, .h5", output="m.json")
        fails(1, "there is no folder none", output="none/m.keras")
        fails(1, "there is no folder none", "--history", "none/h.json")
        fails(2, "no number of epochs", "--epochs", "0")
        fails(2, "no part of the data", "--validation-split", "1")
        fails(2, "no part of the data", "--validation-split", "-0.5")
        fails(1, "validation_split=0.999", "--validation-split", "0.999")
        fails(2, "--seed", "--seed", "-1")
        fails(2, "there is no option --epoch; did you mean --epochs", "--epoch", "3")
        fails(1, "no_such", "--loss", "no_such")
        self.fails(2, "--output is required", "fit", MODELS / "dense.keras", *self.DATA)
        if os.getuid() != 0:
            (self.folder / "closed").mkdir(mode=0o500)
            fails(1, "no file can be made", output="closed/m.keras")


if __name__ == "__main__":
    unittest.main()
