"""Erasing members: when it is refused, and what the name of nobody is worth afterwards."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.members import (
    MemberHasMoney,
    MemberIsErased,
    MemberNotFound,
    MemberState,
    enrol_member,
    erase_member,
    list_wallet_lots,
    read_wallets,
)
from payouts.events import points_confirm, points_pending
from payouts.ledger import Account, Cause, Draft, place_hold, post_journal
from payouts.money import Points
from tests.conftest import NOW
from tests.fingerprint import changed, fingerprint
from tests.partners.purchases.world import Till, open_till


@pytest.fixture
async def till(database: Database) -> Till:
    return await open_till(database)


async def erase(till: Till, **over: Any) -> Any:
    given = {
        "network_id": till.network_id,
        "member_id": till.shop.member.member_id,
        "actor": "staff:omar",
        "reason": "request 17",
        "now": NOW,
        **over,
    }
    async with till.database.writing(till.network_id) as db:
        return await erase_member(db, **given)


async def refused(till: Till, superuser: AsyncConnection) -> dict[str, Any]:
    before = await fingerprint(superuser)
    with pytest.raises(MemberHasMoney) as caught:
        await erase(till)
    assert changed(before, await fingerprint(superuser)) == []
    return caught.value.facts


async def test_whoever_has_money_or_debt_is_not_erased(
    till: Till, superuser: AsyncConnection
) -> None:
    bought = await till.buy(10_000)
    assert await refused(till, superuser) == {
        "balances": "member_pending 5.00 SAR",
        "payouts": 0,
    }
    await till.confirm()
    assert (await refused(till, superuser))["balances"] == "member_available 5.00 SAR"
    await till.spend(500)
    await till.give_back(bought, 10_000)
    assert (await refused(till, superuser))["balances"] == "member_recv 5.00 SAR"


async def test_whoever_has_value_on_hold_is_not_erased(
    till: Till, superuser: AsyncConnection
) -> None:
    await till.buy(10_000)
    await till.confirm()
    owner = Account("member_available", str(till.shop.member.member_id), "SAR")
    async with till.database.writing(till.network_id) as db:
        await place_hold(
            db,
            network_id=till.network_id,
            account=owner,
            amount=till.money(500),
            key="hold",
            cause=Cause("test", "hold"),
            expires_at=None,
            now=NOW,
        )
    assert (await refused(till, superuser))["balances"] == "member_available 5.00 SAR"


async def test_whoever_has_points_is_not_erased_and_its_wallet_is_of_money(
    till: Till, superuser: AsyncConnection
) -> None:
    place = {"network_id": till.network_id, "member_id": till.shop.member.member_id}
    lines = points_pending(
        funder_id=None, member_id=place["member_id"], points=Points(40), owed=till.money(50)
    )
    draft = Draft("points.pending", "p", Cause("test", "p"), lines, "test", NOW)
    lines = points_confirm(member_id=place["member_id"], points=Points(30))
    confirmed = Draft("points.confirm", "c", Cause("test", "p"), lines, "test", NOW)
    async with till.database.writing(till.network_id) as db:
        for one in (draft, confirmed):
            await post_journal(db, network_id=till.network_id, draft=one, now=NOW)
    balances = (await refused(till, superuser))["balances"]
    assert balances == "member_available 30 POINTS, member_pending 10 POINTS"
    async with till.database.reading(till.network_id) as db:
        (wallet,) = await read_wallets(db, **place, currency="SAR")
        assert (wallet.available, wallet.pending) == (till.money(0), till.money(0))
        assert await list_wallet_lots(db, **place, limit=9) == []


async def test_an_erased_member_earns_nothing_and_its_name_is_somebody_elses(till: Till) -> None:
    old = till.shop.member
    erased = await erase(till)
    assert (erased.state, erased.erased_at) == (MemberState.ERASED, NOW)
    assert erased.external_id == f"erased:{old.member_id}"
    with pytest.raises(MemberNotFound):
        await till.buy(10_000)
    with pytest.raises(MemberIsErased):
        await erase(till)
    async with till.database.writing(till.network_id) as db:
        new = await enrol_member(
            db,
            network_id=till.network_id,
            partner_id=till.partner_id,
            external_id=old.external_id,
            now=NOW,
        )
    assert new.member_id != old.member_id
    bought = await till.buy(10_000, member_id=new.member_id)
    assert bought.member_id == new.member_id


async def test_nobody_is_erased_by_another_network(
    till: Till, database: Database, superuser: AsyncConnection
) -> None:
    before = await fingerprint(superuser)
    with pytest.raises(MemberNotFound):
        async with database.writing(till.network_id + 1) as db:
            await erase_member(
                db,
                network_id=till.network_id + 1,
                member_id=till.shop.member.member_id,
                actor="staff:omar",
                reason="x",
                now=NOW,
            )
    assert changed(before, await fingerprint(superuser)) == []
