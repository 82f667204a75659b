"""Stripe's API description: finds the operation of a request and checks what goes in and out."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

_FILE = Path(__file__).with_name("stripe_openapi.json")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_KEY_PART = re.compile(r"[^\[\]]+")

Json = dict[str, Any]


class StripeError(Exception):
    """What Stripe answers instead of an object.

    With `keeps`, what the operation did stays done: a declined payment intent, for one, exists.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        fields = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.body: Json = {"error": {k: v for k, v in fields.items() if v is not None}}


def missing(kind: str, object_id: str) -> StripeError:
    """Say that there is no such object, as Stripe does."""
    return StripeError(
        f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param="id"
    )


@dataclass(frozen=True)
class Operation:
    """One operation of the description: where it is and what it takes and gives."""

    method: str
    template: str
    pattern: re.Pattern[str]
    parameters: Json
    request: Draft202012Validator
    response: Draft202012Validator


def _modern(node: Any) -> Any:
    """Rewrite OpenAPI 3.0's `nullable` into what JSON Schema understands."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _modern(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def _parameters_of(operation: Json) -> Json:
    content = operation.get("requestBody", {}).get("content", {})
    for media in content.values():
        schema: Json = media["schema"]
        return schema
    query = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {p["name"]: p["schema"] for p in query},
        "required": [p["name"] for p in query if p["required"]],
    }


def _pattern_of(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


@cache
def _description() -> Json:
    description: Json = json.loads(_FILE.read_text())
    return description


def api_version() -> str:
    """Name the API version that the double speaks."""
    version: str = _description()["info"]["version"]
    return version


@cache
def operations() -> tuple[Operation, ...]:
    """Read every operation of the description, the more literal path first."""
    description = _description()
    root = {"components": {"schemas": _modern(description["components"]["schemas"])}}
    found = []
    for template in sorted(description["paths"], key=lambda path: path.count("{")):
        for method, operation in description["paths"][template].items():
            parameters = _modern(_parameters_of(operation))
            answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
            found.append(
                Operation(
                    method=method,
                    template=template,
                    pattern=_pattern_of(template),
                    parameters=parameters,
                    request=Draft202012Validator({**parameters, **root}),
                    response=Draft202012Validator({**_modern(answer), **root}),
                )
            )
    return tuple(found)


def find_operation(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """Find the operation of a request and the ids in its path; refuses an unknown address."""
    for operation in operations():
        match = operation.pattern.fullmatch(path)
        if match and operation.method == method.lower():
            return operation, match.groupdict()
    raise StripeError(f"Unrecognized request URL ({method.upper()}: {path}).", status=404)


def _nest(pairs: Iterable[tuple[str, str]]) -> Json:
    tree: Json = {}
    for name, value in pairs:
        parts = _KEY_PART.findall(name)
        if not parts:
            raise StripeError("A parameter has no name.")
        branch = tree
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})
            if not isinstance(branch, dict):
                raise StripeError(f"Invalid parameter: {name}.", param=name)
        branch[parts[-1]] = value
    return tree


def _lists(node: Any) -> Any:
    """Turn the branches whose names are all numbers into lists."""
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def _variant(value: Any, schema: Json) -> Json:
    """Choose the alternative of a schema that a value of this shape can be meant for."""
    wanted = "object" if isinstance(value, dict) else None
    wanted = "array" if isinstance(value, list) else wanted
    options = schema.get("anyOf", [schema])
    if wanted is None:
        scalar = [o for o in options if o.get("type") not in ("object", "array")]
        chosen: Json = scalar[0] if scalar else options[0]
        return chosen
    fitting = [o for o in options if o.get("type") == wanted]
    found: Json = fitting[0] if fitting else options[0]
    return found


def _coerce(value: Any, schema: Json) -> Any:
    """Read the text of a form as the type that the schema names."""
    schema = _variant(value, schema)
    if isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties")
        other = rest if isinstance(rest, dict) else {}
        return {key: _coerce(item, known.get(key, other)) for key, item in value.items()}
    if isinstance(value, list):
        return [_coerce(item, schema.get("items", {})) for item in value]
    if schema.get("type") == "integer" and _INTEGER.fullmatch(value):
        return int(value)
    if schema.get("type") == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _complaint(error: ValidationError) -> StripeError:
    where = [str(part) for part in error.absolute_path]
    given: Any = error.instance
    schema: Any = error.schema
    value: Any = error.validator_value
    if error.validator == "additionalProperties":
        unknown = sorted(set(given) - set(schema.get("properties", {})))
        param = _bracketed([*where, unknown[0]])
        return StripeError(
            f"Received unknown parameter: {param}", code="parameter_unknown", param=param
        )
    if error.validator == "required":
        missing = [name for name in value if name not in given]
        param = _bracketed([*where, missing[0]])
        return StripeError(
            f"Missing required param: {param}.", code="parameter_missing", param=param
        )
    return StripeError(f"Invalid value: {error.message[:120]}", param=_bracketed(where))


def _bracketed(path: list[str]) -> str:
    return path[0] + "".join(f"[{part}]" for part in path[1:]) if path else ""


def read_parameters(operation: Operation, text: str) -> Json:
    """Decode a form or query string and refuse what the description does not know or lacks."""
    values = _coerce(_lists(_nest(parse_qsl(text, keep_blank_values=True))), operation.parameters)
    error = next(operation.request.iter_errors(values), None)
    if error is not None:
        raise _complaint(error)
    parameters: Json = values
    return parameters


def check_answer(operation: Operation, body: Json) -> None:
    """Prove that an answer has the shape Stripe describes."""
    error = next(operation.response.iter_errors(body), None)
    if error is not None:
        where = "/".join(map(str, error.absolute_path))
        raise AssertionError(f"{operation.template}: {where}: {error.message[:300]}")
