"""Cards of the network's own: sold, accepted, refunded."""

from catalog.giftcards.authorize_gift_card import authorize_gift_card
from catalog.giftcards.capture_gift_card import capture_gift_card
from catalog.giftcards.errors import (
    AuthorizationEnded,
    AuthorizationNotFound,
    CaptureExceedsAuthorization,
    CardAgreementMissing,
    CardAlreadySold,
    CardStateConflict,
    CodeRefused,
    GiftCardInvalid,
    GiftCardNotFound,
    RefundExceedsCapture,
    TooManyGuesses,
)
from catalog.giftcards.expire_due_authorizations import expire_due_authorizations
from catalog.giftcards.freeze_gift_card import freeze_gift_card
from catalog.giftcards.issue_gift_card import issue_gift_card
from catalog.giftcards.look_up_card import look_up_card
from catalog.giftcards.model import (
    EXPIRE_KIND,
    GUESSES_MAX,
    AuthorizationState,
    CardAuthorization,
    CardLookup,
    CardRefund,
    CardState,
    GiftCard,
    card_account,
)
from catalog.giftcards.open_card import open_card
from catalog.giftcards.queries import (
    get_gift_card,
    read_authorizations,
    read_gift_cards,
    read_refunds,
)
from catalog.giftcards.refund_gift_card import refund_gift_card
from catalog.giftcards.void_gift_card import void_gift_card

__all__ = [
    "EXPIRE_KIND",
    "GUESSES_MAX",
    "AuthorizationEnded",
    "AuthorizationNotFound",
    "AuthorizationState",
    "CaptureExceedsAuthorization",
    "CardAgreementMissing",
    "CardAlreadySold",
    "CardAuthorization",
    "CardLookup",
    "CardRefund",
    "CardState",
    "CardStateConflict",
    "CodeRefused",
    "GiftCard",
    "GiftCardInvalid",
    "GiftCardNotFound",
    "RefundExceedsCapture",
    "TooManyGuesses",
    "authorize_gift_card",
    "capture_gift_card",
    "card_account",
    "expire_due_authorizations",
    "freeze_gift_card",
    "get_gift_card",
    "issue_gift_card",
    "look_up_card",
    "open_card",
    "read_authorizations",
    "read_gift_cards",
    "read_refunds",
    "refund_gift_card",
    "void_gift_card",
]
