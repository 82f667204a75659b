"""Messages about objects that nobody of ours made, whoever signed them and however they are marked."""

import json
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.doubles.stripe_delivery import sign
from payouts.money import Money, new_id
from tests.payouts.disbursement.world import Bank
from tests.payouts.rails.stripe_double import SECRET, until
from tests.payouts.settlement.world import BOOK
from tests.payouts.webhooks.test_sweeping import kept, sent_into_the_world
from tests.payouts.webhooks.test_webhooks import delivered

INBOX = ("webhook_inbox", "due")


async def outcomes(superuser: AsyncConnection, prefix: str) -> list[tuple[str, str, int | None]]:
    rows = await superuser.execute(
        text(
            "SELECT type, outcome, network_id FROM payouts.webhook_inbox"
            " WHERE type LIKE :prefix AND outcome <> 'recorded' ORDER BY webhook_id"
        ).bindparams(prefix=f"{prefix}.%")
    )
    return [tuple(row) for row in rows]


async def books(superuser: AsyncConnection) -> dict[str, Any]:
    return {name: rows for name, rows in (await kept(superuser)).items() if name not in INBOX}


async def hear(bank: Bank) -> None:
    await until(lambda: delivered(bank))
    while await bank.job("webhook.process", 0):
        pass


@pytest.fixture
async def underway(bank: Bank) -> tuple[Bank, dict[str, str], dict[str, str]]:
    """A bank with orders on their way, the marks of its transfer and of its payout."""
    payout_id, _, _ = await sent_into_the_world(bank)
    transfer, payout = await bank.attempts(payout_id)
    mark = {"network": str(BOOK)}
    return (
        bank,
        {**mark, "attempt": str(transfer.attempt_id)},
        {**mark, "attempt": str(payout.attempt_id)},
    )


async def test_a_payout_of_somebody_elses_account_under_our_mark_is_refused(
    underway: tuple[Bank, dict[str, str], dict[str, str]], superuser: AsyncConnection
) -> None:
    bank, _, mark = underway
    thief = await bank.double.onboarded("thief")
    await bank.double.rail.create_transfer(
        key="loot", amount=Money(3_000, "SAR"), destination=thief, transfer_group="loot"
    )
    await hear(bank)
    before = await books(superuser)
    for key, account in (("its own", thief), ("the platform's", None)):
        made = await bank.double.rail.create_payout(
            key=key, account_id=account, amount=Money(3_000, "SAR"), metadata=mark
        )
        await bank.double.control("settle", id=made.id, failure_code="account_closed")
    await hear(bank)
    assert await books(superuser) == before
    told = await outcomes(superuser, "payout")
    assert set(told) == {
        ("payout.created", "refused: not_ours", BOOK),
        ("payout.failed", "refused: not_ours", BOOK),
    }
    assert len(told) == 4


async def test_transfers_debits_and_top_ups_under_our_marks_are_refused(
    underway: tuple[Bank, dict[str, str], dict[str, str]], superuser: AsyncConnection
) -> None:
    bank, mark, _ = underway
    state = await bank.double.state()
    (topup,) = [one for one in state["topups"] if one["metadata"]]
    (intent,) = state["payment_intents"]
    before = await books(superuser)
    payee = await bank.double.onboarded("stranger")
    transfer = await bank.double.rail.create_transfer(
        key="t",
        amount=Money(3_000, "SAR"),
        destination=payee,
        transfer_group="g",
        metadata=mark,
    )
    await bank.double.rail.reverse_transfer(
        key="r", transfer_id=transfer.id, amount=Money(3_000, "SAR")
    )
    debit = await bank.double.rail.create_payment_intent(
        key="i",
        amount=Money(700, "SAR"),
        customer_id=intent["customer"],
        payment_method_id=intent["payment_method"],
        metadata=intent["metadata"],
    )
    drawn = await bank.double.rail.create_topup(
        key="u", amount=Money(9_000, "SAR"), metadata=topup["metadata"]
    )
    unheard = {"network": str(BOOK), "topup": str(new_id(bank.now()))}
    never = await bank.double.rail.create_topup(
        key="v", amount=Money(9_000, "SAR"), metadata=unheard
    )
    for one in (debit.id, drawn.id, never.id):
        await bank.double.control("settle", id=one)
    await hear(bank)
    assert await books(superuser) == before
    for kind, number in (("transfer", 2), ("payment_intent", 3), ("topup", 4)):
        told = [one for one in await outcomes(superuser, kind) if one[1].startswith("refused")]
        assert {one[1:] for one in told} == {("refused: not_ours", BOOK)}
        assert len(told) == number


async def test_an_account_under_the_mark_of_a_payee_is_not_taken_for_its_own(
    underway: tuple[Bank, dict[str, str], dict[str, str]], superuser: AsyncConnection
) -> None:
    bank, _, _ = underway
    mine = (await bank.double.state())["accounts"][0]
    before = await books(superuser)
    other = await bank.double.rail.create_account(
        key="other", country="SA", email="x@example.com", metadata=mine["metadata"]
    )
    await bank.double.control("onboard", account=other.id)
    await bank.double.control("restrict", account=other.id)
    await hear(bank)
    assert await books(superuser) == before
    assert await outcomes(superuser, "account") == [
        ("account.updated", "refused: not_ours", BOOK),
        ("account.updated", "refused: not_ours", BOOK),
    ]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"object": {"id": "po_absent", "object": "payout"}}, 200),
        ({"object": {"id": "../balance", "object": "transfer"}}, 200),
        ({"object": {"id": "tr_1?expand[]=x", "object": "transfer"}}, 200),
        ({"object": {"id": "tr_é", "object": "transfer"}}, 200),
        ({"object": {"id": "", "object": "transfer"}}, 400),
        ({"object": {"id": "tr_\r\nx: y", "object": "transfer"}}, 400),
        ({"account": "acct_1\r\nStripe-Version: 1"}, 400),
        ({"account": "acct_é"}, 400),
        ({"account": ""}, 400),
    ],
    ids=str,
)
async def test_a_signed_message_about_what_never_was_is_put_away_or_refused(
    bank: Bank, superuser: AsyncConnection, changes: dict[str, Any], status: int
) -> None:
    before = await books(superuser)
    found = changes.get("object", {"id": "po_absent", "object": "payout"})
    event = {"id": "evt_1", "type": "x.y", "created": 1, "data": {"object": found}}
    if "account" in changes:
        event["account"] = changes["account"]
    body = json.dumps(event).encode()
    async with httpx2.AsyncClient(trust_env=False) as client:
        headers = {"Stripe-Signature": sign(body, SECRET, bank.now())}
        answer = await client.post(bank.inbox_url, content=body, headers=headers)  # type: ignore[attr-defined]
    assert answer.status_code == status
    await hear(bank)
    assert await books(superuser) == before
    told = await outcomes(superuser, "x")
    # No such object, or no such address; either way it is done with, and why is written down.
    code = "InvalidRequestError" if "/" in found["id"] else "resource_missing"
    assert told == ([("x.y", f"unreadable: {code}", None)] if status == 200 else [])
