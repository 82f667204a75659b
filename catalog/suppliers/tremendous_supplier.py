"""Orders rewards from Tremendous over its API, version 2; a card is the link to its reward.

Assumed, as nothing public says it: a reward that is delivered as a link needs no recipient;
`GET /forex` tells what one dollar is in other currencies; the list of products comes in one page;
the message about an order names its `external_id`. What an answer does not tell of a reward, such
as its products, is not compared.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierOrderMistaken,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.exact_answers import (
    card_secret,
    charged_money,
    chosen_order,
    exact_money,
    exact_object,
    exact_page,
    opaque_key,
    readable_page,
)
from catalog.suppliers.exchange import (
    ORDER_DEADLINE_SECONDS,
    Answer,
    Exchange,
    FixedCredentials,
    object_of,
    open_client,
    refusal,
)
from catalog.suppliers.json_pages import BYTES_MAX
from catalog.suppliers.model import Feed, Secret
from catalog.suppliers.port import (
    Capability,
    EventSubject,
    OrderState,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
)
from catalog.suppliers.tremendous_feed import COST_CURRENCY, read_tremendous_feed, split_sku
from payouts.money import Money
from payouts.refusal import Refusal

PAGE_SIZE = 100
PAGES_MAX = 10
QUANTITY_MAX = 100
KEY_LENGTH_MAX = 100
EVENT_ID_LENGTH_MAX = 200
BALANCE = "BALANCE"
"""The funding source that is our prepaid money there."""

CAPABILITIES = frozenset(
    {
        Capability.ORDERS,
        Capability.RANGES,
        Capability.DELAYED,
        Capability.LOOKUP,
        Capability.TWINS_REFUSED,
        Capability.QUANTITIES,
        Capability.CANCEL,
        Capability.WEBHOOKS,
    }
)

_STATES = {
    "EXECUTED": OrderState.SUCCEEDED,
    "FAILED": OrderState.FAILED,
    "CANCELED": OrderState.FAILED,
}
_SIGNATURE = "tremendous-webhook-signature"


@dataclass(frozen=True, slots=True)
class TremendousAccess:
    """Where Tremendous is, who we are there, and what pays."""

    api_key: Secret
    funding_source: str = BALANCE
    api_url: str = "https://www.tremendous.com/api/v2"
    webhook_secrets: tuple[Secret, ...] = ()
    order_deadline_seconds: float = ORDER_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class TremendousSupplier:
    """Tremendous, as a supplier."""

    http: Exchange
    access: TremendousAccess = field(repr=False)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """It sells by order, several rewards at once; a repeated key is the first order."""
        return CAPABILITIES

    def read_feed(self, raw: bytes) -> Feed:
        """Read a fetched catalogue."""
        return read_tremendous_feed(raw)

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the catalogue of a country, with the rates of the day."""
        if country not in COUNTRIES:
            raise SupplierRefused("COUNTRY_NOT_SUPPORTED", f"{country[:8]!a} is no country.")
        raw_forex = await self.http.read(self._url("forex"), {"base": COST_CURRENCY})
        forex = exact_object(raw_forex).get("forex")
        if not isinstance(forex, dict):
            raise SupplierAnswerInvalid("The rates cannot be read.")
        raw = await self.http.read(self._url("products"), {"country": country}, bytes_max=BYTES_MAX)
        page = readable_page(raw, list_path="products")
        facts = {"country": country, "isWhole": page.cut is None and not page.remarks}
        products = ",".join(text for _, text in page.items)
        text = f'{json.dumps(facts)[:-1]},"forex":{{{_rates(forex)}}},"products":[{products}]}}'
        return text.encode("utf-8", errors="surrogateescape")

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Order rewards at Tremendous, once, with our key as the order's external id.

        Under a key that was used before Tremendous tells the first order with status 201: when
        that is of other rewards, nothing was ordered, and the refusal is KEY_TAKEN.
        """
        parts = split_sku(supplier_sku)
        if parts is None:
            raise SupplierRefused("SKU_INVALID", "A sku is a product and a currency.")
        is_sound = 0 < len(key) <= KEY_LENGTH_MAX and face.minor > 0
        if not is_sound or parts[1] != face.currency or not 0 < quantity <= QUANTITY_MAX:
            raise SupplierRefused("ORDER_INVALID", "The order is not complete.")
        product, currency = parts
        # The amount is spliced in as its decimal text: a number on the wire, never a float.
        value = f'{{"denomination":{face.decimal},"currency_code":{json.dumps(currency)}}}'
        rest = {"delivery": {"method": "LINK"}, "products": [product]}
        reward = f'{{"value":{value},{json.dumps(rest)[1:]}'
        head = {"external_id": key, "payment": {"funding_source_id": self.access.funding_source}}
        rewards = ",".join([reward] * quantity)
        body = f'{json.dumps(head)[:-1]},"rewards":[{rewards}]}}'.encode()
        answer = await self.http.submit(self._url("orders"), body)
        try:
            told = _told(exact_object(answer.body), "order")
            if told.get("external_id", key) != key:
                raise SupplierOrderMistaken(key=key)
            order = _order(told)
            is_ours = _is_of(told, product, face, quantity)
        except SupplierAnswerInvalid:
            raise SupplierUnknownOutcome(
                "The supplier's answer to the order cannot be understood.", key=key
            ) from None
        if is_ours:
            return order
        if answer.status == 201:
            raise SupplierRefused(
                "KEY_TAKEN", "The key is that of an earlier order of other terms."
            )
        raise SupplierUnknownOutcome("The supplier took another order than ours.", key=key)

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Look an order up by our key."""
        found: list[tuple[str, SupplierOrder]] = []
        seen = 0
        for _ in range(PAGES_MAX):
            query = {"external_id": key, "limit": str(PAGE_SIZE), "offset": str(seen)}
            page = exact_page(await self.http.read(self._url("orders"), query), list_path="orders")
            seen += len(page.items)
            # The filter is applied again: nothing promises that it is exact.
            found.extend(
                (str(value.get("created_at")), _order(value))
                for value, _ in page.items
                if isinstance(value, dict) and value.get("external_id") == key
            )
            total = page.facts.get("total_count")
            if not page.items or type(total) is not int or seen >= total:
                # The newest come first, and two may be of one moment.
                found.reverse()
                earliest = sorted(found, key=lambda one: one[0])
                return chosen_order([order for _, order in earliest])
        raise SupplierAnswerInvalid("The list of orders is too long.", key=key)

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Fetch the links of an order's rewards, in the order in which it has them."""
        told = await self._show(reference)
        if _order(told).state is not OrderState.SUCCEEDED:
            raise SupplierRefused("NO_CODES", "The order has no codes.")
        keys = _reward_keys(told)
        return tuple([await self._code(reference, key) for key in keys])

    async def _code(self, reference: str, key: str) -> SupplierCode:
        told = _told(exact_object(await self.http.read(self._url("rewards", key))), "reward")
        if told.get("id") != key or told.get("order_id") != reference:
            raise SupplierAnswerInvalid("The answer is about another reward.")
        delivery = told.get("delivery")
        link = card_secret(delivery.get("link")) if isinstance(delivery, dict) else None
        if link is None:
            url = self._url("rewards", key, "generate_link")
            made = _told(exact_object(await self.http.read(url, method="POST")), "reward")
            if made.get("id") != key:
                raise SupplierAnswerInvalid("The answer is about another reward.")
            link = card_secret(made.get("link"))
        if link is None or not link.reveal().startswith("https://"):
            raise SupplierAnswerInvalid("A reward has no link.")
        return SupplierCode(link)

    async def cancel_order(self, reference: str) -> SupplierOrder:
        """Cancel every reward of an order; Tremendous refuses those that were redeemed."""
        told = await self._show(reference)
        order = _order(told)
        if order.state is OrderState.FAILED:
            return order
        keys = _reward_keys(told)
        for key in keys:
            try:
                await self.http.order(self._url("rewards", key, "cancel"), b"{}")
            except Refusal:
                if len(keys) == 1:
                    raise
                # Some may be cancelled, by now or from before.
                raise SupplierUnknownOutcome("The order may be cancelled in part.") from None
        try:
            order = _order(await self._show(reference))
        except Refusal:
            raise SupplierUnknownOutcome("What became of the order is not told.") from None
        if order.state is not OrderState.FAILED:
            raise SupplierUnknownOutcome("The order is not cancelled as a whole.")
        return order

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        """Read a message of Tremendous' that is signed with one of our keys."""
        given = headers.get(_SIGNATURE, "").encode()
        is_authentic = any(
            hmac.compare_digest(given, b"sha256=" + _hmac_hex(secret.reveal(), body))
            for secret in self.access.webhook_secrets
            if secret.reveal()
        )
        if not is_authentic:
            raise SupplierUnauthorised
        value = exact_object(body)
        event_id, kind = value.get("uuid"), value.get("event")
        if not isinstance(event_id, str) or not 0 < len(event_id) <= EVENT_ID_LENGTH_MAX:
            raise SupplierAnswerInvalid("The message has no id.")
        subject, _, _ = kind.partition(".") if isinstance(kind, str) else ("", "", "")
        if subject == "PRODUCTS":
            return SupplierEvent(event_id, EventSubject.ITEM)
        key = _external_id(value)
        if subject in ("ORDERS", "REWARDS") and key is not None:
            return SupplierEvent(event_id, EventSubject.ORDER, key=key)
        return SupplierEvent(event_id, EventSubject.OTHER)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.http.aclose()

    def _url(self, *parts: str) -> str:
        return "/".join((self.access.api_url, *parts))

    async def _show(self, reference: str) -> dict[str, Any]:
        if opaque_key(reference) is None:
            raise SupplierRefused("REFERENCE_INVALID", "A reference is letters and digits.")
        told = _told(exact_object(await self.http.read(self._url("orders", reference))), "order")
        if told.get("id") != reference:
            raise SupplierAnswerInvalid("The answer is about another order.")
        return told


def open_tremendous(access: TremendousAccess) -> TremendousSupplier:
    """Open the adapter with connections of its own."""
    exchange = Exchange(
        open_client(),
        FixedCredentials({"Authorization": f"Bearer {access.api_key.reveal()}"}),
        order_deadline_seconds=access.order_deadline_seconds,
        read_refusal=_read_refusal,
    )
    return TremendousSupplier(exchange, access)


def _hmac_hex(secret: str, body: bytes) -> bytes:
    """Write what signs a message, in hexadecimal digits."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex().encode()


def _read_refusal(answer: Answer) -> Refusal:
    """Read a refusal out of `errors`; it has no code, so the status is one.

    A conflict may be our own order being made.
    """
    if answer.status == 409:
        return SupplierUnknownOutcome("The supplier is at work on an order under this key.")
    errors = object_of(answer.body).get("errors")
    message = errors.get("message") if isinstance(errors, dict) else None
    return refusal(None, message, status=answer.status)


def _rates(forex: dict[str, Any]) -> str:
    """Write what is a number, digit by digit; the reader says what is missing."""
    return ",".join(
        f"{json.dumps(name)}:{Decimal(rate):f}"
        for name, rate in forex.items()
        if isinstance(rate, int | Decimal) and not isinstance(rate, bool)
    )


def _told(value: dict[str, Any], name: str) -> dict[str, Any]:
    inner = value.get(name)
    if not isinstance(inner, dict):
        raise SupplierAnswerInvalid()
    return inner


def _order(told: dict[str, Any]) -> SupplierOrder:
    reference, status = opaque_key(told.get("id")), told.get("status")
    if reference is None or not isinstance(status, str):
        raise SupplierAnswerInvalid("The order has no id or no status.")
    state = _STATES.get(status, OrderState.PENDING)
    payment, cost = told.get("payment"), None
    if isinstance(payment, dict):
        cost = charged_money(payment.get("total"), payment.get("currency_code", COST_CURRENCY))
    failure = status[:60] if state is OrderState.FAILED else None
    return SupplierOrder(reference, state, cost, failure)


def _is_of(told: dict[str, Any], product: str, face: Money, quantity: int) -> bool:
    """Tell whether an order is of so many rewards of this face, and of the product if it says."""
    rewards = told.get("rewards")
    if not isinstance(rewards, list) or len(rewards) != quantity:
        return False
    for reward in rewards:
        value = reward.get("value") if isinstance(reward, dict) else None
        if not isinstance(value, dict):
            return False
        if exact_money(value.get("denomination"), value.get("currency_code")) != face:
            return False
        if reward.get("products", [product]) != [product]:
            return False
    return True


def _reward_keys(told: dict[str, Any]) -> list[str]:
    rewards = told.get("rewards")
    if not isinstance(rewards, list) or not 0 < len(rewards) <= QUANTITY_MAX:
        raise SupplierAnswerInvalid("The order has no rewards.")
    keys = [opaque_key(one.get("id")) if isinstance(one, dict) else None for one in rewards]
    known = [key for key in keys if key is not None]
    if len(set(known)) != len(rewards):
        raise SupplierAnswerInvalid("A reward of the order has no id of its own.")
    return known


def _external_id(value: dict[str, Any]) -> str | None:
    """Find our key in a message: beside the resource's id, or in what is said about it."""
    payload = value.get("payload")
    for name in ("resource", "meta"):
        part = payload.get(name) if isinstance(payload, dict) else None
        key = part.get("external_id") if isinstance(part, dict) else None
        if isinstance(key, str) and 0 < len(key) <= KEY_LENGTH_MAX:
            return key
    return None
