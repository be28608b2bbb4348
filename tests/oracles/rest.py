"""Request bodies and answers, checked against Twilio's OpenAPI description.

The description says which fields a body may have; a JSON Schema validator alone lets unknown fields
pass, and a form knows no types but text, so both are dealt with here: unknown fields are objected to,
and each value is read the way its schema wants it before it is judged.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

from jsonschema import Draft202012Validator

from tests.oracles.packages import package_file

FORM = "application/x-www-form-urlencoded"
METHODS = frozenset({"get", "post", "delete", "put"})


@cache
def description() -> dict[str, Any]:
    """Twilio's OpenAPI document for api_v2010, as shipped."""
    path = package_file("@twilio", "cli-core", "src", "services", "twilio-api", "twilio_api_v2010.json")
    return json.loads(path.read_text("utf-8"))


def check_rest(method: str, path: str, form: Iterable[tuple[str, str]]) -> list[str]:
    """Sentences about what Twilio would not take; empty when all is well.

    `path` may carry a query; for GET the query is checked, for POST `form` is, repeated keys and all.
    """
    bare, _, query = path.partition("?")
    found = _operation(method, bare)
    if found is None:
        return [f"there is no {method} {bare}"]
    operation, wrong_parts = found
    pairs = list(form)
    asked = [tuple(part.split("=", 1)) for part in query.split("&") if part]
    known = query_names(operation)
    return (
        wrong_parts
        + [f"{name} is not a query parameter of {method} {bare}" for name, *_ in asked if name not in known]
        + _about_body(body_schema(operation), pairs)
    )


def check_answer(method: str, path: str, status: int, answer: object) -> list[str]:
    """Sentences about an answer that Twilio's description does not promise: fields unknown or ill-typed."""
    found = _operation(method, path.partition("?")[0])
    if found is None:
        return [f"there is no {method} {path}"]
    responses = found[0]["responses"]
    if str(status) not in responses:
        return [f"{method} {path} does not answer {status}"]
    schema = responses[str(status)].get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return []
    return [
        f"{'.'.join(map(str, e.path))}: {e.message}" for e in _validator(_closed(schema)).iter_errors(answer)
    ]


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """(METHOD, path template) -> operation."""
    paths: dict[str, Any] = description()["paths"]
    return {
        (name.upper(), template): operation
        for template, item in paths.items()
        for name, operation in item.items()
        if name in METHODS
    }


def body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of the form, `{}` for an operation without one."""
    return operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})


def query_names(operation: dict[str, Any]) -> frozenset[str]:
    """The names of the query parameters."""
    return frozenset(one["name"] for one in operation.get("parameters", []) if one["in"] == "query")


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a `$ref`."""
    if "$ref" not in schema:
        return schema
    return description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]


def _operation(method: str, path: str) -> tuple[dict[str, Any], list[str]] | None:
    candidates = sorted(operations().items(), key=lambda item: item[0][1].count("{"))
    for (name, template), operation in candidates:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(template))
        match = re.fullmatch(pattern, path) if name == method.upper() else None
        if match:
            return operation, _about_path(operation, match.groupdict())
    return None


def _about_path(operation: dict[str, Any], parts: dict[str, str]) -> list[str]:
    schemas = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "path"}
    return [
        f"{name}={value} does not match {schemas[name]['pattern']}"
        for name, value in parts.items()
        if "pattern" in schemas.get(name, {}) and not re.search(schemas[name]["pattern"], value)
    ]


def _about_body(schema: dict[str, Any], pairs: list[tuple[str, str]]) -> list[str]:
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    found = [f"{name} is not a field of this request" for name, _ in pairs if name not in properties]
    found += [f"{name} is missing" for name in schema.get("required", []) if name not in dict(pairs)]
    for name in dict(pairs):
        if name not in properties:
            continue
        wanted = resolved(properties[name])
        values = [value for key, value in pairs if key == name]
        if wanted.get("type") == "array":
            value: object = [_typed(one, resolved(wanted.get("items", {}))) for one in values]
        elif len(values) > 1:
            found.append(f"{name} is given more than once")
            continue
        else:
            value = _typed(values[0], wanted)
        found += [f"{name}: {error.message}" for error in _validator(wanted).iter_errors(value)]
    return found


def _typed(text: str, schema: dict[str, Any]) -> object:
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in {"integer", "number"} and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return int(text) if kind == "integer" and "." not in text else float(text)
    return text


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**resolved(schema), "additionalProperties": False}


def _validator(schema: dict[str, Any]) -> Any:
    whole = cast("dict[str, Any]", _plain(schema) | {"components": _plain(description()["components"])})
    return Draft202012Validator(whole)


def _plain(node: Any) -> Any:
    """The same schema in JSON Schema's own words: OpenAPI 3.0 says `nullable` where it says null.

    One field is said to be null in its description only, and that counts as well.
    """
    if isinstance(node, list):
        return [_plain(one) for one in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    same = {key: _plain(value) for key, value in cast("dict[str, Any]", node).items() if key != "nullable"}
    nullable = "nullable" in node or "will be `null`" in str(same.get("description"))
    if nullable and isinstance(same.get("type"), str):
        same["type"] = [same["type"], "null"]
        if "enum" in same:
            same["enum"] = [*same["enum"], None]
    return same
