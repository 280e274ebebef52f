"""What is sent again, how often, and that it happens once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from covergen import (
    AsyncCovergen,
    ConflictError,
    ConnectionFailedError,
    Covergen,
    RateLimitedError,
    RetryPolicy,
    ServerError,
)
from covergen._errors import from_answer, retry_after_seconds
from covergen.models import CoverTaskStatus
from tests.conftest import QUICK, SMALL
from tests.platform import Platform
from tests.proxy import Fault, Proxy

AT_ONCE = {"retry-after": "0"}
LOST = Fault(drop_after=True)
BROKEN = Fault(drop_before=True)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_repeated(through: Covergen, proxy: Proxy, status: int) -> None:
    proxy.plant(Fault(status=status, headers=AT_ONCE), Fault(status=status))
    assert through.templates.list_categories().categories
    assert len(proxy.seen) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 500, 501])
def test_a_definite_answer_is_not_repeated(through: Covergen, proxy: Proxy, status: int) -> None:
    proxy.plant(Fault(status=status))
    with pytest.raises(Exception, match=str(status)):
        through.templates.list_categories()
    assert len(proxy.seen) == 1


def test_it_gives_up_in_the_end(through: Covergen, proxy: Proxy) -> None:
    proxy.plant(*[Fault(status=503)] * 10)
    with pytest.raises(ServerError):
        through.templates.list_categories()
    assert len(proxy.seen) == 1 + QUICK.max_retries


def test_a_request_whose_answer_is_lost_is_made_once(
    newcomer: Covergen, platform: Platform, proxy: Proxy
) -> None:
    key = platform.api_key(platform.account("lost@example.org"))
    with Covergen(key, base_url=proxy.url, retry=QUICK) as client:
        proxy.plant(LOST, BROKEN, LOST)
        asked = client.covers.generate(title="Only one", sizes=[SMALL])
        keys = proxy.keys()
        *_, last = client.covers.watch_task(asked.task_id)
        assert last.status is CoverTaskStatus.SUCCEEDED
        made = list(client.covers.iter_covers())
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert keys[0]
    assert [one.task_id for one in made] == [asked.task_id]
    assert not list(newcomer.covers.iter_covers())


def test_each_call_has_a_key_of_its_own(through: Covergen, proxy: Proxy) -> None:
    proxy.plant()
    first = through.covers.generate(title="Twice", sizes=[SMALL])
    second = through.covers.generate(title="Twice", sizes=[SMALL])
    given = through.covers.generate(title="Twice", sizes=[SMALL], idempotency_key="my-own")
    again = through.covers.generate(title="Twice", sizes=[SMALL], idempotency_key="my-own")
    assert len(set(proxy.keys())) == 3
    assert len({first.task_id, second.task_id, given.task_id}) == 3
    assert again == given


@pytest.mark.parametrize("fault", [Fault(status=503, headers=AT_ONCE), LOST, BROKEN])
def test_what_is_neither_idempotent_nor_has_a_key_is_never_repeated(
    through: Covergen, proxy: Proxy, fault: Fault
) -> None:
    proxy.plant(fault)
    with pytest.raises((ServerError, ConnectionFailedError)):
        through.safety.check_text(texts=["hello"])
    assert proxy.keys() == [None]


def test_the_same_key_in_flight_is_waited_for(through: Covergen, proxy: Proxy) -> None:
    body = b'{"status":409,"code":"ABORTED","reason":"IDEMPOTENCY_KEY_IN_FLIGHT"}'
    proxy.plant(Fault(status=409, body=body), Fault(status=409, body=body))
    assert through.covers.generate(title="Patience", sizes=[SMALL]).task_id
    assert len(proxy.seen) == 3
    proxy.plant(Fault(status=409, body=b'{"reason":"SOMETHING_ELSE"}'))
    with pytest.raises(ConflictError):
        through.covers.generate(title="Patience", sizes=[SMALL])
    assert len(proxy.seen) == 1


def test_a_used_up_quota_is_not_waited_for(through: Covergen, proxy: Proxy) -> None:
    body = b'{"status":429,"code":"RESOURCE_EXHAUSTED","reason":"QUOTA_EXHAUSTED"}'
    proxy.plant(Fault(status=429, body=body))
    with pytest.raises(RateLimitedError) as raised:
        through.covers.generate(title="No more", sizes=[SMALL])
    assert raised.value.reason == "QUOTA_EXHAUSTED"
    assert len(proxy.seen) == 1


def test_the_awaited_client_repeats_the_same(proxy: Proxy, api_key: str) -> None:
    async def run() -> None:
        async with AsyncCovergen(api_key, base_url=proxy.url, retry=QUICK) as client:
            proxy.plant(Fault(status=503), BROKEN, LOST)
            asked = await client.covers.generate(title="Awaited", sizes=[SMALL])
            assert asked.task_id
            assert len(proxy.seen) == 4
            assert len(set(proxy.keys())) == 1
            proxy.plant(LOST)
            with pytest.raises(ConnectionFailedError):
                await client.safety.check_text(texts=["hello"])
            assert len(proxy.seen) == 1

    asyncio.run(run())


def test_waits_grow_are_bounded_and_heed_the_server() -> None:
    policy = RetryPolicy(max_retries=5, first_delay=1, max_delay=6, jitter=lambda: 1.0)
    busy = from_answer(503, {}, b"")
    waits = [policy.delay(busy, tries, repeatable=True) for tries in range(1, 7)]
    assert waits == [1, 2, 4, 6, 6, None]
    half = RetryPolicy(first_delay=1, jitter=lambda: 0.0)
    assert half.delay(busy, 1, repeatable=True) == 0.5
    assert half.delay(busy, 1, repeatable=False) is None
    asked = from_answer(503, {"retry-after": "7"}, b"")
    assert half.delay(asked, 1, repeatable=True) == 7
    patient = RetryPolicy(max_retries=10_000, max_delay=8)
    assert (patient.delay(busy, 9_999, repeatable=True) or 0) <= 8


def test_retry_after_is_seconds_or_a_time() -> None:
    assert retry_after_seconds("12") == 12
    assert retry_after_seconds(None) is None
    assert retry_after_seconds("soon") is None
    later = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 < (retry_after_seconds(format_datetime(later, usegmt=True)) or 0) <= 100
    assert retry_after_seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    stated = from_answer(429, {}, b'{"retryAfterSeconds": 3, "reason": "RATE_LIMITED"}')
    assert stated.retry_after == 3
