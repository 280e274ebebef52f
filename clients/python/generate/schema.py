"""Types in Python for schemas of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generate.names import class_name

Schema = dict[str, Any]
_REFERENCE = "#/components/schemas/"


class UnsupportedError(Exception):
    """The document holds something that this generator does not know."""


@dataclass(frozen=True)
class Type:
    """What a schema is in Python."""

    annotation: str
    """The type of what is read, and of a member."""
    accepted: str
    """The type that an argument may have."""
    codec: str
    """The expression that reads and writes it."""
    names: frozenset[str]
    """The models that it needs."""


def _plain(annotation: str, codec: str) -> Type:
    return Type(annotation, annotation, codec, frozenset())


_STRINGS = {
    "date-time": _plain("datetime", "wire.TIME"),
    "int64": _plain("int", "wire.INT64"),
    "uint64": _plain("int", "wire.INT64"),
}


def reference(schema: Schema) -> str | None:
    """Return the name that the schema refers to."""
    target = schema.get("$ref")
    if target is None:
        return None
    if not str(target).startswith(_REFERENCE):
        raise UnsupportedError(f"a reference to {target}")
    return str(target).removeprefix(_REFERENCE)


def type_of(schema: Schema, schemas: dict[str, Schema], prefix: str = "") -> Type:
    """Return the type; `prefix` stands before names of models."""
    for keyword in ("oneOf", "anyOf", "allOf", "not", "const"):
        if keyword in schema:
            raise UnsupportedError(f"a schema with `{keyword}`")
    name = reference(schema)
    if name is not None:
        return _named(name, schemas, prefix)
    match schema.get("type"):
        case "string":
            return _string(schema)
        case "integer":
            return _plain("int", "wire.INTEGER")
        case "number":
            return _plain("float", "wire.NUMBER")
        case "boolean":
            return _plain("bool", "wire.BOOLEAN")
        case "array":
            item = type_of(schema.get("items", {}), schemas, prefix)
            return Type(
                f"list[{item.annotation}]",
                f"Sequence[{item.accepted}]",
                f"wire.array({item.codec})",
                item.names,
            )
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            item = type_of(schema["additionalProperties"], schemas, prefix)
            return Type(
                f"dict[str, {item.annotation}]",
                f"Mapping[str, {item.accepted}]",
                f"wire.mapping({item.codec})",
                item.names,
            )
        case "object" if "properties" not in schema:
            return Type("dict[str, Any]", "Mapping[str, Any]", "wire.ANY", frozenset())
        case None:
            return _plain("Any", "wire.ANY")
    raise UnsupportedError(f"a schema of the type {schema.get('type')!r} in place")


def _string(schema: Schema) -> Type:
    if schema.get("contentEncoding") == "base64":
        return _plain("bytes", "wire.BYTES")
    found = _STRINGS.get(schema.get("format", ""))
    if found is not None:
        return found
    if "enum" in schema:
        # One of a few words: a type checker should know them. What is read may
        # be a word of a later version.
        words = ", ".join(f'"{word}"' for word in schema["enum"])
        return Type("str", f"Literal[{words}]", "wire.STRING", frozenset())
    return _plain("str", "wire.STRING")


def _named(name: str, schemas: dict[str, Schema], prefix: str) -> Type:
    try:
        target = schemas[name]
    except KeyError:
        raise UnsupportedError(f"a reference to the absent schema {name}") from None
    made = class_name(name)
    if is_enumeration(target):
        codec = f"wire.choice(lambda: {prefix}{made})"
        return Type(f"{prefix}{made}", f"{prefix}{made}", codec, frozenset({name}))
    if is_message(target):
        codec = f"wire.model(lambda: {prefix}{made})"
        return Type(f"{prefix}{made}", f"{prefix}{made}", codec, frozenset({name}))
    return type_of(target, schemas, prefix)


def is_enumeration(schema: Schema) -> bool:
    """Whether the schema is a class of named values."""
    return schema.get("type") == "string" and "enum" in schema


def is_message(schema: Schema) -> bool:
    """Whether the schema is a class with members."""
    return schema.get("type") == "object" and not isinstance(
        schema.get("additionalProperties"), dict
    )
