"""The two clients: one that is called, one that is awaited."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._retry import RetryPolicy
from covergen._settings import Settings
from covergen._signing import SigningKey
from covergen._sync import SyncTransport
from covergen.gen.client import AsyncApi, SyncApi

_BASE_URL = "COVERGEN_BASE_URL"
_API_KEY = "COVERGEN_API_KEY"


def _settings(
    api_key: str | None,
    base_url: str | None,
    access_token: str | None,
    timeout: float,
    retry: RetryPolicy | None,
    signing_key: SigningKey | None,
) -> Settings:
    url = base_url or os.environ.get(_BASE_URL)
    if not url:
        raise ValueError(f"where the API is has to be said: base_url=… or {_BASE_URL}")
    key = api_key or (None if access_token else os.environ.get(_API_KEY))
    return Settings(
        url,
        key,
        access_token,
        timeout=timeout,
        retry=retry or RetryPolicy(),
        signing_key=signing_key,
    )


class Covergen(SyncApi):
    """The Covergen API. Thread-safe; use it in a `with` block or close it.

    Args:
        api_key: Key of a partner, `cg_live_…` or `cg_test_…`; by default
            `COVERGEN_API_KEY` of the environment.
        base_url: Where the API is; by default `COVERGEN_BASE_URL`.
        access_token: A person's access token in place of a key.
        timeout: Seconds that the server may take for one try.
        retry: How often and how patiently calls are repeated.
        signing_key: What every request is signed with, for an API key that was
            made with its public half.
        http: An httpx client to send with, which stays the caller's to close.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        access_token: str | None = None,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        signing_key: SigningKey | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        settings = _settings(api_key, base_url, access_token, timeout, retry, signing_key)
        self._transport = SyncTransport(settings, http)
        super().__init__(self._transport)

    def fetch(self, url: str, *, timeout: float | None = None) -> bytes:
        """Return what is at an address of an answer, such as `image.url`."""
        return self._transport.content(Call("GET", url, timeout=timeout))

    def save(self, url: str, path: str | Path, *, timeout: float | None = None) -> Path:
        """Download an address of an answer, such as `image.url`, into a file.

        The file is there whole or not at all.
        """
        return self._transport.save(Call("GET", url, timeout=timeout), path)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncCovergen(AsyncApi):
    """The Covergen API for asyncio. Use it in an `async with` block or close it.

    Args:
        api_key: Key of a partner, `cg_live_…` or `cg_test_…`; by default
            `COVERGEN_API_KEY` of the environment.
        base_url: Where the API is; by default `COVERGEN_BASE_URL`.
        access_token: A person's access token in place of a key.
        timeout: Seconds that the server may take for one try.
        retry: How often and how patiently calls are repeated.
        signing_key: What every request is signed with, for an API key that was
            made with its public half.
        http: An httpx client to send with, which stays the caller's to close.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        access_token: str | None = None,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        signing_key: SigningKey | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        settings = _settings(api_key, base_url, access_token, timeout, retry, signing_key)
        self._transport = AsyncTransport(settings, http)
        super().__init__(self._transport)

    async def fetch(self, url: str, *, timeout: float | None = None) -> bytes:
        """Return what is at an address of an answer, such as `image.url`."""
        return await self._transport.content(Call("GET", url, timeout=timeout))

    async def save(self, url: str, path: str | Path, *, timeout: float | None = None) -> Path:
        """Download an address of an answer, such as `image.url`, into a file.

        The file is there whole or not at all.
        """
        return await self._transport.save(Call("GET", url, timeout=timeout), path)

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
