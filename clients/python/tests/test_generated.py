"""The generator: the same document gives the same client, and all of it."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import covergen.gen
from covergen import AsyncCovergen, Covergen, models
from generate.__main__ import generate
from generate.document import Document
from generate.names import argument, class_name, snake
from generate.schema import UnsupportedError

ROOT = Path(__file__).parents[1]
BFFS = ROOT.parents[1] / "bff"
DOCUMENT = BFFS / "partner/openapi.json"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


def test_what_is_committed_is_what_the_document_gives(tmp_path: Path) -> None:
    command = [sys.executable, "-B", "-m", "generate", str(DOCUMENT), str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"})
    assert contents(tmp_path) == contents(Path(covergen.gen.__file__).parent)


def test_every_operation_has_a_method_in_both_clients() -> None:
    data = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    with Covergen("key", base_url="http://localhost") as called:
        awaited = AsyncCovergen("key", base_url="http://localhost")
        for item in data["paths"].values():
            for operation in item.values():
                group = snake(operation["tags"][0])
                name = snake(operation["operationId"].rpartition("_")[2].rstrip("0123456789"))
                for client in (called, awaited):
                    method = getattr(getattr(client, group), name)
                    assert method.__doc__, name


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    with Covergen("key", base_url="http://localhost") as called:
        awaited = AsyncCovergen("key", base_url="http://localhost")
        for group, sync in vars(called).items():
            if group.startswith("_"):
                continue
            for name, method in inspect.getmembers(sync, inspect.ismethod):
                if name == "__init__":
                    continue
                other = inspect.signature(getattr(getattr(awaited, group), name))
                assert other.parameters == inspect.signature(method).parameters, name


@pytest.mark.parametrize("bff", ["web", "mobile", "partner"])
def test_any_of_the_documents_can_be_read(bff: str, tmp_path: Path) -> None:
    generate(BFFS / bff / "openapi.json", tmp_path)
    for name, text in contents(tmp_path).items():
        compile(text, name, "exec")


def test_the_examples_of_the_document_come_back_as_they_were() -> None:
    data = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    seen = 0
    for item in data["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json", {})
                if "example" not in content or not status.startswith("2"):
                    continue
                schema, example = content["schema"], content["example"]
                example.pop("_links", None)
                name = schema.get("allOf", [schema])[0]["$ref"].rpartition("/")[2]
                model = getattr(models, class_name(name))
                assert holds(model.from_json(example).to_json(), example), name
                seen += 1
    assert seen > 20


def holds(whole: Any, part: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    """Whether everything in `part` is in `whole`, times apart from their notation."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], one) for name, one in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


def test_names_become_names_of_python() -> None:
    assert [snake(one) for one in ("pageSize", "Sign-in", "API keys", "fNumber", "from")] == [
        "page_size",
        "sign_in",
        "api_keys",
        "f_number",
        "from_",
    ]
    assert argument("timeout") == "timeout_"
    assert class_name("CoverTask.Status") == "CoverTaskStatus"
    assert class_name("covergen.auth.v1.Account.Status") == "AuthAccountStatus"


def document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    operation = {
        "operationId": "A_Get",
        "tags": ["A"],
        "parameters": [],
        "responses": {"204": {"description": "Success."}},
        **changes,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "T"},
        "paths": {"/a": {"get": operation}},
        "components": {"schemas": {}, "parameters": {}},
    }


@pytest.mark.parametrize(
    "schema",
    [{"oneOf": []}, {"type": "null"}, {"$ref": "#/elsewhere"}, {"$ref": "#/components/schemas/B"}],
)
def test_what_is_not_known_is_an_error_and_not_left_out(
    schema: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = {"200": {"content": {"application/json": {"schema": schema}}}}
    source = tmp_path / "openapi.json"
    source.write_text(json.dumps(document(responses=answer)), encoding="utf-8")
    with pytest.raises(UnsupportedError):
        generate(source, tmp_path / "out")
    command = [sys.executable, "-B", "-m", "generate", str(source), str(tmp_path / "out")]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 1
    assert "openapi.json" in capfd.readouterr().err


def test_links_to_other_operations_are_left_to_the_methods() -> None:
    thing = {"type": "object", "properties": {"id": {"type": "string"}}}
    links = {"type": "object", "properties": {"_links": {"type": "object"}}}
    both = {"allOf": [{"$ref": "#/components/schemas/Thing"}, links]}
    data = document(responses={"200": {"content": {"application/json": {"schema": both}}}})
    data["components"]["schemas"]["Thing"] = thing
    assert Document(data).operations[0].result == {"$ref": "#/components/schemas/Thing"}
    mixed = {"allOf": [{"$ref": "#/components/schemas/Thing"}, thing]}
    data["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = mixed
    with pytest.raises(UnsupportedError, match="allOf"):
        Document(data).used_schemas()


def test_a_field_bound_twice_is_one_argument() -> None:
    etag = {"description": "The state meant.", "schema": {"type": "string"}}
    twice = [{"name": "if-match", "in": "header", **etag}, {"name": "etag", "in": "query", **etag}]
    found = Document(document(parameters=twice)).operations[0].parameters
    assert [(one.name, one.place) for one in found] == [("etag", "query")]
    after = {"description": "Only what is newer.", "schema": {"type": "string"}}
    resumed = [
        {"name": "last-event-id", "in": "header", **after},
        {"name": "afterVersion", "in": "query", **after},
    ]
    assert Document(document(parameters=resumed)).operations[0].parameters == ()
