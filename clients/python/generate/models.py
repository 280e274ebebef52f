"""The messages and enumerations, as classes."""

from __future__ import annotations

import ast

from generate.document import Document
from generate.names import class_name, docstring, escape, member_name, sentence, snake, wrap
from generate.schema import Schema, UnsupportedError, is_enumeration, type_of

_HEAD = '''"""What calls take and return. Generated from the OpenAPI document; not to be edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from covergen import _wire as wire

__all__ = [
'''
_IMPORTS = {
    "datetime": "from datetime import datetime\n",
    "Any": "from typing import Any\n",
}


def models_file(document: Document) -> str:
    """Return the module with every class that operations need."""
    names = document.used_schemas()
    classes = [class_name(name) for name in names]
    if len(set(classes)) != len(classes):
        raise UnsupportedError(f"two schemas become one class: {sorted(classes)}")
    lines = [f'    "{name}",' for name in sorted(classes)]
    text = _HEAD + "\n".join(lines) + "\n]\n"
    body = ""
    for name in names:
        schema = document.schemas[name]
        made = _enumeration if is_enumeration(schema) else _message
        body += "\n\n" + "\n".join(made(class_name(name), schema, document.schemas)) + "\n"
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    for name, line in _IMPORTS.items():
        if name not in used:
            text = text.replace(line, "")
    return text + body


def _enumeration(name: str, schema: Schema, _schemas: dict[str, Schema]) -> list[str]:
    words = [str(word) for word in schema["enum"]]
    told = str(schema.get("description") or f"Values of {name}")
    lines = [f"class {name}(wire.OpenEnum):", *docstring([told], 4), ""]
    return lines + [f'    {member_name(word)} = "{word}"' for word in words]


def _message(name: str, schema: Schema, schemas: dict[str, Schema]) -> list[str]:
    required = schema.get("required", [])
    members = schema.get("properties", {})
    told = str(schema.get("description") or name)
    lines = [
        "@dataclass(slots=True, kw_only=True)",
        f"class {name}(wire.Model):",
        *docstring([told], 4),
    ]
    seen: set[str] = set()
    for member, described in members.items():
        kind = type_of(described, schemas)
        made = snake(member)
        if made in seen:
            raise UnsupportedError(f"{name}: two members become `{made}`")
        seen.add(made)
        is_required = member in required
        annotation = kind.annotation if is_required else f"{kind.annotation} | None"
        if annotation == "Any | None":
            annotation = "Any"
        maker = "member" if is_required else "optional"
        lines += ["", *_assignment(made, annotation, f'wire.{maker}("{member}", {kind.codec})')]
        lines += _member_doc(str(described.get("description", "")))
    return lines


def _assignment(name: str, annotation: str, value: str) -> list[str]:
    line = f"    {name}: {annotation} = {value}"
    if len(line) <= 100:
        return [line]
    return [f"    {name}: {annotation} = (", f"        {value}", "    )"]


def _member_doc(description: str) -> list[str]:
    if not description:
        return []
    text = f'"""{escape(sentence(description))}"""'
    return wrap(text, 4)
