"""Sends the messages of a supplier's double to the address that control set."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx2

from api.doubles.shop_store import ShopStore

ATTEMPTS_MAX = 3
TIMEOUT_SECONDS = 5.0
PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class Messenger:
    """Sends in the background, a few times; an address that never answers well is forgotten."""

    store: ShopStore
    running: set["asyncio.Task[None]"] = field(default_factory=set)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to the address that is set, if one is."""
        url = self.store.noted("webhook_url")
        if url:
            copies = int(self.store.noted("webhook_copies") or 1)
            task = asyncio.get_running_loop().create_task(self._send(url, message, copies))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def _send(self, url: str, message: dict[str, Any], copies: int) -> None:
        async with httpx2.AsyncClient(
            trust_env=False, timeout=TIMEOUT_SECONDS, verify=False
        ) as http:
            for _ in range(copies):
                if not await self._is_taken(http, url, message):
                    self.store.note("webhook_url", "")
                    self.store.count("webhook_disabled")

    async def _is_taken(self, http: httpx2.AsyncClient, url: str, message: dict[str, Any]) -> bool:
        for attempt in range(ATTEMPTS_MAX):
            await asyncio.sleep(PAUSE_SECONDS * attempt)
            self.store.count("webhook")
            try:
                answer = await http.post(
                    url, headers=message["headers"], content=message["body"].encode()
                )
            except httpx2.HTTPError:
                continue
            if answer.status_code < 300:
                return True
        return False
