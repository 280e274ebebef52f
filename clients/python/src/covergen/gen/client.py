"""Every group of calls. Generated from the OpenAPI document; not to be edited."""

from __future__ import annotations

from covergen._async import AsyncTransport
from covergen._sync import SyncTransport

from .covers import AsyncCoversApi, CoversApi
from .export import AsyncExportApi, ExportApi
from .media import AsyncMediaApi, MediaApi
from .safety import AsyncSafetyApi, SafetyApi
from .sign_in import AsyncSignInApi, SignInApi
from .templates import AsyncTemplatesApi, TemplatesApi
from .webhooks import AsyncWebhooksApi, WebhooksApi


class SyncApi:
    """Every group of calls, to be called."""

    def __init__(self, transport: SyncTransport) -> None:
        self.covers = CoversApi(transport)
        """Covers."""
        self.export = ExportApi(transport)
        """Export."""
        self.media = MediaApi(transport)
        """Media."""
        self.safety = SafetyApi(transport)
        """Safety."""
        self.sign_in = SignInApi(transport)
        """Sign-in."""
        self.templates = TemplatesApi(transport)
        """Templates."""
        self.webhooks = WebhooksApi(transport)
        """Webhooks."""


class AsyncApi:
    """Every group of calls, to be awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.covers = AsyncCoversApi(transport)
        """Covers."""
        self.export = AsyncExportApi(transport)
        """Export."""
        self.media = AsyncMediaApi(transport)
        """Media."""
        self.safety = AsyncSafetyApi(transport)
        """Safety."""
        self.sign_in = AsyncSignInApi(transport)
        """Sign-in."""
        self.templates = AsyncTemplatesApi(transport)
        """Templates."""
        self.webhooks = AsyncWebhooksApi(transport)
        """Webhooks."""
