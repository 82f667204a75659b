"""What a seed makes of many payouts: who orders and decides what, and what goes wrong when."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.worker.jobs.balance_transactions import run_balance_transactions
from api.worker.registry import SWEEPS
from payouts.disbursement import (
    approve_settlement_cycle,
    cancel_payout,
    request_cashback_payout,
    retry_payout,
)
from payouts.ledger import Account, Cause, Draft, credit, debit, own_account, post_journals
from payouts.money import Money
from payouts.rails import RailError
from payouts.refusal import Refusal
from payouts.settlement import SettlementCycle, close_settlement_cycle
from tests.payouts.disbursement.frail import FrailBank
from tests.payouts.disbursement.world import FAULTS, JOBS, Crash
from tests.payouts.settlement.world import BOOK, CHECKER, MAKER, card_honoured

OF_A_MEMBER, OF_A_PARTNER = 5, 2
MEMBERS_SHARE = 0.6
DUE = (
    *("payout.submit", "payout.submit", "payout.submit", "payout.resolve", "payout.resolve"),
    *("payout.watch", "payee.refresh", "webhook.process", "webhook.process"),
)
OPERATIONS = (
    *("create_transfer", "create_transfer", "create_payout", "create_payout", "reverse_transfer"),
    *("get_payout", "get_transfer", "find_transfers", "list_payouts", "list_balance_transactions"),
)
DAY_AND_AN_HOUR = 25 * 3_600
QUIET_ROUNDS_MAX = 200


@dataclass
class Owner:
    """A member or a partner, and where it is paid."""

    owner_id: UUID
    is_member: bool
    account_id: str = ""
    is_restricted: bool = False


@dataclass
class PayoutLife:
    """One seed's life; it is the same again for the same seed."""

    bank: FrailBank
    superuser: AsyncConnection
    seed: int
    payouts: int
    told: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    owners: list[Owner] = field(default_factory=list)
    cycles: list[SettlementCycle] = field(default_factory=list)
    given: Counter[UUID] = field(default_factory=Counter)
    ordered: int = 0
    partner_turns: int = 0

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        members = int(self.payouts * MEMBERS_SHARE)
        self.to_members = members
        scale = max(1, self.payouts // 200)
        each = [
            (True, members // (OF_A_MEMBER * scale)),
            (False, (self.payouts - members) // (OF_A_PARTNER * scale)),
        ]
        for is_member, number in each:
            first = len(self.owners) + 1
            made = [Owner(UUID(int=one), is_member) for one in range(first, first + number)]
            self.owners += made

    @property
    def members(self) -> list[Owner]:
        return [one for one in self.owners if one.is_member]

    @property
    def partners(self) -> list[Owner]:
        return [one for one in self.owners if not one.is_member]

    def _say(self, line: str) -> None:
        self.told.append(line)

    # Before it begins

    async def prepare(self) -> None:
        """Everybody has an account at the provider that can be paid."""
        for one in self.owners:
            name = "member_id" if one.is_member else "partner_id"
            await self.bank.connect(**{name: one.owner_id})
        while await self.bank.job("payee.connect"):
            pass
        rows = await self.superuser.execute(
            text("SELECT coalesce(member_id, partner_id) AS owner, account_id FROM payouts.payee")
        )
        accounts = dict(tuple(row) for row in rows)
        for one in self.owners:
            one.account_id = accounts[one.owner_id]
            await self.bank.double.control("onboard", account=one.account_id)
        self.bank.wait(31)
        while await self.bank.job("payee.refresh"):
            pass
        await self.bank.fund(50_000)

    # Turns

    async def live(self, turns: int) -> None:
        movers: dict[Callable[[], Awaitable[None]], int] = {
            self._work: 36,
            self._bank: 8,
            self._deliver: 8,
            self._fault: 9,
            self._decide: 6,
            self._disturb: 4,
            self._wait: 8,
            self._jump: 2,
            self._lose_answers: 4,
            self._sweep: 4,
            self._fail_late: 3,
            self._restrict: 1,
            self._fund: 2,
        }
        for turn in range(turns):
            # All is ordered in the first two thirds.
            while self.ordered < min(self.payouts, self.payouts * turn * 3 // (turns * 2) + 1):
                await self._order()
            await self.dice.choices(list(movers), list(movers.values()))[0]()

    async def _order(self) -> None:
        is_members = self.counts["cashback"] < self.to_members
        left = self.payouts - self.to_members - self.counts["settlement"]
        if is_members and (not left or self.dice.random() < MEMBERS_SHARE + 0.25):
            await self._order_cashback()
        else:
            await self._order_settlement(min(left, self.dice.randint(1, 5)))

    async def _order_cashback(self) -> None:
        able = [one for one in self.members if not one.is_restricted]
        owner, amount = self.dice.choice(able), Money(self.dice.randint(100, 9_000), "SAR")
        key = f"cashback:{self.ordered}"
        draft = Draft(
            kind="accrual.confirm",
            key=key,
            cause=Cause("purchase", key),
            lines=(
                debit(own_account("platform_fee", "SAR"), amount),
                credit(Account("member_available", str(owner.owner_id), "SAR"), amount),
            ),
            actor="test",
            effective_at=self.bank.now(),
        )
        try:
            async with self.bank.database.writing(BOOK) as db:
                await self._post(db, [draft])
                await request_cashback_payout(
                    db,
                    network_id=BOOK,
                    member_id=owner.owner_id,
                    amount=amount,
                    actor="member",
                    now=self.bank.now(),
                )
        except Refusal as refusal:  # the payee was restricted meanwhile, as the books know it
            self._say(f"order refused: {type(refusal).__name__}")
            await self._do("sweep_accounts")
            return
        self._count("cashback", owner.owner_id, amount.minor)

    async def _order_settlement(self, number: int) -> None:
        """A cycle in which some partners are owed something."""
        chosen = self.dice.sample(self.partners, min(number, len(self.partners)))
        now = self.bank.now()
        amounts = {one.owner_id: self.dice.randint(100, 9_000) for one in chosen}
        drafts = [
            card_honoured(f"card:{self.ordered}:{owner_id}", owner_id, minor, now=now)
            for owner_id, minor in amounts.items()
        ]
        async with self.bank.database.writing(BOOK) as db:
            await self._post(db, drafts)
            cycle = await close_settlement_cycle(
                db, network_id=BOOK, currency="SAR", actor=MAKER, now=now
            )
        async with self.bank.database.writing(BOOK) as db:
            self.cycles.append(
                await approve_settlement_cycle(
                    db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=now
                )
            )
        for owner_id, minor in amounts.items():
            self._count("settlement", owner_id, minor)

    async def _post(self, db: AsyncConnection, drafts: list[Draft]) -> None:
        for made in await post_journals(db, network_id=BOOK, drafts=drafts, now=self.bank.now()):
            if isinstance(made, Refusal):
                raise made

    def _count(self, kind: str, owner_id: UUID, minor: int) -> None:
        self.ordered += 1
        self.counts[kind] += 1
        self.given[owner_id] += minor
        self._say(f"{kind} {minor}")

    async def _do(self, kind: str) -> int:
        """A piece of work of a worker that may die in it; another one follows."""
        job = JOBS.get(kind) or SWEEPS.get(kind, run_balance_transactions)
        is_of_a_network = kind in JOBS and kind != "webhook.process"
        try:
            done = await job(self.bank.world, BOOK if is_of_a_network else 0)
        except Crash as crash:
            self.counts["abandoned" if str(crash) == "commit" else "crashes"] += 1
            self._say(f"{kind}: died at {crash}")
            return 1
        except RailError as failure:
            self._say(f"{kind}: {type(failure).__name__}")
            return 1
        finally:
            self.bank.fate.begin_anew()
        if done:
            self._say(f"{kind}: {done}")
        return done

    async def _work(self) -> None:
        what = self.dice.randrange(5)
        if what == 0:
            self.bank.fate.points_left = self.dice.randint(1, 6)
        elif what == 1:
            self.bank.fate.commits_left = self.dice.randint(1, 9)
        await self._do(self.dice.choice(DUE))

    async def _bank(self) -> None:
        self._say(f"banks: {self.bank.let_banks_act()}")

    async def _deliver(self) -> None:
        self._say(f"deliver: {await self.bank.deliver()}")

    async def _disturb(self) -> None:
        knobs: dict[str, Any] = {
            "duplicate": self.dice.choice([0, 1, 3]),
            "drop": self.dice.choice([0, 3, 10]),
            "reorder": self.dice.random() < 0.3,
            "shuffle": self.dice.choice([None, self.seed]),
        }
        self._say(f"messages: {knobs}")
        await self.bank.double.control("webhooks", **knobs)

    async def _fault(self) -> None:
        kind, operation = self.dice.choice(FAULTS), self.dice.choice(OPERATIONS)
        self.counts["faults"] += 1
        self._say(f"fault: {operation} {kind}")
        times = self.dice.choice([1, 1, 2, 4])
        await self.bank.double.control("faults", operation=operation, kind=kind, times=times)

    async def _fail_late(self) -> None:
        is_late = self.dice.random() < 0.7
        self.counts["late failures" if is_late else "failures"] += 1
        self._say(f"a bank fails a payout, late: {is_late}")
        await self.bank.double.control("fail_next_payout", after_paid=is_late)

    async def _wait(self) -> None:
        self.bank.wait(self.dice.choice([2, 5, 31, 61, 61, 301]))

    async def _jump(self) -> None:
        self.counts["jumps"] += 1
        self._say("25 hours later")
        self.bank.wait(DAY_AND_AN_HOUR)

    async def _lose_answers(self) -> None:
        """The provider acts and nobody hears of it; it forgets the keys before anybody asks."""
        operation = self.dice.choice(["create_transfer", "create_payout", "reverse_transfer"])
        kind = self.dice.choice(["timeout_after", "error_500_after"])
        self.counts["faults"] += 1
        self._say(f"answers lost: {operation} {kind}")
        await self.bank.double.control("faults", operation=operation, kind=kind, times=3)
        await self._do("payout.submit")
        await self._do("payout.submit")
        if self.dice.random() < 0.7:
            await self._jump()

    async def _sweep(self) -> None:
        await self._do(self.dice.choice([*SWEEPS, "balance_transactions", "balance_transactions"]))

    async def _fund(self) -> None:
        await self.bank.fund(self.dice.choice([20_000, 60_000, 200_000]))

    async def _restrict(self) -> None:
        """The provider stops an account, or lets it go on."""
        stopped = [one for one in self.owners if one.is_restricted]
        owner = self.dice.choice(stopped if len(stopped) > 2 else self.owners)
        owner.is_restricted = not owner.is_restricted
        name = "restrict" if owner.is_restricted else "onboard"
        self.counts[name] += 1
        self._say(f"{name} {owner.owner_id.int}")
        await self.bank.double.control(name, account=owner.account_id)

    async def _decide(self) -> None:
        """A person cancels a payout, tries it again, or takes a transfer back by hand."""
        what = self.dice.choice(["cancel", "retry", "retry", "retry", "reverse"])
        states = {
            "cancel": ("cashback", ["scheduled", "waiting_funds"]),
            "retry": (None, ["returned", "failed"]),
            "reverse": ("settlement", ["paid"]),
        }
        found = await self._payouts(*states[what])
        if not found:
            return
        payout_id = self.dice.choice(found)
        try:
            if what == "reverse":
                await self._reverse_by_hand(payout_id)
            else:
                act = cancel_payout if what == "cancel" else retry_payout
                async with self.bank.database.writing(BOOK) as db:
                    await act(
                        db, network_id=BOOK, payout_id=payout_id, actor="staff", now=self.bank.now()
                    )
        except (Refusal, RailError) as refusal:
            self._say(f"{what}: {type(refusal).__name__}")
            return
        self.counts[what] += 1
        self._say(f"{what}: done")

    async def _reverse_by_hand(self, payout_id: UUID) -> None:
        rows = await self.superuser.execute(
            text(
                "SELECT external_id, amount FROM payouts.payout_attempt WHERE payout_id = :payout_id"
                " AND leg = 'transfer' AND state = 'succeeded'"
            ),
            {"payout_id": payout_id},
        )
        transfer_id, amount = rows.one()
        await self.bank.double.rail.reverse_transfer(
            key=f"by-hand:{transfer_id}", transfer_id=transfer_id, amount=Money(amount, "SAR")
        )

    async def _payouts(self, kind: str | None, states: list[str]) -> list[UUID]:
        rows = await self.superuser.execute(
            text(
                "SELECT payout_id FROM payouts.payout WHERE state = ANY(:states)"
                " AND (CAST(:kind AS text) IS NULL OR kind = :kind) ORDER BY payout_id"
            ),
            {"kind": kind, "states": states},
        )
        return list(rows.scalars())

    # How it ends

    async def calm_down(self) -> None:
        """No more faults; what was dropped stays dropped, and all that is due gets done."""
        await self.bank.double.control("clear_faults")
        await self.bank.double.control("webhooks")
        for one in self.owners:
            if one.is_restricted:
                await self.bank.double.control("onboard", account=one.account_id)
        await self.bank.fund(sum(self.given.values()))
        # What is seldom looked at is looked at once a day.
        for pause in (DAY_AND_AN_HOUR, DAY_AND_AN_HOUR):
            self.bank.wait(pause)
            for _ in range(QUIET_ROUNDS_MAX):
                if not await self._round():
                    break
            else:
                raise AssertionError(f"it does not come to an end: {await self._standing()}")

    async def _standing(self) -> list[tuple[Any, ...]]:
        rows = await self.superuser.execute(
            text(
                "SELECT kind, state, reason, count(*) FROM payouts.payout"
                " GROUP BY kind, state, reason ORDER BY 1, 2, 3"
            )
        )
        return [tuple(row) for row in rows]

    async def _round(self) -> int:
        done = 0
        for kind in (*JOBS, *SWEEPS, "balance_transactions"):
            done += await self._do(kind)
        done += self.bank.let_banks_act()
        done += await self.bank.deliver()
        self.bank.wait(61)
        return done
