"""What can go wrong at a payment provider."""

from typing import ClassVar

from payouts.refusal import Refusal


class RailError(Refusal):
    """The payment provider did not do what it was asked."""


class UnknownOutcome(RailError):
    """The payment provider may or may not have done it; look it up before trying again."""


class ProviderRefused(RailError):
    """The payment provider refused.

    Facts: `code`, and for a declined debit `object_id` of the payment intent that stays behind.
    """

    @property
    def code(self) -> str:
        """The provider's word for why."""
        return str(self.facts.get("code", ""))


class ProviderBalanceTooLow(ProviderRefused):
    """The balance at the payment provider is too low.

    The provider remembers this answer under the key: when money has come, try with a new key.
    """


class ProviderBusy(RailError):
    """The payment provider was busy and did nothing; try again later with the same key."""

    retryable: ClassVar[bool] = True


class SignatureInvalid(RailError):
    """The message was not signed by the payment provider, or too long ago."""
