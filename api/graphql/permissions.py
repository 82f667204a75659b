"""Who may use which field. Every root field declares its audience; there is no default."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.auth.caller import Caller, CallerKind, Role
from api.graphql.context import Context
from api.graphql.problems import Problem, ProblemCode, problem


@dataclass(frozen=True, slots=True)
class Audience:
    """The sorts of caller that a declaration lets in."""

    names: frozenset[str]

    def __or__(self, other: "Audience") -> "Audience":
        return Audience(self.names | other.names)

    def admits(self, caller: Caller | None) -> bool:
        """Tell whether this caller belongs to the audience."""
        if caller is None:
            return "anonymous" in self.names
        if caller.kind is CallerKind.STAFF:
            return any(role.value in self.names for role in caller.roles)
        return caller.kind.value in self.names


def _audience(*names: str) -> Audience:
    return Audience(frozenset(names))


PARTNER = _audience(CallerKind.PARTNER.value)
MEMBER = _audience(CallerKind.MEMBER.value)
OPERATOR = _audience(Role.OPERATOR.value)
MAKER = _audience(Role.FINANCE_MAKER.value)
CHECKER = _audience(Role.FINANCE_CHECKER.value)
AUDITOR = _audience(Role.AUDITOR.value)
FINANCE = MAKER | CHECKER
STAFF = OPERATOR | FINANCE | AUDITOR
EVERYONE = PARTNER | MEMBER | STAFF
"""Every caller with a token."""
ANYONE = EVERYONE | _audience("anonymous")

DECLARATIONS: dict[str, Audience] = {}
"""The audience of every root field, by `Query.name`, `Mutation.name` or `Subscription.name`."""

READMIT_SECONDS = 1.0
"""How long a subscription goes on before its caller's token is looked at again."""


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _declare(kind: str, resolver: Callable[..., Any], audience: Audience) -> None:
    DECLARATIONS[f"{kind}.{_camel(resolver.__name__)}"] = audience


def query(*, allow: Audience) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """Declare a query field and who may read it; its docstring is its description."""

    def declare(resolver: Callable[..., Awaitable[Any]]) -> Any:
        _declare("Query", resolver, allow)

        @wraps(resolver)
        async def guarded(self: Any, info: Info, **arguments: Any) -> Any:
            _require(allow, info.context.caller, info.context)
            return await resolver(self, info, **arguments)

        return strawberry.field(guarded, description=resolver.__doc__)

    return declare


def _require(allow: Audience, caller: Caller | None, context: Context) -> None:
    if allow.admits(caller):
        return
    if caller is None:
        context.known_caller  # noqa: B018 raises UNAUTHENTICATED
    raise GraphQLError("This caller may not read this.", extensions={"code": "FORBIDDEN"})


def subscription(*, allow: Audience) -> Callable[[Callable[..., AsyncGenerator[Any]]], Any]:
    """Declare a subscription field and who may follow it; its docstring is its description.

    It ends with an error, within a second, once the caller's token ends, is revoked, or no longer
    belongs to the audience: a socket may stay open for longer than a token is good.
    """

    def declare(resolver: Callable[..., AsyncGenerator[Any]]) -> Any:
        _declare("Subscription", resolver, allow)

        @wraps(resolver)
        async def guarded(self: Any, info: Info, **arguments: Any) -> AsyncGenerator[Any]:
            _require(allow, await info.context.caller_now(), info.context)
            return _while_admitted(allow, info.context, resolver(self, info, **arguments))

        return strawberry.subscription(guarded, description=resolver.__doc__)

    return declare


async def _while_admitted(
    allow: Audience, context: Context, events: AsyncGenerator[Any]
) -> AsyncGenerator[Any]:
    coming: asyncio.Future[Any] | None = None
    try:
        while True:
            _require(allow, await context.caller_now(), context)
            coming = coming or asyncio.ensure_future(anext(events, _END))
            done, _ = await asyncio.wait({coming}, timeout=READMIT_SECONDS)
            if not done:
                continue
            event, coming = coming.result(), None
            if event is _END:
                return
            yield event
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait({coming})
        await events.aclose()


_END = object()


def mutation(*, allow: Audience) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """Declare a mutation and who may call it; others get the problem FORBIDDEN.

    The resolver is `async def name(self, info, input: XInput) -> XPayload`; the payload class
    derives from `Payload`.
    """

    def declare(resolver: Callable[..., Awaitable[Any]]) -> Any:
        _declare("Mutation", resolver, allow)
        payload = resolver.__annotations__["return"]

        @wraps(resolver)
        async def guarded(self: Any, info: Info, input: Any) -> Any:  # noqa: A002 the contract's word
            context: Context = info.context
            if not allow.admits(context.caller):
                context.known_caller  # noqa: B018 raises UNAUTHENTICATED for an anonymous caller
                return payload(problems=[problem(ProblemCode.FORBIDDEN, context.locale)])
            return await resolver(self, info, input)

        return strawberry.mutation(guarded, description=resolver.__doc__)

    return declare


@strawberry.type
class Payload:
    """What every mutation returns: its thing, or the problems that kept it from happening."""

    problems: list[Problem] = strawberry.field(
        default_factory=list, description="Why nothing changed; empty when it happened."
    )
    replayed: bool = strawberry.field(
        default=False, description="True when this key was answered before; nothing happened anew."
    )
