"""Bank files: batches of payouts of one currency that somebody uploads to the network's bank."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from payouts.disbursement import BankAccount
from payouts.money import Money

LINES_MAX = 1_000
"""The most payouts in one file; what is beyond waits in the next."""


class BankFileState(StrEnum):
    """Where a bank file stands: it takes payouts, waits for a checker, or may be sent."""

    OPEN = "open"
    CREATED = "created"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class DebitAccount:
    """The network's own account from which payouts of a currency are paid."""

    debit_account_id: UUID
    currency: str
    account: BankAccount
    published_by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class BankFile:
    """A bank file; its content is not kept but written again, and held against its hash."""

    bank_file_id: UUID
    currency: str
    state: BankFileState
    amount: Money
    lines_count: int
    debit_account_id: UUID | None
    content_hash: str | None
    opened_at: datetime
    created_by: str | None
    created_at: datetime | None
    released_by: str | None
    released_at: datetime | None

    @property
    def message_id(self) -> str:
        """The name of the file at the bank (MsgId): the same for ever."""
        return self.bank_file_id.hex


@dataclass(frozen=True, slots=True)
class BankFileLine:
    """One payout in a bank file."""

    bank_file_id: UUID
    attempt_id: UUID
    payout_id: UUID
    bank_account_id: UUID
    amount: Money
    unpaid_by: str | None
    returned_by: str | None

    @property
    def end_to_end_id(self) -> str:
        """What the bank's statement will call it by (EndToEndId): our attempt."""
        return self.attempt_id.hex


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """What a file says of one payout."""

    end_to_end_id: str
    amount: Money
    creditor: BankAccount


@dataclass(frozen=True, slots=True)
class FiledPayout:
    """What a line of the bank's statement is held against: a payout of a released file."""

    attempt_id: UUID
    payout_id: UUID
    amount: Money
    debit_number: str
    is_taken_back: bool


def hash_content(content: str) -> str:
    """Hash a file as it is sent."""
    return sha256(content.encode()).hexdigest()
