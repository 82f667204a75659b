"""Callers of each sort, and operations carried out as they would be over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from api.auth.caller import PLATFORM_NETWORK_ID, Caller, CallerKind, Role
from api.clock import Clock
from api.database.transaction import Database
from api.graphql.context import Context
from api.graphql.schema import build_schema
from catalog.vouchers import Vault

NOBODY = None


def operator(network_id: int = PLATFORM_NETWORK_ID) -> Caller:
    return staff(network_id, Role.OPERATOR)


def staff(network_id: int, *roles: Role) -> Caller:
    return Caller(CallerKind.STAFF, network_id, "person-1", roles=frozenset(roles))


def partner(network_id: int, partner_id: UUID) -> Caller:
    return Caller(CallerKind.PARTNER, network_id, "shop", partner_id=partner_id)


def member(network_id: int, partner_id: UUID, member_id: UUID) -> Caller:
    return Caller(
        CallerKind.MEMBER, network_id, "cust-1", partner_id=partner_id, member_id=member_id
    )


@dataclass
class Door:
    """The schema over one database, at a time that stands still."""

    database: Database
    clock_file: Path
    vault: Vault | None = None

    def set_clock(self, now: datetime) -> None:
        self.clock_file.write_text(now.isoformat())

    async def ask(
        self, caller: Caller | None, document: str, *, locale: str = "en", **variables: Any
    ) -> Any:
        """The whole answer."""
        context = Context(
            database=self.database,
            clock=Clock(self.clock_file),
            vault=self.vault,
            caller=caller,
            locale=locale,
        )
        return await build_schema().execute(
            document, variable_values=variables, context_value=context
        )

    async def read(self, caller: Caller | None, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        result = await self.ask(caller, document, **variables)
        assert result.errors is None, result.errors
        assert result.data is not None
        return result.data

    async def do(
        self, caller: Caller | None, name: str, shown: str, /, *, locale: str = "en", **given: Any
    ) -> dict[str, Any]:
        """Carry out a mutation and give its payload."""
        given = {"idempotencyKey": f"{name}-1", **given}
        document = (
            f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{"
            f" {shown} problems {{ code message path retryable }} replayed }} }}"
        )
        result = await self.ask(caller, document, locale=locale, input=given)
        assert result.errors is None, result.errors
        assert result.data is not None
        payload: dict[str, Any] = result.data[name]
        return payload
