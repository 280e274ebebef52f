"""The package as others install it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import covergen

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_everything_and_can_be_used(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns("__pycache__", "*.journal*", ".*"))
    wheels = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(wheels), str(source)], check=True)
    (wheel,) = wheels.glob("covergen-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith("METADATA"))
        described = archive.read(metadata).decode()
    assert {"covergen/py.typed", "covergen/gen/models.py", "covergen/webhooks.py"} <= set(names)
    required = re.findall(r"^Requires-Dist: (\w+)([^\n]*)", described, re.MULTILINE)
    assert [name for name, rest in required if "extra ==" not in rest] == ["httpx"]
    assert [name for name, rest in required if "extra ==" in rest] == ["cryptography"]
    program = "import covergen; print(covergen.__file__, covergen.__version__)"
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    told = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, env=environment, text=True
    ).stdout.split()
    assert told == [str(wheel / "covergen/__init__.py"), covergen.__version__]
    assert f"Version: {covergen.__version__}" in described


def test_the_readmes_program_is_valid() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    programs = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert programs
    for program in programs:
        compile(program, "README.md", "exec")
