"""Ending debts that nothing paid in time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals import Accrual, read_accruals_of_purchases
from partners.debts.model import Debt, DebtTreatment, left_of_debts
from partners.debts.queries import find_debt_policy
from partners.members import lock_members
from partners.purchases import PurchaseReturn, end_debt, list_members_in_debt, list_open_debts
from payouts.events import Lines, Share, debt_recharge, debt_write_off
from payouts.ledger import Cause, Draft, post_journals, read_balances
from payouts.money import Money, allocate
from payouts.refusal import Refusal

ACTOR = "worker"


async def write_off_debts(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """End the overdue debts of up to `limit` members, as the network's policy says; tell how many.

    What later earning paid was paid on the oldest debts first; what is left of an overdue one is
    written off, or recharged to who funded its value. Each ends once. Safe to run at once with
    itself, with earning, returns and expiry: all of them lock members before they look at debts.
    Raises the refusal when nothing at all could be booked.
    """
    policy = await find_debt_policy(db, network_id=network_id)
    before = None if policy is None else policy.overdue_before(now)
    if policy is None or before is None:
        return 0
    members = await list_members_in_debt(db, network_id=network_id, before=before, limit=limit)
    if not members:
        return 0
    await lock_members(db, network_id=network_id, member_ids=members)
    # What stands now stands until the end: it may be less than when the members were found.
    returns = await list_open_debts(db, network_id=network_id, member_ids=members)
    debts = [_debt(one) for one in returns]
    left = await _left(db, network_id, debts)
    overdue = [one for one in debts if one.since < before]
    drafts = await _drafts(db, network_id, overdue, left, policy.treatment, now)
    refused = await _post(db, network_id, drafts, now)
    ended = [one for one in overdue if one.return_id not in refused]
    if refused and not ended:
        raise next(iter(refused.values()))
    for one in ended:
        await end_debt(
            db,
            network_id=network_id,
            return_id=one.return_id,
            treatment=_treatment(drafts.get(one.return_id)).value,
            given_up=left[one.return_id],
            now=now,
        )
    return len(ended)


async def _post(
    db: AsyncConnection, network_id: int, drafts: Mapping[UUID, Draft], now: datetime
) -> dict[UUID, Refusal]:
    outcomes = await post_journals(db, network_id=network_id, drafts=list(drafts.values()), now=now)
    return {
        return_id: outcome
        for return_id, outcome in zip(drafts, outcomes, strict=True)
        if isinstance(outcome, Refusal)
    }


async def _left(db: AsyncConnection, network_id: int, debts: Sequence[Debt]) -> dict[UUID, Money]:
    accounts = list({one.account for one in debts})
    balances = await read_balances(db, network_id=network_id, accounts=accounts)
    return left_of_debts(debts, {account: one.posted for account, one in balances.items()})


async def _drafts(
    db: AsyncConnection,
    network_id: int,
    overdue: Sequence[Debt],
    left: Mapping[UUID, Money],
    treatment: DebtTreatment,
    now: datetime,
) -> dict[UUID, Draft]:
    """The journal of each debt of which something is left, by its return."""
    owing = [one for one in overdue if left[one.return_id]]
    accruals: Mapping[UUID, Accrual] = {}
    if treatment is DebtTreatment.RECHARGE:
        accruals = await read_accruals_of_purchases(
            db, network_id=network_id, purchase_ids=[one.purchase_id for one in owing]
        )
    return {
        one.return_id: _ending(one, left[one.return_id], accruals.get(one.purchase_id), now)
        for one in owing
    }


def _ending(debt: Debt, amount: Money, funded: Accrual | None, now: datetime) -> Draft:
    """Give a debt up, or let its funders answer for it in the proportion in which they funded."""
    shares = [] if funded is None else _shares(funded, amount)
    if any(one.partner_id is not None for one in shares):
        lines = debt_recharge(member_id=debt.member_id, shares=shares)
        return _draft("debt.recharge", debt, lines, now)
    lines = debt_write_off(member_id=debt.member_id, amount=amount)
    return _draft("debt.write_off", debt, lines, now)


def _draft(kind: str, debt: Debt, lines: Lines, now: datetime) -> Draft:
    """Write the journal. Reversed by its exact inverse.

    The return behind it is the same for both kinds, so that its debt ends once whatever the policy
    is by then.
    """
    return Draft(
        kind=kind,
        key=f"return:{debt.return_id}:debt",
        cause=Cause("debt", str(debt.return_id)),
        lines=lines,
        actor=ACTOR,
        effective_at=now,
        note={"return_id": str(debt.return_id), "purchase_id": str(debt.purchase_id)},
    )


def _shares(funded: Accrual, amount: Money) -> list[Share]:
    parts = allocate(amount, [one.amount.minor for one in funded.shares])
    return [
        Share(share.partner_id if share.funder == "partner" else None, part)
        for share, part in zip(funded.shares, parts, strict=True)
        if part
    ]


def _treatment(draft: Draft | None) -> DebtTreatment:
    return DebtTreatment("offset" if draft is None else draft.kind.removeprefix("debt."))


def _debt(one: PurchaseReturn) -> Debt:
    return Debt(one.return_id, one.purchase_id, one.member_id, one.debt, one.returned_at)
