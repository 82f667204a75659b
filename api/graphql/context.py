"""What a resolver sees of the request: the caller, the clock, and one snapshot of the network."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.dataloader import DataLoader
from strawberry.extensions import SchemaExtension

from api.auth.caller import Caller, CallerKind
from api.change_desk import ChangeDesk
from api.clock import Clock
from api.database.transaction import WHOLE_NETWORK, Database, Scope
from api.progress_desk import ProgressDesk
from api.purchase_desk import PurchaseDesk, open_purchase_desk


@dataclass(slots=True)
class Context:
    """One request. Reads share one snapshot, opened when first needed, closed with the request."""

    database: Database
    clock: Clock
    vault: Any = None
    purchases: PurchaseDesk | None = None
    progress: ProgressDesk | None = None
    changes: ChangeDesk | None = None
    connected: frozenset[str] | None = None
    """The suppliers that there is an account with, by name; None: this process does not know."""
    caller: Caller | None = None
    admit_again: Callable[[], Awaitable[Caller | None]] | None = None
    is_socket: bool = False
    locale: str = "en"
    """In which of its own languages the platform speaks to the caller."""
    accepted: tuple[str, ...] = ()
    """The languages that the caller reads, the dearest first, whatever the platform speaks."""
    connection_params: Any = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stack: AsyncExitStack | None = None
    _snapshot: AsyncConnection | None = None
    _loaders: dict[str, DataLoader[UUID, Any]] = field(default_factory=dict)
    _now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The instant of this request; it stays the same while the request lasts."""
        if self._now is None:
            self._now = self.clock.now()
        return self._now

    @property
    def known_caller(self) -> Caller:
        """The caller; raises the GraphQL error UNAUTHENTICATED when there is none."""
        if self.caller is None:
            raise GraphQLError(
                "Send an access token: Authorization: Bearer …",
                extensions={"code": "UNAUTHENTICATED"},
            )
        return self.caller

    @property
    def languages(self) -> tuple[str, ...]:
        """In which languages texts are wished where nothing else is asked, the dearest first."""
        return self.accepted or (self.locale,)

    @property
    def network_id(self) -> int:
        """The caller's network."""
        return self.known_caller.network_id

    @property
    def scope(self) -> Scope:
        """Whose rows the caller may read."""
        caller = self.known_caller
        if caller.kind is CallerKind.PARTNER:
            return Scope("partner", caller.partner_id)
        if caller.kind is CallerKind.MEMBER:
            return Scope("member", caller.member_id)
        return WHOLE_NETWORK

    @property
    def purchase_desk(self) -> PurchaseDesk:
        """Where reports of purchases go, together with those of other requests."""
        if self.purchases is None:
            self.purchases = open_purchase_desk(self.database)
        return self.purchases

    @property
    def progress_desk(self) -> ProgressDesk:
        """Where settlement cycles are watched, together with those who watch the same."""
        if self.progress is None:
            self.progress = ProgressDesk(self.database)
        return self.progress

    @property
    def change_desk(self) -> ChangeDesk:
        """Where the catalogue's changes are followed, together with those who follow the same."""
        if self.changes is None:
            self.changes = ChangeDesk(self.database)
        return self.changes

    async def caller_now(self) -> Caller | None:
        """Tell who is asking by now, for what outlasts a request.

        Raises the GraphQL error UNAUTHENTICATED when the token is no longer good.
        """
        return self.caller if self.admit_again is None else await self.admit_again()

    async def for_operation(self) -> "Context":
        """Give an operation that came by a socket a context of its own, with the instant of now.

        The socket's was made at the handshake. A token that is no longer good is none.
        """
        try:
            caller = await self.caller_now()
        except GraphQLError:
            caller = None
        return Context(
            database=self.database,
            clock=self.clock,
            vault=self.vault,
            purchases=self.purchase_desk,
            progress=self.progress_desk,
            changes=self.change_desk,
            connected=self.connected,
            caller=caller,
            admit_again=self.admit_again,
            locale=self.locale,
            accepted=self.accepted,
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend the request's snapshot to one reader at a time, narrowed to the caller's scope."""
        async with self._lock:
            if self._snapshot is None:
                self._stack = AsyncExitStack()
                self._snapshot = await self._stack.enter_async_context(
                    self.database.reading(self.network_id, self.scope)
                )
            yield self._snapshot

    async def close(self) -> None:
        """End the snapshot; the next read opens a new one, which sees what was written since."""
        async with self._lock:
            stack, self._stack, self._snapshot = self._stack, None, None
            self._loaders.clear()
            if stack is not None:
                await stack.aclose()

    async def begin_event(self) -> None:
        """Let what is told from now on be read anew, as of now: for what outlasts a request."""
        await self.close()
        self._now = None

    def loader(self, name: str, load: Any) -> DataLoader[UUID, Any]:
        """Give this request's loader of a kind of object; `load` takes ids and answers in order."""
        if name not in self._loaders:
            self._loaders[name] = DataLoader(load_fn=load)
        return self._loaders[name]


class OneSnapshot(SchemaExtension):
    """Closes the request's snapshot when the operation has been answered.

    Of a socket each operation is a request of its own.
    """

    async def on_operation(self) -> AsyncIterator[None]:
        """Part the operation from others of its socket."""
        context = self.execution_context.context
        if isinstance(context, Context) and context.is_socket:
            self.execution_context.context = await context.for_operation()
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Run the operation, then end its snapshot whatever came of it."""
        try:
            yield
        finally:
            context = self.execution_context.context
            if isinstance(context, Context):
                await context.close()
