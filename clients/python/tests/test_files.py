"""Downloads: whole or not at all."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from covergen import AsyncCovergen, Covergen, NotFoundError, ServerError
from covergen.models import ExportStatus
from tests.conftest import QUICK, SMALL, eventually, leftovers, make_cover
from tests.platform import Platform
from tests.proxy import Fault, Proxy

PNG = b"\x89PNG\r\n\x1a\n"
CUT = Fault(cut_at=1000)


def export(client: Covergen) -> str:
    cover = make_cover(client).covers[0].id
    asked = client.export.prepare(cover_id=cover, width=640, height=360, format="png")

    def finished() -> bool:
        return client.export.get_status(asked.export_id).status is ExportStatus.SUCCEEDED

    eventually("the export is finished", finished)
    return asked.export_id


def test_an_image_is_saved_by_its_address(client: Covergen, tmp_path: Path) -> None:
    image = make_cover(client).covers[0].images[0]
    target = tmp_path / "cover.png"
    assert client.save(image.url, target) == target
    content = target.read_bytes()
    assert content.startswith(PNG)
    assert len(content) == image.bytes
    assert client.fetch(image.url) == content
    assert stat.S_IMODE(target.stat().st_mode) & 0o600 == 0o600
    assert leftovers(tmp_path) == []


def test_a_broken_download_asks_for_the_rest_alone(
    through: Covergen, proxy: Proxy, tmp_path: Path
) -> None:
    exported = export(through)
    whole = through.export.download(exported)
    assert whole.startswith(PNG)
    proxy.plant(CUT, Fault(status=503), Fault(drop_before=True), CUT)
    target = through.export.download_to(exported, tmp_path / "cover.png")
    assert target.read_bytes() == whole
    ranges = [one.headers.get("range") for one in proxy.seen]
    assert ranges == [None, "bytes=1000-", "bytes=1000-", "bytes=1000-", "bytes=2000-"]
    assert proxy.seen[1].headers["if-range"].startswith('"')
    # However long it takes, as long as something comes.
    assert not any("request-timeout" in one.headers for one in proxy.seen)
    assert leftovers(tmp_path) == []


def test_without_an_entity_tag_a_broken_download_begins_anew(
    through: Covergen, proxy: Proxy, tmp_path: Path
) -> None:
    body = Fault(status=200, headers={"x-part": "1"}, body=b"a" * 500)
    proxy.plant(body)
    assert through.save("/anything", tmp_path / "a").read_bytes() == b"a" * 500
    # What answers a range with the whole file is taken at its word.
    exported = export(through)
    whole = through.export.download(exported)
    proxy.plant(CUT, Fault(status=200, body=whole))
    target = through.export.download_to(exported, tmp_path / "b")
    assert target.read_bytes() == whole


def test_a_failed_download_leaves_what_was_there(
    through: Covergen, proxy: Proxy, tmp_path: Path
) -> None:
    exported = export(through)
    target = tmp_path / "cover.png"
    target.write_bytes(b"before")
    proxy.plant(*[CUT] * 20)
    with pytest.raises(Exception, match=r"closed|arrived|peer"):
        through.export.download_to(exported, target)
    assert len(proxy.seen) == 1 + QUICK.max_retries
    proxy.plant(*[Fault(status=503)] * 20)
    with pytest.raises(ServerError):
        through.export.download_to(exported, target)
    proxy.plant()
    with pytest.raises(NotFoundError):
        through.save("/v1/covers/cov_01a2242ce66276159752962e1e7be79e", target)
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["cover.png"]


def test_the_key_goes_to_its_own_server_alone(client: Covergen, proxy: Proxy, api_key: str) -> None:
    image = make_cover(client).covers[0].images[0]
    proxy.plant()
    assert client.fetch(proxy.url + image.url).startswith(PNG)
    assert "x-api-key" not in proxy.seen[0].headers
    with Covergen(api_key, base_url=proxy.url) as own:
        own.fetch(proxy.url + image.url)
    assert proxy.seen[1].headers["x-api-key"] == api_key


def test_a_preview_is_an_image(platform: Platform) -> None:
    key = platform.api_key(platform.account("preview@example.org"))
    with Covergen(key, base_url=platform.partner) as client:
        assert client.covers.preview(title="Seen", sizes=[SMALL]).startswith(PNG)
        webp = client.covers.preview(title="Seen", sizes=[SMALL], accept="image/webp")
        assert webp[:4] == b"RIFF"


def test_the_awaited_client_saves_the_same(
    through: Covergen, proxy: Proxy, api_key: str, tmp_path: Path
) -> None:
    exported = export(through)
    whole = through.export.download(exported)

    async def run() -> None:
        async with AsyncCovergen(api_key, base_url=proxy.url, retry=QUICK) as client:
            proxy.plant(CUT, Fault(status=502))
            target = await client.export.download_to(exported, tmp_path / "cover.png")
            assert target.read_bytes() == whole
            assert [one.headers.get("range") for one in proxy.seen[1:]] == ["bytes=1000-"] * 2
            assert await client.export.download(exported) == whole

    asyncio.run(run())
    assert leftovers(tmp_path) == []
