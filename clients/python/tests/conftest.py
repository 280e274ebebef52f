"""What tests share: one platform, an account on it, clients."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from covergen import Covergen, RetryPolicy
from covergen.models import CoverTask, Size
from tests.platform import Platform
from tests.proxy import Proxy

# Real waits, but short ones.
QUICK = RetryPolicy(max_retries=4, first_delay=0.01, max_delay=0.05)
NEVER = RetryPolicy(max_retries=0)
SMALL = Size(width=320, height=180)
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("platform") / "data") as started:
        yield started


@pytest.fixture(scope="session")
def access_token(platform: Platform) -> str:
    return platform.account("ada@example.org")


@pytest.fixture(scope="session")
def api_key(platform: Platform, access_token: str) -> str:
    return platform.api_key(access_token)


@pytest.fixture
def client(platform: Platform, api_key: str) -> Iterator[Covergen]:
    with Covergen(api_key, base_url=platform.partner, retry=QUICK) as made:
        yield made


@pytest.fixture
def proxy(platform: Platform) -> Iterator[Proxy]:
    with Proxy(platform.partner) as made:
        yield made


@pytest.fixture
def through(proxy: Proxy, api_key: str) -> Iterator[Covergen]:
    """A client that reaches the platform through the proxy."""
    with Covergen(api_key, base_url=proxy.url, retry=QUICK) as made:
        yield made


@pytest.fixture
def newcomer(platform: Platform) -> Iterator[Covergen]:
    """A client of an account that has made nothing yet."""
    token = platform.account(f"newcomer{next(_numbers)}@example.org")
    key = platform.api_key(token)
    with Covergen(key, base_url=platform.partner, retry=QUICK) as made:
        yield made


def make_cover(client: Covergen, title: str = "A quiet day") -> CoverTask:
    """Make a cover and return its task at the end."""
    asked = client.covers.generate(title=title, sizes=[SMALL])
    *_, last = client.covers.watch_task(asked.task_id)
    assert last.status == "SUCCEEDED", last
    return last


def eventually(what: str, holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something real has happened."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        pause.wait(0.02)


def leftovers(folder: Path) -> list[str]:
    """Return files that are half there."""
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]
