"""docs/configuration.md has a row for each key of the schema, with the values that it takes and its description."""

import json
from pathlib import Path

from collide.experiment.config import read_schema

ROOT = Path(__file__).parents[2]
SCHEMA = read_schema()
BOUNDS = {"minimum": "from {}", "exclusiveMinimum": "above {}", "maximum": "to {}", "exclusiveMaximum": "below {}"}
KINDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "keys",
    "array": "list",
    "infinity": ".inf",
}


def follow(schema):
    """Return a schema with the content of what it refers to."""
    reference = schema.get("$ref")
    return {**SCHEMA["$defs"][reference.removeprefix("#/$defs/")], **schema} if reference else schema


def describe_values(schema):
    """Return the values that a key takes, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if types == ["array"]:
        return "list: " + describe_values(follow(schema["items"]))
    bounds = " ".join(text.format(schema[bound]) for bound, text in BOUNDS.items() if bound in schema)
    kinds = {kind: KINDS.get(kind, kind) for kind in types}
    return " or ".join(f"{text} {bounds}" if bounds and kind in ("integer", "number") else text for kind, text in kinds.items())


def list_keys(schema, path=""):
    """Yield a dotted path and a schema for each key below a schema. Keys with the same definition share a row."""
    if "$ref" in schema.get("then", {}):
        schema = follow(schema["then"])
    inner = schema.get("properties", {})
    groups = {}
    for name, value in inner.items():
        groups.setdefault(json.dumps(value) if "$ref" in value else name, []).append(name)
    for names in groups.values():
        shown = names[0] if len(names) == 1 else "{" + ",".join(names) + "}"
        yield from list_key(f"{path}{shown}", inner[names[0]])
    named = schema.get("additionalProperties")
    if isinstance(named, dict) and not inner.get("paper"):
        yield from list_key(f"{path}{{name}}", named)


def list_key(path, schema):
    schema = follow(schema)
    if "description" in schema:
        yield path, schema
    yield from list_keys(schema, f"{path}.")


def render_rows():
    """Return the rows of the page. The keys of the protocol `paper` stand for those of all protocols."""
    return [
        f"| `{path.replace('protocols.paper', 'protocols.{name}')}` | {describe_values(schema)} | {schema['description']} |"
        for path, schema in list_keys(SCHEMA)
        if path != "protocols.paper"
    ]


def test_the_page_lists_every_key():
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    block = page.partition("<!-- keys -->\n")[2].partition("<!-- /keys -->")[0]
    rows = render_rows()
    assert block.splitlines()[2:] == rows, "copy these rows to docs/configuration.md:\n" + "\n".join(rows)


def test_keys_of_all_depths_have_rows():
    rows = "\n".join(render_rows())
    for key in ("source", "studies.{name}.models.task", "models.{name}.{simulated,live,local}.price_in", "budget.total"):
        assert f"| `{key}` |" in rows
    assert "| `bootstrap.level` | number above 0 below 1 |" in rows
    assert "| `studies.{name}.gates` | list: one of `none`, `mae`" in rows


def test_no_comma_cuts_a_description_off():
    """In YAML, an unquoted comma inside braces ends a value, and the rest becomes a key without value."""

    def find_empty(value, path):
        for key, item in value.items() if isinstance(value, dict) else ():
            yield from [f"{path}.{key}"] if item is None else find_empty(item, f"{path}.{key}")

    assert not list(find_empty(SCHEMA, "schema"))
