"""Lists, page by page and in one go."""

from __future__ import annotations

import asyncio

from covergen import AsyncCovergen, Covergen
from tests.conftest import QUICK, make_cover
from tests.platform import Platform


def test_an_iterator_goes_through_all_pages(newcomer: Covergen) -> None:
    made = {make_cover(newcomer, f"Page {number}").covers[0].id for number in range(5)}
    first = newcomer.covers.list_covers(page_size=2)
    assert len(first.covers) == 2
    assert first.next_page_token
    listed = [cover.id for cover in newcomer.covers.iter_covers(page_size=2)]
    assert len(listed) == 5
    assert set(listed) == made
    rest = newcomer.covers.iter_covers(page_size=2, page_token=first.next_page_token)
    assert [cover.id for cover in rest] == listed[2:]


def test_cut_down_answers_go_on_to_the_next_page_too(newcomer: Covergen) -> None:
    for number in range(3):
        make_cover(newcomer, f"Cut {number}")
    covers = list(newcomer.covers.iter_covers(page_size=1, fields="covers.title"))
    assert sorted(cover.title for cover in covers) == ["Cut 0", "Cut 1", "Cut 2"]
    assert {cover.id for cover in covers} == {""}


def test_arguments_reach_the_server(client: Covergen) -> None:
    popular = client.templates.list_templates(page_size=100, premium=False)
    assert popular.templates
    assert not any(one.is_premium for one in popular.templates)
    assert client.templates.list_templates(premium=True).templates
    named = client.templates.list_templates(query="nothing & naught = +")
    assert named.templates == []


def test_the_awaited_client_iterates_the_same(platform: Platform, api_key: str) -> None:
    async def run() -> list[str]:
        async with AsyncCovergen(api_key, base_url=platform.partner, retry=QUICK) as client:
            found = client.templates.iter_templates(page_size=3)
            return [template.id async for template in found]

    with Covergen(api_key, base_url=platform.partner) as client:
        expected = [one.id for one in client.templates.iter_templates(page_size=100)]
    assert len(expected) > 6
    assert asyncio.run(run()) == expected
