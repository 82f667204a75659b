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
)
from payouts.ledger import Account, Cause, place_hold
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
