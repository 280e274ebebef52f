"""Webhooks that the platform really sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from covergen import (
    Covergen,
    PreconditionFailedError,
    Webhook,
    WebhookMessage,
    WebhookVerificationError,
)
from tests.conftest import eventually


class Receiver:
    """A partner's own server."""

    def __init__(self) -> None:
        self.requests: list[tuple[bytes, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append((body, dict(self.headers.items())))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:  # noqa: ANN401 - the base's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, kind: str, webhook: Webhook) -> WebhookMessage:
        """Return the first message of a type that the webhook verifies."""
        found: list[WebhookMessage] = []

        def arrived() -> bool:
            for body, headers in list(self.requests):
                try:
                    message = webhook.verify(body, headers)
                except WebhookVerificationError:
                    continue
                if message.type == kind:
                    found.append(message)
            return bool(found)

        eventually(f"`{kind}` arrives", arrived)
        return found[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_what_the_platform_sends_is_verified_before_and_after_a_rotation(
    client: Covergen, receiver: Receiver
) -> None:
    webhooks = client.webhooks
    made = webhooks.create_webhook(url=receiver.url, event_types=["cover.deleted"])
    assert made.webhook is not None
    hook = made.webhook.id
    old = Webhook(made.secret)
    webhooks.test_webhook(hook)
    assert receiver.wait_for("webhook.test", old).id

    new = Webhook(webhooks.rotate_webhook_secret(hook).secret)
    receiver.requests.clear()
    webhooks.test_webhook(hook)
    first, second = (receiver.wait_for("webhook.test", one) for one in (old, new))
    assert first == second
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_AAAA").verify(*receiver.requests[0])

    assert len(list(webhooks.iter_webhook_deliveries(hook, page_size=1))) == 2
    changed = webhooks.update_webhook(hook, description="Mine")
    assert (changed.description, changed.url) == ("Mine", receiver.url)
    with pytest.raises(PreconditionFailedError):
        webhooks.update_webhook(hook, description="Not mine", etag="r0")
    assert hook in [one.id for one in webhooks.iter_webhooks(page_size=1)]
    webhooks.delete_webhook(hook)
    assert hook not in [one.id for one in webhooks.iter_webhooks()]
