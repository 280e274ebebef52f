"""What can go wrong, as exceptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any


class CovergenError(Exception):
    """Anything that went wrong in here."""


class ConnectionFailedError(CovergenError):
    """The server was not reached, or the connection broke."""


class RequestTimeoutError(ConnectionFailedError):
    """The server did not answer in time."""


class MalformedAnswerError(CovergenError):
    """What answered does not speak this API: another server, or a proxy."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that was not acceptable."""

    field: str
    """Path of the field or parameter."""
    description: str
    """What is wrong with it."""


class ApiError(CovergenError):
    """The server refused the request: `application/problem+json` (RFC 9457).

    Branch on `reason`, which is stable; show `detail` to people; tell
    `request_id` to support.
    """

    def __init__(
        self,
        status: int,
        *,
        code: str = "UNKNOWN",
        reason: str = "UNKNOWN",
        title: str = "",
        detail: str = "",
        violations: tuple[Violation, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        """HTTP status."""
        self.code = code
        """Canonical code, such as `INVALID_ARGUMENT`."""
        self.reason = reason
        """Stable reason, such as `UNKNOWN_FIELD`."""
        self.title = title
        """The kind of problem in words."""
        self.detail = detail
        """What happened this time."""
        self.violations = violations
        """Fields that were not acceptable."""
        self.request_id = request_id
        """Id of the request."""
        self.retry_after = retry_after
        """Seconds to wait before the next try, where the server says so."""
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        text = f"{self.status} {self.reason}: {self.detail or self.title}"
        fields = "; ".join(f"{one.field}: {one.description}" for one in self.violations)
        if fields:
            text += f" ({fields})"
        return f"{text} [request {self.request_id}]" if self.request_id else text


class BadRequestError(ApiError):
    """400: the request is not valid; see `violations`."""


class AuthenticationError(ApiError):
    """401: the API key is missing, wrong, expired or revoked."""


class PermissionDeniedError(ApiError):
    """403: the key lacks a scope, or the plan lacks the feature."""


class NotFoundError(ApiError):
    """404: there is no such thing, or not for this key."""


class ConflictError(ApiError):
    """409: the state has changed, or the same key is in flight."""


class PreconditionFailedError(ApiError):
    """412: somebody else changed it first."""


class UnprocessableError(ApiError):
    """422: the idempotency key was used for another request."""


class RateLimitedError(ApiError):
    """429: a rate limit or a quota is used up; see `retry_after`."""


class ServerError(ApiError):
    """5xx: the platform failed or is overloaded."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    422: UnprocessableError,
    429: RateLimitedError,
}


def from_problem(problem: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> ApiError:
    """Return the exception for a problem, wherever it came from."""
    by_default = ServerError if status >= 500 else ApiError
    kind = _BY_STATUS.get(status, by_default)
    listed = problem.get("violations")
    violations = tuple(
        Violation(str(one.get("field", "")), str(one.get("description", "")))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    )
    stated = problem.get("retryAfterSeconds")
    retry_after = retry_after_seconds(headers.get("retry-after"))
    if retry_after is None and isinstance(stated, int | float):
        retry_after = float(stated)
    return kind(
        status,
        code=str(problem.get("code", "UNKNOWN")),
        reason=str(problem.get("reason", "UNKNOWN")),
        title=str(problem.get("title", "")),
        detail=str(problem.get("detail", "")),
        violations=violations,
        request_id=problem.get("requestId") or headers.get("x-request-id"),
        retry_after=retry_after,
    )


def from_answer(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Return the exception for an answer that is not a success.

    A proxy in between may answer in its own words; they become the detail.
    """
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {"detail": body[:500].decode(errors="replace").strip()}
    return from_problem(problem, status, headers)


def retry_after_seconds(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After`, which may also name a time."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
