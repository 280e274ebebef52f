"""Server-Sent Events, and going on where a broken stream left off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from covergen._errors import ApiError, CovergenError, MalformedAnswerError, from_problem
from covergen._retry import RetryPolicy

# A stream that never ends a line is not one of events.
_LONGEST_LINE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was sent."""

    kind: str
    data: str
    id: str | None


class EventParser:
    """Reads `text/event-stream` in whatever pieces it arrives.

    Lines are cut from bytes: in text, characters such as U+2028 would count as
    line ends, which may stand inside a title.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._kind = ""
        self._data: list[str] = []
        self._id: str | None = None
        self._is_first = True
        self.retry: float | None = None
        """Seconds to wait before reconnecting, where the server said so."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take a piece and return the events that it completes."""
        buffer = self._pending + chunk
        start = 0
        while True:
            end = _line_end(buffer, start)
            if end is None:
                break
            line, start = buffer[start : end[0]], end[1]
            event = self._take(line)
            if event is not None:
                yield event
        self._pending = buffer[start:]
        if len(self._pending) > _LONGEST_LINE:
            raise MalformedAnswerError("a line of the event stream does not end")

    def _take(self, raw: bytes) -> Event | None:
        line = raw.decode(errors="replace")
        if self._is_first:
            line, self._is_first = line.removeprefix("\ufeff"), False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isdigit():
            self.retry = int(value) / 1000
        return None

    def _dispatch(self) -> Event | None:
        data, kind = self._data, self._kind
        self._data, self._kind = [], ""
        if not data:
            return None
        return Event(kind or "message", "\n".join(data), self._id)


def _line_end(buffer: bytes, start: int) -> tuple[int, int] | None:
    """Return where a line ends and the next one starts."""
    newline = buffer.find(b"\n", start)
    carriage = buffer.find(b"\r", start, newline if newline >= 0 else len(buffer))
    if carriage < 0:
        return None if newline < 0 else (newline, newline + 1)
    if carriage + 1 == len(buffer):
        return None  # whether a line feed belongs to it is not known yet
    return carriage, carriage + 1 + (buffer[carriage + 1 : carriage + 2] == b"\n")


class Resumption:
    """What is known of a stream over all its connections."""

    def __init__(self, policy: RetryPolicy, last_event_id: str | None) -> None:
        self._policy = policy
        self._failures = 0
        self.last_event_id = last_event_id
        self._parser = EventParser()
        self._seen: str | None = None

    def headers(self) -> dict[str, str]:
        """Return what a new connection says of the ones before."""
        self._parser = EventParser()
        return {} if self.last_event_id is None else {"last-event-id": self.last_event_id}

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Return the messages in a piece that have not been seen before."""
        for event in self._parser.feed(chunk):
            value = self._read(event)
            if event.kind == "error":
                raise _failure(value)
            self._failures = 0
            if event.id:
                # After a reconnection the server may tell the last one again.
                if event.id == self._seen:
                    continue
                self.last_event_id = self._seen = event.id
            yield value

    def delay(self, error: CovergenError) -> float | None:
        """Return the seconds to wait before connecting anew; none to give up."""
        self._failures += 1
        delay = self._policy.delay(error, self._failures, repeatable=True)
        if delay is None or self._parser.retry is None:
            return delay
        return max(delay, self._parser.retry)

    @staticmethod
    def _read(event: Event) -> Any:  # noqa: ANN401 - whatever JSON holds
        try:
            return json.loads(event.data)
        except ValueError as error:
            raise MalformedAnswerError("an event is not JSON") from error


def _failure(problem: Any) -> ApiError:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(problem, dict):
        problem = {"detail": str(problem)}
    status = problem.get("status")
    return from_problem(problem, status if isinstance(status, int) else 500, {})
