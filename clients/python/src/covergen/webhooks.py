"""Webhooks: whether a message is really from the platform.

Messages are signed as Standard Webhooks asks for: an HMAC-SHA256 of the
message's id, its time and its body, in the header `webhook-signature`. During
a rotation of the secret there are several signatures; one that fits is enough.

Example:
    webhook = Webhook("whsec_…")
    message = webhook.verify(request.body, request.headers)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from covergen._errors import CovergenError

_PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
"""How far the message's time may be from ours, either way: five minutes."""


class WebhookVerificationError(CovergenError):
    """The message is not to be trusted. Answer 400 and do nothing else."""


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """A message whose signature fits."""

    id: str
    """Id of the message. A repeated delivery has the same: act once on each."""
    time: datetime
    """When it was sent."""
    type: str
    """Type of the event, such as `cover.generated`."""
    data: Mapping[str, Any]
    """What the event tells."""


class Webhook:
    """Verifies the messages of one webhook.

    Args:
        secrets: Its secret, `whsec_…`; several while changing over.
    """

    def __init__(self, *secrets: str) -> None:
        if not secrets:
            raise ValueError("a webhook has a secret")
        self._keys = [_key(secret) for secret in secrets]

    def verify(
        self, body: bytes | str, headers: Mapping[str, str], *, now: float | None = None
    ) -> WebhookMessage:
        """Return the message if it is from the platform.

        Args:
            body: The request's body exactly as it arrived, not parsed and
                written again.
            headers: The request's headers, in any case.
            now: Unix time to judge by; by default this machine's.

        Raises:
            WebhookVerificationError: A header is missing, the time is more than
                five minutes off, no signature fits, or the body is no message.
        """
        given = {name.lower(): value for name, value in headers.items()}
        message_id = _header(given, "webhook-id")
        timestamp = _header(given, "webhook-timestamp")
        signatures = _header(given, "webhook-signature")
        payload = body.encode() if isinstance(body, str) else bytes(body)
        seconds = _fresh(timestamp, time.time() if now is None else now)
        if not self._fits(message_id, timestamp, payload, signatures):
            raise WebhookVerificationError("no signature fits")
        return _message(message_id, seconds, payload)

    def sign(self, message_id: str, timestamp: int, body: bytes | str) -> str:
        """Return the header `webhook-signature`, for tests of a receiver."""
        payload = body.encode() if isinstance(body, str) else body
        made = [_signature(key, message_id, str(timestamp), payload) for key in self._keys]
        return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made)

    def _fits(self, message_id: str, timestamp: str, body: bytes, signatures: str) -> bool:
        expected = [_signature(key, message_id, timestamp, body) for key in self._keys]
        fits = False
        for signature in signatures.split():
            version, _, encoded = signature.partition(",")
            if version != "v1":
                continue
            try:
                given = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                continue
            for one in expected:
                fits |= hmac.compare_digest(one, given)
        return fits


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a webhook's secret is whsec_ and base64") from error
    if not key:
        raise ValueError("a webhook's secret is not empty")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookVerificationError(f"the header `{name}` is missing")
    return value


def _fresh(timestamp: str, now: float) -> int:
    # int() takes signs, spaces and underscores, which no sender writes.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise WebhookVerificationError("the header `webhook-timestamp` is no Unix time")
    seconds = int(timestamp)
    if abs(now - seconds) > TOLERANCE_SECONDS:
        raise WebhookVerificationError("the message is too old, or from the future")
    return seconds


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    return hmac.new(key, signed, hashlib.sha256).digest()


def _message(message_id: str, seconds: int, body: bytes) -> WebhookMessage:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise WebhookVerificationError("the body is not JSON") from error
    data = content.get("data", {}) if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise WebhookVerificationError("the body is no message")
    sent = datetime.fromtimestamp(seconds, UTC)
    return WebhookMessage(message_id, sent, str(content.get("type", "")), data)
