"""Orders gift cards from Tango over its RaaS API, version 2.

Assumed, as nothing public says it: the notes of an order are told again in every view of it; the
list of orders begins with page 0; `/lineItems/{id}/cancel` is where a line item is cancelled, with
a `reasonCode`; an HMAC signature of a message stands in `X-Signed-Payload`, in
Base64, like the one made with a certificate.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    not_offered,
)
from catalog.suppliers.tango_availability import read_tango_availability
from catalog.suppliers.tango_codes import read_tango_code
from catalog.suppliers.tango_feed import read_tango_feed
from payouts.money import Money
from payouts.refusal import Refusal

PAGE_SIZE = 100
PAGES_MAX = 10
KEY_LENGTH_MAX = 100
EVENT_ID_LENGTH_MAX = 200
PAUSE_SECONDS = 1.1
"""Tango takes one request a second; reading a catalogue takes three."""
REASON = "RECIPIENT_REQUESTED"

CAPABILITIES = frozenset(
    {
        Capability.ORDERS,
        Capability.RANGES,
        Capability.DELAYED,
        Capability.LOOKUP,
        Capability.TWINS_REFUSED,
        Capability.CANCEL,
        Capability.STOCK,
        Capability.WEBHOOKS,
    }
)

_STATES = {
    "COMPLETE": OrderState.SUCCEEDED,
    "FAILED": OrderState.FAILED,
    "CANCELLED": OrderState.FAILED,
}
_ABOUT_ORDERS = frozenset({"AsyncOrderStatus", "LineItemDeliveryStatus", "RewardStatus"})


@dataclass(frozen=True, slots=True)
class TangoAccess:
    """Where Tango is, who we are there, and which account pays."""

    platform: str
    platform_key: Secret
    account: str
    customer: str
    api_url: str = "https://api.tangocard.com/raas/v2"
    webhook_secrets: tuple[Secret, ...] = ()
    """Each in Base64, as it was given when the subscription was made."""
    order_deadline_seconds: float = ORDER_DEADLINE_SECONDS
    pause_seconds: float = PAUSE_SECONDS


@dataclass(frozen=True, slots=True)
class TangoSupplier:
    """Tango, as a supplier."""

    http: Exchange
    access: TangoAccess = field(repr=False)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """One card an order; a repeated key is the first order, told again."""
        return CAPABILITIES

    def read_feed(self, raw: bytes) -> Feed:
        """Read a fetched catalogue."""
        return read_tango_feed(raw)

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the catalogue of a country, with what the account is charged in and the rates."""
        if country not in COUNTRIES:
            raise SupplierRefused("COUNTRY_NOT_SUPPORTED", f"{country[:8]!a} is no country.")
        account = exact_object(await self.http.read(self._url("accounts", self.access.account)))
        currency = account.get("currencyCode")
        if not isinstance(currency, str) or not currency.isalpha():
            raise SupplierAnswerInvalid("The account has no currency.")
        await asyncio.sleep(self.access.pause_seconds)
        raw_rates = await self.http.read(self._url("exchangerates"))
        rates = exact_page(raw_rates, list_path="exchangeRates")
        await asyncio.sleep(self.access.pause_seconds)
        query = {"country": country, "verbose": "true"}
        raw_brands = await self.http.read(self._url("catalogs"), query, bytes_max=BYTES_MAX)
        brands = readable_page(raw_brands, list_path="brands")
        facts = {
            "country": country,
            "currency": currency,
            "isWhole": brands.cut is None and not brands.remarks,
        }
        lists = [("exchangeRates", rates), ("brands", brands)]
        parts = [f'"{name}":[{",".join(text for _, text in page.items)}]' for name, page in lists]
        text = f"{json.dumps(facts)[:-1]},{','.join(parts)}}}"
        return text.encode("utf-8", errors="surrogateescape")

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Order a card at Tango, once, with our key as the order's external reference.

        Under a key that was used before Tango tells the first order, even when that was of another
        item: then nothing was ordered, and the refusal is KEY_TAKEN.
        """
        if opaque_key(supplier_sku) is None:
            raise SupplierRefused("SKU_INVALID", "A sku of Tango's is letters and digits.")
        if not 0 < len(key) <= KEY_LENGTH_MAX or face.minor <= 0 or quantity <= 0:
            raise SupplierRefused("ORDER_INVALID", "The order is not complete.")
        if quantity != 1:
            raise not_offered(Capability.QUANTITIES)
        rest = {
            "accountIdentifier": self.access.account,
            "customerIdentifier": self.access.customer,
            "externalRefID": key,
            "notes": _note(supplier_sku, face),
            "sendEmail": False,
            "utid": supplier_sku,
        }
        # The amount is spliced in as its decimal text: a number on the wire, never a float.
        body = f'{{"amount":{face.decimal},{json.dumps(rest)[1:]}'.encode()
        answer = await self.http.submit(self._url("orders"), body)
        try:
            value = exact_object(answer.body)
            if value.get("externalRefID", key) != key:
                raise SupplierOrderMistaken(key=key)
            order, held = _order(value), _note_of(value)
        except SupplierAnswerInvalid:
            raise SupplierUnknownOutcome(
                "The supplier's answer to the order cannot be understood.", key=key
            ) from None
        if held == rest["notes"]:
            return order
        if answer.status == 200 and value.get("notes") != rest["notes"]:
            raise SupplierRefused(
                "KEY_TAKEN", "The key is that of an earlier order of other terms."
            )
        raise SupplierUnknownOutcome("The supplier took another order than ours.", key=key)

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Look an order up by our key, and hold it against what was asked, which its notes say."""
        found: list[tuple[str, SupplierOrder]] = []
        seen = 0
        for number in range(PAGES_MAX):
            query = {
                "externalRefID": key,
                "accountIdentifier": self.access.account,
                "elementsPerBlock": str(PAGE_SIZE),
                "page": str(number),
            }
            page = exact_page(await self.http.read(self._url("orders"), query), list_path="orders")
            seen += len(page.items)
            # The filter is applied again: nothing promises that it is exact.
            for value, _ in page.items:
                if isinstance(value, dict) and value.get("externalRefID") == key:
                    order = _order(value)
                    if order.state is not OrderState.FAILED:  # of what is over nothing is taken
                        _refuse_other_terms(value)
                    found.append((str(value.get("createdAt")), order))
            about = page.facts.get("page")
            total = about.get("totalCount") if isinstance(about, dict) else None
            if not page.items or type(total) is not int or seen >= total:
                # The newest come first, and two may be of one moment.
                found.reverse()
                earliest = sorted(found, key=lambda one: one[0])
                return chosen_order([order for _, order in earliest])
        raise SupplierAnswerInvalid("The list of orders is too long.", key=key)

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Fetch the card of an order, its texts exactly as delivered."""
        value = await self._show(reference)
        if _order(value).state is not OrderState.SUCCEEDED:
            raise SupplierRefused("NO_CODES", "The order has no codes.")
        return (read_tango_code(value.get("reward")),)

    async def cancel_order(self, reference: str) -> SupplierOrder:
        """Cancel an order by its line item; Tango does so for unused choice products only."""
        order = _order(await self._show(reference))
        if order.state is OrderState.FAILED:
            return order
        raw = await self.http.read(self._url("lineItems"), {"referenceOrderID": reference})
        lines = [value for value, _ in exact_page(raw, list_path="lineItems").items]
        keys = [
            opaque_key(line.get("referenceLineItemID"))
            for line in lines
            if isinstance(line, dict) and line.get("referenceOrderID") == reference
        ]
        if len(keys) != 1 or keys[0] is None:
            raise SupplierAnswerInvalid("The order has not one line item.")
        body = json.dumps({"reasonCode": REASON}).encode()
        await self.http.order(self._url("lineItems", keys[0], "cancel"), body)
        try:
            order = _order(await self._show(reference))
        except Refusal:
            raise SupplierUnknownOutcome("What became of the order is not told.") from None
        if order.state is not OrderState.FAILED:
            raise SupplierUnknownOutcome("The supplier is still cancelling the order.")
        return order

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        """Read a message of Tango's that is signed with one of our secrets."""
        signature = _decoded(headers.get("x-signed-payload", ""))
        if not signature or not any(
            hmac.compare_digest(signature, hmac.digest(secret, body, hashlib.sha256))
            for secret in (_decoded(one.reveal()) for one in self.access.webhook_secrets)
            if secret
        ):
            raise SupplierUnauthorised
        value = exact_object(body)
        event_id, told = value.get("eventId"), value.get("eventData")
        if not isinstance(event_id, str) or not 0 < len(event_id) <= EVENT_ID_LENGTH_MAX:
            raise SupplierAnswerInvalid("The message has no id.")
        about: Mapping[str, Any] = told if isinstance(told, dict) else {}
        kind, key = _kind(value), about.get("externalRefID")
        if kind == "ItemAvailability":
            sku = opaque_key(about.get("utid"))
            said = read_tango_availability(value, about, sku)
            return SupplierEvent(event_id, EventSubject.ITEM, supplier_sku=sku, said=said)
        if kind in _ABOUT_ORDERS and isinstance(key, str) and 0 < len(key) <= KEY_LENGTH_MAX:
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
        value = exact_object(await self.http.read(self._url("orders", reference)))
        if value.get("referenceOrderID") != reference:
            raise SupplierAnswerInvalid("The answer is about another order.")
        return value


def open_tango(access: TangoAccess) -> TangoSupplier:
    """Open the adapter with connections of its own."""
    pair = f"{access.platform}:{access.platform_key.reveal()}".encode()
    credentials = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    exchange = Exchange(
        open_client(),
        FixedCredentials(credentials),
        order_deadline_seconds=access.order_deadline_seconds,
        read_refusal=_read_refusal,
    )
    return TangoSupplier(exchange, access)


def _read_refusal(answer: Answer) -> Refusal:
    """Read a refusal out of the first of `errors`; a conflict may be our own order being made."""
    if answer.status == 409:
        return SupplierUnknownOutcome("The supplier is at work on an order under this key.")
    value = object_of(answer.body)
    errors = value.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else value
    if not isinstance(first, dict):
        first = {}
    code = first.get("i18nKey")
    if not isinstance(code, str) and type(first.get("code")) is int:
        code = str(first["code"])
    return refusal(code, first.get("message"), status=answer.status)


def _note(sku: str, face: Money) -> str:
    """What was asked, in words that stay with the order."""
    return f"{sku} {face.decimal} {face.currency}"


def _note_of(value: dict[str, Any]) -> str | None:
    """What an order is really of, in the words of a note."""
    face, sku = value.get("denomination"), value.get("utid")
    money = (
        exact_money(face.get("value"), face.get("currencyCode")) if isinstance(face, dict) else None
    )
    return _note(sku, money) if isinstance(sku, str) and money is not None else None


def _refuse_other_terms(value: dict[str, Any]) -> None:
    """An order that bears our note and is of something else is never taken for ours."""
    if value.get("notes") not in (None, "", _note_of(value)):
        raise SupplierAnswerInvalid("The order is of something else than what was asked.")


def _order(value: dict[str, Any]) -> SupplierOrder:
    reference, status = opaque_key(value.get("referenceOrderID")), value.get("status")
    if reference is None or not isinstance(status, str):
        raise SupplierAnswerInvalid("The order has no number or no status.")
    state = _STATES.get(status, OrderState.PENDING)
    charged = value.get("amountCharged")
    cost = None
    if isinstance(charged, dict):
        amount = charged.get("total")
        amount = charged.get("value") if amount is None else amount
        cost = charged_money(amount, charged.get("currencyCode"))
    failure = status[:60] if state is OrderState.FAILED else None
    return SupplierOrder(reference, state, cost, failure)


def _kind(value: dict[str, Any]) -> str:
    """The type of a message: the documentation names it in the singular and in the plural."""
    kind = value.get("eventType", value.get("eventTypes"))
    if isinstance(kind, list) and len(kind) == 1:
        kind = kind[0]
    return kind if isinstance(kind, str) else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
