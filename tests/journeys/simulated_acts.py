"""What people of a simulated world ask for, each under a key of its own."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.journeys import workload as story
from tests.journeys.simulation import Caller, Simulation
from tests.journeys.workload import amount


@dataclass
class Act:
    """A mutation under a key of its own; sent until it is answered, and now and then again."""

    kind: str
    person: Caller
    document: str
    fields: dict[str, Any]
    key: str
    payload: dict[str, Any] | None = None

    @property
    def is_done(self) -> bool:
        return self.payload is not None and not self.payload["problems"]

    @property
    def result(self) -> dict[str, Any]:
        assert self.payload is not None
        found: dict[str, Any] = _made_of(self.payload)
        return found

    @staticmethod
    def name_of(payload: dict[str, Any] | None) -> Any:
        """What was made, by its id; a code is a name itself."""
        made = _made_of(payload or {})
        return made["id"] if isinstance(made, dict) else made


def _made_of(payload: dict[str, Any]) -> Any:
    return next(one for name, one in payload.items() if name not in ("problems", "replayed"))


@dataclass
class Wishes:
    """Everybody who asks, what was asked so far, and by the dice what is asked next."""

    simulation: Simulation
    seed: int
    acts: list[Act] = field(default_factory=list)
    people: dict[str, Caller] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    own_card: str = ""
    walk: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)

    @property
    def layla(self) -> Caller:
        return self.people["noor-1001"]

    @property
    def omar(self) -> Caller:
        return self.people["qahwa-2001"]

    def wish(self) -> Act | None:
        """Something new, if it can be asked for by now."""
        makers = (self._buy, self._give_back, self._quote, self._place, self._pay_out)
        makers += (self._buy, self._use_card, self._cancel, self._settle, self._retry)
        return self.dice.choice(makers)()

    def _act(self, kind: str, person: Caller, document: str, **fields: Any) -> Act:
        act = Act(kind, person, document, fields, f"{kind}-{len(self.acts)}")
        self.acts.append(act)
        return act

    def _done(self, kind: str) -> list[Act]:
        return [one for one in self.acts if one.kind == kind and one.is_done]

    def _buy(self) -> Act:
        shop, who = self.dice.choice([("grocery", "noor-1001"), ("coffee", "qahwa-2001")])
        return self._act(
            "buy",
            self.people[shop],
            story.PURCHASE,
            externalId=f"sim-{len(self.acts)}",
            memberId=self.members[who],
            amount=amount(f"{self.dice.randint(1, 900)}.{self.dice.randint(0, 99):02}"),
            purchasedAt=self.simulation.clock.now().isoformat(),
        )

    def _give_back(self) -> Act | None:
        bought = self._done("buy")
        if not bought:
            return None
        one = self.dice.choice(bought)
        most = one.fields["amount"]["decimal"]
        part = most if self.dice.random() < 0.4 else f"{self.dice.randint(0, 5)}.37"
        return self._act(
            "return",
            one.person,
            story.RETURN,
            purchaseId=one.result["id"],
            externalId=f"back-{len(self.acts)}",
            amount=amount(part),
        )

    def _quote(self) -> Act:
        own = {"rewardId": self.own_card, "face": amount("25.00")}
        asked = self.dice.choice([own, own, self.card, self.walk])
        return self._act("quote", self.layla, story.QUOTE, **asked)

    def _place(self) -> Act | None:
        used = {one.fields["quoteId"] for one in self.acts if one.kind == "redeem"}
        free = [one for one in self._done("quote") if one.result["id"] not in used]
        if not free:
            return self._quote()
        quote = self.dice.choice(free)
        return self._act("redeem", self.layla, story.PLACE, quoteId=quote.result["id"])

    def _cancel(self) -> Act | None:
        placed = self._done("redeem")
        if not placed:
            return None
        one = self.dice.choice(placed)
        return self._act("cancel", self.layla, story.CANCEL, redemptionId=one.result["id"])

    def _use_card(self) -> Act | None:
        coffee = self.people["coffee"]
        held = self._done("authorize")
        revealed = [one for one in self._done("reveal") if (one.payload or {})["code"]]
        taken = {one.fields["authorizationId"] for one in self.acts if one.kind == "capture"}
        free = [one for one in held if one.result["id"] not in taken]
        if free:
            found = self.dice.choice(free).result["id"]
            fields = {"authorizationId": found, "amount": amount("3.00")}
            return self._act("capture", coffee, story.CAPTURE, **fields)
        if revealed and self.dice.random() < 0.8:
            code = (self.dice.choice(revealed).payload or {})["code"]
            fields = {"amount": amount("4.00"), "merchantReference": f"t{len(self.acts)}"}
            return self._act("authorize", coffee, story.AUTHORIZE, code=code, **fields)
        cards = [one for one in self._done("redeem") if one.result["vouchers"]]
        if not cards:
            return None
        voucher = self.dice.choice(cards).result["vouchers"][0]["id"]
        return self._act("reveal", self.layla, story.REVEAL, voucherId=voucher)

    def _pay_out(self) -> Act:
        person = self.dice.choice([self.layla, self.omar])
        decimal = f"{self.dice.randint(1, 40)}.00"
        return self._act("pay out", person, story.PAY_OUT, amount=amount(decimal))

    def _retry(self) -> Act | None:
        paid = self._done("pay out")
        if not paid:
            return None
        one = self.dice.choice(paid)
        return self._act("retry", one.person, story.RETRY, payoutId=one.result["id"])

    def _settle(self) -> Act | None:
        approved = {one.fields["settlementCycleId"] for one in self.acts if one.kind == "approve"}
        closed = [one for one in self._done("close") if one.result["id"] not in approved]
        if closed:
            cycle = closed[0].result["id"]
            checker = self.people["checker-1"]
            return self._act("approve", checker, story.APPROVE, settlementCycleId=cycle)
        return self._act("close", self.people["maker-1"], story.CLOSE)
