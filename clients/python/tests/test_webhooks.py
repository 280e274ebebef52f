"""Webhooks, compared with the reference implementation of Standard Webhooks."""

from __future__ import annotations

import base64
import functools
import json
from datetime import UTC, datetime

import pytest
import standardwebhooks

from covergen import Webhook, WebhookVerificationError
from covergen.webhooks import TOLERANCE_SECONDS

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
BODIES = [
    '{"type":"cover.generated","timestamp":"2026-01-02T03:04:05Z","data":{"coverId":"cov_1"}}',
    '{"type": "export.ready", "data": {"title": "静かな日 😀\u2028"}}',
    '{"type":"webhook.test","data":{}}',
]


@functools.cache
def now() -> datetime:
    """Return the time at which the first of these tests ran."""
    return datetime.now(UTC).replace(microsecond=0)


def signed(body: str, secret: str = SECRET, moment: datetime | None = None) -> dict[str, str]:
    """Return the headers that the reference implementation would send."""
    moment = moment or now()
    signature = standardwebhooks.Webhook(secret).sign("msg_1", moment, body)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


@pytest.mark.parametrize("body", BODIES)
def test_what_the_reference_signs_is_accepted(body: str) -> None:
    message = Webhook(SECRET).verify(body.encode(), signed(body))
    expected = json.loads(body)
    assert (message.id, message.type, message.data) == ("msg_1", expected["type"], expected["data"])
    assert message.time == now()
    assert Webhook(SECRET).verify(body, signed(body)) == message


@pytest.mark.parametrize("body", BODIES)
def test_the_reference_accepts_what_is_signed_here(body: str) -> None:
    ours = Webhook(SECRET).sign("msg_1", int(now().timestamp()), body)
    headers = {**signed(body), "webhook-signature": ours}
    assert ours == signed(body)["webhook-signature"]
    assert standardwebhooks.Webhook(SECRET).verify(body, headers) == json.loads(body)


def test_the_example_of_the_specification() -> None:
    webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = '{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert webhook.verify(body, headers, now=1614265330).id == headers["webhook-id"]


def test_during_a_rotation_one_signature_that_fits_is_enough() -> None:
    body = BODIES[0]
    new, old = signed(body, OTHER)["webhook-signature"], signed(body)["webhook-signature"]
    both = {**signed(body), "webhook-signature": f"v1a,AAAA v1,!!! {new} {old}"}
    assert Webhook(SECRET).verify(body, both).id == "msg_1"
    assert Webhook(OTHER).verify(body, both).id == "msg_1"
    assert standardwebhooks.Webhook(SECRET).verify(body, both)
    # The receiver may know both secrets while the sender signs with one.
    assert Webhook(OTHER, SECRET).verify(body, signed(body)).id == "msg_1"
    assert len(Webhook(OTHER, SECRET).sign("msg_1", 1, body).split()) == 2


def test_header_names_are_in_any_case() -> None:
    body = BODIES[0]
    headers = {name.title(): value for name, value in signed(body).items()}
    assert Webhook(SECRET).verify(body, headers).id == "msg_1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "+1614265330"},
        {"webhook-timestamp": "1e9"},
    ],
)
def test_what_was_tampered_with_is_refused_as_by_the_reference(change: dict[str, str]) -> None:
    body = BODIES[0]
    headers = {**signed(body), **change}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers)
    with pytest.raises(Exception):  # noqa: B017, PT011 - theirs are of several kinds
        standardwebhooks.Webhook(SECRET).verify(body, headers)


def test_another_body_another_secret_and_another_version_are_refused() -> None:
    body = BODIES[0]
    headers = signed(body)
    with pytest.raises(WebhookVerificationError, match="signature"):
        Webhook(SECRET).verify(body + " ", headers)
    with pytest.raises(WebhookVerificationError, match="signature"):
        Webhook(OTHER).verify(body, headers)
    version = headers["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(WebhookVerificationError, match="signature"):
        Webhook(SECRET).verify(body, {**headers, "webhook-signature": version})


@pytest.mark.parametrize("off", [-TOLERANCE_SECONDS, 0, TOLERANCE_SECONDS])
def test_five_minutes_off_are_tolerated_and_a_second_more_is_not(off: int) -> None:
    body, sent = BODIES[0], now().timestamp()
    webhook = Webhook(SECRET)
    assert webhook.verify(body, signed(body), now=sent + off)
    further = off + (1 if off >= 0 else -1) * (TOLERANCE_SECONDS - abs(off) + 1)
    with pytest.raises(WebhookVerificationError, match="old"):
        webhook.verify(body, signed(body), now=sent + further)


@pytest.mark.parametrize("body", ["not json", "[1]", '{"data": 1}'])
def test_a_body_that_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, signed(body))


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!", "", "whsec_abc"])
def test_a_secret_that_is_none_is_told_at_once(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        Webhook(secret)
    with pytest.raises(ValueError, match="secret"):
        Webhook()
