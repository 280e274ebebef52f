"""Calls that are awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx

from covergen._call import Call, Upload
from covergen._errors import CovergenError
from covergen._events import Resumption
from covergen._files import Partial
from covergen._settings import Settings, translated
from covergen._sync import check_stream, checked, form_fields, read_json
from covergen._wire import Codec

T = TypeVar("T")


class AsyncTransport:
    """Sends calls and repeats those that may be repeated."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient | None = None) -> None:
        self._settings = settings
        self._http = http if http is not None else httpx.AsyncClient()
        self._is_own = http is None

    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._is_own:
            await self._http.aclose()

    async def json(self, call: Call, codec: Codec[T]) -> T:
        """Return the answer as a message."""
        return codec.decode(read_json(await self._send(call)))

    async def nothing(self, call: Call) -> None:
        """Wait for success."""
        await self._send(call)

    async def content(self, call: Call) -> bytes:
        """Return the answer as it is."""
        # The header counts, also where the body says what is accepted.
        wanted = (call.body or {}).get("accept", "*/*")
        accepting = replace(call, headers={"accept": wanted, **call.headers})
        return (await self._send(accepting)).content

    async def save(self, call: Call, target: str | Path) -> Path:
        """Write the answer into a file; returns its path."""
        with Partial(Path(target)) as partial:
            tries = 0
            while True:
                wanted = replace(call, headers={**call.headers, **partial.headers()})
                try:
                    return await self._save_once(wanted, partial)
                except CovergenError as error:
                    tries += 1
                    await self._wait(error, tries, call)

    async def events(
        self, call: Call, codec: Codec[T], last_event_id: str | None = None
    ) -> AsyncIterator[T]:
        """Return the messages of a stream, over as many connections as it takes."""
        resumption = Resumption(self._settings.retry, last_event_id)
        while True:
            try:
                async with aclosing(self._events_once(call, resumption)) as messages:
                    async for message in messages:
                        yield codec.decode(message)
                return
            except CovergenError as error:
                delay = resumption.delay(error)
                if delay is None:
                    raise
                await asyncio.sleep(delay)

    async def _send(self, call: Call) -> httpx.Response:
        call = call.with_key()
        tries = 0
        while True:
            try:
                return await self._send_once(call)
            except CovergenError as error:
                tries += 1
                await self._wait(error, tries, call)

    async def _wait(self, error: CovergenError, tries: int, call: Call) -> None:
        """Wait before the next try, or raise what the last one ended with."""
        delay = self._settings.retry.delay(error, tries, repeatable=call.repeatable)
        if delay is None:
            raise error
        await asyncio.sleep(delay)

    async def _send_once(self, call: Call) -> httpx.Response:
        arguments = self._settings.request(call)
        with translated():
            if call.upload is None:
                request = self._http.build_request(**arguments)
                return checked(await self._http.send(request, **self._settings.signing()))
            return checked(await self._send_form(call, call.upload, arguments))

    async def _send_form(
        self, call: Call, upload: Upload, arguments: dict[str, Any]
    ) -> httpx.Response:
        name, content, is_ours = upload.open(twice=self._settings.signing_key is not None)
        try:
            request = self._http.build_request(
                **arguments,
                data=form_fields(call),
                files={upload.field: (name, content, "application/octet-stream")},
            )
            return await self._http.send(request, **self._settings.signing())
        finally:
            if is_ours and not isinstance(content, bytes):
                content.close()

    async def _save_once(self, call: Call, partial: Partial) -> Path:
        arguments = {**self._settings.download(call), **self._settings.signing()}
        with translated():
            async with self._http.stream(**arguments) as response:
                if not response.is_success:
                    if response.status_code == 416:
                        partial.restart()
                    await response.aread()
                    checked(response)
                partial.begin(response.status_code, response.headers)
                async for chunk in response.aiter_raw():
                    partial.write(chunk)
        return partial.finish()

    async def _events_once(self, call: Call, resumption: Resumption) -> AsyncGenerator[Any, None]:
        headers = {**call.headers, **resumption.headers()}
        asked = self._settings.stream(replace(call, headers=headers))
        arguments = {**asked, **self._settings.signing()}
        with translated():
            async with self._http.stream(**arguments) as response:
                if not response.is_success:
                    await response.aread()
                check_stream(checked(response))
                async for chunk in response.aiter_bytes():
                    for message in resumption.feed(chunk):
                        yield message
