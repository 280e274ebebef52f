"""Export.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport

from . import models


class ExportApi:
    """Export."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def prepare_batch(
        self,
        *,
        items: Sequence[models.BatchItem],
        name: str | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.PrepareResponse:
        """Renders many covers, or one in many sizes, into one archive.

        The answer is an export like any other: its download is a ZIP.

        Args:
            items: Files, in the order they stand in the archive.
            name: Name of the archive without its extension; empty means `covers`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/export/batch",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("items", items, wire.array(wire.model(lambda: models.BatchItem))),
                    ("name", name, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.PrepareResponse),
        )

    def prepare(
        self,
        *,
        cover_id: str,
        preset: str | None = None,
        width: int | None = None,
        height: int | None = None,
        format: Literal["", "png", "jpeg", "webp"] | None = None,
        quality: int | None = None,
        max_bytes: int | None = None,
        compression: models.CompressionMode | None = None,
        fit_preset: bool | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.PrepareResponse:
        """Renders a cover anew from its design, in one size and format.

        Args:
            cover_id: Cover.
            preset: Preset name; or give width and height.
            width: Width in pixels, 64 to 4096.
            height: Height in pixels, 64 to 4096.
            format: `png`, `jpeg` or `webp`; empty means `png`.
            quality: 1 to 100, for JPEG and WebP; 0 means 85.
            max_bytes: Largest file in bytes: the best quality that fits is used, which for PNG
                means fewer colours. 0 means no bound.
            compression: What the file may lose.
            fit_preset: The file keeps to what the preset's platform takes: its formats, and its
                bound in bytes unless `max_bytes` is lower.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/export/prepare",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("coverId", cover_id, wire.STRING),
                    ("preset", preset, wire.STRING),
                    ("width", width, wire.INTEGER),
                    ("height", height, wire.INTEGER),
                    ("format", format, wire.STRING),
                    ("quality", quality, wire.INTEGER),
                    ("maxBytes", max_bytes, wire.INTEGER),
                    ("compression", compression, wire.choice(lambda: models.CompressionMode)),
                    ("fitPreset", fit_preset, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.PrepareResponse),
        )

    def list_presets(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.ListPresetsResponse:
        """Lists the platforms' sizes.

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/export/presets",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListPresetsResponse),
        )

    def download(
        self,
        export_id: str,
        *,
        timeout: float | None = None,
    ) -> bytes:
        """Downloads a finished export: the file, or the archive as it is put together.

        Ranges are honoured, and the same export is the same bytes.

        Args:
            export_id: Export id.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.content(
            Call(
                "GET",
                "/v1/export/{exportId}/download",
                variables=wire.members(
                    ("exportId", export_id, wire.STRING),
                ),
                timeout=timeout,
            ),
        )

    def download_to(
        self,
        export_id: str,
        path: str | Path,
        *,
        timeout: float | None = None,
    ) -> Path:
        """Downloads a finished export: the file, or the archive as it is put together.

        Ranges are honoured, and the same export is the same bytes.

        Args:
            export_id: Export id.
            path: The file to write; it is there whole or not at all.
            timeout: Longest silence in seconds; by default the client's.
        """
        return self._transport.save(
            Call(
                "GET",
                "/v1/export/{exportId}/download",
                variables=wire.members(
                    ("exportId", export_id, wire.STRING),
                ),
                timeout=timeout,
            ),
            path,
        )

    def get_status(
        self,
        export_id: str,
        *,
        fields: str | None = None,
        prefer: str | None = None,
        timeout: float | None = None,
    ) -> models.Export:
        """Returns an export and its state.

        Args:
            export_id: Export id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/v1/export/{exportId}/status",
                variables=wire.members(
                    ("exportId", export_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Export),
        )


class AsyncExportApi:
    """Export."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def prepare_batch(
        self,
        *,
        items: Sequence[models.BatchItem],
        name: str | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.PrepareResponse:
        """Renders many covers, or one in many sizes, into one archive.

        The answer is an export like any other: its download is a ZIP.

        Args:
            items: Files, in the order they stand in the archive.
            name: Name of the archive without its extension; empty means `covers`.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/export/batch",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("items", items, wire.array(wire.model(lambda: models.BatchItem))),
                    ("name", name, wire.STRING),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.PrepareResponse),
        )

    async def prepare(
        self,
        *,
        cover_id: str,
        preset: str | None = None,
        width: int | None = None,
        height: int | None = None,
        format: Literal["", "png", "jpeg", "webp"] | None = None,
        quality: int | None = None,
        max_bytes: int | None = None,
        compression: models.CompressionMode | None = None,
        fit_preset: bool | None = None,
        fields: str | None = None,
        prefer: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> models.PrepareResponse:
        """Renders a cover anew from its design, in one size and format.

        Args:
            cover_id: Cover.
            preset: Preset name; or give width and height.
            width: Width in pixels, 64 to 4096.
            height: Height in pixels, 64 to 4096.
            format: `png`, `jpeg` or `webp`; empty means `png`.
            quality: 1 to 100, for JPEG and WebP; 0 means 85.
            max_bytes: Largest file in bytes: the best quality that fits is used, which for PNG
                means fewer colours. 0 means no bound.
            compression: What the file may lose.
            fit_preset: The file keeps to what the preset's platform takes: its formats, and its
                bound in bytes unless `max_bytes` is lower.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            idempotency_key: Key of this call; made where it is absent.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/export/prepare",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                body=wire.members(
                    ("coverId", cover_id, wire.STRING),
                    ("preset", preset, wire.STRING),
                    ("width", width, wire.INTEGER),
                    ("height", height, wire.INTEGER),
                    ("format", format, wire.STRING),
                    ("quality", quality, wire.INTEGER),
                    ("maxBytes", max_bytes, wire.INTEGER),
                    ("compression", compression, wire.choice(lambda: models.CompressionMode)),
                    ("fitPreset", fit_preset, wire.BOOLEAN),
                ),
                takes_key=True,
                key=idempotency_key,
                timeout=timeout,
            ),
            wire.model(lambda: models.PrepareResponse),
        )

    async def list_presets(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.ListPresetsResponse:
        """Lists the platforms' sizes.

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/export/presets",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.ListPresetsResponse),
        )

    async def download(
        self,
        export_id: str,
        *,
        timeout: float | None = None,
    ) -> bytes:
        """Downloads a finished export: the file, or the archive as it is put together.

        Ranges are honoured, and the same export is the same bytes.

        Args:
            export_id: Export id.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.content(
            Call(
                "GET",
                "/v1/export/{exportId}/download",
                variables=wire.members(
                    ("exportId", export_id, wire.STRING),
                ),
                timeout=timeout,
            ),
        )

    async def download_to(
        self,
        export_id: str,
        path: str | Path,
        *,
        timeout: float | None = None,
    ) -> Path:
        """Downloads a finished export: the file, or the archive as it is put together.

        Ranges are honoured, and the same export is the same bytes.

        Args:
            export_id: Export id.
            path: The file to write; it is there whole or not at all.
            timeout: Longest silence in seconds; by default the client's.
        """
        return await self._transport.save(
            Call(
                "GET",
                "/v1/export/{exportId}/download",
                variables=wire.members(
                    ("exportId", export_id, wire.STRING),
                ),
                timeout=timeout,
            ),
            path,
        )

    async def get_status(
        self,
        export_id: str,
        *,
        fields: str | None = None,
        prefer: str | None = None,
        timeout: float | None = None,
    ) -> models.Export:
        """Returns an export and its state.

        Args:
            export_id: Export id.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            prefer: `links` or `links=off`: whether the answer holds `_links`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/v1/export/{exportId}/status",
                variables=wire.members(
                    ("exportId", export_id, wire.STRING),
                ),
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                headers=wire.members(
                    ("Prefer", prefer, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Export),
        )
