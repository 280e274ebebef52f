"""The operations, as methods of one class per group and kind of client."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from generate.document import Document, Operation, Parameter
from generate.names import argument, docstring, escape, sentence, snake, wrap
from generate.pages import Listing, listing
from generate.schema import Type, UnsupportedError, type_of

_STANDARD = {
    "collections.abc": ("AsyncIterator", "Iterator", "Mapping", "Sequence"),
    "datetime": ("datetime",),
    "pathlib": ("Path",),
    "typing": ("Any", "Literal"),
}
# Of two parameters with one name, the one further left keeps it.
_RANKS = ("path", "body", "form", "query", "header")
_PAGE_NUMBERS = frozenset({"page", "limit"})
_PER_TRY = "Seconds for each try; by default the client's."
_NOTE = "Generated from the OpenAPI document; not to be edited."


@dataclass(frozen=True)
class Flavour:
    """What differs between the client that is called and the one that is awaited."""

    prefix: str
    define: str
    wait: str
    iterate: str
    iterator: str
    transport: str


SYNC = Flavour("", "def", "", "for", "Iterator", "SyncTransport")
ASYNC = Flavour("Async", "async def", "await ", "async for", "AsyncIterator", "AsyncTransport")


def api_files(document: Document) -> dict[str, str]:
    """Return one module per group, and one that holds them together."""
    files = {"__init__.py": f'"""The generated part of the client. {_NOTE}"""\n'}
    groups = [(snake(tag), _class(tag), tag, told) for tag, told in document.tags()]
    for module, name, tag, told in groups:
        mine = [one for one in document.operations if one.tag == tag]
        files[f"{module}.py"] = _module(document, name, told or tag, mine)
    files["client.py"] = _client(groups)
    return files


def _class(tag: str) -> str:
    return "".join(word.capitalize() for word in snake(tag).split("_")) + "Api"


def _module(document: Document, name: str, told: str, operations: list[Operation]) -> str:
    body = ""
    for flavour in (SYNC, ASYNC):
        lines = [f"class {flavour.prefix}{name}:", *docstring([told], 4), ""]
        lines += [f"    def __init__(self, transport: {flavour.transport}) -> None:"]
        lines += ["        self._transport = transport"]
        for operation in operations:
            lines += Method(document, operation, flavour).lines()
        body += "\n\n" + "\n".join(lines) + "\n"
    return _head(told, body) + body


def _head(told: str, body: str) -> str:
    lines = [*docstring([told, _NOTE], 0), "", "from __future__ import annotations", ""]
    names = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    for module, offered in _STANDARD.items():
        used = [name for name in offered if name in names]
        if used:
            lines.append(f"from {module} import {', '.join(used)}")
    if lines[-1]:
        lines.append("")
    lines.append("from covergen import _wire as wire")
    lines.append("from covergen._async import AsyncTransport")
    calls = [name for name in ("Call", "FileContent", "Upload") if name in names]
    lines.append(f"from covergen._call import {', '.join(calls)}")
    lines.append("from covergen._sync import SyncTransport")
    if "models" in names:
        lines += ["", "from . import models"]
    return "\n".join(lines) + "\n"


def _client(groups: list[tuple[str, str, str, str]]) -> str:
    lines = [f'"""Every group of calls. {_NOTE}"""', "", "from __future__ import annotations", ""]
    lines += ["from covergen._async import AsyncTransport"]
    lines += ["from covergen._sync import SyncTransport", ""]
    for module, name, _, _ in groups:
        lines.append(f"from .{module} import Async{name}, {name}")
    for flavour in (SYNC, ASYNC):
        how = "called" if flavour is SYNC else "awaited"
        lines += ["", "", f"class {flavour.prefix or 'Sync'}Api:"]
        lines += [f'    """Every group of calls, to be {how}."""', ""]
        lines += [f"    def __init__(self, transport: {flavour.transport}) -> None:"]
        for module, name, tag, told in groups:
            lines.append(f"        self.{module} = {flavour.prefix}{name}(transport)")
            lines += wrap(f'"""{escape(sentence(told or tag))}"""', 8)
    return "\n".join(lines) + "\n"


def _arguments_by_place(operation: Operation) -> dict[tuple[str, str], str]:
    """Return a name for every argument; one that is taken tells its place, too."""
    names: dict[tuple[str, str], str] = {}
    ranked = sorted(operation.parameters, key=lambda one: _RANKS.index(one.place))
    for one in ranked:
        made = argument(one.name)
        if made in names.values():
            made = f"{one.place}_{made}"
        if made in names.values():
            raise UnsupportedError(f"{operation.id}: two arguments are `{made}`")
        names[one.place, one.name] = made
    return names


class Method:
    """One operation as a method, and what comes with it."""

    def __init__(self, document: Document, operation: Operation, flavour: Flavour) -> None:
        self._document = document
        self._operation = operation
        self._flavour = flavour
        self._schemas = document.schemas
        self._name = snake(operation.id.rpartition("_")[2])
        self._listing: Listing | None = listing(document, operation)
        ordered = sorted(
            operation.parameters,
            key=lambda one: (one.place != "path", not one.required, _RANKS.index(one.place)),
        )
        self._parameters = ordered
        self._names = _arguments_by_place(operation)

    def lines(self) -> list[str]:
        """Return the method's lines, with those of its companions."""
        match self._operation.kind:
            case "content" if self._operation.verb == "GET":
                return self._content() + self._download()
            case "content":
                return self._content()
            case "events":
                return self._events()
            case "nothing":
                return self._plain("None", "nothing", [])
            case _:
                result = self._type(self._operation.result or {})
                plain = self._plain(result.annotation, "json", [result.codec])
                return plain + (self._all_pages(self._listing) if self._listing else [])

    def _plain(self, returns: str, sender: str, extra: list[str]) -> list[str]:
        wait = self._flavour.wait
        lines = self._signature(self._flavour.define, self._name, self._arguments(), returns)
        lines += self._doc([])
        arguments = [*self._call(), *[f"            {one}," for one in extra]]
        return [*lines, f"        return {wait}self._transport.{sender}(", *arguments, "        )"]

    def _content(self) -> list[str]:
        return self._plain("bytes", "content", [])

    def _download(self) -> list[str]:
        wait = self._flavour.wait
        arguments = self._arguments()
        at = arguments.index("*") if "*" in arguments else len(arguments)
        arguments.insert(at, "path: str | Path")
        name = f"{self._name}_to"
        lines = self._signature(self._flavour.define, name, arguments, "Path")
        where = ["            path: The file to write; it is there whole or not at all."]
        lines += self._doc(where, timeout="Longest silence in seconds; by default the client's.")
        call = [*self._call(), "            path,"]
        return [*lines, f"        return {wait}self._transport.save(", *call, "        )"]

    def _events(self) -> list[str]:
        result = self._type(self._operation.result or {})
        arguments = [*self._arguments(), "last_event_id: str | None = None"]
        returns = f"{self._flavour.iterator}[{result.annotation}]"
        lines = self._signature("def", self._name, arguments, returns)
        more = "            last_event_id: Send only what is newer than this event."
        lines += self._doc([more], "A broken connection is made anew where it left off.")
        call = [*self._call(), f"            {result.codec},", "            last_event_id,"]
        return [*lines, "        return self._transport.events(", *call, "        )"]

    def _all_pages(self, found: Listing) -> list[str]:
        # Going on from page to page takes tokens; numbers would ask for one page.
        kept = [one for one in self._operation.parameters if one.name not in _PAGE_NUMBERS]
        operation = replace(self._operation, parameters=tuple(kept))
        return Method(self._document, operation, self._flavour)._iterator(found)

    def _iterator(self, found: Listing) -> list[str]:
        flavour = self._flavour
        item = self._type(found.items)
        name = found.method_name(self._name)
        returns = f"{flavour.iterator}[{item.annotation}]"
        lines = self._signature(flavour.define, name, self._arguments(), returns)
        lines += self._doc([], "Goes on from page to page.")
        lines += ["        if fields:", '            fields = f"{fields},nextPageToken"']
        lines += ["        while True:", f"            _page = {flavour.wait}self.{self._name}("]
        for one in self._parameters:
            made = self._names[one.place, one.name]
            given = made if one.place == "path" else f"{made}={made}"
            lines.append(f"                {given},")
        lines += ["                timeout=timeout,", "            )"]
        items = f"_page.{snake(found.member)}"
        if flavour is SYNC:
            lines.append(f"            yield from {items}")
        else:
            lines += [f"            for _item in {items}:", "                yield _item"]
        lines += ["            if not _page.next_page_token:", "                return"]
        return [*lines, "            page_token = _page.next_page_token"]

    def _signature(self, define: str, name: str, arguments: list[str], returns: str) -> list[str]:
        lines = ["", f"    {define} {name}(", "        self,"]
        lines += [f"        {one}," for one in arguments]
        return [*lines, f"    ) -> {returns}:"]

    def _arguments(self) -> list[str]:
        by_position = [one for one in self._parameters if one.place == "path"]
        arguments = [self._argument(one) for one in by_position]
        if self._operation.upload is not None:
            arguments.append(f"{argument(self._operation.upload)}: FileContent")
        arguments.append("*")
        arguments += [self._argument(one) for one in self._parameters if one.place != "path"]
        if self._operation.upload is not None:
            arguments.append("file_name: str | None = None")
        if self._operation.takes_key:
            arguments.append("idempotency_key: str | None = None")
        # A stream lasts as long as there is news.
        if self._operation.kind != "events":
            arguments.append("timeout: float | None = None")
        if arguments[-1] == "*":
            arguments.pop()
        return arguments

    def _argument(self, parameter: Parameter) -> str:
        accepted = self._type(parameter.schema).accepted
        if parameter.required:
            return f"{self._names[parameter.place, parameter.name]}: {accepted}"
        optional = accepted if accepted == "Any" else f"{accepted} | None"
        return f"{self._names[parameter.place, parameter.name]}: {optional} = None"

    def _type(self, schema: dict[str, object]) -> Type:
        return type_of(schema, self._schemas, "models.")

    def _doc(self, more: list[str], also: str = "", timeout: str = _PER_TRY) -> list[str]:
        args: list[str] = []
        told = [one for one in self._parameters if one.description]
        for one in told:
            text = f"{self._names[one.place, one.name]}: {escape(sentence(one.description))}"
            args += wrap(text, 12, hanging=4)
        if self._operation.upload is not None:
            field = argument(self._operation.upload)
            args.append(f"            {field}: The file: its path, its bytes, or an open file.")
            args.append("            file_name: Its name; by default that of the path.")
        args += more
        if self._operation.takes_key:
            args.append("            idempotency_key: Key of this call; made where it is absent.")
        if self._operation.kind != "events":
            args.append(f"            timeout: {timeout}")
        paragraphs = [*self._operation.description.split("\n\n"), also]
        sections = ["        Args:", *args] if args else None
        return docstring(paragraphs, 8, sections)

    def _call(self) -> list[str]:
        operation = self._operation
        lines = ["            Call(", f'                "{operation.verb}",']
        lines.append(f'                "{operation.path}",')
        for place, name in (("path", "variables"), ("query", "query"), ("header", "headers")):
            lines += self._group(place, name, always=False)
        lines += self._group("body", "body", always=operation.has_body)
        if operation.upload is not None:
            lines += self._group("form", "form", always=False)
            field = argument(operation.upload)
            upload = f'Upload("{operation.upload}", {field}, file_name)'
            lines.append(f"                upload={upload},")
        if operation.takes_key:
            lines += ["                takes_key=True,", "                key=idempotency_key,"]
        if operation.kind != "events":
            lines.append("                timeout=timeout,")
        return [*lines, "            ),"]

    def _group(self, place: str, name: str, *, always: bool) -> list[str]:
        mine = [one for one in self._parameters if one.place == place]
        if not mine:
            return [f"                {name}={{}},"] if always else []
        lines = [f"                {name}=wire.members("]
        for one in mine:
            codec = self._type(one.schema).codec
            lines.append(
                f'                    ("{one.name}", {self._names[one.place, one.name]}, {codec}),'
            )
        return [*lines, "                ),"]
