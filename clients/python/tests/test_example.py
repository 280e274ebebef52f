"""The example, as it is run: whatever is killed, every row becomes one cover."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from covergen import Covergen, RetryPolicy
from tests.conftest import eventually
from tests.platform import Platform

EXAMPLE = Path(__file__).parents[1] / "examples/covers_from_csv.py"
ROWS = 100
PATIENT = RetryPolicy(max_retries=20, max_delay=1)
PNG = b"\x89PNG\r\n\x1a\n"


class Run:
    """The example at work on one CSV."""

    def __init__(self, csv: Path, covers: Path, platform: Platform, key: str) -> None:
        self.csv, self.covers = csv, covers
        self.journal = csv.with_suffix(".journal.jsonl")
        self._environment = {
            **os.environ,
            "COVERGEN_BASE_URL": platform.partner,
            "COVERGEN_API_KEY": key,
            "PYTHONPATH": str(EXAMPLE.parents[1] / "src"),
            "PYTHONUNBUFFERED": "1",
        }

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, str(EXAMPLE), str(self.csv), str(self.covers)]
        process = subprocess.Popen(
            [*command, "--concurrency", "6"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def to_its_end(self) -> tuple[int, str]:
        with self.started() as process:
            output, _ = process.communicate(timeout=600)
            return process.returncode, output

    def until(self, count: int, process: subprocess.Popen[str]) -> None:
        def there() -> bool:
            assert process.poll() is None, process.communicate()[0]
            return len(self.files()) >= count

        eventually(f"{count} covers are there", there, seconds=300)

    def files(self) -> list[Path]:
        return sorted(self.covers.glob("*.png"))

    def entries(self) -> list[dict[str, object]]:
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        return list({entry["row"]: entry for entry in map(json.loads, lines)}.values())


def write_csv(path: Path, rows: int) -> None:
    templates = ["swiss", "", "mosaic"]
    lines = ["title,subtitle,template,sizes"]
    # Two rows are alike in everything: they are two covers all the same.
    lines += [
        f'"Chapter {max(number, 2)}, which begins",Part {max(number, 2) % 7},'
        f"{templates[max(number, 2) % 3]},320x180"
        for number in range(1, rows + 1)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Platform, Run, Covergen]]:
    """A platform to be killed, with an account that has made nothing."""
    with Platform(tmp_path / "data") as platform:
        key = platform.api_key(platform.account("grace@example.org"))
        run = Run(tmp_path / "titles.csv", tmp_path / "covers", platform, key)
        with Covergen(key, base_url=platform.partner, retry=PATIENT) as client:
            yield platform, run, client


def test_a_hundred_rows_become_a_hundred_covers_though_everything_is_killed(
    own: tuple[Platform, Run, Covergen],
) -> None:
    platform, run, client = own
    write_csv(run.csv, ROWS)
    with run.started() as process:
        run.until(20, process)
        platform.kill_and_restart()
        run.until(45, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(run.files()) < ROWS
    with run.started() as process:
        run.until(70, process)
        platform.kill_and_restart()
        output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    assert f"{ROWS}/{ROWS} 100%" in output

    covers = list(client.covers.iter_covers(page_size=100))
    entries = run.entries()
    assert len(covers) == ROWS
    assert {cover.task_id for cover in covers} == {entry["task_id"] for entry in entries}
    assert len({str(entry["key"]) for entry in entries}) == ROWS
    files = run.files()
    assert len(files) == ROWS
    assert all(file.read_bytes().startswith(PNG) for file in files)
    assert sorted(path.name for path in run.covers.iterdir()) == [file.name for file in files]

    code, output = run.to_its_end()
    assert (code, len(list(client.covers.iter_covers(page_size=100)))) == (0, ROWS), output


def test_lost_files_are_fetched_again_and_failed_rows_tried_again(
    own: tuple[Platform, Run, Covergen],
) -> None:
    _, run, client = own
    write_csv(run.csv, 3)
    with run.csv.open("a", encoding="utf-8") as file:
        file.write("No such template,,nothing-of-the-kind,320x180\n")
    for _ in range(2):
        code, output = run.to_its_end()
        assert code == 1
        assert "row 4 (No such template)" in output
        assert len(run.files()) == 3
        run.files()[0].unlink()
    text = run.csv.read_text(encoding="utf-8-sig").replace("nothing-of-the-kind", "swiss")
    run.csv.write_text(text, encoding="utf-8")
    assert run.to_its_end()[0] == 0
    assert len(run.files()) == 4
    assert len(list(client.covers.iter_covers())) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name\na\n", "the columns are title"),
        ("title,seed\na,b\n", "row 1: the seed"),
        ("title\na\n\n,\n", "row 2"),
        ("title,formats\na,gif\n", "row 1: the formats"),
        ("", "the columns are title"),
    ],
)
def test_what_is_wrong_with_the_csv_is_told(
    platform: Platform, tmp_path: Path, content: str, told: str
) -> None:
    run = Run(tmp_path / "titles.csv", tmp_path / "covers", platform, "cg_live_unused")
    run.csv.write_text(content, encoding="utf-8")
    code, output = run.to_its_end()
    assert code == 2
    assert told in output
    assert not run.journal.exists()
