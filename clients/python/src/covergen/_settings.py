"""Where requests go, by whom and how patiently; requests made of calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from covergen._call import Call, text
from covergen._errors import ConnectionFailedError, CovergenError, RequestTimeoutError
from covergen._retry import RetryPolicy
from covergen._signing import Signatures, SigningKey
from covergen._version import __version__

# The server gives up first and says so, unless it cannot be reached at all.
_SLACK = 5.0
_CONNECT_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What all calls of a client share."""

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    stream_idle_timeout: float = 60.0
    """Streams say something every 15 seconds, so a longer silence is a broken connection."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    signing_key: SigningKey | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"the base URL {self.base_url!r} is not http:// or https://")
        if self.timeout <= 0:
            raise ValueError("the timeout is more than 0 seconds")
        if self.signing_key is not None and self.api_key is None:
            raise ValueError("signing_key belongs to an API key, and none is given")

    def signing(self) -> dict[str, Any]:
        """Return what httpx is told besides a request, so that it is signed."""
        return {} if self.signing_key is None else {"auth": Signatures(self.signing_key)}

    def url(self, call: Call) -> str:
        """Return where the call goes."""
        target = call.target()
        if target.startswith("/"):
            return self.base_url.rstrip("/") + target
        return target

    def _is_own(self, url: str) -> bool:
        here, there = urlsplit(self.base_url), urlsplit(url)
        return (here.scheme, here.netloc) == (there.scheme, there.netloc)

    def headers(self, call: Call, url: str) -> dict[str, str]:
        """Return the headers of one try."""
        headers = {"user-agent": f"covergen-python/{__version__}", "accept": "application/json"}
        # A credential is for this server alone, whatever address a picture has.
        if self._is_own(url):
            if self.api_key is not None:
                headers["x-api-key"] = self.api_key
            if self.access_token is not None:
                headers["authorization"] = f"Bearer {self.access_token}"
        if call.key is not None:
            headers["idempotency-key"] = call.key
        headers.update({name: text(value) for name, value in call.headers.items()})
        return headers

    def request(self, call: Call) -> dict[str, Any]:
        """Return what httpx makes a request of, but for an upload."""
        url = self.url(call)
        headers = self.headers(call, url)
        seconds = call.timeout if call.timeout is not None else self.timeout
        if seconds <= 0:
            raise ValueError("the timeout is more than 0 seconds")
        headers["request-timeout"] = f"{max(seconds, 0.001):.3f}"
        arguments: dict[str, Any] = {
            "method": call.method,
            "url": url,
            "headers": headers,
            "timeout": httpx.Timeout(seconds + _SLACK, connect=min(seconds, _CONNECT_TIMEOUT)),
        }
        # With an empty list httpx would drop the query that an address has.
        if call.query:
            arguments["params"] = call.parameters()
        if call.body is not None:
            arguments["json"] = dict(call.body)
        return arguments

    def download(self, call: Call) -> dict[str, Any]:
        """Return the request of a file, which takes as long as it is large."""
        arguments = self.request(call)
        del arguments["headers"]["request-timeout"]
        return arguments

    def stream(self, call: Call) -> dict[str, Any]:
        """Return the request of a stream, which lasts as long as there is news."""
        arguments = self.request(call)
        del arguments["headers"]["request-timeout"]
        arguments["headers"]["accept"] = "text/event-stream"
        arguments["headers"]["cache-control"] = "no-store"
        arguments["timeout"] = httpx.Timeout(self.stream_idle_timeout, connect=_CONNECT_TIMEOUT)
        return arguments


@contextmanager
def translated() -> Iterator[None]:
    """Turn what httpx raises into exceptions of this package."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise RequestTimeoutError(f"no answer in time ({type(error).__name__})") from error
    except httpx.TransportError as error:
        raise ConnectionFailedError(str(error) or type(error).__name__) from error
    except httpx.HTTPError as error:
        raise CovergenError(str(error) or type(error).__name__) from error
