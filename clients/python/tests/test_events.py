"""Streams of events, and going on where one broke off."""

from __future__ import annotations

import asyncio

import pytest

from covergen import AsyncCovergen, Covergen, MalformedAnswerError, NotFoundError, ServerError
from covergen._events import Event, EventParser
from covergen.models import CoverTaskStatus
from tests.conftest import QUICK, SMALL, make_cover
from tests.proxy import Fault, Proxy


def parse(*chunks: bytes) -> list[Event]:
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def test_events_are_read_as_the_standard_says() -> None:
    text = (
        b"\xef\xbb\xbf: a comment\n\nid: 1\nevent: greeting\ndata: a\ndata:b\n\n"
        b"data\n\nid\ndata: {}\r\n\r\rdata: cut off"
    )
    expected = [
        Event("greeting", "a\nb", "1"),
        Event("message", "", "1"),
        Event("message", "{}", ""),
    ]
    assert parse(text) == expected
    # In whatever pieces it arrives.
    assert parse(*[text[at : at + 1] for at in range(len(text))]) == expected


def test_only_line_ends_end_lines() -> None:
    title = "a\u2028b\x0bc\x85d"
    assert parse(f"data: {title}\n\n".encode()) == [Event("message", title, None)]


def test_a_task_is_watched_to_its_end(client: Covergen) -> None:
    asked = client.covers.generate(title="Watched", sizes=[SMALL])
    seen = list(client.covers.watch_task(asked.task_id))
    assert seen[-1].status is CoverTaskStatus.SUCCEEDED
    assert seen[-1].covers[0].images[0].width == SMALL.width
    versions = [task.version for task in seen]
    assert versions == sorted(set(versions))
    percent = [task.progress_percent for task in seen]
    assert percent == sorted(percent)
    assert percent[-1] == 100


def test_a_broken_stream_goes_on_where_it_left_off(through: Covergen, proxy: Proxy) -> None:
    asked = through.covers.generate(title="Broken off", sizes=[SMALL] * 1, variants=4)
    after_one = Fault(cut_when=lambda passed: b"\n\n" in passed)
    proxy.plant(after_one, Fault(drop_before=True), Fault(status=503), after_one)
    seen = list(through.covers.watch_task(asked.task_id))
    assert seen[-1].status is CoverTaskStatus.SUCCEEDED
    versions = [task.version for task in seen]
    assert versions == sorted(set(versions))
    told = [one.headers.get("last-event-id") for one in proxy.seen]
    assert told[0] is None
    assert told[1:4] == [str(versions[0])] * 3
    assert len(told) >= 4


def test_an_event_that_is_told_twice_is_seen_once(client: Covergen) -> None:
    done = make_cover(client)
    again = list(client.covers.watch_task(done.task_id, last_event_id=str(done.version)))
    # The server repeats the end of a task to whoever asks for it.
    assert [task.status for task in again] == [CoverTaskStatus.SUCCEEDED]


def test_a_terminal_event_before_the_break_is_not_repeated(through: Covergen, proxy: Proxy) -> None:
    task = make_cover(through).task_id
    proxy.plant(Fault(cut_when=lambda passed: passed.endswith(b"\n\n")))
    assert len(list(through.covers.watch_task(task))) == 1
    assert len(proxy.seen) == 2


def test_an_error_event_is_raised_and_a_passing_one_waited_out(
    through: Covergen, proxy: Proxy
) -> None:
    task = make_cover(through).task_id
    kind = {"content-type": "text/event-stream"}
    gone = b'event: error\ndata: {"status":404,"code":"NOT_FOUND","reason":"TASK_NOT_FOUND"}\n\n'
    proxy.plant(Fault(status=200, headers=kind, body=gone))
    with pytest.raises(NotFoundError) as raised:
        list(through.covers.watch_task(task))
    assert raised.value.reason == "TASK_NOT_FOUND"
    busy = b'retry: 1\nevent: error\ndata: {"status":503,"code":"UNAVAILABLE"}\n\n'
    proxy.plant(Fault(status=200, headers=kind, body=busy))
    assert list(through.covers.watch_task(task))[-1].status is CoverTaskStatus.SUCCEEDED
    assert len(proxy.seen) == 2
    proxy.plant(*[Fault(status=200, headers=kind, body=busy)] * 10)
    with pytest.raises(ServerError):
        list(through.covers.watch_task(task))
    assert len(proxy.seen) == 1 + QUICK.max_retries


def test_what_is_no_stream_is_told(through: Covergen, proxy: Proxy) -> None:
    task = make_cover(through).task_id
    proxy.plant(Fault(status=200, headers={"content-type": "text/html"}, body=b"hello"))
    with pytest.raises(MalformedAnswerError, match="text/html"):
        list(through.covers.watch_task(task))
    kind = {"content-type": "text/event-stream"}
    proxy.plant(Fault(status=200, headers=kind, body=b"data: {oops\n\n"))
    with pytest.raises(MalformedAnswerError):
        list(through.covers.watch_task(task))


def test_whoever_stops_listening_closes_the_connection(client: Covergen) -> None:
    asked = client.covers.generate(title="Enough", sizes=[SMALL])
    stream = client.covers.watch_task(asked.task_id)
    assert next(stream).task_id == asked.task_id
    stream.close()  # type: ignore[attr-defined]
    assert client.covers.get_task(asked.task_id).task_id == asked.task_id


def test_the_awaited_client_goes_on_the_same(proxy: Proxy, api_key: str) -> None:
    async def run() -> None:
        async with AsyncCovergen(api_key, base_url=proxy.url, retry=QUICK) as client:
            asked = await client.covers.generate(title="Awaited", sizes=[SMALL], variants=4)
            proxy.plant(Fault(cut_when=lambda passed: b"\n\n" in passed), Fault(status=502))
            seen = [task async for task in client.covers.watch_task(asked.task_id)]
            versions = [task.version for task in seen]
            assert seen[-1].status is CoverTaskStatus.SUCCEEDED
            assert versions == sorted(set(versions))
            assert proxy.seen[1].headers["last-event-id"] == str(versions[0])
            assert len(proxy.seen) == 3

    asyncio.run(run())
