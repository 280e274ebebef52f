"""Which operations list something page by page, and what."""

from __future__ import annotations

from dataclasses import dataclass

from generate.document import Document, Operation
from generate.schema import Schema, reference


@dataclass(frozen=True)
class Listing:
    """A list that comes in pages."""

    member: str
    items: Schema

    def method_name(self, name: str) -> str:
        """Return the name of the method that goes through all pages."""
        return f"iter_{name.removeprefix('list_')}"


def listing(document: Document, operation: Operation) -> Listing | None:
    """Return what the operation lists, if it does so in pages."""
    if operation.result is None or operation.kind != "json" or operation.verb != "GET":
        return None
    named = reference(operation.result)
    schema = operation.result if named is None else document.schemas[named]
    members: dict[str, Schema] = schema.get("properties", {})
    asked = {one.name for one in operation.of("query")}
    if "nextPageToken" not in members or not {"pageToken", "fields"} <= asked:
        return None
    lists = [(name, one) for name, one in members.items() if one.get("type") == "array"]
    if len(lists) != 1:
        return None
    name, found = lists[0]
    return Listing(name, found["items"])
