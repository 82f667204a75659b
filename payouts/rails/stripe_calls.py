"""Calls of Stripe's official SDK, one at a time, with errors in the bank's words."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from payouts.rails.errors import ProviderRefused, UnknownOutcome
from payouts.rails.stripe_reading import SENSELESS

if TYPE_CHECKING:
    import stripe

    from payouts.rails.stripe_transport import Clients

PAGE: Final = 100
PAGES_MAX: Final = 100

T = TypeVar("T")
_Call = Callable[["stripe.StripeClient"], Awaitable[Any]]


def understand(read: Callable[[Any], T], body: Any, *, mutates: bool = False) -> T:
    """Read an answer; one that makes no sense is not believed, and not taken for a refusal.

    What was asked to change may have changed, whatever the answer says.
    """
    try:
        return read(body)
    except SENSELESS as error:
        if mutates:
            raise UnknownOutcome from error
        raise ProviderRefused(
            "The answer cannot be understood.", code="answer_not_understood"
        ) from error


class StripeCalls:
    """What every call has in common: its client, its errors, and whole lists."""

    def __init__(
        self,
        api_key: str,
        *,
        api_base: str | None = None,
        timeout_seconds: float = 20.0,
        retries_max: int = 1,
    ) -> None:
        self._api_key = api_key
        self._api_base = api_base
        self._timeout_seconds = timeout_seconds
        self._retries_max = retries_max
        self._opened: Clients | None = None

    async def _call(self, call: _Call, *, mutates: bool) -> dict[str, Any]:
        # The SDK takes a third of a second to import, so nobody pays for it before the first call.
        import stripe

        from payouts.rails.stripe_transport import open_clients, translate

        if self._opened is None:
            self._opened = open_clients(
                self._api_key,
                api_base=self._api_base,
                timeout_seconds=self._timeout_seconds,
                retries_max=self._retries_max,
            )
        try:
            answer = await call(self._opened.changing if mutates else self._opened.reading)
        except stripe.StripeError as error:
            raise translate(error, mutates=mutates) from error
        body: dict[str, Any] = answer.to_dict()
        return body

    async def _read(self, call: _Call) -> dict[str, Any]:
        return await self._call(call, mutates=False)

    async def _change(self, call: _Call) -> dict[str, Any]:
        return await self._call(call, mutates=True)

    async def _read_all(
        self, page: Callable[["stripe.StripeClient", Any], Awaitable[Any]], **params: Any
    ) -> list[dict[str, Any]]:
        """Read a whole list; one that is too long to read is refused, never cut short."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {k: v for k, v in params.items() if v is not None}
        asked["limit"] = PAGE
        for _ in range(PAGES_MAX):
            body = await self._read(partial(_turn, page, asked))
            found += body["data"]
            if not body["has_more"]:
                return found
            asked = {**asked, "starting_after": body["data"][-1]["id"]}
        raise ProviderRefused("The list is too long to read.", code="list_too_long")

    async def _read_page(
        self, page: Callable[["stripe.StripeClient", Any], Awaitable[Any]], **params: Any
    ) -> dict[str, Any]:
        """Read one page of a list."""
        asked = {name: value for name, value in params.items() if value is not None}
        return await self._read(partial(_turn, page, {"limit": PAGE, **asked}))

    async def aclose(self) -> None:
        """Close the connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.transport.aclose()


def _turn(
    page: Callable[["stripe.StripeClient", Any], Awaitable[Any]],
    asked: Any,
    client: "stripe.StripeClient",
) -> Awaitable[Any]:
    return page(client, asked)
