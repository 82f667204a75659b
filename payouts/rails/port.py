"""What the bank needs from a payment provider, in the bank's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from payouts.money import Money

Metadata = Mapping[str, str]
NO_METADATA: Metadata = {}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """A payee's account at the provider."""

    id: str
    transfers_active: bool
    requirements: tuple[str, ...]
    payouts_enabled: bool
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """A page on which a payee proves to the provider who it is."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderTransfer:
    """Money moved from the platform's balance to a payee's account."""

    id: str
    amount: Money
    amount_reversed: Money
    destination: str
    balance_transaction: str | None
    transfer_group: str | None
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class ProviderTransferReversal:
    """Money taken back from a payee's account."""

    id: str
    amount: Money
    balance_transaction: str | None
    transfer_id: str


@dataclass(frozen=True, slots=True)
class ProviderPayout:
    """Money on its way from an account at the provider to a bank.

    Status: pending, in_transit, paid, failed or canceled; paid may still turn into failed.
    """

    id: str
    status: str
    failure_code: str | None
    failure_message: str | None
    amount: Money
    arrival_date: datetime
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class ProviderPaymentIntent:
    """Money being collected from a customer.

    Status: processing, succeeded, requires_payment_method (declined or failed) or canceled.
    """

    id: str
    status: str
    amount: Money
    latest_charge: str | None
    metadata: Metadata
    last_error: str | None


@dataclass(frozen=True, slots=True)
class ProviderTopup:
    """Money drawn from the platform's own bank. Status: pending, succeeded, failed, reversed."""

    id: str
    status: str
    amount: Money
    balance_transaction: str | None
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Balance:
    """What the platform has at the provider, per currency."""

    available: Mapping[str, Money]
    pending: Mapping[str, Money]


@dataclass(frozen=True, slots=True)
class ProviderTransaction:
    """One movement of a balance at the provider; net is amount less fee.

    `payment_intent` and `transfer` say what a charge, refund, transfer or reversal belongs to.
    """

    id: str
    type: str
    amount: Money
    fee: Money
    net: Money
    source: str | None
    created: datetime
    available_on: datetime
    reporting_category: str
    source_type: str | None = None
    payment_intent: str | None = None
    transfer: str | None = None


@dataclass(frozen=True, slots=True)
class UnreadableTransaction:
    """A movement from which no money can be read, as in a currency that nobody knows."""

    id: str
    type: str
    created: datetime


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """Movements, newest first; with `has_more`, go on after the last one's id."""

    transactions: tuple[ProviderTransaction, ...]
    has_more: bool
    last_id: str | None = None
    unreadable: tuple[UnreadableTransaction, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectPage(Generic[T]):
    """Some objects of a kind, newest first; with `has_more`, go on after the last one's id."""

    objects: tuple[T, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """Something happened to an object at the provider; read the object before acting on it."""

    id: str
    type: str
    account: str | None
    object_id: str | None
    object_type: str | None
    created: datetime


class Rail(Protocol):
    """A payment provider.

    Whatever moves money takes a key: the same key and content happen once, whatever is lost on
    the way. Such a call raises UnknownOutcome when it may have happened, ProviderRefused
    (ProviderBalanceTooLow) or ProviderBusy when it did not. Reading raises ProviderBusy or
    ProviderRefused.
    """

    async def create_account(
        self, *, key: str, country: str, email: str, metadata: Metadata = NO_METADATA
    ) -> ProviderAccount:
        """Open an account for a payee, which cannot receive money before its onboarding."""
        ...

    async def get_account(self, account_id: str) -> ProviderAccount:
        """Read an account."""
        ...

    async def list_accounts(
        self, *, created_after: datetime, starting_after: str | None = None
    ) -> ObjectPage[ProviderAccount]:
        """Read a page of all accounts, by when they were opened, newest first."""
        ...

    async def create_account_link(
        self, *, account_id: str, refresh_url: str, return_url: str
    ) -> OnboardingLink:
        """Make a page for a payee's onboarding; an unused one simply expires."""
        ...

    async def create_customer(
        self, *, key: str, name: str, metadata: Metadata = NO_METADATA
    ) -> str:
        """Make a customer that can be debited; returns its id."""
        ...

    async def list_payment_methods(self, customer_id: str) -> list[str]:
        """List what can be debited for a customer, newest first."""
        ...

    async def create_transfer(
        self,
        *,
        key: str,
        amount: Money,
        destination: str,
        transfer_group: str,
        metadata: Metadata = NO_METADATA,
    ) -> ProviderTransfer:
        """Move money from the platform's balance to a payee's account."""
        ...

    async def reverse_transfer(
        self, *, key: str, transfer_id: str, amount: Money, metadata: Metadata = NO_METADATA
    ) -> ProviderTransferReversal:
        """Take money of a transfer back."""
        ...

    async def get_transfer(self, transfer_id: str) -> ProviderTransfer:
        """Read a transfer."""
        ...

    async def find_transfers(self, transfer_group: str) -> list[ProviderTransfer]:
        """Find all transfers of a group, newest first."""
        ...

    async def list_transfers(
        self, *, created_after: datetime, starting_after: str | None = None
    ) -> ObjectPage[ProviderTransfer]:
        """Read a page of all transfers, newest first."""
        ...

    async def create_payout(
        self,
        *,
        key: str,
        account_id: str | None,
        amount: Money,
        metadata: Metadata = NO_METADATA,
    ) -> ProviderPayout:
        """Send money of a payee's account (or, with None, the platform's) to its bank."""
        ...

    async def get_payout(self, account_id: str | None, payout_id: str) -> ProviderPayout:
        """Read a payout."""
        ...

    async def list_payouts(
        self, account_id: str | None, *, created_after: datetime | None = None
    ) -> list[ProviderPayout]:
        """List the payouts of an account, newest first."""
        ...

    async def create_payment_intent(
        self,
        *,
        key: str,
        amount: Money,
        customer_id: str,
        payment_method_id: str,
        transfer_group: str | None = None,
        metadata: Metadata = NO_METADATA,
    ) -> ProviderPaymentIntent:
        """Debit a customer that is not present."""
        ...

    async def get_payment_intent(self, intent_id: str) -> ProviderPaymentIntent:
        """Read a payment intent."""
        ...

    async def find_payment_intents(
        self, customer_id: str, *, created_after: datetime | None = None
    ) -> list[ProviderPaymentIntent]:
        """Find the payment intents of a customer, newest first."""
        ...

    async def list_payment_intents(
        self, *, created_after: datetime, starting_after: str | None = None
    ) -> ObjectPage[ProviderPaymentIntent]:
        """Read a page of all payment intents, newest first."""
        ...

    async def create_topup(
        self, *, key: str, amount: Money, metadata: Metadata = NO_METADATA
    ) -> ProviderTopup:
        """Draw money from the platform's own bank."""
        ...

    async def get_topup(self, topup_id: str) -> ProviderTopup:
        """Read a top-up."""
        ...

    async def find_topups(self, *, created_after: datetime | None = None) -> list[ProviderTopup]:
        """Find top-ups, newest first."""
        ...

    async def get_balance(self) -> Balance:
        """Read what the platform has."""
        ...

    async def list_balance_transactions(
        self,
        *,
        created_after: datetime | None = None,
        starting_after: str | None = None,
        limit: int = 100,
    ) -> TransactionPage:
        """Read a page of what moved the platform's balance, newest first."""
        ...

    async def list_events(
        self,
        *,
        types: Sequence[str],
        created_after: datetime,
        account_id: str | None = None,
    ) -> list[ProviderEvent]:
        """List what happened, newest first, in case its message was lost."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
