"""What callers do in the crash run: each act under a key of its own, sent until it is answered."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

import httpx2

from api.demo.client import Api, Person, StoryBroken
from tests.journeys.driver import Driver
from tests.journeys.workload import PAY_OUT, PLACE, PURCHASE, QUOTE, RETURN, amount

THREADS = 8
PAUSE_SECONDS = 0.05
GIVES_UP_CHANCE = 0.2
"""How often a caller leaves an unanswered act for the end instead of sending it again at once."""
REACHED = {
    "purchase": lambda payload: payload["purchase"]["accrual"]["id"],
    "return": lambda payload: payload["purchaseReturn"]["id"],
    "redemption": lambda payload: payload["redemption"]["id"],
    "payout": lambda payload: payload["payout"]["id"],
}
DOCUMENTS = {"purchase": PURCHASE, "return": RETURN, "redemption": PLACE, "payout": PAY_OUT}


@dataclass
class Act:
    """One mutation with its key, and what became of it."""

    kind: str
    key: str
    person: Person
    fields: dict[str, Any]
    unanswered: int = 0
    made: str | None = None
    """The id of what it made, once that was acknowledged."""
    refusal: str | None = None
    was_ambiguous: bool = False
    """There was no answer, and yet it had been done."""


@dataclass
class Load:
    """Callers side by side; counts what is acknowledged."""

    driver: Driver
    url: str
    seed: int
    acts: list[Act] = field(default_factory=list)
    acknowledged: int = 0
    is_over: Event = field(default_factory=Event)
    failures: list[BaseException] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    _gate: Lock = field(default_factory=Lock)
    _returnable: list[tuple[Person, str]] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [
            Thread(target=self._run, args=(number,), daemon=True) for number in range(THREADS)
        ]
        for one in self._threads:
            one.start()

    def end(self) -> None:
        self.is_over.set()
        for one in self._threads:
            one.join(60)

    def send_all_again(self) -> list[tuple[Act, dict[str, Any]]]:
        """Send every act once more, until it is answered; gives the answers."""
        answers: list[tuple[Act, dict[str, Any]]] = []
        waiting = list(self.acts)

        def run() -> None:
            with httpx2.Client(timeout=20, trust_env=False) as http:
                api = Api(self.url, http)
                while True:
                    with self._gate:
                        if not waiting or self.failures:
                            return
                        act = waiting.pop()
                    answer = self._insist(api, act)
                    with self._gate:
                        answers.append((act, answer))

        threads = [Thread(target=self._guarded(run), daemon=True) for _ in range(THREADS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        if self.failures:
            raise self.failures[0]
        return answers

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as failure:  # noqa: BLE001 told where the run is judged
                self.failures.append(failure)

        return run

    def _run(self, number: int) -> None:
        dice = random.Random(f"{self.seed} caller {number}")

        def work() -> None:
            with httpx2.Client(timeout=20, trust_env=False) as http:
                api, count = Api(self.url, http), 0
                while not self.is_over.is_set():
                    act = self._think_of(api, dice, f"{number}-{count}")
                    count += 1
                    if act is not None:
                        self._do(api, act, dice)

        self._guarded(work)()

    def _do(self, api: Api, act: Act, dice: random.Random) -> None:
        with self._gate:
            self.acts.append(act)
        while not self.is_over.is_set():
            answer = self.send(api, act)
            if answer is not None:
                self._note(act, answer)
                return
            if dice.random() < GIVES_UP_CHANCE:
                return
            time.sleep(PAUSE_SECONDS)

    def _note(self, act: Act, answer: dict[str, Any]) -> None:
        with self._gate:
            if answer["problems"]:
                act.refusal = answer["problems"][0]["code"]
                return
            act.made = REACHED[act.kind](answer)
            act.was_ambiguous = act.unanswered > 0 and answer["replayed"]
            self.acknowledged += 1
            if act.kind == "purchase" and not act.fields["amount"]["decimal"].startswith("0"):
                self._returnable.append((act.person, answer["purchase"]["id"]))

    def send(self, api: Api, act: Act) -> dict[str, Any] | None:
        """Send once; None is no answer, which says nothing about what was done."""
        try:
            answer = api.attempt(act.person, DOCUMENTS[act.kind], key=act.key, **act.fields)
        except (httpx2.TransportError, StoryBroken, ValueError) as failure:
            # Half an answer, or one that only says that something went wrong inside.
            with self._gate:
                act.unanswered += 1
                told = str(failure).split(": ")[-1][:80]
                self.errors[told] = self.errors.get(told, 0) + 1
            return None
        if [one["code"] for one in answer["problems"]] == ["IN_PROGRESS"]:
            return None
        return answer

    def _insist(self, api: Api, act: Act) -> dict[str, Any]:
        for _ in range(200):
            answer = self.send(api, act)
            if answer is not None:
                return answer
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"{act.kind} {act.key} is never answered: {self.errors}")

    def _think_of(self, api: Api, dice: random.Random, number: str) -> Act | None:
        kind = dice.choices(("purchase", "return", "redemption", "payout"), (70, 15, 9, 6))[0]
        made = getattr(self, f"_make_{kind}")(api, dice, number)
        if made is None:
            return None
        person, fields = made
        return Act(kind, f"{kind}-{number}", person, fields)

    def _make_purchase(self, _api: Api, dice: random.Random, number: str) -> Any:
        driver = self.driver
        shop = dice.choice((driver.grocery, driver.coffee))
        # Bought long ago, it is the member's to spend as soon as it is confirmed.
        is_old = dice.random() < 0.3
        member = driver.members["noor-1001" if is_old else "qahwa-2001"]
        at = driver.clock.now() - timedelta(days=40 if is_old else 0, seconds=5)
        minor = dice.randrange(60_00, 900_00)
        return shop, {
            "externalId": f"chaos-{number}",
            "memberId": member["id"],
            "amount": amount(f"{minor // 100}.{minor % 100:02d}"),
            "purchasedAt": at.isoformat(),
        }

    def _make_return(self, _api: Api, dice: random.Random, number: str) -> Any:
        with self._gate:
            if not self._returnable:
                return None
            shop, purchase_id = self._returnable.pop(dice.randrange(len(self._returnable)))
        minor = dice.randrange(10_00, 60_00)
        return shop, {
            "purchaseId": purchase_id,
            "externalId": f"chaos-back-{number}",
            "amount": amount(f"{minor // 100}.{minor % 100:02d}"),
        }

    def _make_redemption(self, api: Api, _dice: random.Random, number: str) -> Any:
        driver = self.driver
        card = {"rewardId": driver.rewards["coffee-card"], "face": amount("25.00")}
        while not self.is_over.is_set():
            try:
                quoted = api.attempt(driver.layla, QUOTE, key=f"quote-{number}", **card)
            except (httpx2.TransportError, StoryBroken, ValueError):
                time.sleep(PAUSE_SECONDS)
                continue
            if quoted["quote"] is None:
                return None
            return driver.layla, {"quoteId": quoted["quote"]["id"]}
        return None

    def _make_payout(self, _api: Api, dice: random.Random, _number: str) -> Any:
        return self.driver.layla, {"amount": amount(f"{dice.randrange(1, 9)}.00")}
