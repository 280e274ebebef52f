"""Downloads into files: whole or not at all, going on where they broke off."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from covergen._errors import ConnectionFailedError, MalformedAnswerError


class Partial:
    """A file on its way.

    It grows beside its target under another name and takes the target's place
    at the end, so that nobody ever sees half a file. After a broken connection
    the rest alone is asked for, provided that the server tells by a strong
    entity tag that it is still the same file.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        )
        self._file = os.fdopen(handle, "wb")
        self._path = Path(name)
        self._tag: str | None = None
        self._expected: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def headers(self) -> dict[str, str]:
        """Return what to ask for: everything, or the rest."""
        # Offsets are those of the file, so it must not be compressed on the way.
        headers = {"accept": "*/*", "accept-encoding": "identity"}
        at = self._file.tell()
        if at > 0 and self._tag is not None:
            headers |= {"range": f"bytes={at}-", "if-range": self._tag}
        return headers

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the head of an answer, which holds the rest or everything anew."""
        if headers.get("content-encoding", "identity") != "identity":
            raise MalformedAnswerError("the file came compressed, which was not asked for")
        at = self._file.tell()
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("content-range", ""))
        if status == 206 and found is not None and int(found[1]) == at:
            self._expected = int(found[2]) if found[2].isdigit() else None
            return
        if status == 206:
            self.restart()
            raise ConnectionFailedError("the server sent another range than was asked for")
        self.restart()
        tag = headers.get("etag")
        self._tag = tag if tag is not None and not tag.startswith("W/") else None
        length = headers.get("content-length", "")
        self._expected = int(length) if length.isdigit() else None

    def restart(self) -> None:
        """Forget what has arrived."""
        self._file.seek(0)
        self._file.truncate()
        self._tag = None

    def write(self, chunk: bytes) -> None:
        """Take a piece."""
        self._file.write(chunk)

    def finish(self) -> Path:
        """Put the file in its place."""
        if self._expected is not None and self._file.tell() != self._expected:
            told = f"{self._file.tell()} of {self._expected} bytes arrived"
            raise ConnectionFailedError(told)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        # Temporary files are their owner's alone; this one is as others are.
        mask = os.umask(0)
        os.umask(mask)
        self._path.chmod(0o666 & ~mask)
        self._path.replace(self._target)
        return self._target
