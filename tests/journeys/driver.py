"""A caller who never gives up: what was not answered is sent again under its own key."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
from joserfc.jwk import ECKey

from api.auth import sign_member_token
from api.clock import Clock
from api.demo.client import Api, Person, StoryBroken
from tests.journeys.town import Town

ANSWER_SECONDS_MAX = 90.0
CALM_SECONDS = 0.8
"""After so long without news the clock moves on, as leases and pauses have to end."""
JUMP = timedelta(seconds=100)
PAUSE_SECONDS = 0.05


@dataclass
class Driver:
    """Callers of one town, told by a seeded world's record."""

    town: Town
    shown: dict[str, Any]
    resent: int = 0
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=20, trust_env=False))

    def __post_init__(self) -> None:
        self.api = Api(self.town.url("server"), self.http)
        self.clock = Clock(self.town.clock_file)
        network = self.shown["networks"][0]
        self.network_id: int = network["network_id"]
        self.partners = {one["label"]: one for one in network["partners"]}
        self.members = {one["external_id"]: one for one in network["members"]}
        self.rewards = {one["label"]: one["id"] for one in network["rewards"]}
        staff = {one["subject"]: one for one in network["staff"]}
        self.operator, self.maker, self.checker = (
            self._client(staff[name]) for name in ("operator-1", "maker-1", "checker-1")
        )
        self.grocery, self.coffee, self.guide = (
            self._client(self.partners[name]) for name in ("grocery", "coffee", "experiences")
        )
        self.layla = self._member("noor-1001")
        self.omar = self._member("qahwa-2001")

    def _client(self, record: dict[str, Any]) -> Person:
        return self.api.client(record["client_id"], record["client_id"], record["client_secret"])

    def _member(self, external_id: str) -> Person:
        key = self.partners[self.members[external_id]["partner"]]["brand_key"]

        def sign() -> str:
            return sign_member_token(
                ECKey.import_key(key),
                kid=key["kid"],
                issuer=self.api.url,
                external_id=external_id,
                now=self.clock.now(),
            )

        return Person(external_id, sign)

    def ask(self, person: Person, document: str, **variables: Any) -> dict[str, Any]:
        """Ask until there is an answer."""
        return self._answered(lambda: self.api.ask(person, document, **variables))

    def do(self, person: Person, key: str, document: str, **fields: Any) -> dict[str, Any]:
        """Have a mutation done, once, under a key that says what it is."""

        def send() -> dict[str, Any] | None:
            payload = self.api.attempt(person, document, key=key, **fields)
            if [one["code"] for one in payload["problems"]] == ["IN_PROGRESS"]:
                return None
            return payload

        payload: dict[str, Any] = self._answered(send)
        if payload["problems"]:
            raise StoryBroken(f"{key}: {payload['problems']}")
        return payload

    def play(self, name: str, act: str, **fields: Any) -> None:
        """Have something happen at a double, as soon as it answers."""
        url = f"{self.town.url(name)}/_control/{act}"
        self._answered(lambda: self.http.post(url, json=fields).raise_for_status())

    def look_at(self, name: str, what: str) -> Any:
        """What a double says of itself."""
        url = f"{self.town.url(name)}/_control/{what}"
        return self._answered(lambda: self.http.get(url)).json()

    def _answered(self, send: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while True:
            try:
                answer = send()
            except httpx2.TransportError:
                answer = None
            if answer is not None:
                return answer
            self.resent += 1
            self.town.supervise()
            if time.monotonic() > deadline:
                raise StoryBroken(f"no answer: {self.town.log('server')}")
            time.sleep(PAUSE_SECONDS)

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """Look until there is something to see, with time going by faster when nothing happens."""
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        calm_since = time.monotonic()
        while True:
            self.town.supervise()
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise StoryBroken(f"waited for {what}: {self.town.log('worker')}")
            if time.monotonic() - calm_since > CALM_SECONDS:
                self.move_clock(JUMP)
                calm_since = time.monotonic()
            time.sleep(PAUSE_SECONDS)

    def move_clock(self, by: timedelta) -> None:
        shift = self.clock.now() - Clock().now() + by
        draft = self.town.clock_file.with_suffix(".draft")
        draft.write_text(f"+{int(shift.total_seconds())}s")
        draft.replace(self.town.clock_file)
