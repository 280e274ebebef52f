"""Requests that are signed, against the platform that checks them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from covergen import AsyncCovergen, AuthenticationError, Covergen, SigningKey
from covergen._call import Upload
from covergen._signing import sign
from covergen.models import CoverTaskStatus
from tests.conftest import QUICK, SMALL, make_cover
from tests.platform import Platform
from tests.proxy import Fault, Proxy

PAGE = Path(__file__).parents[3] / "docs/partner-signatures.md"
SOURCES = Path(__file__).parents[1] / "src"


@pytest.fixture(scope="module")
def pem() -> bytes:
    private = Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def made(platform: Platform, pem: bytes) -> tuple[str, str]:
    """Id and secret of an API key whose requests are signed.

    Of an account that nobody else makes covers for meanwhile.
    """
    access_token = platform.account("signing@example.org")
    return platform.signing_api_key(access_token, SigningKey("new", pem).public_key)


@pytest.fixture
def key(made: tuple[str, str], pem: bytes) -> SigningKey:
    return SigningKey(made[0], pem)


@pytest.fixture
def signing(platform: Platform, made: tuple[str, str], key: SigningKey) -> Iterator[Covergen]:
    with Covergen(made[1], base_url=platform.partner, retry=QUICK, signing_key=key) as client:
        yield client


@pytest.fixture
def between(platform: Platform) -> Iterator[Proxy]:
    with Proxy(platform.partner, keeps_host=True) as proxy:
        yield proxy


def nonces(proxy: Proxy) -> list[str]:
    inputs = [one.headers["signature-input"] for one in proxy.seen]
    return [found[1] for one in inputs if (found := re.search(r'nonce="(\w+)"', one))]


def test_a_signed_client_does_all_that_others_do(signing: Covergen, tmp_path: Path) -> None:
    task = make_cover(signing)
    cover = task.covers[0]
    listed = [one.id for one in signing.covers.iter_covers(page_size=1)]
    assert listed[0] == cover.id
    saved = signing.save(cover.images[0].url, tmp_path / "cover.png")
    assert saved.read_bytes() == signing.fetch(cover.images[0].url)
    assert signing.covers.preview(title="Signed", sizes=[SMALL]).startswith(b"\x89PNG")


def test_the_secret_alone_is_worth_nothing(
    platform: Platform, made: tuple[str, str], signing: Covergen
) -> None:
    before = [one.id for one in signing.covers.iter_covers()]
    other = Ed25519PrivateKey.generate().private_bytes_raw()
    for wrong, reason in [
        (None, "SIGNATURE_REQUIRED"),
        (SigningKey(made[0], other), "SIGNATURE_INVALID"),
        (SigningKey("key_other", other), "SIGNATURE_INVALID"),
    ]:
        with (
            Covergen(made[1], base_url=platform.partner, signing_key=wrong) as client,
            pytest.raises(AuthenticationError) as raised,
        ):
            client.covers.generate(title="Not mine", sizes=[SMALL])
        assert raised.value.reason == reason
    assert [one.id for one in signing.covers.iter_covers()] == before


def test_each_try_has_a_nonce_of_its_own(
    between: Proxy, made: tuple[str, str], key: SigningKey
) -> None:
    lost, broken = Fault(drop_after=True), Fault(drop_before=True)
    with Covergen(made[1], base_url=between.url, retry=QUICK, signing_key=key) as client:
        between.plant(lost, broken, Fault(status=503))
        asked = client.covers.generate(title="Once", sizes=[SMALL])
        assert len(set(nonces(between))) == len(between.seen) == 4
        assert len(set(between.keys())) == 1
        between.plant(Fault(drop_after=True))
        *_, last = client.covers.watch_task(asked.task_id)
        assert last.status is CoverTaskStatus.SUCCEEDED
        assert len(set(nonces(between))) == len(between.seen) > 1
        image = last.covers[0].images[0]
        between.plant(Fault(cut_at=1000))
        assert client.fetch(image.url)


def test_the_awaited_client_signs_as_well(
    between: Proxy, made: tuple[str, str], key: SigningKey, tmp_path: Path
) -> None:
    async def run() -> None:
        async with AsyncCovergen(
            made[1], base_url=between.url, retry=QUICK, signing_key=key
        ) as client:
            between.plant(Fault(drop_after=True))
            asked = await client.covers.generate(title="Awaited", sizes=[SMALL])
            assert len(set(nonces(between))) == len(between.seen) == 2
            async for task in client.covers.watch_task(asked.task_id):
                last = task
            assert last.status is CoverTaskStatus.SUCCEEDED
            image = last.covers[0].images[0]
            saved = await client.save(image.url, tmp_path / "cover.png")
            assert saved.stat().st_size == image.bytes

    asyncio.run(run())


class Pipe(io.BytesIO):
    """What can be read once."""

    def seekable(self) -> bool:
        return False

    def seek(self, _at: int, _whence: int = 0) -> int:
        raise io.UnsupportedOperation("seek")


def test_an_uploads_digest_is_that_of_what_is_sent(key: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"content" * 100_000)
    contents = (path, path.read_bytes(), path.open("rb"), cast("BinaryIO", Pipe(path.read_bytes())))
    for content in contents:
        name, opened, _ = Upload("file", content).open(twice=True)
        request = httpx.Request(
            "POST",
            "http://127.0.0.1/v1/media?x=%20",
            headers={"x-api-key": "cg_live_EXAMPLE"},
            data={"title": "one"},
            files={"file": (name, opened)},
        )
        sign(key, request)
        sent = b"".join(cast("Iterable[bytes]", request.stream))
        assert path.read_bytes() in sent
        digest = base64.b64encode(hashlib.sha256(sent).digest()).decode()
        assert request.headers["content-digest"] == f"sha-256=:{digest}:"
        assert '"content-digest"' in request.headers["signature-input"]
        if not isinstance(opened, bytes):
            opened.close()


def test_a_signed_upload_passes_for_signed(
    platform: Platform, made: tuple[str, str], key: SigningKey
) -> None:
    # No scope reaches uploads, so a good signature is told from a bad one by what it is told.
    files = {"file": ("a.png", b"content", "image/png")}
    for signer, status in [(key, 403), (SigningKey("key_other", b"7" * 32), 401)]:
        request = httpx.Request(
            "POST",
            f"{platform.web}/api/v1/media",
            headers={"x-api-key": made[1], "idempotency-key": "signed"},
            files=files,
        )
        sign(signer, request)
        with httpx.Client() as client:
            assert client.send(request).status_code == status


def test_keys_that_are_none_are_refused_and_not_repeated(pem: bytes) -> None:
    curve = generate_private_key(SECP256R1())
    other = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (b"", b"short-and-secret", other, pem.replace(b"M", b"!")):
        with pytest.raises(ValueError, match="not an Ed25519 key") as raised:
            SigningKey("key_1", wrong)
        assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match="id of an API key"):
        SigningKey('key"', pem)
    assert repr(SigningKey("key_1", pem.decode())) == "SigningKey('key_1')"
    with pytest.raises(ValueError, match="belongs to an API key"):
        Covergen(
            access_token="a",  # noqa: S106
            base_url="http://127.0.0.1",
            signing_key=SigningKey("key_1", pem),
        )


def test_the_pages_program_runs(
    platform: Platform, made: tuple[str, str], pem: bytes, tmp_path: Path
) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "private.pem").write_bytes(pem)
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCES),
        "COVERGEN_BASE_URL": platform.partner,
        "COVERGEN_API_KEY": made[1],
        "COVERGEN_API_KEY_ID": made[0],
    }
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.startswith("tsk_"), told.stdout
