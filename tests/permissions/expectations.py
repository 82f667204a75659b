"""Who may see what: one table, and every object and caller that it is held against."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import PLATFORM_NETWORK_ID, Caller, CallerKind, Role
from api.database.registry import registered_tables
from api.graphql.nodes import NODE_KINDS, GlobalId
from tests.permissions.sides import Owned
from tests.permissions.world import World

STAFF, PARTNER, MEMBER = "staff", "its partner", "its member"
PARTNERS, MEMBERS = "every partner", "every member"
EVERYBODY = frozenset({STAFF, PARTNERS, MEMBERS})
OWNERS = frozenset({STAFF, PARTNER, MEMBER})
PARTNER_ALONE = frozenset({STAFF, PARTNER})
MEMBER_ALONE = frozenset({STAFF, MEMBER})
STAFF_ALONE = frozenset({STAFF})

SEEN_BY: Mapping[str, frozenset[str]] = {
    "AccountingPeriod": STAFF_ALONE,
    "Accrual": OWNERS,
    "AdjustmentStatement": PARTNER_ALONE,
    "Agreement": PARTNER_ALONE,
    "ApiClient": PARTNER_ALONE,
    "Assortment": STAFF_ALONE,
    "BankFile": STAFF_ALONE,
    "BankStatement": STAFF_ALONE,
    "Booking": OWNERS,
    "Brand": EVERYBODY,
    "CardAuthorization": PARTNER_ALONE,
    "CatalogueImport": STAFF_ALONE,
    "Collection": PARTNER_ALONE,
    "DebitAccount": STAFF_ALONE,
    "DebtPolicy": STAFF_ALONE,
    "DestinationChange": OWNERS,
    "DestinationPolicy": STAFF_ALONE,
    "Dispute": PARTNER_ALONE,
    "Draft": STAFF_ALONE,  # a reward that was never published
    "EarnRule": PARTNER_ALONE,
    "ExperienceSlot": EVERYBODY,
    "FxRate": STAFF_ALONE,
    "GiftCard": OWNERS,
    "Halt": STAFF_ALONE,
    "Journal": STAFF_ALONE,
    "Margin": STAFF_ALONE,
    "Member": OWNERS,  # its partner is the one that enrolled it
    "MemberStanding": STAFF_ALONE,
    "MistakenOrder": STAFF_ALONE,
    "Network": EVERYBODY,
    "Partner": frozenset({STAFF, PARTNER, MEMBERS}),
    "Payee": OWNERS,
    "Payout": OWNERS,
    "PayoutPolicy": STAFF_ALONE,
    "SettlementCalendar": STAFF_ALONE,
    "Programme": EVERYBODY,
    "Purchase": OWNERS,
    "PurchaseIntake": PARTNER_ALONE,
    "PurchaseReturn": OWNERS,
    "Quote": MEMBER_ALONE,
    "ReconciliationItem": STAFF_ALONE,
    "Redemption": MEMBER_ALONE,
    "Reserve": PARTNER_ALONE,
    "ReservePolicy": STAFF_ALONE,
    "Reward": EVERYBODY,
    "RewardMatch": STAFF_ALONE,
    "RewardTransition": PARTNER_ALONE,
    "SettlementConversion": PARTNER_ALONE,
    "SettlementCycle": STAFF_ALONE,
    "SourcingPolicy": STAFF_ALONE,
    "Statement": PARTNER_ALONE,
    "Supplier": STAFF_ALONE,
    "TopUp": STAFF_ALONE,
    "Voucher": OWNERS,
}
"""Inside a network; nobody of another network sees anything, nor do the platform's staff."""

_TABLES = {"PurchaseIntake": "partners.intake", "TopUp": "payouts.topup"}
"""Kinds whose table has another name than the kind."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the world."""

    kind: str
    owned: Owned
    key: UUID

    @property
    def id(self) -> str:
        return str(GlobalId(self.node_kind, self.owned.network_id, self.key))

    @property
    def node_kind(self) -> str:
        return "Reward" if self.kind == "Draft" else self.kind


def may_see(caller: Caller | None, owned: Owned) -> bool:
    """Tell what the table says."""
    if caller is None or caller.network_id != owned.network_id:
        return False
    seers = SEEN_BY.get(owned.kind, frozenset())
    if caller.kind is CallerKind.STAFF:
        return STAFF in seers
    if caller.kind is CallerKind.PARTNER:
        return PARTNERS in seers or (PARTNER in seers and owned.partner_id == caller.partner_id)
    return MEMBERS in seers or (MEMBER in seers and owned.member_id == caller.member_id)


def may_know(caller: Caller | None, owned: Owned) -> bool:
    """Tell whether the id alone may be shown: a statement names the journals behind its lines."""
    if may_see(caller, owned):
        return True
    return (
        caller is not None
        and caller.network_id == owned.network_id
        and bool({caller.partner_id, caller.member_id} & owned.parties)
    )


MAY_NAME: Mapping[tuple[str, str], str] = {
    ("recordPurchase", "memberId"): "Member",
    ("issueGiftCard", "memberId"): "Member",
    ("purchases", "memberId"): "Member",
    ("accruals", "memberId"): "Member",
}
"""Where a partner names what it may not see: members of all partners buy at each of them."""


def may_name(caller: Caller, owned: Owned, field: str, argument: str) -> bool:
    """Tell whether a request about an object may be answered otherwise than one about nothing."""
    if caller.network_id == PLATFORM_NETWORK_ID:
        return owned.kind == "Network"
    if caller.network_id != owned.network_id:
        return False
    if field in ("ledgerProof", "explain"):  # for whoever has a line in the journal
        return bool({caller.partner_id, caller.member_id} & owned.parties)
    if caller.kind is CallerKind.PARTNER:
        is_named = MAY_NAME.get((field, argument)) == owned.kind
        return is_named or owned.partner_id == caller.partner_id
    return False


def callers_of(world: World) -> dict[str, Caller | None]:
    """Everybody who tries: both networks' partners, members and staff, the platform, nobody."""
    found: dict[str, Caller | None] = {"anonymous": None}
    for letter, side in zip("ab", world.sides, strict=True):
        number = side.network_id
        for index, partner_id in enumerate(side.partners, 1):
            found[f"{letter} partner {index}"] = Caller(
                CallerKind.PARTNER, number, f"shop-{index}", partner_id=partner_id
            )
        for index, member_id in enumerate(side.members, 1):
            found[f"{letter} member {index}"] = Caller(
                CallerKind.MEMBER,
                number,
                f"person-{index}",
                partner_id=side.partners[index - 1],
                member_id=member_id,
            )
        for role in Role:
            found[f"{letter} {role.value}"] = Caller(
                CallerKind.STAFF, number, f"{role.value}-1", roles=frozenset({role})
            )
    found["platform operator"] = Caller(
        CallerKind.STAFF, PLATFORM_NETWORK_ID, "platform-1", roles=frozenset({Role.OPERATOR})
    )
    return found


async def things_of(superuser: AsyncConnection) -> list[Thing]:
    """Find every object of every kind of node, past every policy."""
    found: list[Thing] = []
    for kind in sorted(NODE_KINDS):
        found += await _things(superuser, kind)
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


async def _journals(superuser: AsyncConnection) -> list[Thing]:
    rows = await superuser.execute(
        text(
            "SELECT j.network_id, j.journal_id, array_agg(DISTINCT a.owner_id) AS owners"
            " FROM payouts.journal j JOIN payouts.posting p USING (book_id, journal_id)"
            " JOIN payouts.account a USING (book_id, account_id) GROUP BY 1, 2"
        )
    )
    return [
        Thing(
            "Journal",
            Owned(
                "Journal",
                row.network_id,
                parties=frozenset(UUID(one) for one in row.owners if len(one) == 36),
            ),
            row.journal_id,
        )
        for row in rows
    ]


async def _things(superuser: AsyncConnection, kind: str) -> list[Thing]:
    if kind == "Journal":
        return await _journals(superuser)
    special = _SPECIAL.get(kind)
    if special is not None:
        rows = await superuser.execute(text(special))
        return [
            Thing(
                row.kind,
                Owned(row.kind, row.network_id, row.partner_id, None),
                _key(row.key),
            )
            for row in rows
        ]
    tables = registered_tables()
    name = _TABLES.get(kind) or next(
        (name for name in tables if name.partition(".")[2] == _snake(kind)), None
    )
    assert name is not None, f"say in _TABLES where objects of kind {kind} are kept"
    table = tables[name]
    (key,) = (
        column.name
        for column in table.primary_key.columns
        if column.name not in ("network_id", "book_id")
    )
    partner = "partner_id" if "partner_id" in table.c else "NULL::uuid"
    member = "member_id" if "member_id" in table.c else "NULL::uuid"
    rows = await superuser.execute(
        text(
            f"SELECT network_id, {key} AS key, {partner} AS partner, {member} AS member FROM {name}"
        )
    )
    return [
        Thing(kind, Owned(kind, row.network_id, row.partner, row.member), row.key) for row in rows
    ]


def _key(value: object) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, int):
        return UUID(int=value)
    if isinstance(value, date):
        return UUID(int=value.toordinal())
    return UUID(hex=str(value)[-32:])


_SPECIAL = {
    "Network": "SELECT 'Network' AS kind, network_id, network_id AS key, NULL::uuid AS partner_id"
    " FROM partners.network",
    "ApiClient": "SELECT 'ApiClient' AS kind, network_id, client_id AS key, partner_id"
    " FROM partners.api_client",
    "AccountingPeriod": "SELECT 'AccountingPeriod' AS kind, network_id, period AS key,"
    " NULL::uuid AS partner_id FROM payouts.period",
    "Reward": "SELECT CASE WHEN state IN ('draft', 'in_review', 'rejected', 'scheduled')"
    " THEN 'Draft' ELSE 'Reward' END AS kind, network_id,"
    " reward_id AS key, partner_id FROM catalog.reward",
}

_CANARY = re.compile(r"cnry\d{4}x")
_KEY = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{24,}")


class Leaks:
    """Reads answers for objects and texts of which a caller may see nothing."""

    def __init__(self, world: World, things: Iterable[Thing]) -> None:
        self._marks = world.marks
        self._things: dict[UUID, list[Thing]] = {}
        for thing in things:
            self._things.setdefault(thing.key, []).append(thing)

    def of(self, caller: Caller | None, answer: str, *, sent: str = "") -> list[str]:
        """Name what an answer shows and may not, leaving out what the caller sent itself."""
        found = [
            f"{canary} of {self._marks[canary]}"
            for canary in set(_CANARY.findall(answer)) - set(_CANARY.findall(sent))
            if not may_see(caller, self._marks[canary])
        ]
        for key in keys_in(answer) - keys_in(sent):
            known = self._things.get(key, ())
            if known and not any(may_know(caller, thing.owned) for thing in known):
                found.append(f"{key} of {known[0].owned}")
        return found


def keys_in(answer: str) -> set[UUID]:
    """Every key in a text: plain, or inside a global id or a cursor."""
    texts = [answer]
    for token in set(_TOKEN.findall(answer)):
        try:
            texts.append(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("latin"))
        except ValueError:
            continue
    return {UUID(hex=one) for each in texts for one in _KEY.findall(each)}
