"""Messages of a supplier's double, signed as the supplier does, to an address set by control."""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx2

from api.doubles.order_book import OrderBook

ATTEMPTS_MAX = 3
PAUSE_SECONDS = 0.1
TIMEOUT_SECONDS = 5.0
SETTING = "webhooks"
WEBHOOK_SECRET = base64.b64encode(b"the secret of a supplier's double").decode()
"""What messages are signed with until control says otherwise; worth nothing elsewhere."""


class OrderEvents:
    """Sends each message until it is answered with 2xx, a few times, beside the requests.

    A supplier that `forgets` has no address any more once one never answered well.
    """

    def __init__(
        self,
        book: OrderBook,
        sign: Callable[[bytes, str], Mapping[str, str]],
        *,
        forgets: bool = False,
    ) -> None:
        self._book = book
        self._sign = sign
        self._forgets = forgets
        self._sending: set[asyncio.Task[None]] = set()

    def tell(self, write: Callable[[str], dict[str, Any] | None]) -> None:
        """Write a message under an id of its own, keep it, and send it as often as `copies` says."""
        message = write(str(uuid4()))
        if message is None:
            return
        body = json.dumps(message)
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
                # Counted when it has been answered: who counts to a number finds it worked on.
                self._book.count("webhook")
                if answer is not None and answer.is_success:
                    return
                await asyncio.sleep(PAUSE_SECONDS)
        if self._forgets:
            self._book.set_setting(SETTING, {**self._book.setting(SETTING, {}), "url": None})
            self._book.count("webhook_disabled")
