"""What the tests of the keras command share: calling it, and the small models of tests/data/models."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
MODELS = TESTS / "data" / "models"
EXPECTED = json.loads((MODELS / "expected.json").read_text())
KERAS = [os.environ.get("KERAS_COMMAND", "keras")]

sys.path.insert(0, str(TESTS / "docs"))


class CommandTest(unittest.TestCase):
    """Each test in an empty folder, self.folder, in which the command is called."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def call(self, *arguments, environment=None):
        environment = {**os.environ, "KERAS_WARNINGS": "1", "LC_ALL": "C.UTF-8", **(environment or {})}
        return subprocess.run(KERAS + [str(a) for a in arguments], cwd=self.folder, env=environment, text=True,
                              capture_output=True, timeout=120)

    def keras(self, *arguments, environment=None):
        """What a call that succeeds prints on standard output; self.notes is what it said on standard error."""
        result = self.call(*arguments, environment=environment)
        self.assertEqual(result.returncode, 0, f"{arguments}: {result.stderr}")
        self.notes = result.stderr
        return result.stdout

    def json(self, *arguments):
        return json.loads(self.keras(*arguments, "--json"))

    def fails(self, code, said, *arguments):
        """It ends with this code, prints nothing, leaves no file, and says this in one line on standard error."""
        before = sorted(self.folder.rglob("*"))
        result = self.call(*arguments)
        self.assertEqual(result.returncode, code, f"{arguments}: {result.stdout}{result.stderr}")
        self.assertEqual(result.stdout, "", arguments)
        self.assertRegex(result.stderr, said, arguments)
        last = result.stderr.splitlines()[-1]
        self.assertTrue(last.startswith("keras"), result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before, arguments)

    def near(self, found, expected, tolerance=2e-6):
        self.assertEqual(len(found), len(expected))
        worst = max((abs(a - b) for a, b in zip(found, expected)), default=0)
        self.assertLessEqual(worst, tolerance)
