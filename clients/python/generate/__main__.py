"""Write the generated part of the client.

Usage: python -m generate OPENAPI.json FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from generate.api import api_files
from generate.document import Document
from generate.models import models_file
from generate.schema import UnsupportedError


def generate(document: Path, folder: Path) -> None:
    """Write every generated file into the folder."""
    read = Document(json.loads(document.read_text(encoding="utf-8")))
    files = {"models.py": models_file(read), **api_files(read)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the program; returns its exit code."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        generate(Path(arguments[0]), Path(arguments[1]))
    except UnsupportedError as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
