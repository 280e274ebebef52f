"""Media.

Generated from the OpenAPI document; not to be edited.
"""

from __future__ import annotations

from pathlib import Path

from covergen import _wire as wire
from covergen._async import AsyncTransport
from covergen._call import Call
from covergen._sync import SyncTransport


class MediaApi:
    """Media."""

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def get_image(
        self,
        signature: str,
        ops: str,
        file: str,
        *,
        timeout: float | None = None,
    ) -> bytes:
        """Serves an image under its signed address.

        Operations are joined by commas: `o` (as stored), or `w_<px>`, `h_<px>`,
        `f_<png|jpeg|webp>`, `q_<1-100>`.

        Args:
            signature: Signature over operations and file, base64url.
            ops: Operations.
            file: `<asset id>.<extension>`.
            timeout: Seconds for each try; by default the client's.
        """
        return self._transport.content(
            Call(
                "GET",
                "/i/{signature}/{ops}/{file}",
                variables=wire.members(
                    ("signature", signature, wire.STRING),
                    ("ops", ops, wire.STRING),
                    ("file", file, wire.STRING),
                ),
                timeout=timeout,
            ),
        )

    def get_image_to(
        self,
        signature: str,
        ops: str,
        file: str,
        path: str | Path,
        *,
        timeout: float | None = None,
    ) -> Path:
        """Serves an image under its signed address.

        Operations are joined by commas: `o` (as stored), or `w_<px>`, `h_<px>`,
        `f_<png|jpeg|webp>`, `q_<1-100>`.

        Args:
            signature: Signature over operations and file, base64url.
            ops: Operations.
            file: `<asset id>.<extension>`.
            path: The file to write; it is there whole or not at all.
            timeout: Longest silence in seconds; by default the client's.
        """
        return self._transport.save(
            Call(
                "GET",
                "/i/{signature}/{ops}/{file}",
                variables=wire.members(
                    ("signature", signature, wire.STRING),
                    ("ops", ops, wire.STRING),
                    ("file", file, wire.STRING),
                ),
                timeout=timeout,
            ),
            path,
        )


class AsyncMediaApi:
    """Media."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get_image(
        self,
        signature: str,
        ops: str,
        file: str,
        *,
        timeout: float | None = None,
    ) -> bytes:
        """Serves an image under its signed address.

        Operations are joined by commas: `o` (as stored), or `w_<px>`, `h_<px>`,
        `f_<png|jpeg|webp>`, `q_<1-100>`.

        Args:
            signature: Signature over operations and file, base64url.
            ops: Operations.
            file: `<asset id>.<extension>`.
            timeout: Seconds for each try; by default the client's.
        """
        return await self._transport.content(
            Call(
                "GET",
                "/i/{signature}/{ops}/{file}",
                variables=wire.members(
                    ("signature", signature, wire.STRING),
                    ("ops", ops, wire.STRING),
                    ("file", file, wire.STRING),
                ),
                timeout=timeout,
            ),
        )

    async def get_image_to(
        self,
        signature: str,
        ops: str,
        file: str,
        path: str | Path,
        *,
        timeout: float | None = None,
    ) -> Path:
        """Serves an image under its signed address.

        Operations are joined by commas: `o` (as stored), or `w_<px>`, `h_<px>`,
        `f_<png|jpeg|webp>`, `q_<1-100>`.

        Args:
            signature: Signature over operations and file, base64url.
            ops: Operations.
            file: `<asset id>.<extension>`.
            path: The file to write; it is there whole or not at all.
            timeout: Longest silence in seconds; by default the client's.
        """
        return await self._transport.save(
            Call(
                "GET",
                "/i/{signature}/{ops}/{file}",
                variables=wire.members(
                    ("signature", signature, wire.STRING),
                    ("ops", ops, wire.STRING),
                    ("file", file, wire.STRING),
                ),
                timeout=timeout,
            ),
            path,
        )
