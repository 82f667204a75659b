"""What a seed makes of a simulated world: who acts when, what goes wrong, and how it must end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import text

from api.cli.demo_world import make_demo_world
from api.cli.world_record import show_world
from api.crash import _Armed
from tests.journeys import workload as story
from tests.journeys.simulated_acts import Act, Wishes
from tests.journeys.simulation import TASKS, URL, WATCHES, Caller
from tests.journeys.workload import amount

STRIPE_FAULTS = ("error_429", "error_409", "error_500_before", "error_500_after", "timeout_after")
RELOADLY_FAULTS = ("error_429", "error_500_before", "error_500_after", "pending_then_success")
FALLS = ("kill_before", "kill_after")
OPERATIONS = (
    *("create_transfer", "create_payout", "reverse_transfer", "create_payment_intent"),
    *("create_topup", "get_payout", "list_balance_transactions", "*"),
)
QUIET_ROUNDS_MAX = 60
COUNTED = {
    "buy": "SELECT count(*) FROM partners.purchase WHERE external_id LIKE 'sim-%'",
    "return": "SELECT count(*) FROM partners.purchase_return",
    "redeem": "SELECT count(*) FROM catalog.redemption",
    "pay out": "SELECT count(*) FROM payouts.payout WHERE kind = 'cashback'",
    "top up": "SELECT count(*) FROM payouts.topup",
    "authorize": "SELECT count(*) FROM catalog.card_authorization",
}

HELD = text(
    "SELECT a.unit, sum(p.amount)::bigint FROM payouts.posting p"
    " JOIN payouts.account a ON a.account_id = p.account_id AND a.book_id = p.book_id"
    " WHERE a.type = 'stripe_balance' GROUP BY a.unit"
)


@dataclass
class Life(Wishes):
    """One seed's life."""

    told: list[str] = field(default_factory=list)

    # Before it begins

    async def prepare(self) -> None:
        """A demo network, with everybody connected to the provider."""
        made = await make_demo_world(self.simulation.world)
        shown = show_world(made, issuer=URL, now=self.simulation.clock.now())
        network = shown["networks"][0]
        partners = {one["label"]: one for one in network["partners"]}
        staff = {one["subject"]: one for one in network["staff"]}
        for name in ("operator-1", "maker-1", "checker-1"):
            self.people[name] = Caller(self.simulation, name, staff[name], "client")
        for name in ("grocery", "coffee", "experiences"):
            self.people[name] = Caller(self.simulation, name, partners[name], "client")
        for member in network["members"]:
            external_id = member["external_id"]
            record = {**member, "brand_key": partners[member["partner"]]["brand_key"]}
            self.people[external_id] = Caller(self.simulation, external_id, record, "member")
            self.members[external_id] = member["id"]
        rewards = {one["label"]: one["id"] for one in network["rewards"]}
        self.own_card = rewards["coffee-card"]
        await self._connect()
        slot = self._act(
            "slot",
            self.people["experiences"],
            story.SLOT,
            rewardId=rewards["dune-walk"],
            startsAt=(self.simulation.clock.now() + timedelta(days=9)).isoformat(),
            capacity=3,
        )
        await self._send(slot)
        self.walk = {"rewardId": rewards["dune-walk"], "slotId": slot.result["id"]}
        self.card = await self._supplier_card()
        top_up = self._act("top up", self.people["maker-1"], story.TOP_UP, amount=amount("3000.00"))
        await self._send(top_up)

    async def _connect(self) -> None:
        for label in ("grocery", "coffee", "experiences", "noor-1001", "qahwa-2001"):
            fields = {"country": "SA", "email": f"{label}@example.com", "name": label}
            act = self._act("connect", self.people[label], story.CONNECT, **fields)
            await self._send(act)
        await self._turn_round(3)
        for act in [one for one in self.acts if one.kind == "connect"]:
            node = await act.person.post(story.PAYEE, {"id": act.result["id"]})
            await self.simulation.http.post(node["node"]["onboardingUrl"] + "/complete")
        await self._turn_round(3)

    async def _supplier_card(self) -> dict[str, Any]:
        found = await self.layla.post(story.CARDS, {})
        for edge in found["rewards"]["edges"]:
            reward = edge["node"]
            for one in reward["denominations"] if reward["id"] != self.own_card else []:
                if one["price"] and float(one["price"]["total"]["decimal"]) < 60:
                    return {"rewardId": reward["id"], "face": one["face"]}
        raise AssertionError("no supplier's card is on sale below 60.00")

    # What happens

    async def live(self, turns: int) -> None:
        """So many turns, each somebody's."""
        movers: dict[Callable[[], Any], int] = {
            self._ask_anew: 30,
            self._ask_again: 12,
            self._work: 30,
            self._bank: 6,
            self._deliver: 8,
            self._disturb: 4,
            self._fault: 5,
            self._wait: 8,
            self._crash_server: 8,
            self._crash_worker: 10,
            self._lose: 4,
        }
        for _ in range(turns):
            await self.dice.choices(list(movers), list(movers.values()))[0]()

    def _say(self, line: str) -> None:
        self.told.append(line)

    async def _send(self, act: Act) -> None:
        """Ask; an answer that comes again must be the same as the first."""
        variables = {"input": {**act.fields, "idempotencyKey": act.key}}
        try:
            data = await act.person.post(act.document, variables)
        except httpx2.TransportError as error:
            self._say(f"{act.key}: no answer ({error})")
            return
        payload = next(iter(data.values()))
        codes = [one["code"] for one in payload["problems"]]
        self._say(f"{act.key}: {codes or 'done'}{' again' if payload['replayed'] else ''}")
        if codes == ["IN_PROGRESS"]:
            return
        if act.is_done:
            assert payload["replayed"], (act, payload)
            assert not codes, (act, payload)
            if act.kind != "reveal":  # a code is shown once
                assert act.name_of(payload) == act.name_of(act.payload), (act, payload)
            return
        act.payload = payload

    async def _ask_anew(self) -> None:
        act = self.wish()
        if act is not None:
            await self._send(act)

    async def _ask_again(self) -> None:
        open_ = [one for one in self.acts if one.payload is None]
        if self.acts:
            await self._send(self.dice.choice(open_ or self.acts))

    async def _work(self, task: str = "") -> int:
        task = task or self.dice.choice([*TASKS, *WATCHES])
        done = await self.simulation.work(task)
        if done:
            self._say(f"worker {task}: {done}")
        return done

    async def _bank(self) -> None:
        self._say(f"bank: {self.simulation.bank()}")

    async def _deliver(self) -> None:
        self._say(f"deliver: {await self.simulation.deliver()}")

    async def _disturb(self) -> None:
        knobs = {
            "duplicate": self.dice.choice([0, 0, 1, 3]),
            "drop": self.dice.choice([0, 0, 1, 4]),
            "reorder": self.dice.random() < 0.5,
        }
        self._say(f"webhooks: {knobs}")
        await self.simulation.play("stripe", "webhooks", **knobs)

    async def _fault(self) -> None:
        what = self.dice.randrange(4)
        if what == 0:
            kind = self.dice.choice([*RELOADLY_FAULTS, *FALLS])
            await self.simulation.play("reloadly", "faults", kind=kind)
        elif what == 1:
            kind = "fail_next_payout"
            await self.simulation.play("stripe", kind, after_paid=self.dice.random() < 0.5)
        else:
            kind = self.dice.choice([*STRIPE_FAULTS, *FALLS])
            operation = self.dice.choice(OPERATIONS)
            await self.simulation.play("stripe", "faults", kind=kind, operation=operation)
            kind = f"{operation}.{kind}"
        self._say(f"fault: {kind}")

    async def _wait(self) -> None:
        hours = self.dice.choice([0.01, 0.1, 0.1, 1, 30, 200, -0.02])
        self.simulation.move_clock(timedelta(hours=hours))
        self._say(f"clock: {hours} h")

    async def _crash_server(self) -> None:
        """A server that dies at a point that it passes, if it passes so many."""
        before = self.simulation.crashes
        self.simulation.arm_server(self.dice.choice([1, 1, 2]))
        await self.dice.choice([self._ask_anew, self._ask_anew, self._ask_anew, self._deliver])()
        _Armed.name = None
        self._say(f"server died: {self.simulation.crashes > before}")

    async def _crash_worker(self) -> None:
        """A worker that dies at a point that it passes in its turns; another takes them up."""
        self.simulation.passings_left = self.dice.choice([1, 1, 2, 3, 5])
        self.simulation.died_at = ""
        for task in self.dice.sample(TASKS, len(TASKS)):
            await self._work(task)
        self.simulation.passings_left = 0
        self._say(f"worker died: {self.simulation.died_at or 'nowhere'}")

    async def _lose(self) -> None:
        self.simulation.line.cut = self.dice.choice(["question", "answer"])
        await self._ask_anew()
        self.simulation.line.cut = ""

    # How it ends

    async def _turn_round(self, rounds: int) -> dict[str, int]:
        """Everybody in turn; tells who had something to do."""
        done: Counter[str] = Counter()
        for _ in range(rounds):
            for task in TASKS:
                done[task] += await self.simulation.work(task)
            done["bank"] += self.simulation.bank()
            done["deliver"] += await self.simulation.deliver()
            self.simulation.move_clock(timedelta(seconds=100))
        return {name: number for name, number in done.items() if number}

    async def calm_down(self) -> None:
        """No more faults; all that is open is asked again, and all that is due gets done."""
        await self.simulation.play("stripe", "clear_faults")
        await self.simulation.http.delete(f"{self.simulation.reloadly_url}/_control/faults")
        await self.simulation.play("stripe", "webhooks")
        # A top-up whose fate was unknown may have been given up, and payouts wait for money.
        self._act("top up", self.people["maker-1"], story.TOP_UP, amount=amount("9000.00"))
        for pause in (timedelta(0), timedelta(days=15), timedelta(hours=1)):
            self.simulation.move_clock(pause)
            await self.simulation.play("stripe", "resend")
            for _ in range(QUIET_ROUNDS_MAX):
                for act in [one for one in self.acts if one.payload is None]:
                    await self._send(act)
                last = await self._turn_round(1) or await self._turn_round(1)
                if not last:
                    break
            else:
                raise AssertionError(f"it does not come to an end: {last}")
        assert [one.key for one in self.acts if one.payload is None] == []

    async def wrong(self) -> list[str]:
        """What does not agree at the end: every key once, and the provider's totals are ours."""
        for act in self.acts:
            if act.is_done:
                await self._send(act)
        held, counts = await self._ours()
        found = [
            f"{kind}: {there} are there, {len(self._done(kind))} were done"
            for kind, there in counts.items()
            if there != len(self._done(kind))
        ]
        theirs = await self._theirs()
        if theirs != held:
            found.append(f"the provider holds {theirs}, the books say {held}")
        orders = [one["key"] for one in await self.simulation.look_at("reloadly", "orders")]
        if len(set(orders)) != len(orders):
            found.append(f"cards ordered twice: {orders}")
        return found

    async def _ours(self) -> tuple[dict[str, int], dict[str, int]]:
        async with self.simulation.runtime.database.reading(1) as db:
            held = dict((await db.execute(HELD)).all())
            counts = {
                kind: (await db.execute(text(query))).scalar_one()
                for kind, query in COUNTED.items()
            }
        return held, counts

    async def _theirs(self) -> dict[str, int]:
        state = await self.simulation.look_at("stripe", "state")
        sums: dict[str, int] = {}
        for one in state["balance_transactions"]:
            if not one["_account"]:
                unit = one["currency"].upper()
                sums[unit] = sums.get(unit, 0) + one["net"]
        return sums
