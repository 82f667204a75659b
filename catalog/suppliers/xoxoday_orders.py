"""Reads what Xoxoday answers about orders: their states, what they cost, and their vouchers."""

from dataclasses import replace
from typing import Any

from catalog.suppliers.errors import SupplierAnswerInvalid, SupplierRefused
from catalog.suppliers.exact_answers import card_secret, differs, exact_money
from catalog.suppliers.exchange import Answer, object_of, refusal
from catalog.suppliers.feed_checks import key_text
from catalog.suppliers.port import OrderState, SupplierCode, SupplierOrder
from payouts.money import Money

CARDS_MAX = 1_000

NOTHING_ORDERED = frozenset(
    {
        "PLE10001",  # the request is not valid
        "PLE10014",  # the client is not known
        "PLE10015",  # the client may not buy this brand
        "PLE10017",  # the product is not there
        "PLE10018",  # the denomination is not on sale
        "PLE10019",  # the client may not buy abroad
        "PLE10041",  # too many at once
        "invalid_request",  # refused before the operation was looked at
    }
)
"""Refusals of an order after which it is certain that there is none.

All others leave it open: some say that a step failed after the order was added, one that it was
cancelled and the money not given back, one that the key was used before.
"""
UNKNOWN_ORDER = "PLE10016"
NOT_YET = frozenset({"PLE10021"})
NO_VOUCHERS = "PLE10030"
NO_HISTORY = frozenset({"PLE10022", "PLE10027"})
LIMIT_EXCEEDED = "auth.request_limit_exceeded"

_STATES = {
    "delivered": OrderState.SUCCEEDED,
    "canceled": OrderState.FAILED,
    "cancelled": OrderState.FAILED,
}
_WITH_PIN = ("codePin", "urlPin")
_KINDS = (None, "", "code", "url", *_WITH_PIN)


def read_refusal(answer: Answer) -> SupplierRefused:
    """Read a refusal in either of the two shapes that errors have."""
    value = object_of(answer.body)
    if value.get("errorId") is not None:
        message = value.get("error") or value.get("errorInfo")
        return refusal(value.get("errorId"), message, status=answer.status)
    return refusal(value.get("error"), value.get("error_description"), status=answer.status)


def is_denied(answer: Answer) -> bool:
    """Tell whether our credentials are refused; a 401 with a code of orders is about the order."""
    value = object_of(answer.body)
    code = value.get("errorId")
    if isinstance(code, str) and code.startswith("PLE"):
        return False
    if value.get("error") == "invalid_token" or value.get("error_message_id") == "auth.token_error":
        return True
    return answer.status in (401, 403)


def read_order(value: Any, key: str | None) -> SupplierOrder:
    """Read one order; one that carries another key than ours is refused."""
    if not isinstance(value, dict):
        raise SupplierAnswerInvalid("The order cannot be read.")
    reference, status = key_text(value.get("orderId")), value.get("deliveryStatus")
    if reference is None or not isinstance(status, str):
        raise SupplierAnswerInvalid("The order has no number or no status.")
    if key is not None and is_of_another(value, key):
        raise SupplierAnswerInvalid("The order is another one.")
    state = _STATES.get(status.lower(), OrderState.PENDING)
    cost = exact_money(value.get("amountCharged"), value.get("currencyCode"))
    failure = status[:60] if state is OrderState.FAILED else None
    return SupplierOrder(reference, state, cost, failure)


def is_of_another(value: Any, key: str) -> bool:
    """Whether an order carries another key than ours."""
    told = (value.get("tag"), value.get("poNumber")) if isinstance(value, dict) else ()
    return any(one not in (None, "", key) for one in told)


def refuse_other_goods(value: Any, product_id: int, face: Money, quantity: int) -> None:
    """Refuse an answer that repeats something else than what was ordered."""
    if differs(value.get("quantity"), quantity):
        raise SupplierAnswerInvalid("The order is of another quantity.")
    goods = value.get("voucherDetails")
    for one in goods if isinstance(goods, list) else []:
        if (
            not isinstance(one, dict)
            or differs(one.get("productId"), product_id)
            or differs(one.get("denomination"), face)
            or one.get("currencyCode", face.currency) != face.currency
        ):
            raise SupplierAnswerInvalid("The order is of something else.")


def with_others(order: SupplierOrder, history: list[Any], key: str) -> SupplierOrder:
    """Add the references of further orders under the key that are not failed."""
    mine = [one for one in history if isinstance(one, dict) and one.get("poNumber") == key]
    orders = [read_order(one, key) for one in mine]
    others = {
        one.reference
        for one in orders
        if one.state is not OrderState.FAILED and one.reference != order.reference
    }
    return replace(order, others=tuple(sorted(others, key=int)))


def read_cards(value: Any, reference: str) -> tuple[SupplierCode, ...]:
    """Read the vouchers of an order, all of them and no others, exactly as delivered.

    Whole numbers in `value` are texts. Raises SupplierRefused while the order is not delivered.
    """
    if not isinstance(value, dict) or value.get("orderId") != reference:
        raise SupplierAnswerInvalid("The answer is about another order.")
    if read_order(value, None).state is not OrderState.SUCCEEDED:
        raise SupplierRefused("NOT_DELIVERED", "The order is not delivered.")
    vouchers = value.get("vouchers")
    if not isinstance(vouchers, list) or not 0 < len(vouchers) <= CARDS_MAX:
        raise SupplierAnswerInvalid("The order has no vouchers.")
    if value.get("quantity", str(len(vouchers))) != str(len(vouchers)):
        raise SupplierAnswerInvalid("The order's vouchers are not all there.")
    return tuple(_read_card(one, reference) for one in vouchers)


def _read_card(voucher: Any, reference: str) -> SupplierCode:
    if not isinstance(voucher, dict) or voucher.get("type") not in _KINDS:
        raise SupplierAnswerInvalid("A voucher cannot be read.")
    if voucher.get("orderId", reference) != reference:
        raise SupplierAnswerInvalid("A voucher belongs to another order.")
    code, pin = card_secret(voucher.get("voucherCode")), card_secret(voucher.get("pin"))
    if code is None or (pin is None and voucher.get("type") in _WITH_PIN):
        raise SupplierAnswerInvalid("A voucher has no code, or lacks its PIN.")
    return SupplierCode(code, pin)
