"""What a seed makes of many orders: who redeems what, and what goes wrong when."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, Said, SaidBy
from catalog.redemptions import place_redemption, quote_reward
from catalog.redemptions.record_absence import NOT_FOUND
from catalog.rewards import tell_availability
from partners.members import enrol_member
from payouts.money import Money
from tests.catalog.redemptions.two_shops import Shop, Sold, Tango, TwoShops, queue_fault
from tests.conftest import NOW
from tests.payouts.disbursement.frail import Fate
from tests.payouts.disbursement.world import Crash

FUNDED = 10**9
ORDERS_OF_A_MEMBER = 20
AT_ONCE, MANY = 12, 1_000
"""How many orders come in a turn, at most; thrice as many where there are more than `MANY`."""
POINTS_MAX, COMMITS_MAX = 10, 8
OFTEN = {"order": ["late_success", "late_success", "timeout_after", "wrong_key"]}
"""What an order meets more often than other faults: what a second order would come of."""
HOUR, DAY = 3_600, 24 * 3_600
ELEVEN_MINUTES = 11 * 60
"""Longer than any pause between two looks."""
QUIET_ROUNDS_MAX = 40
OTHER_TERMS = "The order is of something else than what was asked."
SAME_ROUNDS = 6
"""Longer than any double keeps anything back that it tells in the end."""

_OPEN = (
    "SELECT r.redemption_id, a.supplier_key, q.supplier_sku, q.face, a.remark"
    " FROM catalog.redemption r JOIN catalog.quote q USING (network_id, quote_id)"
    " LEFT JOIN catalog.redemption_attempt a USING (network_id, redemption_id)"
    " WHERE r.ended_at IS NULL ORDER BY r.redemption_id"
)


@dataclass
class OrderLife:
    """One seed's life. Which of the orders of a turn meets a fault is for those to fight out."""

    shops: TwoShops
    superuser: AsyncConnection
    seed: int
    orders: int
    told: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    members: list[UUID] = field(default_factory=list)
    placed: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    """How many faults of each kind have met an order."""

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.scale = 3 if self.orders > MANY else 1

    def _say(self, line: str) -> None:
        self.told.append(line)

    async def prepare(self) -> None:
        """Members have enough for whatever they want."""
        souq = self.shops.souq
        async with souq.database.writing(souq.network_id) as db:
            for number in range(max(self.orders // ORDERS_OF_A_MEMBER, 1)):
                made = await enrol_member(
                    db,
                    network_id=souq.network_id,
                    partner_id=souq.partner_id,
                    external_id=f"buyer-{number}",
                    now=NOW,
                )
                self.members.append(made.member_id)
        for member_id in self.members:
            await souq.fund(FUNDED, member_id=member_id)

    # Turns

    async def live(self) -> None:
        """Go on until everything was ordered, with work and trouble between."""
        while self.placed < self.orders:
            await self._place(
                min(self.dice.randint(1, AT_ONCE * self.scale), self.orders - self.placed)
            )
            for shop in self.shops.shops:
                self._trouble(shop)
            await self._work()
            if self.dice.random() < 0.2:
                self._give_up()
            self._wait()

    async def _place(self, number: int) -> None:
        souq, now = self.shops.souq, self.shops.clock.now()
        async with souq.database.writing(souq.network_id) as db:
            for _ in range(number):
                shop = self.dice.choice(self.shops.shops)
                sku = self.dice.choice(sorted(shop.faces))
                member_id = self.dice.choice(self.members)
                quote = await quote_reward(
                    db,
                    vault=souq.vault,
                    network_id=souq.network_id,
                    member_id=member_id,
                    reward_id=self.shops.rewards[sku],
                    face=Money(self.dice.choice(shop.faces[sku]), "SAR"),
                    now=now,
                )
                await place_redemption(
                    db,
                    vault=souq.vault,
                    network_id=souq.network_id,
                    member_id=member_id,
                    quote_id=quote.quote_id,
                    actor="member",
                    now=now,
                )
        self.placed += number
        self._say(f"placed {number}")

    def _trouble(self, shop: Shop) -> None:
        for place, most in (("order", 3), ("lookup", 1), ("cards", 1)):
            for _ in range(self.dice.randint(0, most * self.scale)):
                kind = self.dice.choice([*shop.faults[place], *OFTEN.get(place, [])])
                # What is told late is told at the second look: two, half a minute apart, are all
                # that anybody takes before it counts as never ordered.
                reads = 1 if kind == "late_success" else self.dice.randint(1, 3)
                # Nobody waits long for a reading in a test; an order is given up by its deadline.
                seconds = 60.0 if place == "order" else 0.1
                count = self.dice.choice([1, 1, 1, 2])
                queue_fault(shop, place, kind, count=count, seconds=seconds, reads=reads)
                self.faults[kind] += count * (place == "order")
                self.counts["faults"] += count
                self._say(f"{shop.name}: {place} {kind} x{count}")

    async def _work(self) -> None:
        for _ in range(self.dice.randint(1, 2 + self.scale)):
            fates = [self._fate() for _ in range(self.dice.choice([1, 1, 2, 2, 3]))]
            self.counts["turns of several"] += len(fates) > 1
            done = await asyncio.gather(*(self._one_works(fate) for fate in fates))
            self._say(f"worked: {done}")
        await self._stock_up()

    def _fate(self) -> Fate:
        fate, what = Fate(), self.dice.randrange(6)
        if what == 0:
            fate.points_left = self.dice.randint(1, POINTS_MAX)
        elif what == 1:
            fate.commits_left = self.dice.randint(1, COMMITS_MAX)
        return fate

    async def _one_works(self, fate: Fate) -> int:
        try:
            return await self.shops.work(fate)
        except Crash as crash:
            self.counts["abandoned" if str(crash) == "commit" else "crashes"] += 1
            self._say(f"died at {crash}")
            return -1

    async def _stock_up(self) -> None:
        """An item that a fault withdrew, or that was out of stock, is sold again."""
        for shop in self.shops.shops:
            if shop.name == "tango":
                shop.store.set_setting("changes", {})  # type: ignore[union-attr]
        souq, now = self.shops.souq, self.shops.clock.now()
        async with souq.database.writing(souq.network_id) as db:
            await tell_availability(
                db,
                network_id=souq.network_id,
                # Behind the refusals of this turn, which are of the same instant.
                said=[
                    Said(one, Availability.IN_STOCK, now, sequence=1)
                    for one in self.shops.rewards.values()
                ],
                said_by=SaidBy.MESSAGE,
                now=now,
            )

    def _give_up(self) -> None:
        """A supplier fails an order that it had not delivered yet."""
        for shop in self.shops.shops:
            waiting = [one.number for one in shop.sold() if one.is_pending]
            place = self.dice.random()  # drawn in any case: the story goes on as it would have
            if waiting:
                shop.fail(waiting[int(place * len(waiting))])
                self.counts["given up"] += 1
                self._say(f"{shop.name}: gave up an order")

    def _wait(self) -> None:
        seconds = self.dice.choice([1, 5, 5, 11, 31, 31, 61, 151])
        if self.dice.random() < 0.08:
            self.counts["jumps"] += 1
            seconds = self.dice.choice([HOUR, 3 * HOUR, 7 * HOUR, DAY])
        self.shops.pass_time(seconds)

    # How it ends

    async def calm_down(self) -> None:
        """No more faults; all that is due gets done, and a person sets right what waits for one."""
        for shop in self.shops.shops:
            for one in shop.store.faults():
                self.faults[one.kind] -= one.remaining * (one.place == "order")
                self.counts["faults"] -= one.remaining
            shop.store.drop_faults()
        waiting = await self._work_until_quiet()
        self._set_right(waiting)
        for left in await self._work_until_quiet():
            raise AssertionError(f"it does not come to an end: {left}")

    async def _work_until_quiet(self) -> list[Any]:
        before, same = None, 0
        for _ in range(QUIET_ROUNDS_MAX):
            while await self.shops.work(Fate()):
                pass
            still = list(await self.superuser.execute(text(_OPEN)))
            same = same + 1 if still == before else 0
            if not still or same == SAME_ROUNDS:
                return still
            before = still
            self.shops.pass_time(ELEVEN_MINUTES)
        raise AssertionError(f"it does not come to rest: {before}")

    def _set_right(self, waiting: list[Any]) -> None:
        """What only a person can end: each has an order that its supplier tells as it is not."""
        self._say(f"for a person: {waiting}")
        reasons = {one.remark for one in waiting} - {NOT_FOUND, OTHER_TERMS}
        if reasons:
            raise AssertionError(f"what waits for a person says why, and not {reasons}")
        wanted = {one.supplier_key: (one.supplier_sku, one.face) for one in waiting}
        for shop in self.shops.shops:
            alive = [one for one in shop.sold() if not one.is_failed]
            for one in alive:
                if one.is_of_other_terms and wanted.pop(one.key, None):
                    shop.fail(one.number)
                    self.counts["for a person: of other terms"] += 1
            for one in alive:
                if one.is_told_of_another and (key := _bought_as(one, wanted)):
                    shop.set_right(one.number, key)
                    del wanted[key]
                    self.counts["for a person: under another key"] += 1
        if wanted:
            raise AssertionError(f"nobody can say what these wait for: {wanted}")


def _bought_as(one: Sold, wanted: Mapping[str, tuple[str, int]]) -> str | None:
    """Which of those that wait an order belongs to: by its key, or by what it is of."""
    if one.key != Tango.OTHER_KEY:
        return one.key if one.key in wanted else None
    return next((key for key, what in wanted.items() if what == (one.sku, one.face)), None)
