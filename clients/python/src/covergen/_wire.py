"""Values as the API writes them: proto3 JSON.

64-bit numbers are strings there, times RFC 3339 and bytes base64. A member
that an answer leaves out has its zero value, as in the contracts.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How values of one type are read, written and left out."""

    decode: Callable[[Any], T]
    encode: Callable[[T], Any]
    zero: Callable[[], T]


class OpenEnum(enum.StrEnum):
    """Names of an enumeration. One that this version does not know is kept."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member


class Model:
    """A message of the API. Its members are dataclass fields made by `member`."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read from a JSON object; members that are not known are passed over."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            name: str = field.metadata["json"]
            codec: Codec[Any] = field.metadata["codec"]
            value = data.get(name)
            if value is not None:
                values[field.name] = codec.decode(value)
            elif field.default is dataclasses.MISSING:
                values[field.name] = codec.zero()
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Write as a JSON object; what is `None` is left out."""
        data: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None:
                data[field.metadata["json"]] = field.metadata["codec"].encode(value)
        return data


M = TypeVar("M", bound=Model)
E = TypeVar("E", bound=OpenEnum)


def member(name: str, codec: Codec[Any]) -> Any:  # noqa: ANN401 - a field of any type
    """Declare a member that is always there."""
    return dataclasses.field(metadata={"json": name, "codec": codec})


def optional(name: str, codec: Codec[Any]) -> Any:  # noqa: ANN401 - a field of any type
    """Declare a member that may be absent."""
    return dataclasses.field(default=None, metadata={"json": name, "codec": codec})


def members(*items: tuple[str, Any, Codec[Any]]) -> dict[str, Any]:
    """Write arguments of a call; what is `None` is left out."""
    return {name: codec.encode(value) for name, value, codec in items if value is not None}


def _same(value: T) -> T:
    return value


def _write_number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _write_time(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time needs its time zone, such as datetime.UTC")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_bytes(value: str) -> bytes:
    standard = value.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)


STRING: Codec[str] = Codec(str, str, str)
BOOLEAN: Codec[bool] = Codec(bool, bool, bool)
INTEGER: Codec[int] = Codec(int, int, int)
INT64: Codec[int] = Codec(int, str, int)
NUMBER: Codec[float] = Codec(float, _write_number, float)
TIME: Codec[datetime] = Codec(
    datetime.fromisoformat, _write_time, lambda: datetime.fromtimestamp(0, UTC)
)
BYTES: Codec[bytes] = Codec(_read_bytes, lambda value: base64.b64encode(value).decode(), bytes)
ANY: Codec[Any] = Codec(_same, _same, lambda: None)


def choice(kind: Callable[[], type[E]]) -> Codec[E]:
    """Return how an enumeration is written."""
    return Codec(
        lambda value: kind()(value),
        lambda value: str(value),
        lambda: next(iter(kind())),
    )


def model(kind: Callable[[], type[M]]) -> Codec[M]:
    """Return how a message is written; looked up late, as messages may hold each other."""
    return Codec(
        lambda value: kind().from_json(value),
        lambda value: value.to_json(),
        lambda: kind().from_json({}),
    )


def array(item: Codec[T]) -> Codec[list[T]]:
    """Return how a list is written."""

    def encode(values: list[T]) -> list[Any]:
        # A lone string is a sequence as well, of what nobody meant.
        if isinstance(values, str | bytes):
            raise TypeError("a list is wanted, not one string")
        return [item.encode(value) for value in values]

    return Codec(lambda values: [item.decode(value) for value in values], encode, list)


def mapping(item: Codec[T]) -> Codec[dict[str, T]]:
    """Return how a map is written."""
    return Codec(
        lambda values: {name: item.decode(value) for name, value in values.items()},
        lambda values: {name: item.encode(value) for name, value in values.items()},
        lambda: cast("dict[str, T]", {}),
    )
