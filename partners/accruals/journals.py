"""Which lines an accrual's events post. Each has its reversal beside it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from partners.accruals.lapsing import Lapse
from partners.accruals.model import Accrual, AccrualShare, Reversal, funder_of
from partners.agreements import UnspentTo
from payouts.events import (
    Share,
    accrual_confirm,
    accrual_pending,
    accrual_return_available,
    accrual_return_pending,
    value_expire,
)
from payouts.ledger import Account, Cause, Draft, Line, LotPart
from payouts.money import Money


def pending_journal(accrual: Accrual, *, actor: str) -> Draft:
    """The merchant and its fellow funders will owe; the member will have; the fee waits.

    What the member will have is one lot for each funder, with its end. Reversed by
    return_pending_journal.
    """
    amounts = [share.amount for share in accrual.shares]
    lines = accrual_pending(
        merchant_id=accrual.partner_id,
        member_id=accrual.member_id,
        shares=_shares(accrual, amounts),
        fee=accrual.fee,
    )
    return Draft(
        kind="accrual.pending",
        key=f"accrual:{accrual.accrual_id}:pending",
        cause=_cause(accrual),
        lines=_by_lots(lines, _member(accrual, "member_pending"), _parts(accrual, amounts)),
        actor=actor,
        effective_at=accrual.earned_at,
        note={"purchase_id": str(accrual.purchase_id)},
    )


def return_pending_journal(
    accrual: Accrual, reversal: Reversal, *, return_id: UUID, actor: str, at: datetime
) -> Draft:
    """Part of a purchase came back before confirmation: everybody's part shrinks alike.

    Reverses pending_journal in proportion.
    """
    lines = accrual_return_pending(
        merchant_id=accrual.partner_id,
        member_id=accrual.member_id,
        shares=_shares(accrual, reversal.shares),
        fee=reversal.fee,
    )
    return Draft(
        kind="accrual.return_pending",
        key=f"return:{return_id}",
        cause=Cause("purchase_return", str(return_id)),
        lines=_by_lots(lines, _member(accrual, "member_pending"), _parts(accrual, reversal.shares)),
        actor=actor,
        effective_at=at,
        reverses=accrual.pending_journal_id,
        note={"purchase_id": str(accrual.purchase_id), "accrual_id": str(accrual.accrual_id)},
    )


def confirm_journal(accrual: Accrual, *, offset: Money, actor: str) -> Draft:
    """The return window is over: what remains is the member's, is owed, and is earned.

    `offset` of it pays the member's debt first; the rest keeps its lots. Reversed by
    return_available_journal.
    """
    amounts = [share.remaining for share in accrual.shares]
    lines = accrual_confirm(
        merchant_id=accrual.partner_id,
        member_id=accrual.member_id,
        shares=_shares(accrual, amounts),
        fee=accrual.fee_remaining,
        offset=offset,
    )
    return Draft(
        kind="accrual.confirm",
        key=f"accrual:{accrual.accrual_id}:confirm",
        cause=_cause(accrual),
        lines=_by_lots(lines, _member(accrual, "member_pending"), _parts(accrual, amounts)),
        actor=actor,
        effective_at=accrual.available_at,
        note={"purchase_id": str(accrual.purchase_id)},
    )


def return_available_journal(
    accrual: Accrual,
    reversal: Reversal,
    *,
    debt: Money,
    return_id: UUID,
    actor: str,
    at: datetime,
) -> Draft:
    """Part of a purchase came back after confirmation: taken from the member, its own lots first,
    and what the member has spent meanwhile (`debt`) becomes owed. What had lapsed is taken from
    whom it lapsed to.

    Reverses confirm_journal in proportion, and of what lapsed the expiry.
    """
    unlapsed = [share - part for share, part in zip(reversal.shares, reversal.lapsed, strict=True)]
    lines = accrual_return_available(
        merchant_id=accrual.partner_id,
        member_id=accrual.member_id,
        shares=_shares(accrual, reversal.shares),
        fee=reversal.fee,
        debt=debt,
        lapsed=_lapsed(accrual, reversal.lapsed),
    )
    return Draft(
        kind="accrual.return_available",
        key=f"return:{return_id}",
        cause=Cause("purchase_return", str(return_id)),
        lines=_by_lots(lines, _member(accrual, "member_available"), _parts(accrual, unlapsed)),
        actor=actor,
        effective_at=at,
        reverses=accrual.confirm_journal_id,
        note={"purchase_id": str(accrual.purchase_id), "accrual_id": str(accrual.accrual_id)},
    )


def expiry_journals(lapse: Lapse, *, actor: str) -> tuple[Draft, ...]:
    """A lot ended: what it pays of the member's debt, and what goes to whom it lapses to.

    Value that is restored to the lot later lapses by a journal of its own. Taken back, in
    proportion, by return_available_journal. What lapses of no accrual any more is a second journal.
    """
    lot = lapse.lot
    member_id, zero = UUID(lot.account.owner_id), Money.zero(lot.amount.currency)
    key = f"lot:{lot.lot_id}:expire:{lapse.number}"
    of_accrual = value_expire(
        member_id=member_id,
        amount=lapse.offset + lapse.counted,
        returned_to=lapse.returned_to,
        offset=lapse.offset,
    )
    of_nobody = value_expire(member_id=member_id, amount=lapse.rest, returned_to=None, offset=zero)
    drafts = (
        _expiry(lapse, key, lot.origin, of_accrual, actor),
        _expiry(lapse, f"{key}:rest", Cause("lot", str(lot.lot_id)), of_nobody, actor),
    )
    return tuple(draft for draft in drafts if draft.without_zeros())


def _expiry(lapse: Lapse, key: str, cause: Cause, lines: Sequence[Line], actor: str) -> Draft:
    taken = lines[0].amount
    parts = (LotPart(taken, lapse.lot.origin, lapse.lot.funder),) if taken else ()
    return Draft(
        kind="value.expire",
        key=key,
        cause=cause,
        lines=_by_lots(lines, lapse.lot.account, parts),
        actor=actor,
        effective_at=lapse.effective_at,
        note={"lot_id": str(lapse.lot.lot_id)},
    )


def _shares(accrual: Accrual, amounts: Sequence[Money]) -> list[Share]:
    return [
        Share(share.partner_id if share.funder == "partner" else None, amount)
        for share, amount in zip(accrual.shares, amounts, strict=True)
    ]


def _cause(accrual: Accrual) -> Cause:
    return Cause("accrual", str(accrual.accrual_id))


def _parts(accrual: Accrual, amounts: Sequence[Money]) -> list[LotPart]:
    return [
        LotPart(
            amount,
            _cause(accrual),
            funder=funder_of(share),
            earned_at=accrual.earned_at,
            expires_at=accrual.expires_at,
            lapses_to=accrual.unspent_to.value,
        )
        for share, amount in zip(accrual.shares, amounts, strict=True)
        if amount
    ]


def _by_lots(lines: Sequence[Line], account: Account, parts: Sequence[LotPart]) -> tuple[Line, ...]:
    """Name the lots of the line of an account, as far as the line reaches."""
    return tuple(
        line.of_lots(_within(abs(line.amount.minor), parts)) if line.account == account else line
        for line in lines
    )


def _within(minor: int, parts: Sequence[LotPart]) -> tuple[LotPart, ...]:
    found = []
    for part in parts:
        taken = min(part.amount.minor, minor)
        if taken and taken == part.amount.minor:
            found.append(part)
        elif taken:
            found.append(replace(part, amount=Money(taken, part.amount.currency)))
        minor -= taken
    return tuple(found)


def _lapsed(accrual: Accrual, amounts: Sequence[Money]) -> list[Share]:
    return [
        Share(_taker(accrual, share), amount)
        for share, amount in zip(accrual.shares, amounts, strict=True)
        if amount
    ]


def _taker(accrual: Accrual, share: AccrualShare) -> UUID | None:
    return share.partner_id if accrual.unspent_to is UnspentTo.FUNDER else None


def _member(accrual: Accrual, kind: str) -> Account:
    return Account(kind, str(accrual.member_id), accrual.cashback.currency)
