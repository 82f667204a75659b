"""Another destination is on notice, needs a second person, holds what is due, and is capped first."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement import (
    COOLDOWN,
    ChangeState,
    CooldownTooLong,
    DestinationChange,
    DestinationChangeNotFound,
    DestinationChangeNotOpen,
    Payee,
    Payout,
    PayoutNotHeld,
    PayoutState,
    approve_destination_change,
    cancel_payout,
    erase_payee,
    find_payee_of,
    list_destination_changes,
    publish_destination_policy,
    refuse_destination_change,
    release_payout,
)
from payouts.money import Money
from payouts.rails import ProviderEvent
from payouts.settlement import ApproverIsMaker, publish_payout_policy
from payouts.webhooks import accept_webhook
from tests.fingerprint import changed, fingerprint
from tests.payouts.disbursement.test_cashback_payout import policy, until_state
from tests.payouts.disbursement.world import Bank
from tests.payouts.settlement.world import BOOK, MEMBER

S = PayoutState
DAY = COOLDOWN.total_seconds()


async def payee(bank: Bank) -> Payee:
    async with bank.database.reading(BOOK) as db:
        found = await find_payee_of(db, network_id=BOOK, member_id=MEMBER)
    assert found is not None
    return found


async def rebank(bank: Bank, name: str = "ba_other") -> None:
    """The holder of the account names another bank at the provider, which tells us."""
    await bank.double.control("rebank", account=(await payee(bank)).account_id, bank=name)
    await payees_read(bank)


async def payees_read(bank: Bank) -> None:
    async with bank.database.writing(BOOK) as db:
        await db.execute(
            text(
                "INSERT INTO payouts.due (network_id, kind, due_id, due_at)"
                " SELECT network_id, 'payee.refresh', payee_id, :now FROM payouts.payee"
                " ON CONFLICT DO NOTHING"
            ),
            {"now": bank.now()},
        )
    await bank.job("payee.refresh")


async def changes(bank: Bank) -> list[DestinationChange]:
    async with bank.database.reading(BOOK) as db:
        return await list_destination_changes(db, network_id=BOOK, limit=9)


async def approve(bank: Bank, change_id: UUID, actor: str = "staff:c") -> DestinationChange:
    async with bank.database.writing(BOOK) as db:
        return await approve_destination_change(
            db, network_id=BOOK, change_id=change_id, actor=actor, now=bank.now()
        )


async def refuse(bank: Bank, change_id: UUID) -> DestinationChange:
    async with bank.database.writing(BOOK) as db:
        return await refuse_destination_change(
            db, network_id=BOOK, change_id=change_id, actor="staff:c", now=bank.now()
        )


async def release(bank: Bank, payout_id: UUID, actor: str = "staff:c") -> Payout:
    async with bank.database.writing(BOOK) as db:
        return await release_payout(
            db, network_id=BOOK, payout_id=payout_id, actor=actor, now=bank.now()
        )


async def in_force(bank: Bank) -> str:
    """Move the payee's money to another bank, approved and past its cool-down."""
    await rebank(bank)
    (change,) = await changes(bank)
    await approve(bank, change.change_id)
    bank.wait(DAY)
    assert await bank.job("destination.change") == 1
    return change.new_hash


async def test_another_bank_is_a_change_on_notice(payable: Bank) -> None:
    before = await payee(payable)
    await rebank(payable)
    (change,) = await changes(payable)
    after = await payee(payable)
    assert (before.is_changing, after.is_changing) == (False, True)
    assert after.destination_hash == before.destination_hash == change.old_hash
    assert after.offered_hash == change.new_hash != change.old_hash
    assert (change.state, change.member_id) == (ChangeState.PROPOSED, MEMBER)
    assert change.proposed_by == f"payee:{after.payee_id}"
    assert change.effective_at == change.proposed_at + COOLDOWN
    await payees_read(payable)
    assert await changes(payable) == [change]


async def test_a_message_about_another_bank_is_enough(payable: Bank) -> None:
    account = (await payee(payable)).account_id
    assert account is not None
    await payable.double.control("rebank", account=account, bank="ba_other")
    assert (await payable.double.rail.get_account(account)).bank == "ba_other"
    event = ProviderEvent(
        "evt_1", "account.external_account.updated", account, "ba_other", "bank_account",
        payable.now(),
    )  # fmt: skip
    async with payable.database.writing(0) as db:
        assert await accept_webhook(db, event=event, now=payable.now())
    await payable.job("webhook.process", 0)
    assert [one.state for one in await changes(payable)] == [ChangeState.PROPOSED]


async def test_payout_is_held_until_approval_and_clock_release_it(payable: Bank) -> None:
    requested = await payable.request(3_000)
    await rebank(payable)
    await payable.job("payout.submit")
    held = await payable.payout(requested.payout_id)
    assert (held.state, held.reason) == (S.HELD, "destination_change_pending")
    assert await payable.wallet() == (2_000, 3_000, 0)
    (change,) = await changes(payable)
    await approve(payable, change.change_id)
    payable.wait(DAY - 60)
    await payable.work()
    assert (await payable.payout(requested.payout_id)).state is S.HELD
    assert (await payable.sent())["transfers"] == []
    payable.wait(60)
    await until_state(payable, requested.payout_id, S.PAID)
    (change,) = await changes(payable)
    assert (change.state, change.in_force_at) == (ChangeState.IN_FORCE, change.effective_at)
    paid = await payable.payout(requested.payout_id)
    assert paid.destination_hash == change.new_hash
    assert await payable.sent() == {"transfers": [3_000], "reversals": [], "payouts": [3_000]}
    assert await payable.wallet() == (2_000, 0, 0 + 3_000)


async def test_time_alone_releases_nothing(payable: Bank) -> None:
    requested = await payable.request(3_000)
    await rebank(payable)
    payable.wait(DAY * 3)
    await payable.work()
    assert (await payable.payout(requested.payout_id)).state is S.HELD
    (change,) = await changes(payable)
    await approve(payable, change.change_id)
    await payable.work()
    assert (await changes(payable))[0].in_force_at == payable.now()
    await until_state(payable, requested.payout_id, S.PAID)


async def test_what_was_begun_does_not_go_on_to_another_bank(payable: Bank) -> None:
    requested = await payable.request(3_000)
    await payable.job("payout.submit")
    assert (await payable.payout(requested.payout_id)).state is S.TRANSFERRED
    await rebank(payable)
    await payable.work()
    held = await payable.payout(requested.payout_id)
    assert (held.state, held.reason) == (S.TRANSFERRED, "destination_change_pending")
    assert (await payable.sent())["payouts"] == []
    (change,) = await changes(payable)
    await approve(payable, change.change_id)
    payable.wait(DAY)
    await until_state(payable, requested.payout_id, S.PAID)
    assert (await payable.payout(requested.payout_id)).destination_hash == change.new_hash


async def test_who_asked_does_not_approve_in_code_or_in_the_database(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await rebank(payable)
    (change,) = await changes(payable)
    before = await fingerprint(superuser)
    with pytest.raises(ApproverIsMaker):
        await approve(payable, change.change_id, actor=change.proposed_by)
    assert changed(before, await fingerprint(superuser)) == []
    with pytest.raises(IntegrityError, match="destination_change_four_eyes"):
        await superuser.execute(
            text(
                "UPDATE payouts.destination_change SET state = 'approved',"
                " decided_by = proposed_by, decided_at = proposed_at"
            )
        )


async def test_nothing_is_in_force_before_its_cooldown_by_the_database(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await rebank(payable)
    with pytest.raises(IntegrityError, match="destination_change_notice"):
        await superuser.execute(
            text(
                "UPDATE payouts.destination_change SET state = 'in_force', decided_by = 'c',"
                " decided_at = proposed_at, in_force_at = proposed_at"
            )
        )


async def test_of_two_approvals_at_once_one_counts(payable: Bank) -> None:
    await rebank(payable)
    (change,) = await changes(payable)
    outcomes = await asyncio.gather(
        approve(payable, change.change_id, "staff:a"),
        approve(payable, change.change_id, "staff:b"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == [
        "DestinationChange",
        "DestinationChangeNotOpen",
    ]


async def test_refused_stays_held_until_the_old_bank_is_back(payable: Bank) -> None:
    old = str((await payable.double.state())["accounts"][0]["external_accounts"]["data"][0]["id"])
    requested = await payable.request(3_000)
    await rebank(payable)
    (change,) = await changes(payable)
    await approve(payable, change.change_id)
    assert (await refuse(payable, change.change_id)).state is ChangeState.REFUSED
    with pytest.raises(DestinationChangeNotOpen):
        await approve(payable, change.change_id)
    payable.wait(DAY)
    await payees_read(payable)
    await payable.work()
    assert [one.state for one in await changes(payable)] == [ChangeState.REFUSED]
    assert (await payable.payout(requested.payout_id)).state is S.HELD
    await rebank(payable, old)
    assert not (await payee(payable)).is_changing
    await until_state(payable, requested.payout_id, S.PAID)
    assert [one.state for one in await changes(payable)] == [ChangeState.REFUSED]


async def test_a_third_bank_takes_the_second_back(payable: Bank) -> None:
    await rebank(payable, "ba_2")
    (second,) = await changes(payable)
    await approve(payable, second.change_id)
    await rebank(payable, "ba_3")
    assert [one.state for one in await changes(payable)] == [
        ChangeState.PROPOSED,
        ChangeState.WITHDRAWN,
    ]
    payable.wait(DAY)
    await payable.work()
    assert (await payee(payable)).destination_hash == second.old_hash


async def test_first_payout_is_capped_and_the_second_is_not(payable: Bank) -> None:
    new_hash = await in_force(payable)
    await capped(payable, cap=500)
    large = await payable.request(800)
    await payable.work()
    held = await payable.payout(large.payout_id)
    assert (held.state, held.reason) == (S.HELD, "first_payout_capped")
    assert await payable.wallet() == (4_200, 800, 0)
    small = await payable.request(500)
    await until_state(payable, small.payout_id, S.PAID)
    second = await payable.request(700)
    await until_state(payable, second.payout_id, S.PAID)
    assert (await payable.payout(second.payout_id)).destination_hash == new_hash
    assert (await payable.payout(large.payout_id)).state is S.HELD
    await release(payable, large.payout_id)
    await until_state(payable, large.payout_id, S.PAID)
    assert (await payable.sent())["payouts"] == [500, 700, 800]


async def capped(bank: Bank, cap: int) -> None:
    async with bank.database.writing(BOOK) as db:
        await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=Money(1_000, "SAR"),
            minimum=Money(1, "SAR"),
            first_payout_cap=Money(cap, "SAR"),
            actor="op",
            now=bank.now(),
        )


async def test_the_cap_is_the_approval_limit_where_none_is_given(payable: Bank) -> None:
    await in_force(payable)
    scheduled = await payable.request(1_001)
    await policy(payable, approval_above=1_000)
    await payable.work()
    held = await payable.payout(scheduled.payout_id)
    assert (held.state, held.reason) == (S.HELD, "first_payout_capped")


async def test_a_checker_who_did_not_order_it_releases_what_is_capped_once(
    payable: Bank, superuser: AsyncConnection
) -> None:
    await in_force(payable)
    await capped(payable, cap=0)
    large = await payable.request(800)
    with pytest.raises(PayoutNotHeld):
        await release(payable, large.payout_id)
    await payable.work()
    before = await fingerprint(superuser)
    with pytest.raises(ApproverIsMaker):
        await release(payable, large.payout_id, actor="member:1")
    with pytest.raises(ApproverIsMaker):
        await release(payable, large.payout_id, actor=(await changes(payable))[0].proposed_by)
    assert changed(before, await fingerprint(superuser)) == []
    with pytest.raises(IntegrityError, match="payout_released_by_another"):
        await superuser.execute(text("UPDATE payouts.payout SET released_by = requested_by"))
    assert (await release(payable, large.payout_id)).released_by == "staff:c"
    with pytest.raises(PayoutNotHeld):
        await release(payable, large.payout_id)
    await until_state(payable, large.payout_id, S.PAID)


async def test_a_release_is_for_one_destination(payable: Bank) -> None:
    await in_force(payable)
    await capped(payable, cap=100)
    large = await payable.request(800)
    await payable.work()
    await release(payable, large.payout_id)
    await rebank(payable, "ba_third")
    await payable.work()
    third = (await changes(payable))[0]
    await approve(payable, third.change_id)
    payable.wait(DAY)
    await payable.work()
    held = await payable.payout(large.payout_id)
    assert (held.state, held.reason) == (S.HELD, "first_payout_capped")
    assert (await payable.sent())["transfers"] == []


async def test_held_payout_can_be_cancelled(payable: Bank) -> None:
    requested = await payable.request(3_000)
    await rebank(payable)
    await payable.work()
    async with payable.database.writing(BOOK) as db:
        await cancel_payout(
            db, network_id=BOOK, payout_id=requested.payout_id, actor="m", now=payable.now()
        )
    assert await payable.wallet() == (5_000, 0, 0)


async def test_policy_says_how_long_the_notice_is(payable: Bank) -> None:
    async def publish(cooldown: timedelta) -> None:
        async with payable.database.writing(BOOK) as db:
            await publish_destination_policy(
                db, network_id=BOOK, cooldown=cooldown, actor="op", now=payable.now()
            )

    for wrong in (timedelta(seconds=-1), timedelta(days=30, seconds=1)):
        with pytest.raises(CooldownTooLong):
            await publish(wrong)
    await publish(timedelta(hours=2))
    await rebank(payable)
    (change,) = await changes(payable)
    assert change.effective_at - change.proposed_at == timedelta(hours=2)
    await publish(timedelta())
    assert (await changes(payable))[0].effective_at == change.effective_at


async def test_changes_of_another_network_are_not_there(payable: Bank) -> None:
    await rebank(payable)
    (change,) = await changes(payable)
    with pytest.raises(DestinationChangeNotFound):
        async with payable.database.writing(BOOK + 1) as db:
            await approve_destination_change(
                db, network_id=BOOK + 1, change_id=change.change_id, actor="c", now=payable.now()
            )
    assert await changes(payable) == [change]


async def test_erasure_leaves_no_hash_behind(payable: Bank) -> None:
    await rebank(payable)
    (change,) = await changes(payable)
    await approve(payable, change.change_id)
    async with payable.database.writing(BOOK) as db:
        await erase_payee(db, network_id=BOOK, member_id=MEMBER)
    (erased,) = await changes(payable)
    assert (erased.old_hash, erased.new_hash) == ("erased", "erased")
    payable.wait(DAY)
    assert await payable.job("destination.change") == 1
    assert (await changes(payable))[0].state is ChangeState.APPROVED
    assert await payable.job("destination.change") == 0
