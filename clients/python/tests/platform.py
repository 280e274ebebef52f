"""The real platform: started, killed and started again."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

FONTS = Path(__file__).parents[3] / "assets/fonts/fetched"
PASSWORD = "quiet horses run far"  # noqa: S105 - a test's
SCOPES = (
    "covers:read",
    "covers:write",
    "exports:read",
    "exports:write",
    "safety:check",
    "webhooks:read",
    "webhooks:write",
)
_READY_SECONDS = 120
_PLENTY = "[{limit = 100000, per_seconds = 60}]"
FEW_PREVIEWS = 3
# What is shown here does not depend on the cost of passwords.
_ENVIRONMENT = {
    "COVERGEN__TELEMETRY__LOG_FILTER": "warn",
    # No call is to fail because the machine is busy.
    "COVERGEN__MESH__DEFAULTS__DEADLINE_MS": "9000",
    "COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB": "64",
    "COVERGEN__SERVICES__AUTH__ARGON2_PASSES": "1",
    "COVERGEN__SERVICES__TASK__LEASE_MS": "1500",
    "COVERGEN__SERVICES__NOTIFICATION__ALLOW_LOOPBACK": "true",
    "COVERGEN__BFF__RATES__GENERATE__WINDOWS": _PLENTY,
    "COVERGEN__BFF__RATES__AUTH__WINDOWS": _PLENTY,
    "COVERGEN__BFF__RATES__DEFAULT__WINDOWS": _PLENTY,
    "COVERGEN__BFF__RATES__PREVIEW__WINDOWS": f"[{{limit = {FEW_PREVIEWS}, per_seconds = 3600}}]",
}


def binary() -> str:
    """Return the program under test."""
    try:
        return os.environ["COVERGEN_TEST_BINARY"]
    except KeyError:
        raise RuntimeError("COVERGEN_TEST_BINARY names no program") from None


# Not in use until the platform has started.
_given: set[int] = set()


def free_port() -> int:
    """Return a port that no connection is given by chance.

    It stays ours while the platform is down, which the operating system does
    not promise of those that it picks itself.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - not a secret
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


class Platform:
    """One process on one folder, always at the same addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {name: free_port() for name in ("web", "mobile", "partner", "grpc", "admin")}
        self.web = f"http://127.0.0.1:{self._ports['web']}"
        self.partner = f"http://127.0.0.1:{self._ports['partner']}"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [binary(), "up", "--data", str(self.folder), "--json"]
        for name, port in self._ports.items():
            command += [f"--{name}", f"127.0.0.1:{port}"]
        guard = shutil.which("setpriv")
        if guard is not None:
            # It ends with this process, however that ends.
            command = [guard, "--pdeathsig", "KILL", "--", *command]
        log = self.folder / "log"
        self.folder.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        output = self._process.stdout
        assert output is not None
        overdue = threading.Timer(_READY_SECONDS, self._process.kill)
        overdue.start()
        try:
            line = output.readline()
        finally:
            overdue.cancel()
        assert line, f"the platform did not start:\n{log.read_text()[-4000:]}"
        assert json.loads(line)["ready"] is True, line

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def kill_and_restart(self) -> None:
        """End it and start it again on the same data and ports."""
        self.kill()
        self.start()

    def account(self, email: str, tier: str = "pro_plus") -> str:
        """Open an account and return its access token."""
        answer = self._post(
            "/api/v1/auth/register",
            {"email": email, "password": PASSWORD, "displayName": "Ada"},
        )
        command = [binary(), "admin", "--data", str(self.folder), "set-tier", "--email", email]
        subprocess.run([*command, tier], check=True, env=self._environment(), capture_output=True)
        return str(answer["accessToken"])

    def api_key(self, access_token: str, *scopes: str) -> str:
        """Make a key of the account."""
        answer = self._post(
            "/api/v1/auth/api-keys",
            {"name": "tests", "mode": "LIVE", "scopes": list(scopes or SCOPES)},
            access_token,
        )
        return str(answer["secret"])

    def signing_api_key(self, access_token: str, public_key: str) -> tuple[str, str]:
        """Make a key whose requests are signed; returns its id and its secret."""
        answer = self._post(
            "/api/v1/auth/api-keys",
            {"name": "signed", "mode": "LIVE", "scopes": SCOPES, "signingKey": public_key},
            access_token,
        )
        return str(answer["apiKey"]["id"]), str(answer["secret"])

    def _post(self, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        answer = httpx.post(self.web + path, json=body, headers=headers, timeout=60)
        assert answer.status_code == 201, answer.text
        data: dict[str, Any] = answer.json()
        return data

    def _environment(self) -> dict[str, str]:
        fonts = {"COVERGEN__FONTS__DIR": str(FONTS)}
        return {**os.environ, **_ENVIRONMENT, **fonts}
