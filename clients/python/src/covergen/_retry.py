"""When a request is sent again, and how long to wait before.

A call is repeated only if repeating is harmless: it reads, it is idempotent
by its method, or it bears an idempotency key, which stays the same for all
its tries. Everything here is pure, so both clients share it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from covergen._errors import ApiError, ConnectionFailedError, CovergenError

_STATUSES = frozenset({429, 502, 503, 504})
# The first try of the same key is still at work; its answer is worth waiting for.
_IN_FLIGHT = "IDEMPOTENCY_KEY_IN_FLIGHT"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a call is repeated."""

    max_retries: int = 4
    """Tries after the first one; 0 never repeats."""
    first_delay: float = 0.25
    """Seconds before the first repetition; each further one waits twice as long."""
    max_delay: float = 8.0
    """Longest wait in seconds, unless the server asks for more."""
    max_retry_after: float = 90.0
    """Longest `Retry-After` in seconds to wait for; a longer one is an error at once."""
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1: how much of the wait's second half is taken."""

    def delay(self, error: CovergenError, tries: int, *, repeatable: bool) -> float | None:
        """Return the seconds to wait after the `tries`-th failure; none to give up."""
        if not repeatable or tries > self.max_retries or not is_transient(error):
            return None
        asked = error.retry_after if isinstance(error, ApiError) else None
        if asked is not None and asked > self.max_retry_after:
            return None
        # The exponent is bounded, so that a patient policy does not overflow.
        exponential = min(self.max_delay, self.first_delay * 2 ** min(tries - 1, 30))
        own = exponential * (0.5 + 0.5 * self.jitter())
        return own if asked is None else asked + self.first_delay * self.jitter()


def is_transient(error: CovergenError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, ApiError):
        if error.status == 429 and error.retry_after is None and error.reason != "UNKNOWN":
            return False  # a quota, which no waiting brings back
        return error.status in _STATUSES or error.reason == _IN_FLIGHT
    return isinstance(error, ConnectionFailedError)
