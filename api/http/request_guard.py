"""The guard before the schema: what is no GraphQL request never gets further than here."""

import asyncio
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

BODY_BYTES_MAX = 256 * 1024
QUERY_STRING_BYTES_MAX = 32 * 1024
JSON_DEPTH_MAX = 64
INTEGER_DIGITS_MAX = 19
BODY_SECONDS_MAX = 10.0
# What a refused upload may still send before the answer; a client that is cut off sees no answer.
DRAINED_BYTES_MAX = 64 * 1024 * 1024

# A string, closed or not, or a bracket: one pass, no backtracking.
_JSON_SHAPE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_NUL_ESCAPE = re.compile(r"\\u(?:0000|\{0+\})")


class RequestRefused(Exception):
    """The request cannot be read as one GraphQL operation."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """One GraphQL operation as it came over HTTP."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = field(default=None)


async def read_operation(request: Request) -> OperationRequest:
    """Read one operation from a GET or POST; refuses everything else with a 4xx."""
    if request.method == "GET":
        return operation_of(_query_parameters(request.scope["query_string"]))
    if request.method == "POST":
        _require_json(request)
        return operation_of(parse_json_object(await _read_body(request)))
    raise RequestRefused(
        405, "METHOD_NOT_ALLOWED", "Use GET or POST.", headers={"allow": "GET, POST"}
    )


def parse_json_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object whose size, depth, numbers and text are all within bounds."""
    if len(body) > BODY_BYTES_MAX:
        raise _too_large()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable("The body is not valid UTF-8.") from None
    if _depth_exceeds(body, JSON_DEPTH_MAX):
        raise _unreadable(f"The JSON is nested more than {JSON_DEPTH_MAX} levels deep.")
    try:
        payload = json.loads(
            text, parse_int=_integer, parse_float=_finite, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise _unreadable("The body is not JSON, or holds a number that is too large.") from None
    if not isinstance(payload, dict):
        raise RequestRefused(400, "REQUEST_INVALID", "Send one JSON object; batches are refused.")
    # Raw control characters and invalid UTF-8 are refused above: only an escape can hide them.
    if "\\u" in text:
        _require_clean(payload)
    return payload


def operation_of(payload: Mapping[str, Any]) -> OperationRequest:
    """Check the members of a GraphQL request; unknown ones are ignored."""
    query = payload.get("query")
    if not isinstance(query, str) or not query.strip():
        raise RequestRefused(
            400, "QUERY_MISSING", "`query` must be a string that holds a document."
        )
    if "\x00" in query or _NUL_ESCAPE.search(query):
        raise _unreadable("Text may not hold the character U+0000.")
    name = payload.get("operationName")
    if not isinstance(name, str | None):
        raise RequestRefused(400, "REQUEST_INVALID", "`operationName` must be a string or null.")
    return OperationRequest(
        query=query,
        operation_name=name or None,
        variables=_object(payload, "variables"),
        extensions=_object(payload, "extensions"),
    )


def _object(payload: Mapping[str, Any], member: str) -> dict[str, Any] | None:
    value = payload.get(member)
    if not isinstance(value, dict | None):
        raise RequestRefused(400, "REQUEST_INVALID", f"`{member}` must be an object or null.")
    return value


def _require_json(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "application/json":
        raise _unsupported("Send the request as content-type application/json.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in {"utf-8", "utf8"}:
        raise _unsupported("Send the request in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _unsupported("Send the request without a content-encoding.")


async def _read_body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= BODY_BYTES_MAX:
                    chunks.append(chunk)
                elif size > DRAINED_BYTES_MAX:
                    break
    except TimeoutError:
        raise RequestRefused(
            408, "REQUEST_TIMEOUT", "The body did not arrive in time.", headers=_CLOSE
        ) from None
    if size > BODY_BYTES_MAX:
        raise _too_large()
    return b"".join(chunks)


def _query_parameters(query_string: bytes) -> dict[str, Any]:
    if len(query_string) > QUERY_STRING_BYTES_MAX:
        raise RequestRefused(414, "REQUEST_TOO_LARGE", "Use POST for a query of this length.")
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=16,
        )
    except ValueError:
        raise _unreadable("The query string is not valid UTF-8 form data.") from None
    parameters: dict[str, Any] = dict(pairs)
    for member in ("variables", "extensions"):
        text = parameters.get(member)
        if text:
            parameters[member] = None if text == "null" else parse_json_object(text.encode())
        else:
            parameters.pop(member, None)
    return parameters


def _depth_exceeds(body: bytes, limit: int) -> bool:
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    depth = 0
    for token in _JSON_SHAPE.finditer(body):
        if token[0] in (b"[", b"{"):
            depth += 1
            if depth > limit:
                return True
        elif token[0] in (b"]", b"}"):
            depth -= 1
    return False


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > INTEGER_DIGITS_MAX:
        raise ValueError("integer too long")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("number too large")
    return number


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _require_clean(value: object) -> None:
    """Refuse text that PostgreSQL or UTF-8 cannot hold: U+0000 and halves of surrogate pairs."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise _unreadable("Text may not hold U+0000 or half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _require_clean(key)
            _require_clean(inner)
    elif isinstance(value, list):
        for inner in value:
            _require_clean(inner)


_CLOSE = {"connection": "close"}


def _too_large() -> RequestRefused:
    message = f"The body is larger than {BODY_BYTES_MAX // 1024} kB."
    return RequestRefused(413, "REQUEST_TOO_LARGE", message, headers=_CLOSE)


def _unsupported(message: str) -> RequestRefused:
    return RequestRefused(415, "UNSUPPORTED_MEDIA_TYPE", message)


def _unreadable(message: str) -> RequestRefused:
    return RequestRefused(400, "REQUEST_UNREADABLE", message)
