"""Value that nobody spent in time goes to whom the agreement names, and never what is set aside."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.accruals import AccrualState
from partners.agreements import UnspentTo
from payouts.ledger import BalanceTooLow, Cause, find_journals_of, move_period, read_journals
from tests.conftest import NOW
from tests.partners.accruals.world import EXPIRED, Store, broken, open_store
from tests.partners.purchases.world import CONFIRMED

A_MOMENT = timedelta(seconds=1)


async def expiries(store: Store, superuser: AsyncConnection) -> list[tuple[str, str, int]]:
    """The lines of all expiries: account type, whose, signed amount."""
    names = {
        str(store.partner_id): "grocery",
        str(store.hotel_id): "hotel",
        str(store.shop.member.member_id): "member",
    }
    rows = await superuser.execute(
        text(
            "SELECT a.type, a.owner_id, p.amount FROM payouts.journal j"
            " JOIN payouts.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id"
            " JOIN payouts.account a ON a.book_id = p.book_id AND a.account_id = p.account_id"
            " WHERE j.kind = 'value.expire'"
        )
    )
    return sorted((kind, names.get(owner, owner), amount) for kind, owner, amount in rows)


async def test_nothing_lapses_before_its_end_and_all_of_it_then(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.earn()
    assert await store.expire(EXPIRED - A_MOMENT) == 0
    assert await store.wallet() == (500, 0, 0)
    assert await store.expire() == 2
    assert await expiries(store, superuser) == [
        ("breakage_cashback", "-", -300),
        ("breakage_cashback", "-", -200),
        ("member_available", "member", 200),
        ("member_available", "member", 300),
    ]
    accrual = await store.accrual(bought)
    assert (accrual.state, accrual.cashback_expired.minor) == (AccrualState.EXPIRED, 500)
    assert [share.expired.minor for share in accrual.shares] == [300, 200]
    assert await store.wallet() == (0, 0, 0)
    assert await store.expire() == 0
    assert await broken(superuser) == {}


async def test_unspent_value_goes_back_to_whoever_paid_for_it(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database, unspent_to=UnspentTo.FUNDER)
    await store.earn()
    await store.use(100)
    assert await store.expire() == 2
    assert await expiries(store, superuser) == [
        ("member_available", "member", 200),
        ("member_available", "member", 200),
        ("partner_payable", "grocery", -200),
        ("partner_payable", "hotel", -200),
    ]
    assert await store.has("partner_payable", store.partner_id) == 200
    assert await store.has("partner_payable", store.hotel_id) == 200
    assert await store.has("breakage_cashback", "-") == 0
    assert await broken(superuser) == {}


async def test_an_accrual_of_which_some_was_spent_stays_available(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.earn()
    await store.use(1)
    await store.expire()
    accrual = await store.accrual(bought)
    assert (accrual.state, accrual.cashback_expired.minor) == (AccrualState.AVAILABLE, 499)
    assert await broken(superuser) == {}


async def test_value_without_a_lifetime_never_lapses(database: Database) -> None:
    store = await open_store(database)
    await store.grant(100, None)
    assert await store.expire(NOW + timedelta(days=36_500)) == 0
    assert await store.wallet() == (100, 0, 0)


async def test_what_is_set_aside_was_used_in_time_or_lapses_once_it_comes_back(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    await store.earn()
    held = await store.hold(450)
    assert await store.expire() == 1  # 50 of the grocery's 300
    assert await store.expire() == 0
    assert await store.lots() == [("grocery", 250), ("hotel", 200)]
    await store.let_go(held, 100, "voided")
    assert await store.expire() == 1
    assert await store.lots() == [("grocery", 150), ("hotel", 200)]
    await store.let_go(held, 350, "captured")
    await store.use(350, now=EXPIRED)
    assert await store.expire() == 0
    assert await store.has("breakage_cashback", "-") == 150
    assert await store.wallet() == (0, 0, 0)
    assert await broken(superuser) == {}


async def test_what_comes_back_after_its_end_lapses_with_the_next_round(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.earn()
    spent = await store.use(500)
    assert await store.expire() == 0
    back = EXPIRED + timedelta(days=2)
    await store.undo(500, spent, back)
    assert await store.lots() == [("grocery", 300), ("hotel", 200)]
    assert await store.expire(back) == 2
    accrual = await store.accrual(bought)
    assert (accrual.state, accrual.cashback_expired.minor) == (AccrualState.EXPIRED, 500)
    at = await superuser.execute(
        text("SELECT DISTINCT effective_at FROM payouts.journal WHERE kind = 'value.expire'")
    )
    assert at.scalars().all() == [back]
    assert await broken(superuser, back) == {}


async def test_one_lot_can_lapse_more_than_once(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    await store.earn()
    first = await store.use(100, "first")
    second = await store.use(100, "second")
    assert await store.expire() == 2
    for number, spent in enumerate((first, second)):
        await store.undo(100, spent, EXPIRED, f"undo-{number}")
        assert await store.expire() == 1
    assert await store.has("breakage_cashback", "-") == 500
    assert await broken(superuser) == {}


async def test_a_return_takes_what_lapsed_from_whom_it_lapsed_to(
    database: Database, superuser: AsyncConnection
) -> None:
    for unspent_to, takers in (
        (UnspentTo.NETWORK, (("breakage_cashback", "-"),)),
        (UnspentTo.FUNDER, (("partner_payable", "grocery"), ("partner_payable", "hotel"))),
    ):
        store = await open_store_of(database, unspent_to)
        bought = await store.earn()
        await store.use(100)
        await store.expire()
        some = await store.give_back(bought, 5_000, "some", now=EXPIRED)
        # 250 came back: 150 of the grocery's part, 100 of the hotel's, and all of it had lapsed.
        assert (some.cashback.minor, some.debt.minor) == (250, 0)
        accrual = await store.accrual(bought)
        assert [share.expired.minor for share in accrual.shares] == [50, 100]
        assert await store.wallet() == (0, 0, 0)
        rest = await store.give_back(bought, 5_000, "rest", now=EXPIRED)
        assert (rest.cashback.minor, rest.debt.minor) == (250, 100)
        assert await store.wallet() == (0, 0, 100)
        owners = {"grocery": store.partner_id, "hotel": store.hotel_id, "-": "-"}
        assert [await store.has(kind, owners[owner]) for kind, owner in takers] == [0] * len(takers)
        for owner in (store.partner_id, store.hotel_id):
            assert await store.has("partner_recv", owner) == 0
        accrual = await store.accrual(bought)
        assert (accrual.state, accrual.cashback_expired.minor) == (AccrualState.REVERSED, 0)
    assert await broken(superuser) == {}


async def open_store_of(database: Database, unspent_to: UnspentTo) -> Store:
    return await open_store(database, unspent_to=unspent_to, slug=unspent_to.value)


async def test_what_would_lapse_pays_a_debt_first(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = await store.earn()
    spent = await store.use(500)
    await store.give_back(bought, 6_000, now=CONFIRMED)
    assert await store.wallet() == (0, 0, 300)
    await store.undo(400, spent, EXPIRED)
    assert await store.expire() == 2
    assert await store.wallet() == (0, 0, 0)
    # The grocery's 200 and 100 of the hotel's paid the debt; of the hotel's other 100 no more than
    # 80 were left by the return, so 20 belong to no funder.
    accrual = await store.accrual(bought)
    assert (accrual.state, accrual.cashback_expired.minor) == (AccrualState.AVAILABLE, 80)
    assert await store.has("breakage_cashback", "-") == 100
    assert await broken(superuser) == {}


async def test_value_of_a_returned_purchase_lapses_to_the_network_alone(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database, unspent_to=UnspentTo.FUNDER)
    await store.grant(500, None)
    bought = await store.earn()
    spent = await store.use(500)
    await store.give_back(bought, 10_000, now=CONFIRMED)  # taken from the gift
    assert await store.wallet() == (0, 0, 0)
    await store.undo(500, spent, EXPIRED)
    assert await store.expire() == 2
    assert await store.has("breakage_cashback", "-") == 500
    assert await store.has("partner_payable", store.partner_id) == 0
    accrual = await store.accrual(bought)
    assert (accrual.state, accrual.cashback_expired.minor) == (AccrualState.REVERSED, 0)
    assert await broken(superuser) == {}


async def test_batches_are_bounded_and_miss_nothing(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    for number in range(3):
        await store.buy(1_000, f"p-{number}")
    await store.confirm()
    assert [await store.expire(limit=4) for _ in range(3)] == [4, 2, 0]
    assert await store.has("breakage_cashback", "-") == 150
    assert await broken(superuser) == {}


async def test_an_expiry_in_a_closed_month_lands_in_the_present_one_and_says_so(
    database: Database,
) -> None:
    store = await open_store(database)
    bought = await store.earn()
    later = datetime(2026, 5, 2, 9, tzinfo=UTC)  # it lapsed on 28 April
    async with database.writing(store.network_id) as db:
        await move_period(
            db,
            network_id=store.network_id,
            month=EXPIRED.date().replace(day=1),
            status="closed",
            actor="checker",
            now=later,
        )
    assert await store.expire(later) == 2
    accrual = await store.accrual(bought)
    async with database.reading(store.network_id) as db:
        ids = await find_journals_of(
            db, network_id=store.network_id, cause=Cause("accrual", str(accrual.accrual_id))
        )
        found = await read_journals(db, network_id=store.network_id, journal_ids=ids)
    assert [
        (one.period, one.origin_period) for one in found.values() if one.kind == "value.expire"
    ] == [("2026-05", "2026-04")] * 2


async def test_of_expiry_and_spending_at_the_same_moment_each_unit_goes_one_way(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = [await store.buy(1_000, f"p-{number}") for number in range(10)]
    await store.confirm()
    spent = 0

    async def spend(number: int) -> None:
        nonlocal spent
        try:
            await store.use(7, f"s-{number}", EXPIRED)
        except BalanceTooLow:
            return
        spent += 7

    expiring = (store.expire(limit=5) for _ in range(6))
    spending = (spend(number) for number in range(40))
    await asyncio.gather(*spending, *expiring)
    while await store.expire():
        pass
    assert await store.wallet() == (0, 0, 0)
    assert await store.lots() == []
    assert await store.has("breakage_cashback", "-") == 500 - spent
    assert await store.has("supplier_payable", "s") == spent
    lapsed = [(await store.accrual(one)).cashback_expired.minor for one in bought]
    assert sum(lapsed) == 500 - spent
    assert await broken(superuser) == {}


async def test_expiry_return_and_confirmation_at_the_same_moment_wait_for_each_other(
    database: Database, superuser: AsyncConnection
) -> None:
    store = await open_store(database)
    bought = [await store.buy(1_000, f"p-{number}") for number in range(6)]
    await store.confirm()
    late = [
        await store.buy(
            1_000, f"late-{number}", purchased_at=EXPIRED - timedelta(days=14), now=EXPIRED
        )
        for number in range(6)
    ]
    await asyncio.gather(
        *(store.expire(limit=3) for _ in range(4)),
        *(store.give_back(one, 500, f"r-{n}", now=EXPIRED) for n, one in enumerate(bought)),
        *(store.confirm(EXPIRED, limit=2) for _ in range(3)),
    )
    while await store.expire():
        pass
    assert await store.confirm(EXPIRED) == 0
    for one in bought:
        accrual = await store.accrual(one)
        assert (accrual.cashback_reversed.minor, accrual.cashback_expired.minor) == (25, 25)
    assert [(await store.accrual(one)).cashback_expired.minor for one in late] == [0] * 6
    assert await store.wallet() == (300, 0, 0)
    assert await broken(superuser) == {}
