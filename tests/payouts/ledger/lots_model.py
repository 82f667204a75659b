"""Lots of value in plain Python: what is used first, what is given back, what moves on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tests.payouts.ledger.requests_model import Name, Request, sides

PARTS, REST, CARRIED = range(3)


@dataclass
class Lot:
    account: Name
    amount: int
    remaining: int
    origin: str
    funder: str
    earned_at: datetime
    expires_at: datetime | None
    rank: tuple[int, int, int]
    came_from: "Lot | None" = None

    @property
    def turn(self) -> tuple[object, ...]:
        return self.expires_at is None, self.expires_at or 0, self.earned_at, self.rank


Use = tuple[Lot, int, int | None]
Pool = list[list]


@dataclass
class Lots:
    """All lots of a book, and by the number of each journal what it used or gave back."""

    all: list[Lot] = field(default_factory=list)
    uses: dict[int, list[Use]] = field(default_factory=lambda: defaultdict(list))

    def move(self, number: int, one: Request) -> None:
        moved = dict.fromkeys(x.account for x in one.lines if x.account.nature.has_lots)
        pool: Pool = []
        for account in moved:
            self._consume(number, one, account, pool)
        for account in moved:
            self._increase(number, one, account, pool)

    def _consume(self, number: int, one: Request, account: Name, pool: Pool) -> None:
        need, _ = sides(one, account)
        parts = [p for line in one.lines if line.account == account for p in line.parts]
        for part in parts if need else []:
            own = [x for x in self.all if (x.origin, x.funder) == (part.origin, part.funder)]
            need -= part.minor - self._take(number, account, own, part.minor, pool)
        assert self._take(number, account, self.all, need, pool) == 0

    def _take(self, number: int, account: Name, lots: Iterable[Lot], want: int, pool: Pool) -> int:
        for lot in sorted((x for x in lots if x.account == account), key=lambda x: x.turn):
            part = min(want, lot.remaining)
            if part:
                lot.remaining -= part
                want -= part
                pool.append([lot, part])
                self.uses[number].append((lot, -part, None))
        return want

    def _increase(self, number: int, one: Request, account: Name, pool: Pool) -> None:
        _, rest = sides(one, account)
        if not rest:
            return
        places = [(part, line.account) for line in one.lines for part in line.parts]
        for place, (part, owner) in enumerate(places):
            if owner == account:
                terms = (part.origin, part.funder, one.effective_at, part.expires_at)
                self._grant(account, part.minor, terms, (number, PARTS, place))
                rest -= part.minor
        if one.restores is not None:
            rest = self._give_back(number, one.restores, account, rest)
        for place, share in enumerate(pool):
            lot, left = share
            part = min(rest, left) if lot.account.unit == account.unit else 0
            if part:
                terms = (lot.origin, lot.funder, lot.earned_at, lot.expires_at)
                rank = (number, CARRIED, len(self.all) + place)
                self._grant(account, part, terms, rank, lot)
                share[1] -= part
                rest -= part
        if rest:
            first = [line.account for line in one.lines].index(account)
            terms = (one.cause, "network", one.effective_at, None)
            self._grant(account, rest, terms, (number, REST, first))

    def _give_back(self, number: int, restored: int, account: Name, rest: int) -> int:
        uses = [lot for lot, minor, _ in self.uses[restored] if minor < 0]
        for lot in dict.fromkeys(id(x) for x in reversed(uses)):
            own = next(x for x in uses if id(x) == lot)
            taken = -sum(m for x, m, _ in self.uses[restored] if x is own and m < 0)
            given = sum(
                m
                for own_uses in self.uses.values()
                for x, m, of in own_uses
                if x is own and of == restored
            )
            part = min(rest, taken - given) if own.account == account else 0
            if part:
                own.remaining += part
                rest -= part
                self.uses[number].append((own, part, restored))
        return rest

    def _grant(self, account, minor, terms, rank, came_from=None) -> None:
        self.all.append(Lot(account, minor, minor, *terms, rank, came_from))
