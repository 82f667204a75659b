"""A small network with orders at the provider, made by the smallest possible inserts."""

from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import open_book, read_trial_balance
from payouts.money import Money
from tests.conftest import NOW

BOOK = 7
MAKER, CHECKER = "staff:maker-1", "staff:checker-1"
MEMBER = UUID("018f0000-0000-7000-8000-000000000001")
PARTNER = UUID("018f0000-0000-7000-8000-000000000002")


def sar(minor: int) -> Money:
    return Money(minor, "SAR")


async def opened(database: Database, network_id: int = BOOK) -> Database:
    async with database.writing(network_id) as db:
        await open_book(db, network_id=network_id, zone="Asia/Riyadh", now=NOW)
    return database


async def known(superuser: AsyncConnection, object_id: str, kind: str, network_id: int) -> None:
    await superuser.execute(
        text("INSERT INTO payouts.provider_object VALUES ('stripe', :id, :network, :kind)"),
        {"id": object_id, "network": network_id, "kind": kind},
    )


async def payout_ordered(
    superuser: AsyncConnection,
    transfer_id: str,
    *,
    minor: int = 3_000,
    kind: str = "cashback",
    leg: str = "transfer",
    network_id: int = BOOK,
) -> UUID:
    """A payout whose transfer (or reversal) was recorded under the provider's id."""
    payout, is_cashback = uuid4(), kind == "cashback"
    await superuser.execute(
        text(
            "INSERT INTO payouts.payout (network_id, payout_id, kind, partner_id, member_id,"
            " cycle_id, amount, currency, state, round, taken, requested_by, created_at,"
            " changed_at) VALUES (:network, :payout, :kind, :partner, :member, :cycle, :minor,"
            " 'SAR', 'transferred', 1, 1, 'm', :now, :now)"
        ),
        {
            "network": network_id,
            "payout": payout,
            "kind": kind,
            "partner": None if is_cashback else PARTNER,
            "member": MEMBER if is_cashback else None,
            "cycle": None if is_cashback else uuid4(),
            "minor": minor,
            "now": NOW,
        },
    )
    await attempt_made(superuser, payout, transfer_id, minor=minor, leg=leg, network_id=network_id)
    return payout


async def attempt_made(
    superuser: AsyncConnection,
    payout: UUID,
    external_id: str,
    *,
    minor: int = 3_000,
    leg: str = "transfer",
    network_id: int = BOOK,
) -> None:
    await superuser.execute(
        text(
            "INSERT INTO payouts.payout_attempt (network_id, attempt_id, payout_id, round, epoch,"
            " leg, key, account_id, amount, currency, state, external_id, sends, lookups,"
            " prepared_at, sent_at) VALUES (:network, :attempt, :payout, 1, 1, :leg, :key,"
            " 'acct_1', :minor, 'SAR', 'succeeded', :external, 1, 0, :now, :now)"
        ),
        {
            "network": network_id,
            "attempt": uuid4(),
            "payout": payout,
            "leg": leg,
            "key": uuid4().hex,
            "minor": minor,
            "external": external_id,
            "now": NOW,
        },
    )
    await known(superuser, external_id, leg, network_id)


async def collection_ordered(
    superuser: AsyncConnection, intent_id: str, *, minor: int, network_id: int = BOOK
) -> UUID:
    collection, cycle = uuid4(), uuid4()
    await superuser.execute(
        text(
            "INSERT INTO payouts.settlement_cycle (network_id, cycle_id, number, currency, version,"
            " from_seq, to_seq, cut_at, state, result_hash, closed_by, closed_at, review_ends_at,"
            " approved_by, approved_at) SELECT CAST(:network AS bigint), :cycle,"
            " count(*) + 1, 'SAR', 1, 0, 1, CAST(:now AS timestamptz)"
            " + count(*) * interval '1 second', 'executing', '', 'maker', :now, :now, 'checker',"
            " :now FROM payouts.settlement_cycle WHERE network_id = :network"
        ),
        {"network": network_id, "cycle": cycle, "now": NOW},
    )
    await superuser.execute(
        text(
            "INSERT INTO payouts.collection (network_id, collection_id, cycle_id, partner_id,"
            " amount, currency, state, created_at, changed_at) VALUES (:network, :collection,"
            " :cycle, :partner, :minor, 'SAR', 'processing', :now, :now)"
        ),
        {
            "network": network_id,
            "collection": collection,
            "cycle": cycle,
            "partner": PARTNER,
            "minor": minor,
            "now": NOW,
        },
    )
    await superuser.execute(
        text(
            "INSERT INTO payouts.collection_attempt (network_id, attempt_id, collection_id, epoch,"
            " key, customer_id, payment_method_id, amount, currency, state, external_id, sends,"
            " lookups, prepared_at, sent_at) VALUES (:network, :attempt, :collection, 1, :key,"
            " 'cus_1', 'pm_1', :minor, 'SAR', 'accepted', :external, 1, 0, :now, :now)"
        ),
        {
            "network": network_id,
            "attempt": uuid4(),
            "collection": collection,
            "key": uuid4().hex,
            "minor": minor,
            "external": intent_id,
            "now": NOW,
        },
    )
    await known(superuser, intent_id, "collection", network_id)
    return collection


async def topup_ordered(
    superuser: AsyncConnection, topup_id: str, *, minor: int, network_id: int = BOOK
) -> UUID:
    topup = uuid4()
    await superuser.execute(
        text(
            "INSERT INTO payouts.topup (network_id, topup_id, amount, currency, state, key,"
            " external_id, sends, lookups, requested_by, created_at, changed_at) VALUES"
            " (:network, :topup, :minor, 'SAR', 'succeeded', :key, :external, 1, 0, 'm', :now,"
            " :now)"
        ),
        {
            "network": network_id,
            "topup": topup,
            "minor": minor,
            "key": uuid4().hex,
            "external": topup_id,
            "now": NOW,
        },
    )
    await known(superuser, topup_id, "topup", network_id)
    return topup


async def standing(database: Database, network_id: int = BOOK) -> dict[str, int]:
    """Debits less credits of every account type that is not at zero; they add up to nothing."""
    async with database.reading(network_id) as db:
        rows = await read_trial_balance(db, network_id=network_id)
    found = {row.type: row.debit.minor - row.credit.minor for row in rows}
    assert sum(found.values()) == 0
    return {name: minor for name, minor in found.items() if minor}


async def postings(superuser: AsyncConnection, kind: str) -> list[tuple[str, str, int]]:
    rows = await superuser.execute(
        text(
            "SELECT a.type, a.owner_id, p.amount FROM payouts.posting p JOIN payouts.account a"
            " ON a.book_id = p.book_id AND a.account_id = p.account_id JOIN payouts.journal j"
            " ON j.book_id = p.book_id AND j.journal_id = p.journal_id WHERE j.kind = :kind"
            " ORDER BY p.journal_id, p.line"
        ),
        {"kind": kind},
    )
    return [(row.type, row.owner_id, row.amount) for row in rows]


async def items(superuser: AsyncConnection) -> list[tuple[str, str, str | None, int]]:
    rows = await superuser.execute(
        text(
            "SELECT leg, state, reason, open_amount FROM payouts.reconciliation_item"
            " ORDER BY occurred_at, leg, open_amount DESC"
        )
    )
    return [tuple(row) for row in rows]


async def counts(superuser: AsyncConnection) -> dict[str, int]:
    tables = (
        "journal",
        "posting",
        "provider_transaction",
        "bank_statement",
        "bank_entry",
        "reconciliation_item",
        "unplaced_transaction",
    )
    return {
        name: (await superuser.execute(text(f"SELECT count(*) FROM payouts.{name}"))).scalar_one()
        for name in tables
    }
