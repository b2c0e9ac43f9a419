"""docs/reference/command.md is what the keras command's --help says. KERAS_UPDATE_DOCS=1 writes it anew.

    command_page.py KERAS PAGE"""
import os
import pathlib
import re
import subprocess
import sys

HEAD = """# The keras command

What `keras --help` and `keras COMMAND --help` say; a test compares (`KERAS_UPDATE_DOCS=1 ctest -R command_page` writes this page
anew). [From Keras to C++](../from-keras.md) shows the commands at work.

Figures go to standard output, progress and errors to standard error. An error is one line; `--verbose` prints all that is known.
"""


def said(keras, *arguments):
    return subprocess.run([keras, *arguments, "--help"], check=True, capture_output=True, text=True).stdout.strip()


def main():
    keras, page = sys.argv[1], pathlib.Path(sys.argv[2])
    whole = said(keras)
    text = f"{HEAD}\n```text\n{whole}\n```\n"
    for command in re.findall(r"^  (\w+) ", whole[whole.index("Commands:"):], re.M):
        text += f"\n## keras {command}\n\n```text\n{said(keras, command)}\n```\n"
    if os.environ.get("KERAS_UPDATE_DOCS"):
        page.write_text(text)
    elif page.read_text() != text:
        sys.exit(f"{page.name} is not what --help says: KERAS_UPDATE_DOCS=1 writes it anew")


if __name__ == "__main__":
    main()
