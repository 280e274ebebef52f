"""Values as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from covergen import _wire as wire
from covergen.models import Bulk, BulkRow, Cover, CoverTask, CoverTaskStatus, ImageSource, Size


def test_64_bit_numbers_are_strings_and_keep_every_digit() -> None:
    largest = 2**64 - 1
    assert BulkRow(title="a", seed=largest).to_json()["seed"] == "18446744073709551615"
    assert Bulk.from_json({"version": "18446744073709551615"}).version == largest
    assert Bulk.from_json({"version": 7}).version == 7


def test_times_are_read_with_any_fraction_and_written_in_utc() -> None:
    read = Bulk.from_json({"createTime": "2026-01-02T03:04:05.123456789Z"}).create_time
    assert read == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert Bulk.from_json({"createTime": "2026-01-02T03:04:05Z"}).create_time is not None
    east = datetime(2026, 1, 2, 5, 0, tzinfo=timezone(timedelta(hours=2)))
    assert wire.TIME.encode(east) == "2026-01-02T03:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        wire.TIME.encode(datetime(2026, 1, 2))


def test_bytes_are_base64_and_the_url_kind_is_read_too() -> None:
    assert ImageSource(data=b"\xfb\xff").to_json() == {"data": "+/8="}
    assert ImageSource.from_json({"data": "-_8"}).data == b"\xfb\xff"


def test_a_value_that_this_version_does_not_know_is_kept() -> None:
    task = CoverTask.from_json({"status": "PAUSED"})
    assert task.status == "PAUSED"
    assert str(task.status) == "PAUSED"
    assert task.status not in list(CoverTaskStatus)
    assert CoverTask.from_json({"status": "FAILED"}).status is CoverTaskStatus.FAILED


def test_what_an_answer_leaves_out_is_zero_and_what_it_adds_is_passed_over() -> None:
    cover = Cover.from_json({"id": "cov_1", "aMemberOfALaterVersion": {"a": 1}, "photo": None})
    assert (cover.id, cover.title, cover.seed, cover.images) == ("cov_1", "", 0, [])
    assert cover.create_time is None
    assert CoverTask.from_json({}).status is CoverTaskStatus.STATUS_UNSPECIFIED


def test_what_is_not_given_is_not_sent_and_what_is_empty_is() -> None:
    assert Size(preset="youtube").to_json() == {"preset": "youtube"}
    given = wire.members(("a", None, wire.STRING), ("b", "", wire.STRING), ("c", 0, wire.INTEGER))
    assert given == {"b": "", "c": 0}


def test_a_lone_string_is_not_taken_for_a_list() -> None:
    with pytest.raises(TypeError, match="list"):
        wire.array(wire.STRING).encode("png")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "written"),
    [(float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"), (0.5, 0.5)],
)
def test_numbers_without_a_json_form_have_names(value: float, written: float | str) -> None:
    assert wire.NUMBER.encode(value) == written
    assert str(wire.NUMBER.decode(written)) == str(value)


def test_messages_come_back_as_they_were() -> None:
    row = BulkRow(title="T", sizes=[Size(width=1, height=2)], seed=3, colors=["#000000"])
    assert BulkRow.from_json(row.to_json()) == row
