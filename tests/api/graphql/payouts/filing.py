"""The people of a network that pays by bank file."""

from dataclasses import dataclass
from typing import Any

from tests.api.graphql.payouts.world import Settling

IBAN = "SA0380000000608010167519"
FILES = """{ bankFiles { id state currency amount { minor } linesCount contentHash messageId
  createdBy releasedBy debitAccount { number }
  lines { endToEndId amount { minor } payout { id state } } } }"""
FILE = "bankFile { id state contentHash createdBy releasedBy }"
CONTENT = "query($id: ID!) { bankFileContent(id: $id) }"


@dataclass
class Filing:
    """The network, and what its people do."""

    settling: Settling

    async def do(self, *args: Any, **given: Any) -> dict[str, Any]:
        return await self.settling.door.do(*args, **given)

    async def file(self) -> dict[str, Any]:
        listed = await self.settling.door.read(self.settling.maker, FILES)
        found: dict[str, Any] = listed["bankFiles"][0]
        return found

    async def name(self, *, key: str = "name", iban: str = IBAN) -> dict[str, Any]:
        return await self.do(
            self.settling.as_member,
            "nameBankAccount",
            "payee { id state bankAccountLast4 destinationPending }",
            idempotencyKey=key,
            country="SA",
            account={"name": "Layla", "iban": iban},
        )

    async def payout(self) -> dict[str, Any]:
        listed = await self.settling.door.read(
            self.settling.as_member, "{ payouts(first: 1) { edges { node { id state reason } } } }"
        )
        found: dict[str, Any] = listed["payouts"]["edges"][0]["node"]
        return found
