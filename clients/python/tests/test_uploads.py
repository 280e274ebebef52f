"""Uploads, by a client made of the web's document: the partner API has none yet."""

from __future__ import annotations

import asyncio
import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from covergen import ConnectionFailedError, Covergen
from covergen._async import AsyncTransport
from covergen._settings import Settings
from covergen._sync import SyncTransport
from generate.__main__ import generate
from tests.conftest import QUICK, make_cover
from tests.platform import Platform
from tests.proxy import Fault, Proxy

WEB = Path(__file__).parents[3] / "bff/web/openapi.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package generated from the web's document."""
    folder = tmp_path_factory.mktemp("generated")
    generate(WEB, folder / "web_client")
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("web_client.client")
    finally:
        sys.path.remove(str(folder))


@pytest.fixture
def web_proxy(platform: Platform) -> Iterator[Proxy]:
    with Proxy(platform.web) as proxy:
        yield proxy


@pytest.fixture
def settings(web_proxy: Proxy, access_token: str) -> Settings:
    return Settings(web_proxy.url, access_token=access_token, retry=QUICK)


@pytest.fixture
def picture(client: Covergen) -> bytes:
    return client.fetch(make_cover(client).covers[0].images[0].url)


def test_a_path_bytes_and_an_open_file_are_taken(
    made: Any,  # noqa: ANN401
    settings: Settings,
    picture: bytes,
    tmp_path: Path,
) -> None:
    path = tmp_path / "a photo.png"
    path.write_bytes(picture)
    transport = SyncTransport(settings)
    media = made.SyncApi(transport).media
    with path.open("rb") as file:
        assets = [media.upload_asset(one) for one in (path, str(path), picture, file)]
        # It is read from its start, wherever it was.
        assets.append(media.upload_asset(file, keep_metadata=True, file_name="mine.png"))
    transport.close()
    assert [asset.width for asset in assets] == [320] * 5
    assert [asset.file_name for asset in assets] == [
        "a photo.png",
        "a photo.png",
        "file",
        "a photo.png",
        "mine.png",
    ]


def test_an_upload_is_repeated_from_its_start_under_one_key(
    made: Any,  # noqa: ANN401
    settings: Settings,
    web_proxy: Proxy,
    picture: bytes,
) -> None:
    transport = SyncTransport(settings)
    media = made.SyncApi(transport).media
    before = [one.id for one in media.iter_assets(page_size=2)]
    web_proxy.plant(Fault(drop_after=True), Fault(status=503))
    asset = media.upload_asset(io.BytesIO(picture))
    assert len(web_proxy.seen) == 3
    assert len(set(web_proxy.keys())) == 1
    assert [one.id for one in media.iter_assets(page_size=2)] == [asset.id, *before]
    transport.close()


def test_what_cannot_be_read_twice_is_sent_once(
    made: Any,  # noqa: ANN401
    settings: Settings,
    web_proxy: Proxy,
    picture: bytes,
) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    transport = SyncTransport(settings)
    media = made.SyncApi(transport).media
    assert media.upload_asset(Pipe(picture)).width == 320
    web_proxy.plant(Fault(drop_after=True))
    with pytest.raises(ConnectionFailedError):
        media.upload_asset(Pipe(picture))
    transport.close()
    assert len(web_proxy.seen) == 1


def test_the_awaited_client_uploads_the_same(
    made: Any,  # noqa: ANN401
    settings: Settings,
    web_proxy: Proxy,
    picture: bytes,
    tmp_path: Path,
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(picture)

    async def run() -> None:
        transport = AsyncTransport(settings)
        media = made.AsyncApi(transport).media
        web_proxy.plant(Fault(status=502))
        assets = [await media.upload_asset(one) for one in (path, picture)]
        await transport.close()
        assert [asset.width for asset in assets] == [320, 320]

    asyncio.run(run())
