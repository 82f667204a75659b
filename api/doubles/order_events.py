"""Messages of a supplier's double, signed as the supplier does, to an address set by control."""

import asyncio
from collections.abc import Callable, Mapping

import httpx2

from api.doubles.order_book import OrderBook

ATTEMPTS_MAX = 3
PAUSE_SECONDS = 0.1
TIMEOUT_SECONDS = 5.0
SETTING = "webhooks"


class OrderEvents:
    """Sends each message until it is answered with 2xx, a few times, beside the requests."""

    def __init__(self, book: OrderBook, sign: Callable[[bytes, str], Mapping[str, str]]) -> None:
        self._book = book
        self._sign = sign
        self._sending: set[asyncio.Task[None]] = set()

    def tell(self, body: str) -> None:
        """Keep a message and send it, as often as `copies` says."""
        self._book.add_event(body)
        for _ in range(self._book.setting(SETTING, {}).get("copies", 1)):
            self.send(body)

    def send(self, body: str) -> None:
        """Send a message, once more if it was sent before."""
        setting = self._book.setting(SETTING, {})
        if setting.get("url"):
            task = asyncio.create_task(self._send(setting["url"], setting["secret"], body))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, url: str, secret: str, body: str) -> None:
        content = body.encode()
        headers = {"Content-Type": "application/json", **self._sign(content, secret)}
        async with httpx2.AsyncClient(trust_env=False, timeout=TIMEOUT_SECONDS) as http:
            for _ in range(ATTEMPTS_MAX):
                try:
                    answer = await http.post(url, content=content, headers=headers)
                except httpx2.HTTPError:
                    answer = None
                if answer is not None and answer.is_success:
                    self._book.count("webhook")
                    return
                await asyncio.sleep(PAUSE_SECONDS)
