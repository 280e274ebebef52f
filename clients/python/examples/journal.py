"""What has been asked for, in a file that survives whatever happens.

One JSON object a line, each on the disk before the step that it tells of is
taken: the idempotency key before the request is sent, the task id as soon as
there is one. The last line of a row counts.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

# The server remembers keys for 24 hours; an hour less allows for clocks.
_KEY_SECONDS = 23 * 3600


class HasValues(Protocol):
    """A row of a table."""

    @property
    def values(self) -> dict[str, str]:
        """What stands in it, by column."""


R = TypeVar("R", bound=HasValues)


@dataclass
class Entry:
    """What is known of one row."""

    row: str
    """What identifies the row: a hash of what stands in it."""
    key: str
    key_time: float
    task_id: str = ""
    has_failed: bool = False
    files: list[str] = field(default_factory=list)

    @property
    def is_stale(self) -> bool:
        """Whether the server may have forgotten the key."""
        return time.time() - self.key_time > _KEY_SECONDS


class Journal:
    """The file. One process at a time has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise ValueError(f"{path} is in use by another run") from None
        self._entries = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def match(self, rows: Iterable[R]) -> Iterator[tuple[R, Entry]]:
        """Return every row with its entry, old or new.

        Rows are told apart by what stands in them, so lines may be added to the
        CSV or moved. Of equal rows, the first has the first entry.
        """
        count: dict[str, int] = {}
        fresh: list[Entry] = []
        matched = []
        for row in rows:
            content = json.dumps(row.values, sort_keys=True, ensure_ascii=False)
            digest = hashlib.sha256(content.encode()).hexdigest()[:24]
            count[digest] = count.get(digest, 0) + 1
            name = f"{digest}-{count[digest]}"
            entry = self._entries.get(name)
            if entry is None:
                entry = Entry(name, str(uuid.uuid4()), time.time())
                fresh.append(entry)
            matched.append((row, entry))
        self._write(*fresh)
        yield from matched

    def renew(self, entry: Entry) -> None:
        """Begin anew with a row that failed."""
        entry.key, entry.key_time = str(uuid.uuid4()), time.time()
        entry.task_id, entry.has_failed, entry.files = "", False, []
        self._write(entry)

    def asked(self, entry: Entry, task_id: str) -> None:
        """Remember the task."""
        entry.task_id = task_id
        self._write(entry)

    def failed(self, entry: Entry) -> None:
        """Remember that nothing came of it."""
        entry.has_failed = True
        self._write(entry)

    def finished(self, entry: Entry, files: list[str]) -> None:
        """Remember the files."""
        entry.files = files
        self._write(entry)

    def _read(self) -> dict[str, Entry]:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        # A line without its end was being written when the power went; what it
        # tells of has not been done.
        self._file.truncate(whole)
        entries = {}
        for number, line in enumerate(content[:whole].splitlines(), 1):
            try:
                entry = Entry(**json.loads(line))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{self.path}: line {number} is no entry") from error
            entries[entry.row] = entry
        return entries

    def _write(self, *entries: Entry) -> None:
        lines = [json.dumps(asdict(entry)).encode() + b"\n" for entry in entries]
        if lines:
            self._file.write(b"".join(lines))
            self._file.flush()
            os.fsync(self._file.fileno())
