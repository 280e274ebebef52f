"""Make a cover for every row of a CSV file.

    COVERGEN_BASE_URL=https://… COVERGEN_API_KEY=cg_live_… \
        python covers_from_csv.py titles.csv covers/

The header names the columns: `title`, and any of `subtitle`, `kicker`,
`template`, `palette`, `seed`, `sizes` and `formats`. Sizes are presets or
`1280x720`; several sizes or formats are parted by spaces.

Run it again after an interruption, whatever was interrupted: a journal beside
the CSV remembers what was asked for, so no cover is made twice.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import glob
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from covergen import ApiError, AsyncCovergen, CovergenError, RetryPolicy
from covergen.models import Cover, CoverTask, CoverTaskStatus, Size
from journal import Entry, Journal
from progress import Progress

COLUMNS = ("title", "subtitle", "kicker", "template", "palette", "seed", "sizes", "formats")
Format = Literal["png", "jpeg", "webp"]
_FORMATS: dict[str, Format] = {"png": "png", "jpeg": "jpeg", "webp": "webp"}
_ENDED = (CoverTaskStatus.SUCCEEDED, CoverTaskStatus.FAILED, CoverTaskStatus.CANCELLED)
# Long enough for a server to be restarted, or for a rate limit's window to pass.
_PATIENCE = RetryPolicy(max_retries=40, first_delay=0.25, max_delay=5.0, max_retry_after=120.0)


class RowError(Exception):
    """A row that did not become a cover, and why."""


@dataclass(frozen=True)
class Row:
    """One line of the CSV."""

    number: int
    values: dict[str, str]

    def sizes(self) -> list[Size]:
        """Return the sizes wanted."""
        return [_size(word) for word in self.values.get("sizes", "").split() or ["youtube"]]

    def formats(self) -> list[Format]:
        """Return the formats wanted."""
        return [_FORMATS[word] for word in self.values.get("formats", "").split()]

    def stem(self) -> str:
        """Return the start of its files' names."""
        words = re.sub(r"[^\w]+", "-", self.values["title"].lower()).strip("-")
        return f"{self.number:04}-{words[:40].rstrip('-') or 'cover'}"


def _size(word: str) -> Size:
    found = re.fullmatch(r"(\d+)[x×](\d+)", word)
    if found is None:
        return Size(preset=word)
    return Size(width=int(found[1]), height=int(found[2]))


def read_rows(path: Path) -> list[Row]:
    """Read the CSV; raises ValueError with the line that is wrong."""
    # The mark that some spreadsheets begin a file with is not part of a name.
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, skipinitialspace=True)
        names = reader.fieldnames or []
        unknown = [name for name in names if name not in COLUMNS]
        if unknown or "title" not in names:
            raise ValueError(f"{path}: the columns are {', '.join(COLUMNS)}, not {names}")
        rows = []
        for number, line in enumerate(reader, 1):
            values = {name: (line[name] or "").strip() for name in names}
            if None in line:
                raise ValueError(f"{path}: row {number} has more columns than the header")
            if not values["title"]:
                raise ValueError(f"{path}: row {number} has no title")
            if values.get("seed") and not values["seed"].isdigit():
                raise ValueError(f"{path}: row {number}: the seed is not a number")
            if not set(values.get("formats", "").split()) <= set(_FORMATS):
                raise ValueError(f"{path}: row {number}: the formats are {', '.join(_FORMATS)}")
            rows.append(Row(number, values))
    return rows


@dataclass
class Maker:
    """Makes covers, a few at a time."""

    client: AsyncCovergen
    journal: Journal
    folder: Path
    progress: Progress
    failures: list[str] = field(default_factory=list)

    async def run(self, rows: Iterable[Row], concurrency: int) -> None:
        """Work through the rows."""
        waiting = iter(list(self.journal.match(rows)))

        async def work() -> None:
            # All workers draw from one list, so none is idle while there is work.
            for row, entry in waiting:
                try:
                    await self._row(row, entry)
                    self.progress.done()
                except (CovergenError, RowError, OSError) as error:
                    self.failures.append(f"row {row.number} ({row.values['title']}): {error}")
                    self.progress.failed()

        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work())

    async def _row(self, row: Row, entry: Entry) -> None:
        if entry.files and all((self.folder / name).is_file() for name in entry.files):
            return
        if entry.has_failed:
            # Nothing came of that request, so this is another one.
            self.journal.renew(entry)
        task = await self._task(row, entry)
        if task.status is not CoverTaskStatus.SUCCEEDED:
            self.journal.failed(entry)
            why = task.error.message if task.error else str(task.status)
            raise RowError(why)
        self.journal.finished(entry, await self._download(row, task.covers))

    async def _task(self, row: Row, entry: Entry) -> CoverTask:
        """Return the row's task once it has ended, asking for it at most once."""
        if not entry.task_id:
            if entry.is_stale:
                raise RowError(
                    "its request was sent more than 24 hours ago and never answered; look whether "
                    f"its cover is there, then take key {entry.key} out of {self.journal.path}"
                )
            try:
                answer = await self._generate(row, entry)
            except ApiError as error:
                if error.status in (400, 422):
                    self.journal.failed(entry)
                raise
            self.journal.asked(entry, answer)
        while True:
            async for task in self.client.covers.watch_task(entry.task_id):
                if task.status in _ENDED:
                    return task

    async def _generate(self, row: Row, entry: Entry) -> str:
        values = row.values
        answer = await self.client.covers.generate(
            title=values["title"],
            sizes=row.sizes(),
            subtitle=values.get("subtitle") or None,
            kicker=values.get("kicker") or None,
            template_id=values.get("template") or None,
            palette_id=values.get("palette") or None,
            seed=int(values["seed"]) if values.get("seed") else None,
            formats=row.formats() or None,
            idempotency_key=entry.key,
        )
        return answer.task_id

    async def _download(self, row: Row, covers: list[Cover]) -> list[str]:
        images = [image for cover in covers for image in cover.images]
        names = []
        for image in images:
            size = f"-{image.width}x{image.height}" if len(images) > 1 else ""
            name = f"{row.stem()}{size}.{image.format}"
            for left in self.folder.glob(f".{glob.escape(name)}.*.part"):
                left.unlink()  # of a run that was killed while it wrote this file
            await self.client.save(image.url, self.folder / name)
            names.append(name)
        return names


async def make(arguments: argparse.Namespace) -> int:
    """Run the program; returns its exit code."""
    rows = read_rows(arguments.csv)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    progress = Progress(len(rows))
    with Journal(arguments.csv.with_suffix(".journal.jsonl")) as journal:
        async with AsyncCovergen(retry=_PATIENCE) as client:
            maker = Maker(client, journal, arguments.folder, progress)
            await maker.run(rows, arguments.concurrency)
    progress.close()
    for line in maker.failures:
        print(line, file=sys.stderr)
    return 1 if maker.failures else 0


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("1 to 64")
    return number


def main() -> int:
    """Read the command line and run."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    parser.add_argument("csv", type=Path, help="the CSV file")
    parser.add_argument("folder", type=Path, help="where the covers go")
    parser.add_argument("--concurrency", type=_count, default=8, help="rows at a time (8)")
    arguments = parser.parse_args()
    try:
        return asyncio.run(make(arguments))
    except KeyboardInterrupt:
        print("\ninterrupted; run it again to go on", file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
