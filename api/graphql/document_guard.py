"""The guard inside the schema: every operation passes it, whatever transport brought it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from graphql import GraphQLError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.schema import Schema
from strawberry.types import StreamExecutionResult
from strawberry.types.graphql import OperationType

from api.graphql.analyser import DocumentAnalysis, analyse_document
from api.graphql.document_limits import MEMBER_LIMITS, DocumentLimits
from api.graphql.document_refusal import refusal_of, too_deep
from api.graphql.shown_errors import shown_errors

DOCUMENTS_CACHED_MAX = 512
DEADLINE_SECONDS = 5.0
# Mutations of one balance wait for each other; one that is cut off leaves its caller in doubt.
MUTATION_DEADLINE_SECONDS = 30.0
DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"


def strictest_limits(_context: object) -> DocumentLimits:
    """The limits of a caller about whom nothing is known."""
    return MEMBER_LIMITS


@dataclass(slots=True)
class GuardedRequest:
    """What the guard is told about a request, and what it found out."""

    limits_for: Callable[[object], DocumentLimits] = strictest_limits
    deadline_seconds: float = DEADLINE_SECONDS
    mutation_deadline_seconds: float = MUTATION_DEADLINE_SECONDS
    analysis: DocumentAnalysis | None = None


# Set by the view; an operation that a page runs in the process itself gets the strictest limits.
guarded_request: ContextVar[GuardedRequest | None] = ContextVar("guarded_request", default=None)


def guard_schema(schema: Schema) -> None:
    """Put the guard before every other extension of a schema; a second call changes nothing."""
    if not any(extension in _GUARD for extension in schema.extensions):
        schema.extensions = (*_GUARD, *schema.extensions)


def _request() -> GuardedRequest:
    return guarded_request.get() or GuardedRequest()


class _BoundedParsing(ParserCache):
    """Reads no more tokens than the caller may send."""

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        limits = _request().limits_for(context.context)
        context.parse_options = {"max_tokens": limits.tokens_max}
        yield

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        try:
            context.graphql_document = self.cached_parse_document(
                context.query, **context.parse_options
            )
        except (GraphQLError, RecursionError, TypeError):
            # Parsed again by the schema, which reports the error as a result on every transport;
            # what a hook raises would break a stream.
            context.graphql_document = None
        yield


class _BoundedValidation(ValidationCache):
    """Measures a document before validating it: some rules are quadratic in what is repeated."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        refusal = self._refusal()
        if refusal is not None:
            context.pre_execution_errors = [refusal]
        else:
            try:
                errors = self.cached_validate_document(
                    context.schema._schema,  # noqa: SLF001 Strawberry has no public name for it
                    context.graphql_document,
                    context.validation_rules,
                )
            except RecursionError:
                errors = [too_deep()]
            context.pre_execution_errors = errors
        yield

    def _refusal(self) -> GraphQLError | None:
        context, request = self.execution_context, _request()
        if context.graphql_document is None:
            return None
        try:
            analysis = analyse_document(
                context.graphql_document,
                operation_name=context._provided_operation_name,  # noqa: SLF001 the one asked for
                variables=context.variables,
                schema=context.schema._schema,  # noqa: SLF001
            )
        except GraphQLError as refusal:
            return refusal
        except RecursionError:
            return too_deep()
        request.analysis = analysis
        return refusal_of(analysis, request.limits_for(context.context))


class _Deadline(SchemaExtension):
    """Ends what takes too long, and lets no error leave a stream unmasked."""

    async def on_execute(self) -> AsyncIterator[None]:
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION:
            yield
            return
        request = _request()
        seconds = request.deadline_seconds
        if self.execution_context.operation_type is OperationType.MUTATION:
            seconds = request.mutation_deadline_seconds
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            raise GraphQLError(
                f"No answer within {seconds:g} seconds; ask for less, or again with the same "
                "idempotency key.",
                extensions={"code": DEADLINE_EXCEEDED},
            ) from None

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        errors = getattr(result, "errors", None)
        if errors:
            result.errors = shown_errors(errors)  # type: ignore[union-attr]
        yield


def _parsing() -> SchemaExtension:
    return _BoundedParsing(maxsize=DOCUMENTS_CACHED_MAX)


def _validation() -> SchemaExtension:
    return _BoundedValidation(maxsize=DOCUMENTS_CACHED_MAX)


_GUARD = (_parsing, _validation, _Deadline)
