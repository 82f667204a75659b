"""A small network whose application is served, for tests of what is got for value."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.database.transaction import Database
from api.graphql.nodes import id_of
from tests.factories.small_network import SmallNetwork, found_network
from tests.graphql_client import GraphQLClient, RunningApp, running_app

QUOTE = "quote { id kind total { minor } lines { kind amount { minor } } expiresAt fxRate }"
REDEMPTION = """redemption { id state kind total { minor } failureCode
  vouchers { id last4 revealedAt } booking { id state penalty { minor } slot { left } }
  giftCard { id state balance { minor } } }"""
AUTHORIZATION = """authorization { id state amount { minor } captured { minor } fee { minor }
  refunded { minor } refunds { amount { minor } fee { minor } } card { id } }"""


@dataclass(frozen=True)
class Redeeming:
    """The network, its application, and everybody who asks it."""

    souq: SmallNetwork
    app: RunningApp

    @property
    def member(self) -> GraphQLClient:
        return self.app.as_member(self.souq.member_id)

    @property
    def other_member(self) -> GraphQLClient:
        return self.app.as_member(self.souq.other_member_id)

    @property
    def seller(self) -> GraphQLClient:
        return self.app.as_partner(self.souq.partner_id)

    @property
    def merchant(self) -> GraphQLClient:
        return self.app.as_partner(self.souq.other_partner_id)

    def staff(self, role: str = "operator") -> GraphQLClient:
        return self.app.as_staff(role)

    def id(self, type_: str, key: UUID) -> str:
        return str(id_of(type_, self.souq.network_id, key))

    def money(self, minor: int) -> dict[str, str]:
        return {"minor": str(minor), "currency": self.souq.currency}

    async def quoted(self, reward_id: UUID, **fields: Any) -> dict[str, Any]:
        given = {"rewardId": self.id("Reward", reward_id), **fields}
        answer = await self.member.mutate("quoteReward", given, QUOTE)
        assert answer["problems"] == []
        quote: dict[str, Any] = answer["quote"]
        return quote

    async def placed(self, quote_id: str, **fields: Any) -> dict[str, Any]:
        given = {"quoteId": quote_id, **fields}
        return await self.member.mutate("placeRedemption", given, REDEMPTION)

    async def own_card(self, minor: int = 10_000) -> dict[str, Any]:
        """Redeem into a card of the network's own."""
        reward_id = await self.souq.own_card_reward(minor)
        quote = await self.quoted(reward_id, face=self.money(minor))
        answer = await self.placed(quote["id"])
        assert answer["problems"] == []
        redemption: dict[str, Any] = answer["redemption"]
        return redemption

    async def code_of(self, voucher_id: str, owner: GraphQLClient | None = None) -> str:
        answer = await (owner or self.member).mutate(
            "revealVoucher", {"voucherId": voucher_id}, "code pin"
        )
        assert answer["problems"] == []
        code: str = answer["code"]
        return code

    async def authorized(self, minor: int, **card: str) -> dict[str, Any]:
        given = {"amount": self.money(minor), "merchantReference": "order 1", **card}
        return await self.merchant.mutate("authorizeGiftCard", given, AUTHORIZATION)


@asynccontextmanager
async def start_redeeming(database: Database) -> AsyncIterator[Redeeming]:
    souq = await found_network(database)
    async with running_app(database, network_id=souq.network_id, vault=souq.vault) as app:
        yield Redeeming(souq, app)
