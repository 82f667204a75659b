"""What a caller may see of an error."""

import logging
import re
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api.graphql.document_refusal import TOO_DEEP, TOO_LONG

ERRORS_SHOWN_MAX = 5
MESSAGE_LENGTH_MAX = 1_000

_log = logging.getLogger("mizan.graphql")
# Strawberry logs the same errors with whatever their messages hold; one record each is enough.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL + 1)

# The parser tells its two bounds apart by their words only.
_SYNTAX_CODES = (
    ("Document contains more", TOO_LONG),
    ("Document is nested too deeply", TOO_DEEP),
)
# What Strawberry raises about a request and, on a stream, reports as an error of another kind.
_KNOWN: dict[type[object], tuple[str, str]] = {
    RecursionError: (TOO_DEEP, "The document is nested too deep."),
    CannotGetOperationTypeError: (
        "OPERATION_NOT_FOUND",
        "The document holds no such operation.",
    ),
    InvalidOperationTypeError: (
        "TRANSPORT_NOT_SUPPORTED",
        "An operation of this kind may not come by this method.",
    ),
}
_SUGGESTION = re.compile(r" Did you mean .*\?$", re.DOTALL)


def shown_errors(errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Turn errors into those that may leave the door: at most five, the unexpected ones masked."""
    return [_shown(error) for error in errors[:ERRORS_SHOWN_MAX]]


def mask_unexpected(error: BaseException) -> GraphQLError:
    """Log an error nobody foresaw under a new reference, which is all that the caller sees."""
    reference = uuid4().hex
    _log.error("unexpected error, reference %s", reference, exc_info=error)
    return GraphQLError("Unexpected error", extensions={"code": "INTERNAL", "reference": reference})


def _shown(error: GraphQLError) -> GraphQLError:
    origin = _origin(error)
    known = _KNOWN.get(type(origin)) if error.path is None else None
    if known is not None:
        code, message = known
        return GraphQLError(message, extensions={"code": code})
    if origin is not None and not _is_about_input(error, origin):
        return _placed(error, mask_unexpected(origin))
    message, extensions = error.message, dict(error.extensions or {})
    if error.path is None:
        message = _SUGGESTION.sub("", message)
        extensions.setdefault("code", _code_of(error))
    if len(message) > MESSAGE_LENGTH_MAX:
        message = message[:MESSAGE_LENGTH_MAX] + "…"
    return _placed(error, GraphQLError(message, extensions=extensions))


def _origin(error: GraphQLError) -> BaseException | None:
    """The exception of another kind that a GraphQL error was made from, if any."""
    origin: BaseException | None = error.original_error
    while isinstance(origin, GraphQLError):
        origin = origin.original_error
    return origin


def _is_about_input(error: GraphQLError, origin: BaseException) -> bool:
    """A value that its scalar refuses: known by the place in the document that it points to."""
    return error.path is None and bool(error.nodes) and isinstance(origin, ValueError | TypeError)


def _code_of(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return next(
            (code for hint, code in _SYNTAX_CODES if hint in error.message), "DOCUMENT_UNREADABLE"
        )
    return "DOCUMENT_INVALID"


def _placed(error: GraphQLError, shown: GraphQLError) -> GraphQLError:
    extensions: dict[str, Any] = shown.extensions or {}
    return GraphQLError(
        shown.message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
