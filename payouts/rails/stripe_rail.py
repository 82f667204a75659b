"""Stripe as the bank's rail."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from payouts.money import Money
from payouts.rails.errors import ProviderRefused
from payouts.rails.port import (
    NO_METADATA,
    Balance,
    Metadata,
    ObjectPage,
    OnboardingLink,
    ProviderAccount,
    ProviderEvent,
    ProviderPaymentIntent,
    ProviderPayout,
    ProviderTopup,
    ProviderTransfer,
    ProviderTransferReversal,
    Rail,
    TransactionPage,
)
from payouts.rails.stripe_amounts import carry
from payouts.rails.stripe_calls import PAGE, StripeCalls, understand
from payouts.rails.stripe_reading import (
    read_account,
    read_balance,
    read_id,
    read_intent,
    read_link,
    read_payout,
    read_reversal,
    read_topup,
    read_transactions,
    read_transfer,
)
from payouts.rails.stripe_signature import read_event

TYPES_MAX: Final = 20

T = TypeVar("T")


class StripeRail(StripeCalls):
    """Speaks to Stripe through its official SDK; see the port for what each call promises."""

    async def create_account(
        self, *, key: str, country: str, email: str, metadata: Metadata = NO_METADATA
    ) -> ProviderAccount:
        """Open a connected account that the platform pays out by hand."""
        body = await self._change(
            lambda client: client.v1.accounts.create_async(
                {
                    "country": country,
                    "email": email,
                    "controller": {
                        "fees": {"payer": "application"},
                        "losses": {"payments": "application"},
                        "requirement_collection": "stripe",
                        "stripe_dashboard": {"type": "express"},
                    },
                    "capabilities": {"transfers": {"requested": True}},
                    "settings": {"payouts": {"schedule": {"interval": "manual"}}},
                    "metadata": dict(metadata),
                },
                {"idempotency_key": key},
            )
        )
        return understand(read_account, body, mutates=True)

    async def get_account(self, account_id: str) -> ProviderAccount:
        """Read a connected account."""
        body = await self._read(lambda client: client.v1.accounts.retrieve_async(account_id))
        return understand(read_account, body)

    async def list_accounts(
        self, *, created_after: datetime, starting_after: str | None = None
    ) -> ObjectPage[ProviderAccount]:
        """Read a page of all connected accounts, newest first."""
        body = await self._read_page(
            lambda client, asked: client.v1.accounts.list_async(asked),
            created=_after(created_after),
            starting_after=starting_after,
        )
        return _page(body, read_account)

    async def create_account_link(
        self, *, account_id: str, refresh_url: str, return_url: str
    ) -> OnboardingLink:
        """Make a page for a payee's onboarding."""
        body = await self._change(
            lambda client: client.v1.account_links.create_async(
                {
                    "account": account_id,
                    "type": "account_onboarding",
                    "refresh_url": refresh_url,
                    "return_url": return_url,
                }
            )
        )
        return understand(read_link, body, mutates=True)

    async def create_customer(
        self, *, key: str, name: str, metadata: Metadata = NO_METADATA
    ) -> str:
        """Make a customer; returns its id."""
        body = await self._change(
            lambda client: client.v1.customers.create_async(
                {"name": name, "metadata": dict(metadata)}, {"idempotency_key": key}
            )
        )
        return understand(read_id, body, mutates=True)

    async def list_payment_methods(self, customer_id: str) -> list[str]:
        """List what can be debited for a customer, newest first."""
        found = await self._read_all(
            lambda client, asked: client.v1.customers.payment_methods.list_async(customer_id, asked)
        )
        return [understand(read_id, body) for body in found]

    async def create_transfer(
        self,
        *,
        key: str,
        amount: Money,
        destination: str,
        transfer_group: str,
        metadata: Metadata = NO_METADATA,
    ) -> ProviderTransfer:
        """Move money from the platform's balance to a connected account."""
        minor, currency = carry(amount)
        body = await self._change(
            lambda client: client.v1.transfers.create_async(
                {
                    "amount": minor,
                    "currency": currency,
                    "destination": destination,
                    "transfer_group": transfer_group,
                    "metadata": dict(metadata),
                },
                {"idempotency_key": key},
            )
        )
        return understand(read_transfer, body, mutates=True)

    async def reverse_transfer(
        self, *, key: str, transfer_id: str, amount: Money, metadata: Metadata = NO_METADATA
    ) -> ProviderTransferReversal:
        """Take money of a transfer back."""
        minor, _ = carry(amount)
        body = await self._change(
            lambda client: client.v1.transfers.reversals.create_async(
                transfer_id,
                {"amount": minor, "metadata": dict(metadata)},
                {"idempotency_key": key},
            )
        )
        return understand(read_reversal, body, mutates=True)

    async def get_transfer(self, transfer_id: str) -> ProviderTransfer:
        """Read a transfer."""
        body = await self._read(lambda client: client.v1.transfers.retrieve_async(transfer_id))
        return understand(read_transfer, body)

    async def find_transfers(self, transfer_group: str) -> list[ProviderTransfer]:
        """Find all transfers of a group, newest first."""
        found = await self._read_all(
            lambda client, asked: client.v1.transfers.list_async(asked),
            transfer_group=transfer_group,
        )
        return [understand(read_transfer, body) for body in found]

    async def list_transfers(
        self, *, created_after: datetime, starting_after: str | None = None
    ) -> ObjectPage[ProviderTransfer]:
        """Read a page of all transfers, newest first."""
        body = await self._read_page(
            lambda client, asked: client.v1.transfers.list_async(asked),
            created=_after(created_after),
            starting_after=starting_after,
        )
        return _page(body, read_transfer)

    async def create_payout(
        self,
        *,
        key: str,
        account_id: str | None,
        amount: Money,
        metadata: Metadata = NO_METADATA,
    ) -> ProviderPayout:
        """Send money of a connected account (or, with None, the platform's) to its bank."""
        minor, currency = carry(amount)
        body = await self._change(
            lambda client: client.v1.payouts.create_async(
                {"amount": minor, "currency": currency, "metadata": dict(metadata)},
                _as(account_id, key),
            )
        )
        return understand(read_payout, body, mutates=True)

    async def get_payout(self, account_id: str | None, payout_id: str) -> ProviderPayout:
        """Read a payout."""
        body = await self._read(
            lambda client: client.v1.payouts.retrieve_async(payout_id, {}, _as(account_id))
        )
        return understand(read_payout, body)

    async def list_payouts(
        self, account_id: str | None, *, created_after: datetime | None = None
    ) -> list[ProviderPayout]:
        """List the payouts of an account, newest first."""
        found = await self._read_all(
            lambda client, asked: client.v1.payouts.list_async(asked, _as(account_id)),
            created=_after(created_after),
        )
        return [understand(read_payout, body) for body in found]

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
        """Debit a customer's bank account off session, under the mandate it gave."""
        minor, currency = carry(amount)
        group = {} if transfer_group is None else {"transfer_group": transfer_group}
        body = await self._change(
            lambda client: client.v1.payment_intents.create_async(
                {
                    "amount": minor,
                    "currency": currency,
                    "customer": customer_id,
                    "payment_method": payment_method_id,
                    "off_session": True,
                    "confirm": True,
                    "metadata": dict(metadata),
                    **group,  # type: ignore[typeddict-item]
                },
                {"idempotency_key": key},
            )
        )
        return understand(read_intent, body, mutates=True)

    async def get_payment_intent(self, intent_id: str) -> ProviderPaymentIntent:
        """Read a payment intent."""
        body = await self._read(lambda client: client.v1.payment_intents.retrieve_async(intent_id))
        return understand(read_intent, body)

    async def find_payment_intents(
        self, customer_id: str, *, created_after: datetime | None = None
    ) -> list[ProviderPaymentIntent]:
        """Find the payment intents of a customer, newest first."""
        found = await self._read_all(
            lambda client, asked: client.v1.payment_intents.list_async(asked),
            customer=customer_id,
            created=_after(created_after),
        )
        return [understand(read_intent, body) for body in found]

    async def list_payment_intents(
        self, *, created_after: datetime, starting_after: str | None = None
    ) -> ObjectPage[ProviderPaymentIntent]:
        """Read a page of all payment intents, newest first."""
        body = await self._read_page(
            lambda client, asked: client.v1.payment_intents.list_async(asked),
            created=_after(created_after),
            starting_after=starting_after,
        )
        return _page(body, read_intent)

    async def create_topup(
        self, *, key: str, amount: Money, metadata: Metadata = NO_METADATA
    ) -> ProviderTopup:
        """Draw money from the platform's own bank."""
        minor, currency = carry(amount)
        body = await self._change(
            lambda client: client.v1.topups.create_async(
                {"amount": minor, "currency": currency, "metadata": dict(metadata)},
                {"idempotency_key": key},
            )
        )
        return understand(read_topup, body, mutates=True)

    async def get_topup(self, topup_id: str) -> ProviderTopup:
        """Read a top-up."""
        body = await self._read(lambda client: client.v1.topups.retrieve_async(topup_id))
        return understand(read_topup, body)

    async def find_topups(self, *, created_after: datetime | None = None) -> list[ProviderTopup]:
        """Find top-ups, newest first."""
        found = await self._read_all(
            lambda client, asked: client.v1.topups.list_async(asked),
            created=_after(created_after),
        )
        return [understand(read_topup, body) for body in found]

    async def get_balance(self) -> Balance:
        """Read what the platform has."""
        body = await self._read(lambda client: client.v1.balance.retrieve_async())
        return understand(read_balance, body)

    async def list_balance_transactions(
        self,
        *,
        created_after: datetime | None = None,
        starting_after: str | None = None,
        limit: int = PAGE,
    ) -> TransactionPage:
        """Read a page of what moved the platform's balance, newest first."""
        asked: Any = {"limit": limit, "expand": ["data.source"]}
        if created_after is not None:
            asked["created"] = _after(created_after)
        if starting_after is not None:
            asked["starting_after"] = starting_after
        body = await self._read(lambda client: client.v1.balance_transactions.list_async(asked))
        return understand(read_transactions, body)

    async def list_events(
        self,
        *,
        types: Sequence[str],
        created_after: datetime,
        account_id: str | None = None,
    ) -> list[ProviderEvent]:
        """List what happened to the platform or to one connected account, newest first."""
        if len(types) > TYPES_MAX:
            raise ProviderRefused(f"At most {TYPES_MAX} types.", code="too_many_types")
        found = await self._read_all(
            lambda client, asked: client.v1.events.list_async(asked, _as(account_id)),
            types=list(types) or None,
            created=_after(created_after),
        )
        return [understand(read_event, body) for body in found]


if TYPE_CHECKING:
    _keeps_the_port: type[Rail] = StripeRail


def _page(body: dict[str, Any], read: Callable[[Any], T]) -> ObjectPage[T]:
    return ObjectPage(tuple(understand(read, one) for one in body["data"]), body["has_more"])


def _as(account_id: str | None, key: str | None = None) -> Any:
    options = {"stripe_account": account_id, "idempotency_key": key}
    return {name: value for name, value in options.items() if value is not None}


def _after(moment: datetime | None) -> Any:
    # Stripe's times are whole seconds: `gte` may show an object twice, `gt` could miss one.
    return None if moment is None else {"gte": int(moment.timestamp())}
