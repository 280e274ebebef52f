"""The document, as operations with everything resolved that they refer to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from generate.schema import Schema, UnsupportedError, reference, type_of

_VERBS = ("get", "post", "put", "patch", "delete")
# Headers that the client handles for its user, as far as it uses them.
_HANDLED = frozenset(
    {"accept", "idempotency-key", "if-none-match", "if-range", "last-event-id", "range"}
)


@dataclass(frozen=True)
class Parameter:
    """One argument of an operation."""

    name: str
    place: str
    """`path`, `query`, `header`, `body` or `form`."""
    required: bool
    schema: Schema
    description: str


@dataclass(frozen=True)
class Operation:
    """One call."""

    id: str
    tag: str
    verb: str
    path: str
    description: str
    parameters: tuple[Parameter, ...]
    takes_key: bool
    has_body: bool
    upload: str | None
    """The form field with the file, where there is one."""
    kind: str
    """What is answered: `json`, `nothing`, `content` or `events`."""
    result: Schema | None
    scopes: tuple[str, ...] = field(default=())

    def of(self, place: str) -> list[Parameter]:
        """Return the parameters in one place."""
        return [one for one in self.parameters if one.place == place]


class Document:
    """The document."""

    def __init__(self, data: dict[str, Any]) -> None:
        if not str(data.get("openapi", "")).startswith("3.1"):
            raise UnsupportedError("only OpenAPI 3.1 is read")
        self._data = data
        self.schemas: dict[str, Schema] = data["components"]["schemas"]
        self.title = str(data["info"]["title"])
        found = [
            self._operation(path, verb, item[verb])
            for path, item in data["paths"].items()
            for verb in _VERBS
            if verb in item and not self._has_protocol(item[verb])
        ]
        self.operations = _without_aliases(found)

    def tags(self) -> list[tuple[str, str]]:
        """Return the groups that operations stand in, with what they are."""
        told = {one["name"]: one.get("description", "") for one in self._data.get("tags", [])}
        return [(tag, told.get(tag, "")) for tag in sorted({one.tag for one in self.operations})]

    def used_schemas(self) -> list[str]:
        """Return the schemas that operations take or return, by name."""
        seen: set[str] = set()
        waiting: list[Schema] = []
        for operation in self.operations:
            waiting += [one.schema for one in operation.parameters]
            if operation.result is not None:
                waiting.append(operation.result)
        while waiting:
            for name in sorted(type_of(waiting.pop(), self.schemas).names - seen):
                seen.add(name)
                waiting += self.schemas[name].get("properties", {}).values()
        return sorted(seen)

    def _operation(self, path: str, verb: str, data: dict[str, Any]) -> Operation:
        name = str(data["operationId"])
        listed = [self._resolve(one) for one in data.get("parameters", [])]
        parameters = [_parameter(one) for one in _apart(listed)]
        takes_key = any(one["name"].lower() == "idempotency-key" for one in listed)
        body, upload = self._body(name, data.get("requestBody"))
        if takes_key:
            # The key stands in the header; in the body it would be there twice.
            body = [one for one in body if one.name != "requestId"]
        kind, result = _answer(name, data["responses"])
        return Operation(
            id=name,
            tag=str(data["tags"][0]),
            verb=verb.upper(),
            path=path,
            description=_description(data),
            parameters=(*parameters, *body),
            takes_key=takes_key,
            has_body=any(one.place == "body" for one in body)
            or (data.get("requestBody") is not None and upload is None),
            upload=upload,
            kind=kind,
            result=result,
        )

    def _has_protocol(self, data: dict[str, Any]) -> bool:
        """Tell whether an operation is a step of a protocol, which has clients of its own."""
        listed = [self._resolve(one) for one in data.get("parameters", [])]
        return any(one["name"].lower() == "tus-resumable" for one in listed)

    def _resolve(self, data: dict[str, Any]) -> dict[str, Any]:
        target = data.get("$ref")
        if target is None:
            return data
        name = str(target).removeprefix("#/components/parameters/")
        found: dict[str, Any] = self._data["components"]["parameters"][name]
        return found

    def _body(self, name: str, body: dict[str, Any] | None) -> tuple[list[Parameter], str | None]:
        if body is None:
            return [], None
        content = body["content"]
        if "multipart/form-data" in content:
            fields = self._members(content["multipart/form-data"]["schema"], "form")
            files = [one for one in fields if one.schema.get("contentMediaType")]
            if len(files) != 1:
                raise UnsupportedError(f"{name}: a form with {len(files)} files")
            return [one for one in fields if one not in files], files[0].name
        if "application/json" not in content:
            raise UnsupportedError(f"{name}: a body of {', '.join(content)}")
        return self._members(content["application/json"]["schema"], "body"), None

    def _members(self, schema: Schema, place: str) -> list[Parameter]:
        named = reference(schema)
        schema = schema if named is None else self.schemas[named]
        if schema.get("type") != "object":
            raise UnsupportedError("a body that is not an object")
        required = schema.get("required", [])
        return [
            Parameter(name, place, name in required, one, str(one.get("description", "")))
            for name, one in schema.get("properties", {}).items()
        ]


def _apart(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what the client handles, and one of two that set the same field.

    A field may be bound to a header and to the query; both then have the same
    description. The header is left out unless the client handles it.
    """
    headers = [one for one in listed if one["in"] == "header"]
    handled = {one.get("description") for one in headers if one["name"].lower() in _HANDLED}
    queried = {one.get("description") for one in listed if one["in"] == "query"}
    kept = []
    for one in listed:
        if one["in"] == "header":
            if one["name"].lower() in _HANDLED or one.get("description") in queried:
                continue
        elif (one["in"] == "query" and one.get("description") in handled) or one["in"] == "cookie":
            continue
        kept.append(one)
    return kept


def _parameter(data: dict[str, Any]) -> Parameter:
    return Parameter(
        name=str(data["name"]),
        place=str(data["in"]),
        required=bool(data.get("required", False)),
        schema=data.get("schema", {}),
        description=str(data.get("description", "")),
    )


def _answer(name: str, responses: dict[str, Any]) -> tuple[str, Schema | None]:
    """Return what a success is."""
    successes = [one for status, one in responses.items() if status.startswith("2")]
    if not successes:
        raise UnsupportedError(f"{name}: no success is described")
    content = successes[0].get("content", {})
    if not content:
        return "nothing", None
    if "text/event-stream" in content:
        return "events", _without_links(content["text/event-stream"]["schema"])
    if "application/json" in content:
        return "json", _without_links(content["application/json"]["schema"])
    return "content", None


def _without_links(schema: Schema) -> Schema:
    """Return what is answered without the links to other operations, which are methods here."""
    parts = schema.get("allOf", [])
    others = [one for one in parts if list(one.get("properties", {})) != ["_links"]]
    return others[0] if len(parts) == 2 and len(others) == 1 else schema


def _description(data: dict[str, Any]) -> str:
    told = str(data.get("description") or data.get("summary") or data["operationId"])
    return f"{told}\n\nDeprecated: it will go away." if data.get("deprecated") else told


def _without_aliases(operations: list[Operation]) -> list[Operation]:
    """Leave out further paths of an operation whose first path takes all arguments."""
    by_id = {one.id: one for one in operations}

    def is_alias(operation: Operation) -> bool:
        found = re.fullmatch(r"(.*\D)\d+", operation.id)
        first = by_id.get(found[1]) if found else None
        if first is None:
            return False
        known = {one.name for one in first.parameters}
        return {one.name for one in operation.parameters} <= known

    return [one for one in operations if not is_alias(one)]
