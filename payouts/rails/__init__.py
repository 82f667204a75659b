"""Payment providers: what the bank asks of them, and Stripe."""

from payouts.rails.errors import (
    ProviderBalanceTooLow,
    ProviderBusy,
    ProviderRefused,
    RailError,
    SignatureInvalid,
    UnknownOutcome,
)
from payouts.rails.port import (
    Balance,
    ObjectPage,
    OnboardingLink,
    ProviderAccount,
    ProviderEvent,
    ProviderPaymentIntent,
    ProviderPayout,
    ProviderTopup,
    ProviderTransaction,
    ProviderTransfer,
    ProviderTransferReversal,
    Rail,
    TransactionPage,
    UnreadableTransaction,
)
from payouts.rails.stripe_rail import StripeRail
from payouts.rails.stripe_signature import verify_signature

__all__ = [
    "Balance",
    "ObjectPage",
    "OnboardingLink",
    "ProviderAccount",
    "ProviderBalanceTooLow",
    "ProviderBusy",
    "ProviderEvent",
    "ProviderPaymentIntent",
    "ProviderPayout",
    "ProviderRefused",
    "ProviderTopup",
    "ProviderTransaction",
    "ProviderTransfer",
    "ProviderTransferReversal",
    "Rail",
    "RailError",
    "SignatureInvalid",
    "StripeRail",
    "TransactionPage",
    "UnknownOutcome",
    "UnreadableTransaction",
    "verify_signature",
]
