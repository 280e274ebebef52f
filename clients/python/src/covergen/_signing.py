"""Requests signed with a key that never leaves this machine (RFC 9421 and 9530)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, cast

import httpx

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_LABEL = "sig1"
_RAW_BYTES = 32
# Covered wherever a request has them, beside its method and target.
_HEADERS = ("x-api-key", "idempotency-key", "if-match", "content-type", "content-digest")


class SigningKey:
    """The private key that requests of one API key are signed with.

    Needs `cryptography`, which `pip install 'covergen[signatures]'` brings.

    Args:
        key_id: Id of the API key, `key_…`; not its secret.
        private_key: An Ed25519 private key, in PEM (PKCS #8) or as its 32 bytes.
    """

    __slots__ = ("_private", "key_id")

    def __init__(self, key_id: str, private_key: str | bytes) -> None:
        if not key_id or not key_id.isascii() or not key_id.replace("_", "").isalnum():
            raise ValueError("key_id is the id of an API key, such as key_0192…")
        self.key_id = key_id
        self._private = _read(private_key)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id!r})"

    @property
    def public_key(self) -> str:
        """The public half, as `signingKey` of a new API key has it."""
        return base64.b64encode(self._private.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self._private.sign(message)


def _read(private_key: str | bytes) -> Ed25519PrivateKey:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        told = "signing takes `cryptography`: pip install 'covergen[signatures]'"
        raise ImportError(told) from error
    given = private_key.encode() if isinstance(private_key, str) else private_key
    if len(given) == _RAW_BYTES:
        return ed25519.Ed25519PrivateKey.from_private_bytes(given)
    # What cannot be read is not repeated in the error: it may be a key.
    try:
        read = load_pem_private_key(given, password=None)
    except (ValueError, TypeError):
        read = None
    if not isinstance(read, ed25519.Ed25519PrivateKey):
        raise ValueError("the private key is not an Ed25519 key in PEM or of 32 bytes") from None
    return read


class Signatures(httpx.Auth):
    """Signs each try of a request for itself, as a nonce is good once."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign a request that is about to be sent."""
        # One without the key is for another server, as that of a picture may be.
        if "x-api-key" in request.headers:
            sign(self._key, request)
        yield request


def sign(key: SigningKey, request: httpx.Request) -> None:
    """Add the headers of a signature made now to a request."""
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        request.headers["content-digest"] = f"sha-256=:{_digest(request)}:"
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    covered = {
        "@method": request.method,
        "@authority": request.headers["host"].lower(),
        "@path": path,
        "@query": f"?{query}",
    }
    covered |= {name: request.headers[name] for name in _HEADERS if name in request.headers}
    names = " ".join(f'"{name}"' for name in covered)
    parameters = (
        f'({names});created={int(time.time())};keyid="{key.key_id}"'
        f';alg="ed25519";nonce="{secrets.token_hex(16)}"'
    )
    lines = [f'"{name}": {value.strip()}' for name, value in covered.items()]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = base64.b64encode(key.sign(base.encode("ascii"))).decode()
    request.headers["signature-input"] = f"{_LABEL}={parameters}"
    request.headers["signature"] = f"{_LABEL}=:{signature}:"


def _digest(request: httpx.Request) -> str:
    """Hash a body piece by piece; it is read a second time when it is sent."""
    digest = hashlib.sha256()
    # Bodies of this package can be read without waiting, by both clients.
    for piece in cast("Iterable[bytes]", request.stream):
        digest.update(piece)
    return base64.b64encode(digest.digest()).decode()
