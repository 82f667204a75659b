"""Whatever happens to value, in any order, the books and every accrual say the same of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from partners.agreements import UnspentTo
from partners.purchases import Purchase
from tests.conftest import NOW
from tests.partners.accruals.world import Store, broken, open_store

STEPS = 60
SEEDS = (1, 2, 3, 4)
SEEDS_FULL = range(100)
WEIGHTS = {
    "buy": 5,
    "wait": 4,
    "confirm": 3,
    "expire": 3,
    "give_back": 3,
    "spend": 4,
    "undo": 3,
    "hold": 1,
    "let_go": 1,
    "pass_on": 1,
}


SEEN = """
    SELECT count(*) FILTER (WHERE j.kind = 'value.expire') AS lapsed,
      count(*) FILTER (WHERE right(j.ledger_key, 4) = 'rest') AS of_nobody,
      count(*) FILTER (WHERE j.kind = 'value.expire' AND a.type = 'member_recv') AS paid_debt,
      count(*) FILTER (WHERE j.kind = 'value.expire' AND a.type = 'partner_payable') AS to_funder,
      count(*) FILTER (WHERE j.kind = 'accrual.return_available'
        AND a.type IN ('breakage_cashback', 'partner_payable')) AS lapse_returned,
      count(*) FILTER (WHERE j.kind = 'accrual.return_available' AND a.type = 'member_recv') AS owed
    FROM payouts.journal j
    JOIN payouts.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
    JOIN payouts.account a ON a.book_id = p.book_id AND a.account_id = p.account_id
    """
"""What a life may come across, so that no kind of it goes untried."""


@dataclass
class Life:
    """One random life; what was bought, spent and set aside in it, and what is left of each."""

    store: Store
    dice: random.Random
    now: datetime = NOW
    count: int = 0
    bought: list[tuple[Purchase, int]] = field(default_factory=list)
    spent: list[tuple[UUID, int]] = field(default_factory=list)
    held: list[tuple[UUID, int]] = field(default_factory=list)
    friend: UUID | None = None

    def _some(self, most: int) -> int:
        return most if self.dice.random() < 0.3 else self.dice.randint(1, most)

    def _name(self) -> str:
        self.count += 1
        return f"step-{self.count}"

    async def step(self) -> None:
        await getattr(self, self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])()

    async def buy(self) -> None:
        minor = self.dice.randint(1, 20_000)
        one = await self.store.buy(minor, self._name(), purchased_at=self.now, now=self.now)
        self.bought.append((one, minor))

    async def wait(self) -> None:
        self.now += timedelta(days=self.dice.randint(1, 20))

    async def confirm(self) -> None:
        await self.store.confirm(self.now)

    async def expire(self) -> None:
        await self.store.expire(self.now, limit=self.dice.randint(1, 5))

    async def give_back(self) -> None:
        if self.bought:
            one, left = self.bought.pop(self.dice.randrange(len(self.bought)))
            part = self._some(left)
            await self.store.give_back(one, part, self._name(), now=self.now)
            if left > part:
                self.bought.append((one, left - part))

    async def spend(self) -> None:
        available, _, _ = await self.store.wallet()
        if available:
            part = self._some(available)
            self.spent.append((await self.store.use(part, self._name(), self.now), part))

    async def undo(self) -> None:
        if self.spent:
            journal_id, left = self.spent.pop(self.dice.randrange(len(self.spent)))
            part = self._some(left)
            await self.store.undo(part, journal_id, self.now, self._name())
            if left > part:
                self.spent.append((journal_id, left - part))

    async def hold(self) -> None:
        available, _, _ = await self.store.wallet()
        if available:
            part = self._some(available)
            self.held.append((await self.store.hold(part, self._name()), part))

    async def let_go(self) -> None:
        if self.held:
            hold_id, part = self.held.pop()
            await self.store.let_go(hold_id, part)

    async def pass_on(self) -> None:
        available, _, _ = await self.store.wallet()
        if available:
            self.friend = self.friend or await self.store.other_member()
            await self.store.give(self._some(available), self.friend, self.now, self._name())

    async def end(self) -> None:
        """Everything comes back or lapses, and some of it is returned even then."""
        while self.held:
            await self.let_go()
        self.now += timedelta(days=365)
        await self.store.confirm(self.now)
        for _ in range(len(self.bought) // 3):
            await self.give_back()
        for _ in range(len(self.spent)):
            await self.undo()
        while await self.store.expire(self.now):
            pass
        for _ in range(len(self.bought) // 2):
            await self.give_back()


async def test_any_life_of_value_leaves_sound_books(
    database: Database,
    superuser: AsyncConnection,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    seeds = SEEDS_FULL if full_counts else SEEDS
    for seed in seeds:
        dice = random.Random(seed)
        unspent_to = list(UnspentTo)[seed % 2]
        life = Life(await open_store(database, unspent_to=unspent_to, slug=f"seed-{seed}"), dice)
        for _ in range(STEPS):
            await life.step()
        await life.end()
        store = life.store
        assert (await store.wallet())[:2] == (0, 0), seed
        assert await store.lots() == [], seed
        if life.friend is not None:
            assert await store.lots(owner=life.friend) == [], seed
        assert await broken(superuser, life.now) == {}, seed
    seen = (await superuser.execute(text(SEEN))).one()
    assert min(seen) > 0, seen
    tell_proof(f"lives of value: {len(seeds)} seeds of {STEPS} steps, each ends with sound books")
