"""A member who was paid asks to be forgotten."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.worker.jobs.balance_transactions import run_balance_transactions
from api.worker.world import World
from partners.members import find_member_by_identity
from payouts.seals import append_block, read_proof, seal_journals
from tests.api.graphql.payouts.world import Settling
from tests.conftest import NOW
from tests.fingerprint import KEYS, changed, fingerprint
from tests.payouts.audit.world import Signing

SHOWN = "member { id externalId erasedAt }"
PERSONAL = ("payee@example.com", "Amal Personal", "cust-amal")


async def pay_all(settling: Settling) -> None:
    """The member takes its 50.00 out."""
    door, me = settling.door, settling.as_member
    await settling.onboard(me)
    await settling.double.control("fund", amount=100_000, currency="sar")
    await door.do(
        me, "requestCashbackPayout", "payout { id }", amount={"currency": "SAR", "minor": "5000"}
    )
    await settling.work(rounds=3)
    world = World(database=settling.door.database, rail=settling.double.rail, clock=settling.clock)
    assert await run_balance_transactions(world, settling.network_id) >= 1


async def erase(settling: Settling, key: str, **over: Any) -> dict[str, Any]:
    given = {
        "idempotencyKey": key,
        "memberId": settling.id("Member", settling.member),
        "reason": "request 17",
        **over,
    }
    return await settling.door.do(settling.operator, "eraseMember", SHOWN, **given)


async def everything_written(superuser: AsyncConnection) -> str:
    """All rows of all tables as one text."""
    names = await superuser.execute(
        text(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE'"
            " AND table_schema IN ('api', 'catalog', 'partners', 'payouts')"
        )
    )
    parts = []
    for name in names.scalars().all():
        rows = await superuser.execute(text(f"SELECT r::text FROM {name} r"))
        parts += [f"{name}: {row}" for row in rows.scalars()]
    return "\n".join(parts)


async def proofs(settling: Settling, superuser: AsyncConnection) -> list[Any]:
    rows = await superuser.execute(text("SELECT journal_id FROM payouts.seal ORDER BY seq"))
    async with settling.door.database.reading(settling.network_id) as db:
        return [
            await read_proof(db, network_id=settling.network_id, journal_id=one, party=None)
            for one in rows.scalars().all()
        ]


async def test_a_member_is_erased_and_the_books_stay_as_they_are(
    settling: Settling, superuser: AsyncConnection
) -> None:
    network_id, database = settling.network_id, settling.door.database
    await superuser.execute(
        text("UPDATE partners.member SET external_id = 'cust-amal' WHERE member_id = :member"),
        {"member": settling.member},
    )
    refused = await erase(settling, "early")
    assert [one["code"] for one in refused["problems"]] == ["STATE_CONFLICT"]
    assert refused["problems"][0]["retryable"] is True
    assert "member_available 50.00 SAR; payouts: 0" in refused["problems"][0]["message"]
    await pay_all(settling)
    await superuser.execute(text("UPDATE payouts.payee SET name = 'Amal Personal'"))
    account = (await superuser.execute(text("SELECT account_id FROM payouts.payee"))).scalar_one()
    await superuser.execute(
        text(
            "INSERT INTO payouts.webhook_inbox (provider, event_id, webhook_id, type, account_id,"
            " object_type, object_id, occurred_at, received_at, attempts) VALUES ('stripe',"
            " 'evt_1', gen_random_uuid(), 'account.updated', :account, 'account', :account, :now,"
            " :now, 0)"
        ),
        {"account": account, "now": NOW},
    )
    before = await fingerprint(superuser, without=KEYS)
    watched = await erase(settling, "watched")
    assert "balances: none; payouts: 1" in watched["problems"][0]["message"]
    assert changed(before, await fingerprint(superuser, without=KEYS)) == []
    settling.door.set_clock(settling.clock.now() + timedelta(days=8))
    async with database.writing(network_id) as db:
        now = settling.clock.now()
        await seal_journals(db, network_id=network_id, now=now)
        await append_block(db, network_id=network_id, signer=Signing(), now=now)
    written = await everything_written(superuser)
    assert [one for one in (*PERSONAL, account) if one not in written] == []
    proved = await proofs(settling, superuser)
    assert len(proved) >= 4
    assert None not in proved
    before = await fingerprint(superuser, without=KEYS)

    done = await erase(settling, "done")
    assert done["problems"] == []
    assert done["member"] == {
        "id": settling.id("Member", settling.member),
        "externalId": f"erased:{settling.member}",
        "erasedAt": settling.clock.now().isoformat(),
    }
    assert changed(before, await fingerprint(superuser, without=KEYS)) == [
        "partners.member",
        "partners.member_erasure",
        "payouts.payee",
        "payouts.payout",
        "payouts.payout_attempt",
        "payouts.webhook_inbox",
    ]
    written = await everything_written(superuser)
    assert [one for one in (*PERSONAL, account) if one in written] == []
    assert await proofs(settling, superuser) == proved
    kept = await superuser.execute(
        text("SELECT member_id, erased_by, reason, erased_at FROM audit.member_erasure")
    )
    assert tuple(kept.one()) == (
        settling.member,
        "staff:omar",
        "request 17",
        settling.clock.now(),
    )
    again = await erase(settling, "done")
    assert (again["replayed"], again["member"]) == (True, done["member"])
    twice = await erase(settling, "twice")
    assert [one["code"] for one in twice["problems"]] == ["STATE_CONFLICT"]


async def test_the_old_identity_is_free_for_a_new_member(
    settling: Settling, superuser: AsyncConnection
) -> None:
    await pay_all(settling)
    settling.door.set_clock(settling.clock.now() + timedelta(days=8))
    assert (await erase(settling, "done"))["problems"] == []
    door, shop = settling.door, settling.as_partner(settling.shop)
    for external_id in ("m", f"erased:{settling.member}"):
        async with door.database.reading(settling.network_id) as db:
            assert (
                await find_member_by_identity(
                    db,
                    network_id=settling.network_id,
                    partner_id=settling.shop,
                    external_id=external_id,
                )
                is None
            )
    new = await door.do(shop, "enrolMember", SHOWN, externalId="m")
    assert new["member"]["externalId"] == "m"
    assert new["member"]["id"] != settling.id("Member", settling.member)
    forged = await door.do(
        shop,
        "enrolMember",
        SHOWN,
        idempotencyKey="forged",
        externalId=f"erased:{settling.member}",
    )
    assert [one["code"] for one in forged["problems"]] == ["INVALID_INPUT"]
    before = await fingerprint(superuser, without=KEYS)
    late = await door.do(
        settling.operator,
        "connectPayee",
        "payee { id }",
        idempotencyKey="late",
        country="SA",
        email="a@example.com",
        memberId=settling.id("Member", settling.member),
    )
    assert [one["code"] for one in late["problems"]] == ["NOT_FOUND"]
    assert changed(before, await fingerprint(superuser, without=KEYS)) == []


async def test_only_an_operator_erases_and_nobody_who_is_not_there(settling: Settling) -> None:
    for caller in (settling.maker, settling.as_partner(settling.shop), settling.as_member):
        payload = await settling.door.do(
            caller,
            "eraseMember",
            SHOWN,
            memberId=settling.id("Member", settling.member),
            reason="x",
        )
        assert [one["code"] for one in payload["problems"]] == ["FORBIDDEN"]
    absent = await erase(settling, "absent", memberId=settling.id("Member", settling.cafe))
    assert [one["code"] for one in absent["problems"]] == ["NOT_FOUND"]
    blank = await erase(settling, "blank", reason="")
    assert [one["code"] for one in blank["problems"]] == ["INVALID_INPUT"]
