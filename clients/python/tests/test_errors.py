"""Every way in which the platform says no."""

from __future__ import annotations

import asyncio
import socket

import pytest

from covergen import (
    ApiError,
    AsyncCovergen,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    Covergen,
    MalformedAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    UnprocessableError,
    _settings,
)
from covergen.models import Size
from tests.conftest import NEVER, SMALL, make_cover
from tests.platform import FEW_PREVIEWS, Platform, free_port
from tests.proxy import Fault, Proxy

MISSING_COVER = "cov_01a2242ce66276159752962e1e7be79e"


def test_400_names_every_field_that_is_wrong(client: Covergen) -> None:
    with pytest.raises(BadRequestError) as raised:
        client.covers.generate(title="", sizes=[Size(width=1, height=99999)])
    error = raised.value
    assert (error.status, error.code) == (400, "INVALID_ARGUMENT")
    assert error.reason
    assert len(error.violations) >= 2
    assert "title" in {one.field for one in error.violations}
    assert all(one.description for one in error.violations)
    assert error.request_id
    assert error.request_id in str(error)
    assert error.retry_after is None


def test_401_for_a_key_that_is_none(platform: Platform) -> None:
    with (
        Covergen("cg_live_nothing", base_url=platform.partner, retry=NEVER) as client,
        pytest.raises(AuthenticationError) as raised,
    ):
        client.covers.list_covers()
    assert raised.value.code == "UNAUTHENTICATED"


def test_403_for_a_scope_that_the_key_lacks(platform: Platform, access_token: str) -> None:
    key = platform.api_key(access_token, "covers:read")
    with Covergen(key, base_url=platform.partner, retry=NEVER) as client:
        client.covers.list_covers()
        with pytest.raises(PermissionDeniedError) as raised:
            client.covers.generate(title="No", sizes=[SMALL])
    assert raised.value.code == "PERMISSION_DENIED"


def test_404_for_what_is_not_there_or_not_ours(client: Covergen, newcomer: Covergen) -> None:
    with pytest.raises(NotFoundError) as raised:
        client.covers.get_cover(MISSING_COVER)
    assert raised.value.code == "NOT_FOUND"
    theirs = make_cover(newcomer).covers[0].id
    with pytest.raises(NotFoundError):
        client.covers.get_cover(theirs)


def test_422_for_a_key_used_for_another_request(client: Covergen) -> None:
    client.covers.generate(title="One", sizes=[SMALL], idempotency_key="test-422")
    with pytest.raises(UnprocessableError) as raised:
        client.covers.generate(title="Two", sizes=[SMALL], idempotency_key="test-422")
    assert raised.value.reason == "IDEMPOTENCY_KEY_REUSED"


def test_429_says_when_to_come_back_and_is_not_waited_for_if_that_is_long(
    newcomer: Covergen,
) -> None:
    for _ in range(FEW_PREVIEWS):
        assert newcomer.covers.preview(title="Seen", sizes=[SMALL])
    with pytest.raises(RateLimitedError) as raised:
        newcomer.covers.preview(title="Seen", sizes=[SMALL])
    assert raised.value.code == "RESOURCE_EXHAUSTED"
    assert raised.value.retry_after is not None
    assert raised.value.retry_after > RetryPolicy().max_retry_after


def test_413_for_a_body_that_is_too_large(client: Covergen) -> None:
    with pytest.raises(ApiError) as raised:
        client.safety.check_text(texts=["a" * 3_000_000])
    assert raised.value.status == 413


def test_504_when_the_server_has_less_time_than_it_needs(platform: Platform, api_key: str) -> None:
    with (
        Covergen(api_key, base_url=platform.partner, retry=NEVER) as client,
        pytest.raises(ServerError) as raised,
    ):
        client.covers.preview(title="Too late", sizes=[SMALL], timeout=0.001)
    assert (raised.value.status, raised.value.code) == (504, "DEADLINE_EXCEEDED")


def test_the_timeout_is_told_to_the_server(through: Covergen, proxy: Proxy) -> None:
    proxy.plant()
    through.templates.list_categories(timeout=2.5)
    through.templates.list_categories()
    assert [one.headers["request-timeout"] for one in proxy.seen] == ["2.500", "30.000"]
    with pytest.raises(ValueError, match="timeout"):
        through.templates.list_categories(timeout=0)


def test_a_server_that_is_not_there(api_key: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with (
        Covergen(api_key, base_url=url, retry=NEVER) as client,
        pytest.raises(ConnectionFailedError),
    ):
        client.covers.list_covers()


def test_a_server_that_says_nothing(api_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_settings, "_SLACK", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with (
            Covergen(api_key, base_url=url, retry=NEVER) as client,
            pytest.raises(RequestTimeoutError),
        ):
            client.covers.list_covers(timeout=0.05)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[1]", b""])
def test_a_server_that_speaks_something_else(through: Covergen, proxy: Proxy, body: bytes) -> None:
    proxy.plant(Fault(status=200, body=body))
    with pytest.raises(MalformedAnswerError):
        through.covers.list_covers()


def test_a_proxys_own_words_become_the_detail(through: Covergen, proxy: Proxy) -> None:
    proxy.plant(Fault(status=403, body=b"<h1>Blocked</h1>"))
    with pytest.raises(PermissionDeniedError) as raised:
        through.covers.list_covers()
    assert raised.value.detail == "<h1>Blocked</h1>"
    assert raised.value.reason == "UNKNOWN"


def test_a_stream_that_is_refused_is_an_error_like_any_other(client: Covergen) -> None:
    with pytest.raises(BadRequestError) as raised:
        next(client.covers.watch_task("not-an-id"))
    assert raised.value.violations[0].field == "taskId"


def test_the_awaited_client_raises_the_same(platform: Platform, api_key: str) -> None:
    async def run() -> None:
        async with AsyncCovergen(api_key, base_url=platform.partner, retry=NEVER) as client:
            with pytest.raises(NotFoundError):
                await client.covers.get_cover(MISSING_COVER)
            with pytest.raises(BadRequestError):
                await anext(aiter(client.covers.watch_task("not-an-id")))
        there = f"http://127.0.0.1:{free_port()}"
        async with AsyncCovergen(api_key, base_url=there, retry=NEVER) as client:
            with pytest.raises(ConnectionFailedError):
                await client.covers.list_covers()

    asyncio.run(run())


def test_what_is_deprecated_is_warned_of(through: Covergen, proxy: Proxy) -> None:
    headers = {"deprecation": "@1767225600", "sunset": "Wed, 01 Jul 2026 00:00:00 GMT"}
    proxy.plant(Fault(status=200, headers=headers, body=b"{}"))
    with pytest.warns(DeprecationWarning, match=r"categories.*01 Jul 2026"):
        through.templates.list_categories()


def test_a_path_that_would_be_another_is_refused(client: Covergen) -> None:
    for trick in ("", ".", ".."):
        with pytest.raises(ValueError, match="coverId"):
            client.covers.get_cover(trick)
    with pytest.raises(ApiError) as raised:
        client.covers.get_cover("../templates/x?y#z")
    assert raised.value.status in (400, 404)


def test_what_a_client_needs_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERGEN_BASE_URL", raising=False)
    with pytest.raises(ValueError, match="COVERGEN_BASE_URL"):
        Covergen("key")
    with pytest.raises(ValueError, match="http"):
        Covergen("key", base_url="example.org")
    monkeypatch.setenv("COVERGEN_BASE_URL", "https://example.org")
    assert "secret" not in repr(Covergen("secret")._transport._settings)
