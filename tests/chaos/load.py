"""What callers do in the crash run: each act under a key of its own, sent until it is answered."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

import httpx2

from api.demo.client import Api, Person, StoryBroken
from tests.chaos.crowd import Crowd
from tests.chaos.line import Line, LineBroken
from tests.journeys.workload import PAY_OUT, PLACE, PURCHASE, QUOTE, RETURN, amount

Told = Callable[[str, int, int], None]
CALLERS = 16
PAUSE_SECONDS = 0.05
OLD_SHARE = 0.4
"""How much of what is bought may be spent soon, by those who spend."""
UNANSWERED = (LineBroken, httpx2.TransportError, StoryBroken, ValueError)
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

    crowd: Crowd
    url: str
    seed: int
    acts: list[Act] = field(default_factory=list)
    acknowledged: int = 0
    is_over: Event = field(default_factory=Event)
    failures: list[BaseException] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    _gate: Lock = field(default_factory=Lock)
    _returnable: list[tuple[Person, str]] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [
            Thread(target=self._run, args=(number,), daemon=True) for number in range(CALLERS)
        ]
        for one in self._threads:
            one.start()

    def end(self) -> None:
        self.is_over.set()
        for one in self._threads:
            one.join(60)

    def send_all_again(self, told: Told) -> list[tuple[Act, dict[str, Any]]]:
        """Send every act once more, until it is answered; gives the answers."""
        answers: list[tuple[Act, dict[str, Any]]] = []
        waiting = list(self.acts)

        def run() -> None:
            with self._api() as api:
                while True:
                    with self._gate:
                        if not waiting or self.failures:
                            return
                        act = waiting.pop()
                    answer = self._insist(api, act)
                    with self._gate:
                        answers.append((act, answer))

        threads = [Thread(target=self._guarded(run), daemon=True) for _ in range(CALLERS)]
        for one in threads:
            one.start()
        for one in threads:
            while one.is_alive():
                one.join(1)
                told("sending everything again", len(answers), len(self.acts))
        if self.failures:
            raise self.failures[0]
        return answers

    @contextmanager
    def _api(self) -> Iterator[Api]:
        line: Any = Line(self.url)
        try:
            yield Api(self.url, line)
        finally:
            line.close()

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
            with self._api() as api:
                count = 0
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
        except UNANSWERED as failure:
            # Half an answer, or one that only says that something went wrong inside.
            with self._gate:
                act.unanswered += 1
                self.errors[str(failure).split(": ")[-1][:80]] += 1
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
        crowd = self.crowd
        # Bought long ago, it is the member's to spend as soon as it is confirmed.
        is_old = dice.random() < OLD_SHARE
        shop = dice.choice(crowd.shops)
        member_id = dice.choice(crowd.spender_ids if is_old else crowd.member_ids)
        at = crowd.clock.now() - timedelta(days=40 if is_old else 0, seconds=5)
        minor = dice.randrange(60_00, 900_00)
        return shop, {
            "externalId": f"chaos-{number}",
            "memberId": member_id,
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

    def _make_redemption(self, api: Api, dice: random.Random, number: str) -> Any:
        spender = dice.choice(self.crowd.spenders)
        card = {"rewardId": self.crowd.card_id, "face": amount("25.00")}
        while not self.is_over.is_set():
            try:
                quoted = api.attempt(spender, QUOTE, key=f"quote-{number}", **card)
            except UNANSWERED:
                time.sleep(PAUSE_SECONDS)
                continue
            if quoted["quote"] is None:
                return None
            return spender, {"quoteId": quoted["quote"]["id"]}
        return None

    def _make_payout(self, _api: Api, dice: random.Random, _number: str) -> Any:
        return dice.choice(self.crowd.spenders), {"amount": amount(f"{dice.randrange(1, 9)}.00")}
