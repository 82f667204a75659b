"""The networks that the ledger's figures are measured in."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from api.database.transaction import Database
from partners.members import enrol_member
from payouts.ledger import Account
from payouts.ledger.open_accounts import open_accounts
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.world import CURRENCY, NOW
from tests.factories.partners import make_agreement, make_network, make_partner, make_rule

AMOUNT = 10_000
CASHBACK = 500
FEE = 100


@dataclass
class Place:
    """One network with its partners and members."""

    network_id: int
    partners: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    def account(self, kind: str, owner: str) -> Account:
        """One of its accounts."""
        return Account(kind, owner, CURRENCY)

    def account_ids(self, kind: str, owners: list[str]) -> list[UUID]:
        """The ids of the accounts of one kind, in the order of their owners."""
        return [self.account(kind, owner).id_in(self.network_id) for owner in owners]

    def as_dict(self) -> dict[str, Any]:
        """Write it for another process."""
        return asdict(self)


@dataclass
class Networks:
    """A large network, many small ones, and one whose partner sends files."""

    main: Place
    small: list[Place]
    bulk: Place

    @property
    def all(self) -> list[Place]:
        """All of them."""
        return [self.main, *self.small, self.bulk]


async def open_networks(database: Database, sizes: BookSizes) -> Networks:
    """Create the networks by the use cases that do so in life."""
    main = await _open(database, "main", sizes.partners, sizes.members)
    small = [await _open(database, f"small-{n}", 1, 4) for n in range(sizes.networks)]
    bulk = await _open(database, "bulk", 1, sizes.members)
    accounts = [main.account("member_pending", one) for one in main.members]
    for kind in ("partner_recv_pending", "fee_deferred"):
        accounts += [main.account(kind, one) for one in main.partners]
    async with database.writing(main.network_id) as db:
        await open_accounts(db, network_id=main.network_id, accounts=accounts, now=NOW)
    return Networks(main, small, bulk)


async def _open(database: Database, slug: str, partners: int, members: int) -> Place:
    """5 % cashback, 1 % fee: every purchase is a journal of three lines and one lot."""
    network = await make_network(database, slug=slug)
    place = Place(network.network_id)
    async with database.writing(place.network_id) as db:
        for number in range(partners):
            partner = await make_partner(db, network_id=place.network_id, name=f"Merchant {number}")
            own: Any = {"network_id": place.network_id, "partner_id": partner.partner_id}
            await make_agreement(db, **own)
            await make_rule(db, **own)
            place.partners.append(str(partner.partner_id))
        for number in range(members):
            member = await enrol_member(
                db,
                network_id=place.network_id,
                partner_id=UUID(place.partners[0]),
                external_id=f"member-{number}",
                now=NOW,
            )
            place.members.append(str(member.member_id))
    return place
