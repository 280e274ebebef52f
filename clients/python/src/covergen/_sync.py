"""Calls that are made now."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx

from covergen._call import Call, Upload, text
from covergen._errors import CovergenError, MalformedAnswerError, from_answer
from covergen._events import Resumption
from covergen._files import Partial
from covergen._settings import Settings, translated
from covergen._wire import Codec

T = TypeVar("T")


class SyncTransport:
    """Sends calls and repeats those that may be repeated."""

    def __init__(self, settings: Settings, http: httpx.Client | None = None) -> None:
        self._settings = settings
        self._http = http if http is not None else httpx.Client()
        self._is_own = http is None

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._is_own:
            self._http.close()

    def json(self, call: Call, codec: Codec[T]) -> T:
        """Return the answer as a message."""
        return codec.decode(read_json(self._send(call)))

    def nothing(self, call: Call) -> None:
        """Wait for success."""
        self._send(call)

    def content(self, call: Call) -> bytes:
        """Return the answer as it is."""
        # The header counts, also where the body says what is accepted.
        wanted = (call.body or {}).get("accept", "*/*")
        accepting = replace(call, headers={"accept": wanted, **call.headers})
        return self._send(accepting).content

    def save(self, call: Call, target: str | Path) -> Path:
        """Write the answer into a file; returns its path."""
        with Partial(Path(target)) as partial:
            tries = 0
            while True:
                wanted = replace(call, headers={**call.headers, **partial.headers()})
                try:
                    return self._save_once(wanted, partial)
                except CovergenError as error:
                    tries += 1
                    self._wait(error, tries, call)

    def events(self, call: Call, codec: Codec[T], last_event_id: str | None = None) -> Iterator[T]:
        """Return the messages of a stream, over as many connections as it takes."""
        resumption = Resumption(self._settings.retry, last_event_id)
        while True:
            try:
                with closing(self._events_once(call, resumption)) as messages:
                    for message in messages:
                        yield codec.decode(message)
                return
            except CovergenError as error:
                delay = resumption.delay(error)
                if delay is None:
                    raise
                time.sleep(delay)

    def _send(self, call: Call) -> httpx.Response:
        call = call.with_key()
        tries = 0
        while True:
            try:
                return self._send_once(call)
            except CovergenError as error:
                tries += 1
                self._wait(error, tries, call)

    def _wait(self, error: CovergenError, tries: int, call: Call) -> None:
        """Wait before the next try, or raise what the last one ended with."""
        delay = self._settings.retry.delay(error, tries, repeatable=call.repeatable)
        if delay is None:
            raise error
        time.sleep(delay)

    def _send_once(self, call: Call) -> httpx.Response:
        arguments = self._settings.request(call)
        with translated():
            if call.upload is None:
                request = self._http.build_request(**arguments)
                return checked(self._http.send(request, **self._settings.signing()))
            return checked(self._send_form(call, call.upload, arguments))

    def _send_form(self, call: Call, upload: Upload, arguments: dict[str, Any]) -> httpx.Response:
        name, content, is_ours = upload.open(twice=self._settings.signing_key is not None)
        try:
            request = self._http.build_request(
                **arguments,
                data=form_fields(call),
                files={upload.field: (name, content, "application/octet-stream")},
            )
            return self._http.send(request, **self._settings.signing())
        finally:
            if is_ours and not isinstance(content, bytes):
                content.close()

    def _save_once(self, call: Call, partial: Partial) -> Path:
        arguments = {**self._settings.download(call), **self._settings.signing()}
        with translated(), self._http.stream(**arguments) as response:
            if not response.is_success:
                if response.status_code == 416:
                    partial.restart()
                response.read()
                checked(response)
            partial.begin(response.status_code, response.headers)
            for chunk in response.iter_raw():
                partial.write(chunk)
        return partial.finish()

    def _events_once(self, call: Call, resumption: Resumption) -> Generator[Any, None, None]:
        headers = {**call.headers, **resumption.headers()}
        asked = self._settings.stream(replace(call, headers=headers))
        arguments = {**asked, **self._settings.signing()}
        with translated(), self._http.stream(**arguments) as response:
            if not response.is_success:
                response.read()
            check_stream(checked(response))
            for chunk in response.iter_bytes():
                yield from resumption.feed(chunk)


def checked(response: httpx.Response) -> httpx.Response:
    """Return a success as it is and raise anything else."""
    if response.is_success:
        if "deprecation" in response.headers:
            _warn(response)
        return response
    raise from_answer(response.status_code, response.headers, response.content)


def _warn(response: httpx.Response) -> None:
    """Tell the caller's author that what was called goes away (RFC 9745 and 8594)."""
    sunset = response.headers.get("sunset")
    until = f" and answers until {sunset}" if sunset else ""
    told = f"{response.request.method} {response.url.path} is deprecated{until}"
    warnings.warn(told, DeprecationWarning, stacklevel=2)


def check_stream(response: httpx.Response) -> None:
    """Raise when the answer is no stream of events."""
    kind = response.headers.get("content-type", "")
    if not kind.startswith("text/event-stream"):
        raise MalformedAnswerError(f"no stream of events, but `{kind}`")


def read_json(response: httpx.Response) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the JSON object that the answer is."""
    try:
        value = json.loads(response.content)
    except ValueError as error:
        raise MalformedAnswerError("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedAnswerError("the answer is not a JSON object")
    return value


def form_fields(call: Call) -> dict[str, str]:
    """Return the fields of a form as text."""
    return {name: text(value) for name, value in (call.form or {}).items()}
