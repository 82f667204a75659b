"""A code of a pool is loaded once, reserved by a quote, and delivered once or free again."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.pools import (
    RESERVED_MAX,
    LoadOutcome,
    NoCodeLeft,
    ReservationLost,
    TooManyReserved,
    rewrap_pool_codes,
)
from catalog.redemptions import QUOTE_LIFE, QuoteExpired, QuoteUsed, RedemptionState
from catalog.vouchers import Vault, read_vouchers_of_redemptions, reveal_voucher
from payouts.ledger import BalanceTooLow
from payouts.money import Money
from tests.catalog.pools.conftest import SAR_50, Pool
from tests.catalog.redemptions.test_secrecy import places_of
from tests.conftest import NOW

LOADED, KNOWN, REPEATED = LoadOutcome.LOADED, LoadOutcome.KNOWN, LoadOutcome.REPEATED
# 50.00 less 4 % discount, of which the member gets half.
BOOKED = (
    "redemption.supplier",
    {"member_available SAR": 4_900, "supplier_payable SAR": -4_800, "redemption_margin SAR": -100},
)


async def numbers_of(pool: Pool, redemption_id: object) -> list[tuple[str, str | None]]:
    """Show the codes of a redemption to its member, as the one time they are shown."""
    souq = pool.souq
    shown = []
    async with souq.database.writing(souq.network_id) as db:
        found = await read_vouchers_of_redemptions(
            db,
            network_id=souq.network_id,
            redemption_ids=[redemption_id],  # type: ignore[list-item]
        )
        for voucher in found[redemption_id]:  # type: ignore[index]
            one = await reveal_voucher(
                db,
                vault=souq.vault,
                network_id=souq.network_id,
                voucher_id=voucher.voucher_id,
                member_id=voucher.member_id,
                actor="m",
                now=NOW,
            )
            pin = None if one.code.pin is None else one.code.pin.reveal()
            shown.append((one.code.number.reveal(), pin))
    return shown


async def rows(superuser: AsyncConnection, question: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await superuser.execute(text(question))]


async def test_a_code_is_loaded_once(pool: Pool) -> None:
    assert await pool.load("0001", "0002", "0001") == [LOADED, LOADED, REPEATED]
    assert await pool.load("0002", "0003") == [KNOWN, LOADED]
    assert await pool.load("0003", face=Money(10_000, "SAR")) == [KNOWN]
    assert await pool.load("0003", sku="other") == [KNOWN]
    assert await pool.counts() == [(3, 0, 0)]


async def test_the_same_file_loaded_twice_at_once_is_loaded_once(pool: Pool) -> None:
    numbers = [f"{n:04d}" for n in range(200)]
    both = await asyncio.gather(pool.load(*numbers), pool.load(*reversed(numbers)))
    assert sum(outcome is LOADED for outcomes in both for outcome in outcomes) == 200
    assert await pool.counts() == [(200, 0, 0)]


async def test_a_quote_reserves_a_code_and_its_use_delivers_it(
    pool: Pool, superuser: AsyncConnection
) -> None:
    await pool.load("0099-1234-5678", pins=["0042"])
    quote = await pool.quote()
    assert (quote.total, quote.cost) == (Money(4_900, "SAR"), Money(4_800, "SAR"))
    assert await pool.counts() == [(0, 1, 0)]
    one = await pool.souq.place(quote)
    assert (one.state, one.charged) == (RedemptionState.FULFILLED, Money(4_800, "SAR"))
    assert await pool.souq.journals_of("redemption", one.redemption_id) == [BOOKED]
    assert await pool.souq.balance(pool.souq.wallet()) == (15_100, 0)
    assert await pool.counts() == [(0, 0, 1)]
    assert await rows(superuser, "SELECT count(*) FROM payouts.due") == [(0,)]
    assert await rows(superuser, "SELECT count(*) FROM catalog.redemption_attempt") == [(0,)]
    assert await rows(
        superuser, "SELECT state, ciphertext, quote_id, redemption_id FROM catalog.pool_code"
    ) == [("delivered", None, quote.quote_id, one.redemption_id)]
    assert await numbers_of(pool, one.redemption_id) == [("0099-1234-5678", "0042")]
    # The code is known for ever, as one that was delivered.
    assert await pool.load("0099-1234-5678", pins=["0042"]) == [KNOWN]


async def test_fifty_quotes_for_ten_codes_get_ten(pool: Pool, superuser: AsyncConnection) -> None:
    await pool.load(*(f"{n:04d}" for n in range(10)))

    async def attempt(number: int) -> bool:
        own = pool.souq.member_id if number % 2 else pool.souq.other_member_id
        try:
            await pool.quote(member_id=own)
        except NoCodeLeft:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(50)))) == 10
    assert await pool.counts() == [(0, 10, 0)]
    assert await rows(superuser, "SELECT count(*) FROM catalog.quote") == [(10,)]


async def test_uses_of_one_quote_at_once_take_one_code(pool: Pool) -> None:
    await pool.load(*(f"{n:04d}" for n in range(5)))
    quote = await pool.quote()

    async def attempt(_: int) -> bool:
        try:
            await pool.souq.place(quote)
        except QuoteUsed:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(20)))) == 1
    assert await pool.counts() == [(4, 0, 1)]
    assert await pool.souq.balance(pool.souq.wallet()) == (15_100, 0)


async def test_an_expired_quote_gives_its_code_back(pool: Pool) -> None:
    await pool.load("0001")
    first = await pool.quote()
    with pytest.raises(NoCodeLeft):
        await pool.quote(now=NOW + QUOTE_LIFE - timedelta(microseconds=1))
    later = NOW + QUOTE_LIFE
    assert await pool.counts(now=later) == [(1, 0, 0)]
    second = await pool.quote(now=later, member_id=pool.souq.other_member_id)
    with pytest.raises(QuoteExpired):
        await pool.souq.place(first, now=later)
    await pool.souq.fund(5_000, member_id=pool.souq.other_member_id)
    one = await pool.souq.place(second, now=later)
    assert one.state is RedemptionState.FULFILLED
    assert await pool.counts(now=later) == [(0, 0, 1)]


async def test_a_clock_that_is_behind_does_not_get_a_code_that_another_has(pool: Pool) -> None:
    await pool.load("0001")
    first = await pool.quote()
    await pool.quote(now=NOW + QUOTE_LIFE, member_id=pool.souq.other_member_id)
    with pytest.raises(ReservationLost):
        await pool.souq.place(first, now=NOW + timedelta(minutes=1))
    assert await pool.souq.balance(pool.souq.wallet()) == (20_000, 0)
    assert await pool.counts(now=NOW + QUOTE_LIFE) == [(0, 1, 0)]


async def test_an_empty_pool_and_another_face_are_not_quoted(
    pool: Pool, superuser: AsyncConnection
) -> None:
    with pytest.raises(NoCodeLeft):
        await pool.quote()
    await pool.load("0001", face=SAR_50 + SAR_50)
    await pool.load("0002", sku="other")
    with pytest.raises(NoCodeLeft):
        await pool.quote()
    assert await rows(superuser, "SELECT count(*) FROM catalog.quote") == [(0,)]


async def test_one_member_cannot_empty_a_pool_by_asking(pool: Pool) -> None:
    await pool.load(*(f"{n:04d}" for n in range(RESERVED_MAX + 1)))
    for _ in range(RESERVED_MAX):
        await pool.quote()
    with pytest.raises(TooManyReserved):
        await pool.quote()
    assert await pool.counts() == [(1, RESERVED_MAX, 0)]
    await pool.quote(member_id=pool.souq.other_member_id)
    await pool.quote(now=NOW + QUOTE_LIFE)


async def test_what_cannot_be_paid_leaves_the_code_reserved(
    pool: Pool, superuser: AsyncConnection
) -> None:
    await pool.load("0001")
    quote = await pool.quote(member_id=pool.souq.other_member_id)
    with pytest.raises(BalanceTooLow):
        await pool.souq.place(quote)
    assert await pool.counts() == [(0, 1, 0)]
    for table in ("catalog.redemption", "catalog.voucher", "payouts.hold"):
        assert await rows(superuser, f"SELECT count(*) FROM {table}") == [(0,)]
    await pool.souq.fund(4_900, member_id=pool.souq.other_member_id)
    one = await pool.souq.place(quote)
    assert await numbers_of(pool, one.redemption_id) == [("0001", None)]


@pytest.mark.parametrize(
    "module", ["pay_supplier", "store_voucher", "save_progress"], ids=lambda name: f"in {name}"
)
async def test_a_death_while_placing_loses_nothing(
    pool: Pool, superuser: AsyncConnection, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    async def die(*_: object, **__: object) -> None:
        raise Killed

    await pool.load("0001")
    quote = await pool.quote()
    with monkeypatch.context() as patch:
        patch.setattr(f"catalog.redemptions.give_pool_code.{module}", die)
        with pytest.raises(Killed):
            await pool.souq.place(quote)
    assert await pool.counts() == [(0, 1, 0)]
    assert await pool.souq.balance(pool.souq.wallet()) == (20_000, 0)
    assert await rows(superuser, "SELECT count(*) FROM catalog.redemption") == [(0,)]
    one = await pool.souq.place(quote)
    assert await numbers_of(pool, one.redemption_id) == [("0001", None)]
    assert await pool.souq.journals_of("redemption", one.redemption_id) == [BOOKED]


async def test_a_code_in_a_pool_is_written_nowhere(pool: Pool, superuser: AsyncConnection) -> None:
    numbers = [f"{secrets.randbelow(10**16):016d}" for _ in range(2)]
    await pool.load(*numbers)
    await pool.souq.place(await pool.quote())
    assert await pool.counts() == [(1, 0, 1)]
    for number in numbers:
        assert await places_of(superuser, number) == []


async def test_codes_move_to_a_new_key(pool: Pool, superuser: AsyncConnection) -> None:
    keys = [("old", secrets.token_hex(32))]
    old, new = Vault(keys), Vault([("new", secrets.token_hex(32)), *keys])
    await pool.load("0001", "0002", "0003", vault=old)
    # While both keys are there a code of the old one is known.
    assert await pool.load("0002", vault=new) == [KNOWN]
    moved = []
    for _ in range(3):
        async with pool.souq.database.writing(pool.souq.network_id) as db:
            moved.append(
                await rewrap_pool_codes(db, vault=new, network_id=pool.souq.network_id, limit=2)
            )
    assert moved == [2, 1, 0]
    assert await rows(superuser, "SELECT DISTINCT key_id FROM catalog.pool_code") == [("new",)]
    assert await pool.load("0002", vault=new) == [KNOWN]


async def test_another_network_sees_no_code(pool: Pool) -> None:
    await pool.load("0001")
    async with pool.souq.database.writing(pool.souq.network_id + 1) as db:
        seen = await db.execute(text("SELECT count(*) FROM catalog.pool_code"))
        assert seen.scalar_one() == 0
        moved = await db.execute(text("UPDATE catalog.pool_code SET state = 'delivered'"))
        assert moved.rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM catalog.pool_code",
        "UPDATE catalog.pool_code SET face = 1",
        "UPDATE catalog.pool_code SET supplier_sku = 'x'",
        "DELETE FROM catalog.feed_source",
        "UPDATE catalog.feed_source SET url = 'x'",
    ],
)
async def test_the_service_may_not_rewrite_what_was_loaded(pool: Pool, statement: str) -> None:
    await pool.load("0001")
    with pytest.raises(DBAPIError) as caught:
        async with pool.souq.database.writing(pool.souq.network_id) as db:
            await db.execute(text(statement))
    assert getattr(caught.value.orig, "sqlstate", None) == "42501"


async def test_a_delivered_code_without_its_redemption_is_refused(pool: Pool) -> None:
    await pool.load("0001")
    for values in ("state = 'delivered'", "state = 'reserved'", "ciphertext = NULL"):
        with pytest.raises(DBAPIError) as caught:
            async with pool.souq.database.writing(pool.souq.network_id) as db:
                await db.execute(text(f"UPDATE catalog.pool_code SET {values}"))
        assert getattr(caught.value.orig, "sqlstate", None) == "23514", values
    assert await pool.counts() == [(1, 0, 0)]


async def test_members_at_once_get_each_code_once_and_pay_for_it(pool: Pool) -> None:
    loaded = [f"{n:04d}" for n in range(15)]
    await pool.load(*loaded)
    souq = pool.souq
    await souq.fund(100_000)
    await souq.fund(100_000, member_id=souq.other_member_id)

    async def attempt(number: int) -> object:
        own = souq.member_id if number % 2 else souq.other_member_id
        # Some have a clock that is ahead: for them the reservations of the others have lapsed.
        ahead = NOW + QUOTE_LIFE if number % 5 == 0 else NOW
        try:
            quote = await pool.quote(now=ahead, member_id=own)
            return (await souq.place(quote, now=ahead)).redemption_id
        except (NoCodeLeft, ReservationLost):
            return None

    placed = await asyncio.gather(*(attempt(number) for number in range(40)))
    ids = [one for one in placed if one is not None]
    shown = [number for one in ids for number, _ in await numbers_of(pool, one)]
    assert len(set(shown)) == len(shown) == len(ids)
    assert set(shown) <= set(loaded)
    left = [(await souq.balance(souq.wallet(one)))[0] for one in (None, souq.other_member_id)]
    assert sum(left) == 220_000 - len(ids) * 4_900
    free = len(loaded) - len(ids)
    assert await pool.counts(now=NOW + 2 * QUOTE_LIFE) == [(free, 0, len(ids))]
    # One who lost the code to another has lost nothing else, so the rest sells as well.
    for _ in range(free):
        quote = await pool.quote(now=NOW + 2 * QUOTE_LIFE)
        await souq.place(quote, now=NOW + 2 * QUOTE_LIFE)
    assert await pool.counts(now=NOW + 2 * QUOTE_LIFE) == [(0, 0, len(loaded))]
