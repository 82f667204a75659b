"""Signed webhooks of the Stripe double: sent at least once, until somebody answers 2xx."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from datetime import datetime
from random import Random
from typing import Any

import httpx2

from api.clock import Clock
from api.doubles.stripe_store import Store

_POLL_SECONDS = 0.25
_BATCH = 50
_TIMEOUT_SECONDS = 10.0
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
ALL = "all"
KNOBS: dict[str, Any] = {
    "duplicate": 0,
    "drop": 0,
    "reorder": False,
    "shuffle": None,
    "delay_seconds": 0.0,
}
"""How many copies more, how many to drop (or `all`), whether each batch is turned round or shuffled
by a seed, and how long each waits."""


def sign(body: bytes, secret: str, now: datetime) -> str:
    """Make the Stripe-Signature header of a body."""
    stamp = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def knobs_of(store: Store) -> dict[str, Any]:
    """Read how deliveries are disturbed at present."""
    return {**KNOBS, **store.setting("webhook_knobs", {})}


class Deliverer:
    """Sends what is undelivered; a restart sends again what was not acknowledged."""

    def __init__(self, store: Store, clock: Clock, secret: str, wake: asyncio.Event) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret
        self._wake = wake

    async def run(self) -> None:
        """Deliver until cancelled."""
        with self._store.transaction():
            self._store.write("UPDATE delivery SET due = 0 WHERE state = 'pending'")
        # A double reports to a server on the same machine; certificates would only cost time.
        async with httpx2.AsyncClient(
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
            verify=False,
        ) as client:
            while True:
                if not await self._deliver_batch(client):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
                self._wake.clear()

    def _claim(self) -> list[tuple[int, str, int]]:
        """Choose what to send now, after the knobs dropped, delayed or turned it round."""
        knobs = knobs_of(self._store)
        rows = self._store.rows(
            "SELECT seq, event, attempts FROM delivery WHERE state = 'pending' AND due <= ?"
            " ORDER BY seq LIMIT ?",
            time.time(),
            _BATCH,
        )
        chosen: list[tuple[int, str, int]] = []
        if not rows:
            return chosen
        with self._store.transaction():
            for seq, event, attempts in rows:
                if attempts == 0 and knobs["drop"] != 0:
                    knobs["drop"] = ALL if knobs["drop"] == ALL else knobs["drop"] - 1
                    self._mark(seq, "dropped")
                elif attempts == 0 and knobs["delay_seconds"] > 0:
                    self._later(seq, float(knobs["delay_seconds"]))
                else:
                    chosen.append((seq, event, attempts))
            self._store.set_setting("webhook_knobs", knobs)
        if knobs["shuffle"] is not None and chosen:
            # The same seed shuffles the same messages alike.
            Random(f"{knobs['shuffle']}:{chosen[0][0]}").shuffle(chosen)
        return chosen[::-1] if knobs["reorder"] else chosen

    def _mark(self, seq: int, state: str) -> None:
        self._store.write("UPDATE delivery SET state = ? WHERE seq = ?", state, seq)

    def _later(self, seq: int, seconds: float) -> None:
        self._store.write(
            "UPDATE delivery SET due = ?, attempts = attempts + 1 WHERE seq = ?",
            time.time() + seconds,
            seq,
        )

    async def _deliver_batch(self, client: httpx2.AsyncClient) -> bool:
        batch = self._claim()
        url = self._store.setting("webhook_url", None)
        if url is None:
            return False
        copies = 1 + int(knobs_of(self._store)["duplicate"])
        for seq, event, attempts in batch:
            body = json.dumps(self._store.find(event)[0]).encode()
            answers = [await self._send(client, url, body) for _ in range(copies)]
            with self._store.transaction():
                if all(answers):
                    self._mark(seq, "delivered")
                else:
                    self._later(seq, _RETRY_SECONDS[min(attempts, len(_RETRY_SECONDS) - 1)])
        return bool(batch)

    async def _send(self, client: httpx2.AsyncClient, url: str, body: bytes) -> bool:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, self._secret, self._clock.now()),
        }
        try:
            answer = await client.post(url, content=body, headers=headers)
        except httpx2.HTTPError:
            return False
        return answer.is_success
