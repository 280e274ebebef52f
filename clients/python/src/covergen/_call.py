"""One call, before it is known whether it is made now or awaited."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

# Of a copy, what is more is kept in a file.
_IN_MEMORY = 8 * 1024 * 1024
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})

FileContent = Path | str | bytes | BinaryIO
"""A file to upload: its path, its bytes, or a file open for reading bytes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """The file part of a form."""

    field: str
    content: FileContent
    name: str | None = None

    def open(self, *, twice: bool = False) -> tuple[str, BinaryIO | bytes, bool]:
        """Return file name, content, and whether the content has to be closed.

        What cannot be rewound is copied where it is read `twice`, as for a signature.
        """
        content = self.content
        if isinstance(content, Path | str):
            path = Path(content)
            return self.name or path.name, path.open("rb"), True
        if isinstance(content, bytes):
            return self.name or "file", content, False
        # A try before this one has read it to its end.
        if content.seekable():
            content.seek(0)
        found = getattr(content, "name", None)
        from_file = os.path.basename(found) if isinstance(found, str) else None  # noqa: PTH119
        if twice and not content.seekable():
            # Whoever sends it closes it.
            spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
            copy = cast("BinaryIO", spooled)
            shutil.copyfileobj(content, copy)
            copy.seek(0)
            return self.name or from_file or "file", copy, True
        return self.name or from_file or "file", content, False

    @property
    def rewinds(self) -> bool:
        """Whether it can be sent a second time."""
        return isinstance(self.content, Path | str | bytes) or self.content.seekable()


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """What is asked for: everything but where, by whom and when."""

    method: str
    path: str
    """Path with its parameters in braces, or an address of this server."""
    variables: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    query: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    headers: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    upload: Upload | None = None
    takes_key: bool = False
    """Whether the operation takes an idempotency key."""
    key: str | None = None
    timeout: float | None = None
    """Seconds for each try; none means the client's own."""

    def with_key(self) -> Call:
        """Return the call with the one key that all its tries bear."""
        if not self.takes_key or self.key is not None:
            return self
        return dataclasses.replace(self, key=str(uuid.uuid4()))

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice is harmless."""
        harmless = self.method in _SAFE_METHODS or self.key is not None
        return harmless and (self.upload is None or self.upload.rewinds)

    def target(self) -> str:
        """Return the path with its parameters filled in."""

        def fill(found: re.Match[str]) -> str:
            value = text(self.variables[found[1]])
            if value in ("", ".", ".."):
                # They would ask for another path than the one meant.
                raise ValueError(f"`{found[1]}` cannot be {value!r}")
            return quote(value, safe="")

        return re.sub(r"\{(\w+)\}", fill, self.path)

    def parameters(self) -> list[tuple[str, str]]:
        """Return the query; a list repeats its name."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.query.items():
            values = value if isinstance(value, list) else [value]
            pairs.extend((name, text(one)) for one in values)
        return pairs


def text(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Write a value for a path, a query, a header or a form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
