#!/usr/bin/env python3
"""tools/check_rooms.py on small trees: what it must refuse, what it must let pass, and what it says."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def check(files):
    """Runs the script on a tree of {path: text}; returns its exit status and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tools").mkdir()
        shutil.copy(ROOT / "tools/rooms.toml", root / "tools")
        for path, text in {"include/keras/array.h": "", **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        script = [sys.executable, ROOT / "tools/check_rooms.py", "--root", root]
        done = subprocess.run(script, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckRooms(unittest.TestCase):
    def refuse(self, path, text, message):
        status, output = check({path: text})
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def allow(self, path, text):
        status, output = check({path: text})
        self.assertEqual(status, 0, output)

    def test_arrows_count_all_the_way_down(self):
        self.allow("src/layers/core/dense.cc", '#include "ops/ops.h"\n#include "support/text.h"\n#include <vector>\n')

    def test_an_arrow_up_is_refused(self):
        self.refuse(
            "src/compile/fuse.cc",
            '\n#include "backends/cpu/cpu.h"\n',
            "src/compile/fuse.cc:2: compile may not include backends/cpu/cpu.h: "
            "allowed rooms are ir, primitives, runtime, support, tensor",
        )

    def test_backends_never_see_each_other(self):
        self.refuse("src/backends/cpu/a.cc", '#include "backends/onednn/onednn.h"\n', "backends/cpu may not include")

    def test_a_third_party_stays_in_its_room(self):
        self.allow("src/backends/onednn/a.cc", "#include <oneapi/dnnl/dnnl.hpp>\n#include <fmt/format.h>\n")
        self.refuse("src/layers/a.cc", "#include <dnnl.hpp>\n", "layers may not include <dnnl.hpp>: onednn belongs to")
        self.refuse("src/ir/a.cc", "#include <nlohmann/json.hpp>\n", "json belongs to support")
        self.refuse("src/support/a.cc", "#include <boost/any.hpp>\n", "<boost/any.hpp> is not known")

    def test_public_headers_see_the_standard_library_and_each_other(self):
        self.allow("include/keras/x.h", "#include <keras/array.h>\n#include <span>\n")
        self.refuse("include/keras/x.h", "#include <fmt/core.h>\n", "a public file may not include <fmt/core.h>")
        self.refuse("include/keras/x.h", '#include "tensor/storage.h"\n', 'may not include "tensor/storage.h"')
        self.refuse("examples/x.cpp", '#include "ops/ops.h"\n', 'may not include "ops/ops.h"')

    def test_paths_are_written_from_src(self):
        self.refuse("src/layers/a.cc", '#include "dense.h"\n', '"dense.h" names no room')
        self.refuse("src/layers/a.cc", '#include "keras/array.h"\n', "write <keras/array.h>")
        self.refuse("src/layers/a.cc", "#include <keras/none.h>\n", "<keras/none.h> is no header")

    def test_tests_may_include_anything(self):
        self.allow("src/ir/a_test.cc", '#include "layers/layer.h"\n#include <gtest/gtest.h>\n')

    def test_a_folder_that_is_no_room_is_refused(self):
        self.refuse("src/misc/a.cc", "", "src/misc/a.cc: lies in no room")

    def test_length(self):
        self.allow("src/ir/a.cc", "// Long because it is a table.\n" + "\n" * 700)
        status, output = check({"src/ir/a.cc": "\n" * 700})
        self.assertEqual(status, 0)
        self.assertIn("warning: src/ir/a.cc: 700 lines", output)
        self.refuse("src/ir/a.cc", "// Long because.\n" * 1001, "more than 1000 are refused")


if __name__ == "__main__":
    unittest.main()
