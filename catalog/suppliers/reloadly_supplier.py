"""Orders gift cards from Reloadly over its HTTP API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierOrderMistaken,
    SupplierRefused,
    SupplierUnknownOutcome,
)
from catalog.suppliers.exact_answers import (
    card_secret,
    charged_money,
    chosen_order,
    differs,
    exact_object,
    is_number,
    read_digits,
    readable_page,
)
from catalog.suppliers.exchange import ORDER_DEADLINE_SECONDS, Exchange, open_client
from catalog.suppliers.feed_checks import key_text
from catalog.suppliers.json_pages import BYTES_MAX, Page
from catalog.suppliers.model import Feed, Secret
from catalog.suppliers.port import (
    Capability,
    OrderState,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
    not_offered,
)
from catalog.suppliers.reloadly_feed import read_reloadly_feed
from catalog.suppliers.token_credentials import TokenCredentials
from payouts.money import Money

LOOKBACK_DAYS = 35
PAGE_SIZE = 200
FEED_PAGES_MAX = 100
REPORT_PAGES_MAX = 25
CARDS_MAX = 1_000
KEY_LENGTH_MAX = 150

CAPABILITIES = frozenset(
    {
        Capability.ORDERS,
        Capability.RANGES,
        Capability.DELAYED,
        Capability.LOOKUP,
        Capability.QUANTITIES,
    }
)

_ACCEPT = "application/com.reloadly.giftcards-v1+json"
_STATES = {
    "SUCCESSFUL": OrderState.SUCCEEDED,
    "FAILED": OrderState.FAILED,
    "REFUNDED": OrderState.FAILED,
}


@dataclass(frozen=True, slots=True)
class ReloadlyAccess:
    """Where Reloadly is and who we are there."""

    client_id: str
    client_secret: Secret
    auth_url: str = "https://auth.reloadly.com"
    api_url: str = "https://giftcards.reloadly.com"
    audience: str = "https://giftcards.reloadly.com"
    order_deadline_seconds: float = ORDER_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class ReloadlySupplier:
    """Reloadly, as a supplier. `now` is the clock of the caller's world."""

    http: Exchange
    api_url: str
    now: Callable[[], datetime]

    @property
    def capabilities(self) -> frozenset[Capability]:
        """It sells by order, and neither cancels nor tells stock nor reports by itself."""
        return CAPABILITIES

    def read_feed(self, raw: bytes) -> Feed:
        """Read a fetched catalogue."""
        return read_reloadly_feed(raw)

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the whole catalogue of a country, its pages joined into one.

        When the pages do not add up, the answer says that it is not the last page, so that no
        reader takes it for complete.
        """
        if country not in COUNTRIES:
            raise SupplierRefused("COUNTRY_NOT_SUPPORTED", f"{country[:8]!a} is no country.")
        items: list[str] = []
        total: Any = None
        for number in range(FEED_PAGES_MAX):
            query = {"size": str(PAGE_SIZE), **({"page": str(number + 1)} if number else {})}
            raw = await self.http.read(
                f"{self.api_url}/countries/{country}/products", query, bytes_max=BYTES_MAX
            )
            page = readable_page(raw, list_path="content")
            items.extend(text for _, text in page.items)
            total = page.facts.get("totalElements", total)
            if not _continues(page, number):
                is_last = page.cut is None and not page.remarks and _is_page(page, number)
                return _joined(items, total, is_last=is_last)
        return _joined(items, total, is_last=False)

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Order cards at Reloadly, once, with our key as the order's custom identifier."""
        if key_text(supplier_sku) is None:
            raise SupplierRefused("SKU_INVALID", "A Reloadly sku is a positive whole number.")
        if not 0 < len(key) <= KEY_LENGTH_MAX or face.minor <= 0 or quantity <= 0:
            raise SupplierRefused("ORDER_INVALID", "The order is not complete.")
        rest = {
            "productId": int(supplier_sku),
            "quantity": quantity,
            "customIdentifier": key,
        }
        # The price is spliced in as its decimal text: a number on the wire, never a float.
        body = f'{{"unitPrice":{face.decimal},{json.dumps(rest)[1:]}'.encode()
        raw = await self.http.order(f"{self.api_url}/orders", body)
        try:
            value = exact_object(raw)
            if value.get("customIdentifier", key) != key:
                raise SupplierOrderMistaken(key=key)
            _refuse_other_goods(value, int(supplier_sku), face, quantity)
            return _order(value)
        except SupplierAnswerInvalid:
            raise SupplierUnknownOutcome(
                "The supplier's answer to the order cannot be understood.", key=key
            ) from None

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Look an order up in the report of transactions of the last weeks.

        Among several orders of one key the one that succeeded counts, then the one that is
        pending, then the earliest.
        """
        found: list[SupplierOrder] = []
        for number in range(REPORT_PAGES_MAX):
            raw = await self.http.read(
                f"{self.api_url}/reports/transactions", self._query(key, number)
            )
            page = readable_page(raw, list_path="content")
            if page.cut is not None or page.remarks or not _is_page(page, number):
                raise SupplierAnswerInvalid("The report of transactions is damaged.")
            # The filter is applied again: nothing promises that it is exact.
            found.extend(
                _order(value)
                for value, _ in page.items
                if isinstance(value, dict) and value.get("customIdentifier") == key
            )
            if not _continues(page, number):
                # References are numbers in the order of time.
                return chosen_order(sorted(found, key=lambda one: int(one.reference)))
        raise SupplierAnswerInvalid("The report of transactions is too long.", key=key)

    def _query(self, key: str, number: int) -> dict[str, str]:
        # A day on either side, as the report does not say which time zone it is in.
        now = self.now()
        start = now - timedelta(days=LOOKBACK_DAYS + 1)
        end = now + timedelta(days=1)
        return {
            "customIdentifier": key,
            "startDate": start.strftime("%Y-%m-%d %H:%M:%S"),
            "endDate": end.strftime("%Y-%m-%d %H:%M:%S"),
            "size": str(PAGE_SIZE),
            **({"page": str(number + 1)} if number else {}),
        }

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Fetch the cards of an order, their numbers exactly as delivered."""
        if key_text(reference) is None:
            raise SupplierRefused("REFERENCE_INVALID", "A reference is a whole number.")
        raw = await self.http.read(f"{self.api_url}/orders/transactions/{reference}/cards")
        return read_cards(raw)

    async def cancel_order(self, reference: str) -> SupplierOrder:
        """Refuse: Reloadly cancels nothing."""
        raise not_offered(Capability.CANCEL)

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        """Refuse: Reloadly sends nothing about gift cards."""
        raise not_offered(Capability.WEBHOOKS)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.http.aclose()


def open_reloadly(access: ReloadlyAccess, now: Callable[[], datetime]) -> ReloadlySupplier:
    """Open the adapter with connections of its own."""

    def ask() -> dict[str, str]:
        return {
            "client_id": access.client_id,
            "client_secret": access.client_secret.reveal(),
            "grant_type": "client_credentials",
            "audience": access.audience,
        }

    exchange = Exchange(
        open_client(),
        TokenCredentials(f"{access.auth_url}/oauth/token", ask, now),
        accept=_ACCEPT,
        order_deadline_seconds=access.order_deadline_seconds,
    )
    return ReloadlySupplier(exchange, access.api_url, now)


def read_cards(raw: bytes) -> tuple[SupplierCode, ...]:
    """Read delivered cards: a list, or one alone.

    Numbers may be texts or integers and are kept digit by digit; a number with a point or an
    exponent has lost digits and is refused. A card without a number is known by its PIN.
    """
    value = read_digits(raw)
    cards = value if isinstance(value, list) else [value]
    if not 0 < len(cards) <= CARDS_MAX:
        raise SupplierAnswerInvalid("The answer has no cards.")
    return tuple(_code(card) for card in cards)


def _code(card: Any) -> SupplierCode:
    if not isinstance(card, dict):
        raise SupplierAnswerInvalid("A card cannot be read.")
    number, pin = (card_secret(card.get(name)) for name in ("cardNumber", "pinCode"))
    if number is not None:
        return SupplierCode(number, pin)
    if pin is None:
        raise SupplierAnswerInvalid("A card has neither number nor PIN.")
    return SupplierCode(pin)


def _continues(page: Page, number: int) -> bool:
    """Tell whether another page is to be fetched; never behind a damaged or foreign one."""
    is_sound = page.cut is None and not page.remarks and _is_page(page, number)
    return is_sound and page.facts.get("last") is False and bool(page.items)


def _is_page(page: Page, number: int) -> bool:
    """Answers count pages from 0, questions from 1."""
    return bool(page.facts.get("number", number) == number)


def _joined(items: list[str], total: Any, *, is_last: bool) -> bytes:
    facts = {"last": is_last, **({"totalElements": total} if type(total) is int else {})}
    text = f'{{"content":[{",".join(items)}],{json.dumps(facts)[1:]}'
    return text.encode("utf-8", errors="surrogateescape")


def _refuse_other_goods(value: dict[str, Any], product_id: int, face: Money, quantity: int) -> None:
    """Refuse an answer that repeats something else than what was ordered."""
    goods = value.get("product")
    if not isinstance(goods, dict):
        return
    asked = (("productId", product_id), ("quantity", quantity), ("unitPrice", face))
    is_other = any(differs(goods.get(name), wanted) for name, wanted in asked)
    if is_other or goods.get("currencyCode", face.currency) != face.currency:
        raise SupplierAnswerInvalid()


def _order(value: dict[str, Any]) -> SupplierOrder:
    reference = key_text(value.get("transactionId"))
    status = value.get("status")
    if reference is None or not isinstance(status, str):
        raise SupplierAnswerInvalid("The order has no number or no status.")
    state = _STATES.get(status, OrderState.PENDING)
    failure = status[:60] if state is OrderState.FAILED else None
    return SupplierOrder(reference, state, _cost(value), failure)


def _cost(value: dict[str, Any]) -> Money | None:
    """The amount charged, fees included, less the discount; half up, as it has four digits."""
    currency = value.get("currencyCode")
    amount: Any = value.get("amount")
    discount: Any = value.get("discount") or 0
    if not (is_number(amount) and is_number(discount)):
        return None
    return charged_money(Fraction(amount) - Fraction(discount), currency)
