"""From a request to what resolvers see: who is asking, and in which language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.websockets import WebSocket

from api.auth import Caller, CallerKind, TokenRejected, TokenVerifier
from api.change_desk import ChangeDesk
from api.clock import Clock
from api.database.transaction import Database
from api.graphql.context import Context
from api.graphql.document_limits import (
    MEMBER_LIMITS,
    PARTNER_LIMITS,
    STAFF_LIMITS,
    DocumentLimits,
)
from api.graphql.languages import spoken_for
from api.http.request_guard import RequestRefused
from api.progress_desk import ProgressDesk
from api.purchase_desk import PurchaseDesk
from partners.networks import find_locale

LANGUAGES_READ_MAX = 20
_LIMITS = {CallerKind.PARTNER: PARTNER_LIMITS, CallerKind.STAFF: STAFF_LIMITS}
_log = structlog.get_logger("mizan.callers")


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives requests and sockets: builds their context, and sends away whoever lies."""

    database: Database
    clock: Clock
    verifier: TokenVerifier
    vault: Any = None
    purchases: PurchaseDesk | None = None
    progress: ProgressDesk | None = None
    changes: ChangeDesk | None = None
    connected: frozenset[str] | None = None

    async def receive(self, request: Request | WebSocket) -> Context:
        """Build the context of a request; no token at all is an anonymous caller.

        Raises RequestRefused, with 401, for a token that is not good.
        """
        accepted = accepted_languages(request.headers.get("accept-language", ""))
        context = Context(
            database=self.database,
            clock=self.clock,
            vault=self.vault,
            purchases=self.purchases,
            progress=self.progress,
            changes=self.changes,
            connected=self.connected,
            is_socket=isinstance(request, WebSocket),
            locale=spoken_for(accepted).value,
            accepted=accepted,
        )
        given = request.headers.getlist("authorization")
        if len(given) > 1:
            raise _refused()
        await self._admit(context, given[0] if given else None)
        return context

    async def receive_parameters(self, context: object) -> None:
        """Accept the connection parameters of a socket: an `authorization` as the header is."""
        assert isinstance(context, Context)
        parameters = context.connection_params
        if not isinstance(parameters, Mapping):
            return
        given = parameters.get("authorization", parameters.get("Authorization"))
        if given is None:
            return
        if not isinstance(given, str) or context.caller is not None:
            raise _refused()
        await self._admit(context, given)

    async def _admit(self, context: Context, authorization: str | None) -> None:
        try:
            context.caller = await self.verifier.authenticate(authorization, now=context.now)
        except TokenRejected as rejected:
            _log.info("token rejected", reason=rejected.reason)
            raise _refused() from None

        async def again() -> Caller | None:
            try:
                return await self.verifier.authenticate(authorization, now=self.clock.now())
            except TokenRejected as rejected:
                _log.info("token ended", reason=rejected.reason)
                raise GraphQLError(
                    "The access token is no longer valid.", extensions={"code": "UNAUTHENTICATED"}
                ) from None

        context.admit_again = again


def limits_of(context: object) -> DocumentLimits:
    """Tell how large a document this caller may send."""
    caller = context.caller if isinstance(context, Context) else None
    return MEMBER_LIMITS if caller is None else _LIMITS.get(caller.kind, MEMBER_LIMITS)


def accepted_languages(accept_language: str) -> tuple[str, ...]:
    """Read the languages that the caller wants, the dearest first; what is none is left out."""
    weighed = []
    for part in accept_language.split(",")[:LANGUAGES_READ_MAX]:
        tag, _, parameter = part.partition(";")
        locale = find_locale(tag.strip()) or find_locale(tag.strip().partition("-")[0])
        weight = _weight(parameter)
        if locale is not None and weight > 0:
            weighed.append((weight, locale))
    weighed.sort(key=lambda one: -one[0])
    return tuple(dict.fromkeys(locale for _, locale in weighed))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _refused() -> RequestRefused:
    # One answer whatever was wrong: the reason is in the log.
    return RequestRefused(
        401,
        "UNAUTHENTICATED",
        "The access token is not valid.",
        headers={"www-authenticate": 'Bearer realm="mizan", error="invalid_token"'},
    )
