"""Asking the schema as a caller, without the HTTP around it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from api.auth.caller import Caller, CallerKind, Role
from api.clock import Clock
from api.database.transaction import Database
from api.graphql.context import Context
from api.graphql.nodes import id_of
from api.graphql.schema import build_schema
from tests.conftest import NOW
from tests.factories.partners import Shop


@dataclass(frozen=True)
class World:
    """A shop, and a clock that stands still."""

    database: Database
    shop: Shop
    clock_file: Path

    @property
    def network_id(self) -> int:
        return self.shop.network_id

    def id_of(self, type_: str, key: UUID) -> str:
        return str(id_of(type_, self.network_id, key))

    @property
    def operator(self) -> Caller:
        return Caller(
            CallerKind.STAFF, self.network_id, "operator-1", roles=frozenset({Role.OPERATOR})
        )

    @property
    def member(self) -> Caller:
        return Caller(
            CallerKind.MEMBER,
            self.network_id,
            "cust-1",
            partner_id=self.shop.partner.partner_id,
            member_id=self.shop.member.member_id,
        )

    @property
    def partner(self) -> Caller:
        return Caller(
            CallerKind.PARTNER,
            self.network_id,
            "client-1",
            partner_id=self.shop.partner.partner_id,
        )

    async def try_asking(
        self, caller: Caller | None, document: str, locale: str = "en", **variables: Any
    ) -> Any:
        self.clock_file.write_text(NOW.isoformat())
        context = Context(self.database, Clock(self.clock_file), caller=caller, locale=locale)
        return await build_schema().execute(
            document, variable_values=variables, context_value=context
        )

    async def ask(
        self, caller: Caller, document: str, locale: str = "en", **variables: Any
    ) -> dict[str, Any]:
        """Ask, and expect no errors."""
        answer = await self.try_asking(caller, document, locale, **variables)
        assert answer.errors is None, answer.errors
        return answer.data
