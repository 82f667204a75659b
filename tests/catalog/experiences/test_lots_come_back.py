"""A seat that is given back returns value to the very lots that paid for it, with their end."""

from datetime import timedelta

from partners.accruals import expire_due_lots
from tests.catalog.experiences.test_bookings import STARTS, cancelled, slot_of
from tests.conftest import NOW
from tests.factories.lots import grant_lot, open_lots
from tests.factories.small_network import SmallNetwork

SOON = NOW + timedelta(days=1)


async def give(souq: SmallNetwork) -> None:
    for origin, minor, expires_at in (("lasting", 7_000, None), ("soon", 3_000, SOON)):
        await grant_lot(
            souq.database,
            network_id=souq.network_id,
            account=souq.wallet(),
            minor=minor,
            expires_at=expires_at,
            origin=origin,
        )


async def left(souq: SmallNetwork) -> list[tuple[str, int, object]]:
    return [*await open_lots(souq.database, network_id=souq.network_id, account=souq.wallet())]


async def test_what_a_late_cancellation_returns_goes_to_the_lots_used_last(
    souq: SmallNetwork,
) -> None:
    await give(souq)
    reward_id = await souq.experience_reward(8_000)
    slot = await slot_of(souq, reward_id)
    one = await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id))
    assert await left(souq) == [("lasting", 2_000, None)]
    await cancelled(souq, one, now=STARTS - timedelta(hours=1))  # 6,400 of 8,000
    assert await left(souq) == [("soon", 1_400, SOON), ("lasting", 7_000, None)]
    assert await souq.balance(souq.wallet()) == (8_400, 0)


async def test_what_comes_back_after_its_end_lapses_at_the_next_round(souq: SmallNetwork) -> None:
    await give(souq)
    reward_id = await souq.experience_reward(8_000)
    slot = await slot_of(souq, reward_id)
    one = await souq.place(await souq.quote(reward_id, slot_id=slot.slot_id))
    late = SOON + timedelta(hours=1)
    for lapsed in (0, 1):
        async with souq.database.writing(souq.network_id) as db:
            assert lapsed == await expire_due_lots(
                db, network_id=souq.network_id, limit=10, now=late
            )
        if not lapsed:
            await cancelled(souq, one, now=late)
            assert await left(souq) == [("soon", 3_000, SOON), ("lasting", 7_000, None)]
    assert await left(souq) == [("lasting", 7_000, None)]
    assert await souq.balance(souq.own("breakage_cashback")) == (3_000, 0)
