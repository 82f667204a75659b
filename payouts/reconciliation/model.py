"""Lines of the outside world, and how each stands to the books."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from payouts import events
from payouts.ledger import Account, Cause, Draft, Standing, own_account
from payouts.money import Money

PROVIDER = "stripe"

UNREADABLE = "unreadable: "
"""How the type of a waiting movement begins from which no money can be read."""

PLACING_GRACE = timedelta(hours=1)
"""How long a movement that we seem to have ordered may wait for its order to be recorded."""

WRITE_OFF_MAX_MINOR = 1_000
"""The largest difference that two persons may write off."""

CLEARING_TYPES = (
    "settle_clearing",
    "transfer_clearing",
    "member_payout_clearing",
    "cash_in_transit",
)
"""Accounts that pass money on; what stays on them is unfinished."""

TRANSIT_TYPES = frozenset({"topup", "topup_reversal", "payout", "payout_failure", "payout_cancel"})
"""Provider movements whose other side is the bank."""


class ItemState(StrEnum):
    """Where an outside line stands; matched and resolved are final."""

    MATCHED = "matched"
    UNEXPECTED = "unexpected"
    MISMATCHED = "mismatched"
    PROPOSED = "proposed"
    RESOLVED = "resolved"


OPEN_STATES = frozenset({ItemState.UNEXPECTED, ItemState.MISMATCHED, ItemState.PROPOSED})


class Resolution(StrEnum):
    """What an unexplained line was, and so which account it belongs to."""

    CAPITAL_CONTRIBUTION = "capital_contribution"
    BANK_FEE = "bank_fee"
    WRITE_OFF = "write_off"
    SUPPLIER_PAYMENT = "supplier_payment"
    PARTNER_RECEIVABLE = "partner_receivable"
    CASH_IN_TRANSIT = "cash_in_transit"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One booked line of a bank statement; money in is positive."""

    line: int
    amount: Money
    booked_on: date
    value_on: date | None
    bank_reference: str | None
    end_to_end_id: str | None
    remittance: str


@dataclass(frozen=True, slots=True)
class FeedStatement:
    """One bank statement whose opening balance and entries add up to its closing balance."""

    statement_ref: str
    account: str
    sequence: int | None
    currency: str
    opening: Money
    closing: Money
    from_on: date
    to_on: date
    entries: tuple[FeedEntry, ...]

    def content_hash(self) -> bytes:
        """Hash what the statement says, however it was written."""
        said = [
            self.statement_ref,
            self.account,
            self.sequence,
            self.currency,
            self.opening.minor,
            self.closing.minor,
            self.from_on.isoformat(),
            self.to_on.isoformat(),
            [
                [
                    one.line,
                    one.amount.minor,
                    one.booked_on.isoformat(),
                    one.value_on and one.value_on.isoformat(),
                    one.bank_reference,
                    one.end_to_end_id,
                    one.remittance,
                ]
                for one in self.entries
            ],
        ]
        return sha256(json.dumps(said, separators=(",", ":")).encode()).digest()


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A bank statement as it was imported."""

    bank_statement_id: UUID
    account: str
    statement_ref: str
    sequence: int | None
    opening: Money
    closing: Money
    entries_count: int
    from_on: date
    to_on: date
    imported_by: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class BankEntry:
    """A line of an imported bank statement."""

    bank_entry_id: UUID
    account: str
    statement_ref: str
    line: int
    amount: Money
    booked_on: date
    bank_reference: str | None
    end_to_end_id: str | None
    remittance: str

    def references(self) -> set[str]:
        """Every word on the line that may be a reference of ours or of the provider."""
        text = " ".join((self.end_to_end_id or "", self.bank_reference or "", self.remittance))
        return set(_WORD.findall(text))

    def order_ids(self) -> set[UUID]:
        """Every id of ours on the line."""
        text = " ".join((self.end_to_end_id or "", self.remittance))
        return {UUID(one) for one in _ORDER.findall(text)}


_WORD = re.compile(r"[A-Za-z0-9_]{6,255}", re.ASCII)
_ORDER = re.compile(
    r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32})"
    r"(?![0-9a-fA-F])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ReconciliationItem:
    """One line of the outside world and its link to the books.

    `open_amount` is what no account explains yet: for the provider it is parked in suspense, for
    the bank it is not booked at all.
    """

    item_id: UUID
    leg: str
    state: ItemState
    reason: str | None
    reference: str
    amount: Money
    open_amount: Money
    occurred_at: datetime
    noticed_at: datetime
    resolution: Resolution | None
    owner_id: UUID | None
    remark: str | None
    proposed_by: str | None
    approved_by: str | None
    resolved_at: datetime | None
    journal_id: UUID | None
    provider_transaction_id: UUID | None = None
    bank_entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BookedTransaction:
    """A movement of the provider's balance, the journal that booked it, and its item, if any.

    `order_kind` is the sort of order of ours it carried out: payout, collection or topup.
    """

    key: UUID
    transaction_id: str
    type: str
    source_id: str | None
    order_id: UUID | None
    amount: Money
    fee: Money
    net: Money
    journal_id: UUID | None
    item_id: UUID | None
    occurred_at: datetime
    order_kind: str | None


@dataclass(frozen=True, slots=True)
class BankLine:
    """A bank line, what it was matched with, the journal that booked it, and its item."""

    bank_entry_id: UUID
    statement_ref: str
    bank_statement_id: UUID
    line: int
    amount: Money
    booked_on: date
    bank_reference: str | None
    transaction_key: UUID | None
    attempt_id: UUID | None
    journal_id: UUID | None
    item_id: UUID | None


@dataclass(frozen=True, slots=True)
class OrderBehind:
    """What we ordered that a provider's movement carries out, and the account it clears."""

    order_id: UUID
    counter: Account
    ordered: Money


@dataclass(frozen=True, slots=True)
class WaitingTransaction:
    """A movement of the provider's balance that is not in any books yet, and why it waits."""

    transaction_id: str
    type: str
    source_id: str | None
    network_id: int | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OpenEnds:
    """What keeps the books from being closed."""

    items: int
    clearing: tuple[Standing, ...]


def start_of(day: date) -> datetime:
    """Put a bank's day at an instant that has come when the line is read."""
    return datetime.combine(day, time(), UTC)


def provider_journal(
    transaction_id: str,
    kind: str,
    amounts: tuple[Money, Money],
    order: tuple[Account | None, Money],
    *,
    occurred_at: datetime,
    actor: str,
) -> Draft:
    """Book a movement of the provider's balance exactly as the provider states it.

    `amounts` are its gross amount and its fee; `order` is the account that it clears and what we
    ordered. What differs, and all of what nobody ordered, is parked in suspense. Reversed by the
    provider's own inverse movement, or by a resolution of the item.
    """
    (amount, fee), (counter, ordered) = amounts, order
    return Draft(
        kind=f"stripe.{kind}",
        key=f"stripe:{transaction_id}",
        cause=Cause("provider_transaction", transaction_id),
        lines=events.provider_movement(counter=counter, gross=amount, fee=fee, ordered=ordered),
        actor=actor,
        effective_at=occurred_at,
    )


def bank_transit_journal(entry: BankEntry, *, actor: str) -> Draft:
    """Book a bank line that ends what the provider sent or drew. Reversed by a resolution."""
    return Draft(
        kind="bank.transit",
        key=f"bank:{entry.account}:{entry.statement_ref}:{entry.line}",
        cause=Cause("bank_entry", str(entry.bank_entry_id)),
        lines=events.bank_transit(amount=entry.amount),
        actor=actor,
        effective_at=start_of(entry.booked_on),
    )


def bank_payout_paid_journal(entry: BankEntry, clearing: Account, *, actor: str) -> Draft:
    """Book a line that carries a payout of a bank file out; bank_payout_returned_journal reverses."""
    return Draft(
        kind="bank_payout.paid",
        key=f"bank:{entry.account}:{entry.statement_ref}:{entry.line}",
        cause=Cause("bank_entry", str(entry.bank_entry_id)),
        lines=events.bank_payout_paid(clearing=clearing, amount=-entry.amount),
        actor=actor,
        effective_at=start_of(entry.booked_on),
    )


def bank_payout_returned_journal(entry: BankEntry, clearing: Account, *, actor: str) -> Draft:
    """Book a line that brings a payout of a bank file back; reverses bank_payout_paid_journal."""
    return Draft(
        kind="bank_payout.returned",
        key=f"bank:{entry.account}:{entry.statement_ref}:{entry.line}",
        cause=Cause("bank_entry", str(entry.bank_entry_id)),
        lines=events.bank_payout_returned(clearing=clearing, amount=entry.amount),
        actor=actor,
        effective_at=start_of(entry.booked_on),
    )


def resolution_journal(item: ReconciliationItem, *, actor: str) -> Draft | None:
    """Book what an item was found to be; None when there is nothing to book.

    Reversed by a new item of the outside world, never by editing.
    """
    if item.resolution in (None, Resolution.ACKNOWLEDGE) or not item.open_amount:
        return None
    unit = item.open_amount.currency
    side = own_account("bank_cash" if item.leg == "bank" else "suspense", unit)
    return Draft(
        kind=f"reconciliation.{item.resolution}",
        key=f"reconciliation:{item.item_id}",
        cause=Cause("reconciliation_item", str(item.item_id)),
        lines=_resolve(item.resolution, side, item),
        actor=actor,
        effective_at=item.occurred_at,
        note={"proposed_by": item.proposed_by},
    )


_OWN = {
    Resolution.CAPITAL_CONTRIBUTION: events.reconciliation_capital_contribution,
    Resolution.BANK_FEE: events.reconciliation_bank_fee,
    Resolution.WRITE_OFF: events.reconciliation_write_off,
    Resolution.CASH_IN_TRANSIT: events.reconciliation_cash_in_transit,
}
_OWNED = {
    Resolution.SUPPLIER_PAYMENT: events.reconciliation_supplier_payment,
    Resolution.PARTNER_RECEIVABLE: events.reconciliation_partner_receivable,
}


def _resolve(resolution: Resolution, side: Account, item: ReconciliationItem) -> events.Lines:
    if resolution in _OWN:
        return _OWN[resolution](side=side, amount=item.open_amount)
    assert item.owner_id is not None
    return _OWNED[resolution](side=side, amount=item.open_amount, owner_id=item.owner_id)


def why_unfit(
    item: ReconciliationItem, resolution: Resolution, owner_id: UUID | None
) -> str | None:
    """Say why a resolution does not fit an item; None when it does."""
    is_plain = resolution is Resolution.ACKNOWLEDGE
    if is_plain != (item.leg == "statement" or not item.open_amount):
        return "only a line without an open amount is acknowledged"
    if (owner_id is not None) != (resolution in _OWNED):
        return "a supplier or partner is named where its account is meant, and nowhere else"
    if resolution is Resolution.CAPITAL_CONTRIBUTION and item.open_amount.minor < 0:
        return "a contribution brings money in"
    if resolution is Resolution.SUPPLIER_PAYMENT and item.open_amount.minor > 0:
        return "a payment takes money out"
    if resolution is Resolution.WRITE_OFF and abs(item.open_amount.minor) > WRITE_OFF_MAX_MINOR:
        return "the amount is above the limit of a write-off"
    return None
