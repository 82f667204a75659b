"""A code is shown once, to its owner, and the showing is on record."""

import asyncio
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.suppliers import Secret
from catalog.vouchers import (
    AlreadyRevealed,
    Code,
    CodeDelivered,
    Vault,
    VoucherNotFound,
    read_vouchers,
    reveal_voucher,
    rewrap_vouchers,
    store_voucher,
)
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork

CODE = Code(Secret("0099887766554433"), Secret("0777"))


async def stored(souq: SmallNetwork, code: Code = CODE, **owner: UUID) -> UUID:
    async with souq.database.writing(souq.network_id) as db:
        made = await store_voucher(
            db,
            vault=souq.vault,
            network_id=souq.network_id,
            realm="s",
            code=code,
            redemption_id=new_id(NOW),
            now=NOW,
            **(owner or {"member_id": souq.member_id}),
        )
    return made.voucher_id


async def revealed(souq: SmallNetwork, voucher_id: UUID, **owner: UUID) -> Code:
    async with souq.database.writing(souq.network_id) as db:
        shown = await reveal_voucher(
            db,
            vault=souq.vault,
            network_id=souq.network_id,
            voucher_id=voucher_id,
            actor="member:m1",
            now=NOW + timedelta(minutes=1),
            **(owner or {"member_id": souq.member_id}),
        )
    return shown.code


async def reveals(superuser: AsyncConnection) -> list[tuple[object, ...]]:
    rows = await superuser.execute(
        text("SELECT voucher_id, member_id, partner_id, actor FROM catalog.voucher_reveal")
    )
    return [tuple(row) for row in rows]


async def test_the_owner_sees_the_code_once(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    voucher_id = await stored(souq)
    assert await revealed(souq, voucher_id) == CODE
    with pytest.raises(AlreadyRevealed):
        await revealed(souq, voucher_id)
    assert await reveals(superuser) == [(voucher_id, souq.member_id, None, "member:m1")]
    async with souq.database.reading(souq.network_id) as db:
        found = await read_vouchers(db, network_id=souq.network_id, voucher_ids=[voucher_id])
    assert found[voucher_id].last4 == "4433"
    assert found[voucher_id].revealed_at == NOW + timedelta(minutes=1)


async def test_foreign_and_absent_answer_alike(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    voucher_id = await stored(souq)
    of_partner = await stored(souq, Code(Secret("1")), partner_id=souq.partner_id)
    for asked, owner in (
        (voucher_id, {"member_id": souq.other_member_id}),
        (voucher_id, {"partner_id": souq.partner_id}),
        (of_partner, {"partner_id": souq.other_partner_id}),
        (of_partner, {"member_id": souq.member_id}),
        (uuid4(), {"member_id": souq.member_id}),
    ):
        with pytest.raises(VoucherNotFound):
            await revealed(souq, asked, **owner)
    assert await reveals(superuser) == []
    assert await revealed(souq, of_partner, partner_id=souq.partner_id) == Code(Secret("1"))


async def test_revealed_at_once_it_is_shown_once(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    voucher_id = await stored(souq)

    async def attempt(_: int) -> int:
        try:
            return int(await revealed(souq, voucher_id) == CODE)
        except AlreadyRevealed:
            return 0

    assert sum(await asyncio.gather(*(attempt(number) for number in range(40)))) == 1
    assert len(await reveals(superuser)) == 1


async def test_a_record_of_showing_cannot_be_taken_back(souq: SmallNetwork) -> None:
    await revealed(souq, await stored(souq))
    for statement in (
        "DELETE FROM catalog.voucher_reveal",
        "UPDATE catalog.voucher_reveal SET actor = 'x'",
        "DELETE FROM catalog.voucher",
    ):
        with pytest.raises(DBAPIError) as caught:
            async with souq.database.writing(souq.network_id) as db:
                await db.execute(text(statement))
        assert getattr(caught.value.orig, "sqlstate", None) == "42501", statement


async def test_a_code_is_delivered_once(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    await stored(souq)
    with pytest.raises(CodeDelivered):
        await stored(souq, member_id=souq.other_member_id)
    count = await superuser.execute(text("SELECT count(*) FROM catalog.voucher"))
    assert count.scalar_one() == 1


async def test_all_codes_move_to_a_new_key(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    keys = [("old", secrets.token_hex(32))]
    old = Vault(keys)
    new = Vault([("new", secrets.token_hex(32)), *keys])
    ids = []
    for number in range(5):
        async with souq.database.writing(souq.network_id) as db:
            made = await store_voucher(
                db,
                vault=old,
                network_id=souq.network_id,
                realm="s",
                code=Code(Secret(f"code-{number}")),
                redemption_id=new_id(NOW),
                member_id=souq.member_id,
                now=NOW,
            )
        ids.append(made.voucher_id)
    moved = []
    for _ in range(4):
        async with souq.database.writing(souq.network_id) as db:
            moved.append(await rewrap_vouchers(db, vault=new, network_id=souq.network_id, limit=2))
    assert moved == [2, 2, 1, 0]
    rows = await superuser.execute(text("SELECT DISTINCT key_id FROM catalog.voucher"))
    assert list(rows.scalars()) == ["new"]
    async with souq.database.writing(souq.network_id) as db:
        shown = await reveal_voucher(
            db,
            vault=new,
            network_id=souq.network_id,
            voucher_id=ids[3],
            member_id=souq.member_id,
            actor="m",
            now=NOW,
        )
    assert shown.code == Code(Secret("code-3"))
