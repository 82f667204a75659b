"""Orders vouchers from Xoxoday Plum over its HTTP API.

Every call is one POST to one address; the operation is named in a `query` that only looks like
GraphQL. What its documentation leaves open, this adapter decides on the safe side:

- what a used poNumber is answered with is not said: it counts as an unknown outcome, and a key is
  looked up before it is sent again;
- the documentation asks to look an order up after any status of 500 and above, so even "out of
  stock", which comes with a 502, is an unknown outcome until it was looked up;
- an order told by its poNumber does not repeat it, so the key goes along as the order's tag too,
  which is repeated, and by which the history of orders is filtered;
- access tokens are asked for with a refresh token, which is replaced each time; the documentation
  names no other way, but clients of Xoxoday's own ask as `client_credentials`, so that is done
  where there is no refresh token;
- a message about a delivery is authentic when its `x-api-key` is the one that was agreed.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.errors import (
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierOrderMistaken,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)
from catalog.suppliers.exact_answers import exact_object, read_digits
from catalog.suppliers.exchange import ANSWER_BYTES_MAX, Credentials, Exchange, open_client
from catalog.suppliers.feed_checks import key_text
from catalog.suppliers.json_pages import BYTES_MAX
from catalog.suppliers.model import Feed, Secret
from catalog.suppliers.port import (
    Capability,
    EventSubject,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
    not_offered,
)
from catalog.suppliers.refreshed_credentials import RefreshedCredentials, TokenShelf
from catalog.suppliers.token_credentials import TokenCredentials
from catalog.suppliers.xoxoday_feed import listed_in, read_xoxoday_feed
from catalog.suppliers.xoxoday_orders import (
    LIMIT_EXCEEDED,
    NO_HISTORY,
    NO_VOUCHERS,
    NOT_YET,
    NOTHING_ORDERED,
    UNKNOWN_ORDER,
    is_denied,
    is_of_another,
    read_cards,
    read_order,
    read_refusal,
    refuse_other_goods,
    with_others,
)
from payouts.money import CURRENCIES, Money

ORDER_DEADLINE_SECONDS = 130.0
"""An order of vouchers in real time may take 120 seconds."""
PAGE_SIZE = 100
FEED_PAGES_MAX = 200
HISTORY_DAYS = 35
HISTORY_LIMIT = 100
KEY_LENGTH_MAX = 100
SKU_MAX = 10**11
EVENT_BYTES_MAX = 64 * 1024

CAPABILITIES = frozenset(
    {
        Capability.ORDERS,
        Capability.RANGES,
        Capability.DELAYED,
        Capability.LOOKUP,
        Capability.QUANTITIES,
        Capability.WEBHOOKS,
    }
)


@dataclass(frozen=True, slots=True)
class XoxodayAccess:
    """Where Xoxoday is and who we are there."""

    client_id: str
    client_secret: Secret
    webhook_keys: tuple[Secret, ...] = ()
    """What its messages carry as `x-api-key`; without any no message is taken for authentic."""
    refresh_token: Secret | None = None
    shelf: TokenShelf | None = None
    """Where tokens are kept; without a refresh token and this, credentials are enough."""
    api_url: str = "https://accounts.xoxoday.com/chef"
    order_deadline_seconds: float = ORDER_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class XoxodaySupplier:
    """Xoxoday, as a supplier. `now` is the clock of the caller's world."""

    http: Exchange
    api_url: str
    now: Callable[[], datetime]
    webhook_keys: tuple[Secret, ...] = field(default=(), repr=False)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """It sells by order and reports deliveries; it neither cancels nor tells stock."""
        return CAPABILITIES

    def read_feed(self, raw: bytes) -> Feed:
        """Read a fetched catalogue."""
        return read_xoxoday_feed(raw)

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the whole catalogue of a country, its pages joined into one.

        The API tells neither a total nor a last page, so pages are asked for until there are no
        more vouchers; when that is never said, the answer says that it is not the last page.
        """
        if country not in COUNTRIES:
            raise SupplierRefused("COUNTRY_NOT_SUPPORTED", f"{country[:8]!a} is no country.")
        value = await self._filter_value(country)
        currency = await self._account_currency()
        pages: list[bytes] = []
        size = 0
        is_last = False
        while not is_last and len(pages) < FEED_PAGES_MAX and size < BYTES_MAX:
            raw = await self._page(len(pages) + 1, value)
            is_last = raw is None
            if raw is not None:
                pages.append(raw)
                size += len(raw)
        facts = {"last": is_last, "country": country, "currency": currency}
        return b'{"content":[' + b",".join(pages) + b"]," + json.dumps(facts)[1:].encode()

    async def _page(self, number: int, filter_value: str) -> bytes | None:
        asked = {
            "limit": PAGE_SIZE,
            "page": number,
            "exchangeRate": 1,
            "sort": {"field": "name", "order": "ASC"},
            "filters": [{"key": "country", "value": filter_value}],
        }
        try:
            raw = await self._read("mutation.getVouchers", asked, bytes_max=BYTES_MAX)
        except SupplierRefused as refused:
            if refused.code == NO_VOUCHERS:
                return None
            raise
        # A page that is not whole JSON would spoil the others; read again, exactly, with them.
        items = listed_in(exact_object(raw))
        if items is None:
            raise SupplierAnswerInvalid("The page of vouchers cannot be read.")
        return raw if items else None

    async def _filter_value(self, country: str) -> str:
        """Find what the catalogue's filter calls a country."""
        asked = {"filterGroupCode": "country", "includeFilters": "", "excludeFilters": ""}
        raw = await self._read("mutation.getFilters", asked)
        groups = _told(exact_object(raw), "getFilters")
        for group in groups if isinstance(groups, list) else []:
            filters = group.get("filters") if isinstance(group, dict) else None
            for one in filters if isinstance(filters, list) else []:
                if isinstance(one, dict) and one.get("isoCode") == country:
                    return str(one.get("filterValueCode"))
        raise SupplierRefused("COUNTRY_NOT_SUPPORTED", f"Nothing is sold in {country}.")

    async def _account_currency(self) -> str:
        raw = await self._read("query.getBalance", {})
        balance = _told(exact_object(raw), "getBalance")
        currency = balance.get("currency") if isinstance(balance, dict) else None
        if not isinstance(currency, str) or currency not in CURRENCIES:
            raise SupplierAnswerInvalid("The account's currency cannot be read.")
        return currency

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Order vouchers, once, with our key as the poNumber and as the order's tag."""
        if key_text(supplier_sku) is None or int(supplier_sku) >= SKU_MAX:
            raise SupplierRefused("SKU_INVALID", "A Xoxoday sku is a positive whole number.")
        if not 0 < len(key) <= KEY_LENGTH_MAX or face.minor <= 0 or quantity <= 0:
            raise SupplierRefused("ORDER_INVALID", "The order is not complete.")
        rest = {
            "productId": int(supplier_sku),
            "quantity": quantity,
            "poNumber": key,
            "tag": key,
            "notifyReceiverEmail": 0,
            "notifyAdminEmail": 0,
        }
        # The face is spliced in as its decimal text: a number on the wire, never a float.
        body = _written("mutation.placeOrder", f'{{"denomination":{face.decimal},{_rest(rest)}')
        try:
            raw = await self.http.order(f"{self.api_url}/v1/oauth/api", body)
            value = exact_object(raw)
            _refuse_limit(value)
            told = _told(value, "placeOrder")
            if is_of_another(told, key):
                raise SupplierOrderMistaken(key=key)
            order = read_order(told, key)
            refuse_other_goods(told, int(supplier_sku), face, quantity)
        except SupplierRefused as refused:
            if refused.code in NOTHING_ORDERED:
                raise
            raise SupplierUnknownOutcome(
                "The supplier refuses, which does not say that nothing was ordered.",
                key=key,
                code=refused.code,
            ) from None
        except SupplierAnswerInvalid:
            raise SupplierUnknownOutcome(
                "The supplier's answer to the order cannot be understood.", key=key
            ) from None
        return order

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Look an order up by our key, and in the history of the last weeks for its twins."""
        asked = {"poNumber": key, "orderId": 0, "sendMailToReceiver": 0}
        try:
            raw = await self._read("mutation.getOrderDetails", asked)
        except SupplierRefused as refused:
            if refused.code == UNKNOWN_ORDER:
                return None
            raise
        order = read_order(_told(exact_object(raw), "getOrderDetails"), key)
        return with_others(order, await self._history(key), key)

    async def _history(self, key: str) -> list[Any]:
        # A day on either side, as the history does not say which time zone it is in.
        now = self.now()
        asked = {
            "tag": key,
            "startDate": (now - timedelta(days=HISTORY_DAYS + 1)).strftime("%Y-%m-%d"),
            "endDate": (now + timedelta(days=1)).strftime("%Y-%m-%d"),
            "limit": HISTORY_LIMIT,
            "page": 1,
        }
        try:
            raw = await self._read("mutation.getOrderHistory", asked)
        except SupplierRefused as refused:
            if refused.code in NO_HISTORY:
                return []
            raise
        history = _told(exact_object(raw), "getOrderHistory")
        if not isinstance(history, list):
            raise SupplierAnswerInvalid("The history of orders cannot be read.")
        return history

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Fetch the vouchers of an order, exactly as delivered."""
        if key_text(reference) is None:
            raise SupplierRefused("REFERENCE_INVALID", "A reference is a whole number.")
        asked = {"poNumber": "", "orderId": int(reference), "sendMailToReceiver": 0}
        raw = await self._read("mutation.getOrderDetails", asked)
        value = _object(read_digits(raw))
        return read_cards(_told(value, "getOrderDetails", success="1"), reference)

    async def cancel_order(self, reference: str) -> SupplierOrder:
        """Refuse: Xoxoday cancels no vouchers."""
        raise not_offered(Capability.CANCEL)

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        """Read the message that an order was delivered or cancelled."""
        given = headers.get("x-api-key", "").encode(errors="replace")
        known = [one.reveal().encode() for one in self.webhook_keys]
        if not any(hmac.compare_digest(given, one) for one in known):
            raise SupplierUnauthorised
        if len(body) > EVENT_BYTES_MAX:
            raise SupplierAnswerInvalid("The message is too large.")
        value = exact_object(body)
        event_id, told = key_text(value.get("id")), value.get("data")
        if event_id is None or not isinstance(told, dict):
            raise SupplierAnswerInvalid("The message cannot be read.")
        key = told.get("poNumber")
        is_key = isinstance(key, str) and 0 < len(key) <= KEY_LENGTH_MAX
        return SupplierEvent(event_id, EventSubject.ORDER, key if is_key else None)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.http.aclose()

    async def _read(
        self, operation: str, asked: Mapping[str, Any], *, bytes_max: int = ANSWER_BYTES_MAX
    ) -> bytes:
        """Ask for something; a read may be posted again."""
        body = _written(operation, json.dumps(asked))
        url = f"{self.api_url}/v1/oauth/api"
        try:
            raw = await self.http.read(url, method="POST", body=body, bytes_max=bytes_max)
        except SupplierRefused as refused:
            if refused.code in NOT_YET:
                raise SupplierBusy(refused.message) from None
            raise
        if LIMIT_EXCEEDED.encode() in raw[:500]:
            _refuse_limit(exact_object(raw))
        return raw


def open_xoxoday(access: XoxodayAccess, now: Callable[[], datetime]) -> XoxodaySupplier:
    """Open the adapter with connections of its own."""
    exchange = Exchange(
        open_client(read_timeout_seconds=access.order_deadline_seconds),
        _credentials(access, now),
        order_deadline_seconds=access.order_deadline_seconds,
        read_refusal=read_refusal,
        is_denied=is_denied,
    )
    return XoxodaySupplier(exchange, access.api_url, now, access.webhook_keys)


def _credentials(access: XoxodayAccess, now: Callable[[], datetime]) -> Credentials:
    url = f"{access.api_url}/v1/oauth/token/user"

    def ask(**fields: str) -> dict[str, str]:
        secret = access.client_secret.reveal()
        return {"client_id": access.client_id, "client_secret": secret, **fields}

    if access.refresh_token is None or access.shelf is None:
        return TokenCredentials(url, lambda: ask(grant_type="client_credentials"), now)
    return RefreshedCredentials(
        url,
        lambda refresh: ask(grant_type="refresh_token", refresh_token=refresh),
        access.refresh_token,
        access.shelf,
        now,
    )


def _written(operation: str, asked: str) -> bytes:
    head = json.dumps({"query": f"plumProAPI.{operation}", "tag": "plumProAPI"})
    return f'{head[:-1]},"variables":{{"data":{asked}}}}}'.encode()


def _rest(members: Mapping[str, Any]) -> str:
    return json.dumps(members)[1:]


def _told(value: Any, name: str, *, success: object = 1) -> Any:
    """Take the answer of an operation out of its envelope."""
    answers = value.get("data") if isinstance(value, dict) else None
    answer = answers.get(name) if isinstance(answers, dict) else None
    if not isinstance(answer, dict) or answer.get("status") != success:
        raise SupplierAnswerInvalid("The answer has no result.")
    return answer.get("data")


def _refuse_limit(value: Mapping[str, Any]) -> None:
    """Say that there were too many requests, which is told in a shape of its own."""
    errors = value.get("errors")
    for one in errors if isinstance(errors, list) else []:
        if isinstance(one, dict) and one.get("message") == LIMIT_EXCEEDED:
            raise SupplierBusy("The supplier asks us to slow down.")


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SupplierAnswerInvalid("The answer cannot be read.")
    return value
