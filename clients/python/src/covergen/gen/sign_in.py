"""Sign-in.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport

from . import models


class SignInApi:
    """Sign-in."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def get_jwks(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Jwks:
        """Returns the public keys that access tokens verify against (RFC 7517).

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.json(
            Call(
                "GET",
                "/.well-known/jwks.json",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Jwks),
        )


class AsyncSignInApi:
    """Sign-in."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get_jwks(
        self,
        *,
        fields: str | None = None,
        timeout: float | None = None,
    ) -> models.Jwks:
        """Returns the public keys that access tokens verify against (RFC 7517).

        Args:
            fields: Members wanted in the answer, by commas, such as `id,images.url`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.json(
            Call(
                "GET",
                "/.well-known/jwks.json",
                query=wire.members(
                    ("fields", fields, wire.STRING),
                ),
                timeout=timeout,
            ),
            wire.model(lambda: models.Jwks),
        )
