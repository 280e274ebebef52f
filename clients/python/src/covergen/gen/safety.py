"""Safety.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport

from . import models


class SafetyApi:
    """Safety."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def check_composite(
        self,
        *,
        texts: Sequence[str] | None = None,
        images: Sequence[models.ImageSource] | None = None,
        regions: Sequence[str] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Verdict:
        """Checks texts and pictures together.

        Nothing is logged.

        Args:
            texts: Texts, such as title and subtitle; at most 8.
            images: Pictures; at most 4. Texts and pictures together are at least one.
            regions: Regions, as in CheckTextRequest.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/safety/check/composite",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("texts", texts, wire.array(wire.STRING)),
                    ("images", images, wire.array(wire.model(lambda: models.ImageSource))),
                    ("regions", regions, wire.array(wire.STRING)),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Verdict),
        )

    def check_image(
        self,
        *,
        image: models.ImageSource,
        regions: Sequence[str] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Verdict:
        """Checks a picture against the blocked ones.

        Nothing is logged.

        Args:
            image: Picture.
            regions: Regions, as in CheckTextRequest.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/safety/check/image",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("image", image, wire.model(lambda: models.ImageSource)),
                    ("regions", regions, wire.array(wire.STRING)),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Verdict),
        )

    def check_text(
        self,
        *,
        texts: Sequence[str],
        regions: Sequence[str] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Verdict:
        """Checks texts against the rules.

        Nothing is logged.

        Args:
            texts: Texts, such as title and subtitle; at most 8.
            regions: Regions whose rules apply, such as `EU` or `CN`; empty means all. The strictest
                wins.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "POST",
                "/v1/safety/check/text",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("texts", texts, wire.array(wire.STRING)),
                    ("regions", regions, wire.array(wire.STRING)),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Verdict),
        )


class AsyncSafetyApi:
    """Safety."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def check_composite(
        self,
        *,
        texts: Sequence[str] | None = None,
        images: Sequence[models.ImageSource] | None = None,
        regions: Sequence[str] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Verdict:
        """Checks texts and pictures together.

        Nothing is logged.

        Args:
            texts: Texts, such as title and subtitle; at most 8.
            images: Pictures; at most 4. Texts and pictures together are at least one.
            regions: Regions, as in CheckTextRequest.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/safety/check/composite",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("texts", texts, wire.array(wire.STRING)),
                    ("images", images, wire.array(wire.model(lambda: models.ImageSource))),
                    ("regions", regions, wire.array(wire.STRING)),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Verdict),
        )

    async def check_image(
        self,
        *,
        image: models.ImageSource,
        regions: Sequence[str] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Verdict:
        """Checks a picture against the blocked ones.

        Nothing is logged.

        Args:
            image: Picture.
            regions: Regions, as in CheckTextRequest.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/safety/check/image",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("image", image, wire.model(lambda: models.ImageSource)),
                    ("regions", regions, wire.array(wire.STRING)),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Verdict),
        )

    async def check_text(
        self,
        *,
        texts: Sequence[str],
        regions: Sequence[str] | None = None,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Verdict:
        """Checks texts against the rules.

        Nothing is logged.

        Args:
            texts: Texts, such as title and subtitle; at most 8.
            regions: Regions whose rules apply, such as `EU` or `CN`; empty means all. The strictest
                wins.
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "POST",
                "/v1/safety/check/text",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                body=wire.members(
                    ("texts", texts, wire.array(wire.STRING)),
                    ("regions", regions, wire.array(wire.STRING)),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Verdict),
        )
