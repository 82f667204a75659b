"""Refusals about cards."""

from typing import ClassVar

from payouts.refusal import Refusal


class GiftCardNotFound(Refusal):
    """There is no such card."""


class GiftCardInvalid(Refusal):
    """The card cannot be issued as described."""


class CardAlreadySold(Refusal):
    """The partner sold a card under this reference before."""


class CodeRefused(Refusal):
    """The card cannot be used."""


class TooManyGuesses(Refusal):
    """Too many codes were wrong; try again later."""

    retryable: ClassVar[bool] = True


class CardAgreementMissing(Refusal):
    """The partner has no agreement in force in the card's currency."""


class AuthorizationNotFound(Refusal):
    """There is no such authorization."""


class AuthorizationEnded(Refusal):
    """The authorization was captured, voided or has expired."""


class CaptureExceedsAuthorization(Refusal):
    """More is captured than was authorized."""


class RefundExceedsCapture(Refusal):
    """More is refunded than was captured and not yet refunded."""


class CardStateConflict(Refusal):
    """The card is not in a state that allows this."""
