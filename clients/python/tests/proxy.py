"""A server in front of the platform that fails as it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import httpx


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    status: int | None = None
    """Answered with this status in place of the platform's answer."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop_before: bool = False
    """The connection breaks before the platform has heard of it."""
    drop_after: bool = False
    """The platform has done it, but the answer is lost."""
    cut_at: int | None = None
    """The answer breaks off after so many bytes of its body."""
    cut_when: Callable[[bytes], bool] | None = None
    """The answer breaks off once what was passed on is like this."""


@dataclass(frozen=True)
class Seen:
    """One request that came by."""

    method: str
    path: str
    headers: dict[str, str]


class Proxy:
    """Passes requests on, but for the faults planted for the next ones."""

    def __init__(self, target: str, *, keeps_host: bool = False) -> None:
        self.target = target
        self.keeps_host = keeps_host
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self.http = httpx.Client(timeout=60)
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.http.close()

    def plant(self, *faults: Fault) -> None:
        """Let the next requests fail, one each."""
        self.faults[:] = faults
        self.seen.clear()

    def keys(self) -> list[str | None]:
        """Return the idempotency keys of the requests seen."""
        return [one.headers.get("idempotency-key") for one in self.seen]


class _Handler(BaseHTTPRequestHandler):
    owner: Proxy
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = self._chunked() if "transfer-encoding" in self.headers else self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.owner.lock:
            self.owner.seen.append(Seen(self.command, self.path, headers))
            fault = self.owner.faults.pop(0) if self.owner.faults else Fault()
        if fault.drop_before:
            return self._drop()
        if fault.status is not None:
            return self._answer(fault.status, fault.headers, fault.body)
        for name in ("host", "connection", "transfer-encoding"):
            if name != "host" or not self.owner.keeps_host:
                headers.pop(name, None)
        url = self.owner.target + self.path
        asked = self.owner.http.stream(self.command, url, headers=headers, content=body)
        with asked as response:
            if fault.drop_after:
                response.read()
                return self._drop()
            self._pass_on(response, fault)
        return None

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - the base's names

    def _pass_on(self, response: httpx.Response, fault: Fault) -> None:
        self.send_response(response.status_code)
        chunked = "content-length" not in response.headers
        for name, value in response.headers.items():
            if name not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        if chunked:
            self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        passed = b""
        for chunk in response.iter_raw():
            piece = chunk
            if fault.cut_at is not None:
                piece = chunk[: fault.cut_at - len(passed)]
            passed += piece
            self._write(piece, chunked=chunked)
            if len(piece) < len(chunk) or (fault.cut_when and fault.cut_when(passed)):
                return self._drop()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        return None

    def _write(self, piece: bytes, *, chunked: bool) -> None:
        if not piece:
            return
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        self.wfile.flush()

    def _chunked(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        """Break the connection off, so that the other side notices."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_WR)

    def log_message(self, *_arguments: Any) -> None:  # noqa: ANN401 - the base's
        """Keep quiet."""
