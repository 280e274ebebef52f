"""Webhooks.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Literal

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport

from . import models


class WebhooksApi:
    """Webhooks."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def list_webhooks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListWebhooksResponse:
        """Lists the workspace's webhooks, newest first.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/webhooks",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListWebhooksResponse),
        )

    def iter_webhooks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.Webhook]:
        """Lists the workspace's webhooks, newest first.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_webhooks(
                page_size=page_size,
                page_token=page_token,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.webhooks
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def create_webhook(
        self,
        *,
        url: str | None = None,
        event_types: Sequence[Literal["cover.generated", "cover.generation_failed", "cover.deleted", "cover.bulk_finished", "export.ready", "export.failed", "quota.exhausted", "content.blocked", "appeal.resolved"]] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.NewWebhook:
        """Makes a webhook.

        Its secret is in this answer and nowhere else.

        Args:
            url: Where messages are posted to: `https://…`, without user name and fragment.
            event_types: Types of events wanted; empty means all.
            description: What it is for.
            enabled: Whether messages are sent; a new webhook is enabled unless this is false.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/webhooks",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("url", url, wire.STRING),
                    ("eventTypes", event_types, wire.array(wire.STRING)),
                    ("description", description, wire.STRING),
                    ("enabled", enabled, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.NewWebhook),
        )

    def get_webhook(
        self,
        webhook_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Webhook:
        """Returns one webhook.

        Args:
            webhook_id: Webhook id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/webhooks/{webhookId}",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Webhook),
        )

    def update_webhook(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        event_types: Sequence[Literal["cover.generated", "cover.generation_failed", "cover.deleted", "cover.bulk_finished", "export.ready", "export.failed", "quota.exhausted", "content.blocked", "appeal.resolved"]] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
        update_mask: str | None = None,
        etag: str | None = None,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Webhook:
        """Changes what the mask names; without a mask, what is present.

        Enabling a webhook again forgets its failures.

        Args:
            webhook_id: Webhook id.
            url: Where messages are posted to: `https://…`, without user name and fragment.
            event_types: Types of events wanted; empty means all.
            description: What it is for.
            enabled: Whether messages are sent; a new webhook is enabled unless this is false.
            update_mask: Which to change; without it, those that are present.
            etag: Change only this state, as told in `etag`; empty means whichever is there.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "PATCH",
                "/v1/webhooks/{webhookId}",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("updateMask", update_mask, wire.STRING),
                    ("etag", etag, wire.STRING),
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("url", url, wire.STRING),
                    ("eventTypes", event_types, wire.array(wire.STRING)),
                    ("description", description, wire.STRING),
                    ("enabled", enabled, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Webhook),
        )

    def delete_webhook(
        self,
        webhook_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """Deletes a webhook with its deliveries.

        Args:
            webhook_id: Webhook id.
            etag: Delete only this state, as told in `etag`; empty means whichever is there.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.nothing(
            Call(
                "DELETE",
                "/v1/webhooks/{webhookId}",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("etag", etag, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
        )

    def list_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        status: models.WebhookDeliveryStatus | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListWebhookDeliveriesResponse:
        """Lists what was and will be sent to a webhook, newest first.

        Args:
            webhook_id: Webhook id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            status: Those in this status only.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/webhooks/{webhookId}/deliveries",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("status", status, wire.choice(lambda: models.WebhookDeliveryStatus)),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListWebhookDeliveriesResponse),
        )

    def iter_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        status: models.WebhookDeliveryStatus | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[models.WebhookDelivery]:
        """Lists what was and will be sent to a webhook, newest first.

        Goes on from page to page.

        Args:
            webhook_id: Webhook id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            status: Those in this status only.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = self.list_webhook_deliveries(
                webhook_id,
                page_size=page_size,
                page_token=page_token,
                status=status,
                fields=fields,
                timeout=timeout,
            )
            yield from _page.deliveries
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    def replay_webhook_delivery(
        self,
        webhook_id: str,
        delivery_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.WebhookDelivery:
        """Sends a message again, whatever came of it before, under the same `webhook-id`.

        Args:
            webhook_id: Webhook id.
            delivery_id: Delivery id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                    ("deliveryId", delivery_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.WebhookDelivery),
        )

    def replay_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        since: datetime,
        include_succeeded: bool | None = None,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.ReplayWebhookDeliveriesResponse:
        """Sends every message since a time again that did not arrive.

        Those that were skipped while the webhook was disabled are among them.

        Args:
            webhook_id: Webhook id.
            since: From when on; messages are kept for 30 days.
            include_succeeded: Those, too, that arrived.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/replay",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("since", since, wire.TIME),
                    ("includeSucceeded", include_succeeded, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.ReplayWebhookDeliveriesResponse),
        )

    def rotate_webhook_secret(
        self,
        webhook_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.NewWebhook:
        """Gives a webhook a new secret.

        For 24 hours messages are signed with both, so that receivers can change over without a gap.

        Args:
            webhook_id: Webhook id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/rotate-secret",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.NewWebhook),
        )

    def test_webhook(
        self,
        webhook_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.WebhookDelivery:
        """Sends a message of the type `webhook.test`.

        Args:
            webhook_id: Webhook id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/test",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.WebhookDelivery),
        )


class AsyncWebhooksApi:
    """Webhooks."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_webhooks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListWebhooksResponse:
        """Lists the workspace's webhooks, newest first.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/webhooks",
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListWebhooksResponse),
        )

    async def iter_webhooks(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.Webhook]:
        """Lists the workspace's webhooks, newest first.

        Goes on from page to page.

        Args:
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_webhooks(
                page_size=page_size,
                page_token=page_token,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.webhooks:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def create_webhook(
        self,
        *,
        url: str | None = None,
        event_types: Sequence[Literal["cover.generated", "cover.generation_failed", "cover.deleted", "cover.bulk_finished", "export.ready", "export.failed", "quota.exhausted", "content.blocked", "appeal.resolved"]] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.NewWebhook:
        """Makes a webhook.

        Its secret is in this answer and nowhere else.

        Args:
            url: Where messages are posted to: `https://…`, without user name and fragment.
            event_types: Types of events wanted; empty means all.
            description: What it is for.
            enabled: Whether messages are sent; a new webhook is enabled unless this is false.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/webhooks",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("url", url, wire.STRING),
                    ("eventTypes", event_types, wire.array(wire.STRING)),
                    ("description", description, wire.STRING),
                    ("enabled", enabled, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.NewWebhook),
        )

    async def get_webhook(
        self,
        webhook_id: str,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Webhook:
        """Returns one webhook.

        Args:
            webhook_id: Webhook id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/webhooks/{webhookId}",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Webhook),
        )

    async def update_webhook(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        event_types: Sequence[Literal["cover.generated", "cover.generation_failed", "cover.deleted", "cover.bulk_finished", "export.ready", "export.failed", "quota.exhausted", "content.blocked", "appeal.resolved"]] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
        update_mask: str | None = None,
        etag: str | None = None,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.Webhook:
        """Changes what the mask names; without a mask, what is present.

        Enabling a webhook again forgets its failures.

        Args:
            webhook_id: Webhook id.
            url: Where messages are posted to: `https://…`, without user name and fragment.
            event_types: Types of events wanted; empty means all.
            description: What it is for.
            enabled: Whether messages are sent; a new webhook is enabled unless this is false.
            update_mask: Which to change; without it, those that are present.
            etag: Change only this state, as told in `etag`; empty means whichever is there.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "PATCH",
                "/v1/webhooks/{webhookId}",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("updateMask", update_mask, wire.STRING),
                    ("etag", etag, wire.STRING),
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("url", url, wire.STRING),
                    ("eventTypes", event_types, wire.array(wire.STRING)),
                    ("description", description, wire.STRING),
                    ("enabled", enabled, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.Webhook),
        )

    async def delete_webhook(
        self,
        webhook_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """Deletes a webhook with its deliveries.

        Args:
            webhook_id: Webhook id.
            etag: Delete only this state, as told in `etag`; empty means whichever is there.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.nothing(
            Call(
                "DELETE",
                "/v1/webhooks/{webhookId}",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("etag", etag, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
        )

    async def list_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        status: models.WebhookDeliveryStatus | None = None,
        fields: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> models.ListWebhookDeliveriesResponse:
        """Lists what was and will be sent to a webhook, newest first.

        Args:
            webhook_id: Webhook id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            status: Those in this status only.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            page: Page, from 1, for those who do not follow `nextPageToken`.
            limit: Another name for `pageSize`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/webhooks/{webhookId}/deliveries",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("pageSize", page_size, wire.INTEGER),
                    ("pageToken", page_token, wire.STRING),
                    ("status", status, wire.choice(lambda: models.WebhookDeliveryStatus)),
                    ("fields", fields, wire.STRING),
                    ("page", page, wire.INTEGER),
                    ("limit", limit, wire.INTEGER),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListWebhookDeliveriesResponse),
        )

    async def iter_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        status: models.WebhookDeliveryStatus | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[models.WebhookDelivery]:
        """Lists what was and will be sent to a webhook, newest first.

        Goes on from page to page.

        Args:
            webhook_id: Webhook id.
            page_size: At most this many; 0 means 20.
            page_token: Token of the page wanted.
            status: Those in this status only.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        if fields:
            fields = f"{fields},nextPageToken"
        while True:
            _page = await self.list_webhook_deliveries(
                webhook_id,
                page_size=page_size,
                page_token=page_token,
                status=status,
                fields=fields,
                timeout=timeout,
            )
            for _item in _page.deliveries:
                yield _item
            if not _page.next_page_token:
                return
            page_token = _page.next_page_token

    async def replay_webhook_delivery(
        self,
        webhook_id: str,
        delivery_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.WebhookDelivery:
        """Sends a message again, whatever came of it before, under the same `webhook-id`.

        Args:
            webhook_id: Webhook id.
            delivery_id: Delivery id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                    ("deliveryId", delivery_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.WebhookDelivery),
        )

    async def replay_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        since: datetime,
        include_succeeded: bool | None = None,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.ReplayWebhookDeliveriesResponse:
        """Sends every message since a time again that did not arrive.

        Those that were skipped while the webhook was disabled are among them.

        Args:
            webhook_id: Webhook id.
            since: From when on; messages are kept for 30 days.
            include_succeeded: Those, too, that arrived.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/replay",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("since", since, wire.TIME),
                    ("includeSucceeded", include_succeeded, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.ReplayWebhookDeliveriesResponse),
        )

    async def rotate_webhook_secret(
        self,
        webhook_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.NewWebhook:
        """Gives a webhook a new secret.

        For 24 hours messages are signed with both, so that receivers can change over without a gap.

        Args:
            webhook_id: Webhook id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/rotate-secret",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.NewWebhook),
        )

    async def test_webhook(
        self,
        webhook_id: str,
        *,
        fields: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.WebhookDelivery:
        """Sends a message of the type `webhook.test`.

        Args:
            webhook_id: Webhook id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/webhooks/{webhookId}/test",
                variables=wire.members(
                    ("webhookId", webhook_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body={},
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.WebhookDelivery),
        )
