"""A small ledger in plain Python: what the posting function promises, told a second time.

It knows nothing of the code under test. A refusal is the set of all that is wrong with a request;
the ledger may name any of it. Times are instants, months are counted in a zone three hours ahead.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.payouts.ledger.lots_model import Lot, Lots
from tests.payouts.ledger.requests_model import MOST, Name, Request, debits, sides


@dataclass
class Booked:
    request: Request
    recorded_at: datetime
    month: date
    origin_month: date | None
    reversed: Counter[str] = field(default_factory=Counter)


@dataclass
class Held:
    account: Name
    amount: int
    captured: int = 0
    released: int = 0

    @property
    def rest(self) -> int:
        return self.amount - self.captured - self.released


@dataclass
class Answer:
    """What is to come of a request: the number of what stands, or all that is wrong with it."""

    number: int = -1
    replayed: bool = False
    faults: frozenset[str] = frozenset()


def month_of(at: datetime) -> date:
    return (at + timedelta(hours=3)).date().replace(day=1)


@dataclass
class Model:
    accounts: set[Name] = field(default_factory=set)
    frozen: set[Name] = field(default_factory=set)
    debits: Counter[Name] = field(default_factory=Counter)
    credits: Counter[Name] = field(default_factory=Counter)
    journals: list[Booked] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    lots: Lots = field(default_factory=Lots)
    holds: list[Held] = field(default_factory=list)
    hold_keys: dict[str, int] = field(default_factory=dict)
    resolutions: dict[str, tuple[object, ...]] = field(default_factory=dict)
    months: dict[date, tuple[str, str | None]] = field(default_factory=dict)

    def balance(self, one: Name) -> int:
        return (self.debits[one] - self.credits[one]) * one.nature.normal

    def held(self, one: Name) -> int:
        return sum(hold.rest for hold in self.holds if hold.account == one)

    def post(self, requests: Sequence[Request], now: datetime) -> list[Answer]:
        standing = len(self.journals)
        for one in requests:
            if not self._malformed(one):
                self._land(month_of(one.effective_at), month_of(now))
        return [self._post(one, now, standing) for one in requests]

    def _post(self, one: Request, now: datetime, standing: int) -> Answer:
        if one.key in self.keys:
            number = self.keys[one.key]
            same = self.journals[number].request.body == one.body
            return Answer(number, True) if same else Answer(faults=frozenset({"MZ008"}))
        faults = self._malformed(one) or self._misplaced(one, now, standing)
        if faults:
            return Answer(faults=frozenset(faults))
        own = month_of(one.effective_at)
        landing = self._land(own, month_of(now))
        assert landing is not None
        self.keys[one.key] = len(self.journals)
        self.journals.append(Booked(one, now, landing, None if landing == own else own))
        if one.reverses is not None:
            self.journals[one.reverses].reversed.update(debits(one.lines))
        for line in one.lines:
            (self.debits if line.minor > 0 else self.credits)[line.account] += abs(line.minor)
        self.lots.move(self.keys[one.key], one)
        return Answer(self.keys[one.key])

    def _malformed(self, one: Request) -> set[str]:
        lines, sums = one.lines, Counter[str]()
        for line in lines:
            sums[line.unit] += line.minor
        named = {line.account for line in lines}
        found = {
            "MZ002": not 2 <= len(lines) <= 1000,
            "MZ003": any(sums.values()),
            "MZ004": not named <= self.accounts,
            "MZ005": bool(named & self.frozen),
            "MZ013": any(line.unit != line.account.unit for line in lines),
            "MZ017": any(abs(line.minor) > MOST for line in lines),
        }
        return {fault for fault, is_so in found.items() if is_so}

    def _misplaced(self, one: Request, now: datetime, standing: int) -> set[str]:
        faults = self._misdirected(one, standing)
        if self._land(month_of(one.effective_at), month_of(now)) is None:
            faults.add("MZ006")
        for account in {line.account for line in one.lines if line.account.nature.kept}:
            faults |= self._too_much(one, account)
        return faults

    def _misdirected(self, one: Request, standing: int) -> set[str]:
        others = {one.reverses, one.restores} - {None}
        if not others <= set(range(standing)):
            return {"MZ016"}
        if one.reverses is None:
            return set()
        origin = self.journals[one.reverses]
        left = debits(origin.request.lines)
        left.subtract(origin.reversed)
        is_more = any(minor > left[unit] for unit, minor in debits(one.lines).items())
        is_reversal = origin.request.reverses is not None
        return ({"MZ015"} if is_more else set()) | ({"MZ014"} if is_reversal else set())

    def _too_much(self, one: Request, account: Name) -> set[str]:
        up, down = sides(one, account)
        way = account.nature.normal
        after = self.balance(account) + (up - down) * way
        found = {
            "MZ002": account.nature.has_lots and up > 0 and down > 0,
            "MZ017": self.debits[account] + up > MOST or self.credits[account] + down > MOST,
            "MZ007": account.nature.floored
            and (up - down) * way < 0
            and after < self.held(account),
        }
        return {fault for fault, is_so in found.items() if is_so}

    def _land(self, own: date, present: date) -> date | None:
        for month in (own, present):
            is_past = any(s == "closed" and other >= month for other, (s, _) in self.months.items())
            if month not in self.months and not is_past:
                self.months[month] = ("open", None)
            if self.months.get(month, ("", None))[0] == "open":
                return month
        return None

    def expired(self, at: datetime) -> list[Lot]:
        """What has ended and can be taken now, in the order in which it ended."""
        found = [
            x
            for x in self.lots.all
            if x.account.type == "member_available" and x.account not in self.frozen
            if x.remaining and x.expires_at and x.expires_at <= at
            if self.balance(x.account) > self.held(x.account)
        ]
        return sorted(found, key=lambda x: (x.expires_at, x.rank))

    def place(self, account: Name, minor: int, key: str) -> Answer:
        if abs(minor) > MOST:
            return Answer(faults=frozenset({"MZ017"}))
        if not account.nature.kept or account not in self.accounts:
            return Answer(faults=frozenset({"MZ004"}))
        if key in self.hold_keys:
            number = self.hold_keys[key]
            same = (self.holds[number].account, self.holds[number].amount) == (account, minor)
            return Answer(number, True) if same else Answer(faults=frozenset({"MZ008"}))
        found = {
            "MZ002": minor <= 0,
            "MZ005": account in self.frozen,
            "MZ007": self.balance(account) - self.held(account) < minor,
        }
        faults = frozenset(fault for fault, is_so in found.items() if is_so)
        if not faults:
            self.hold_keys[key] = len(self.holds)
            self.holds.append(Held(account, minor))
        return Answer(self.hold_keys.get(key, -1), faults=faults)

    def resolve(self, number: int, kind: str, minor: int, key: str) -> Answer:
        if abs(minor) > MOST:
            return Answer(faults=frozenset({"MZ017"}))
        if not 0 <= number < len(self.holds):
            return Answer(faults=frozenset({"MZ011"}))
        asked, hold = (number, kind, minor), self.holds[number]
        if key in self.resolutions:
            same = self.resolutions[key] == asked
            return Answer(number, True) if same else Answer(faults=frozenset({"MZ008"}))
        if not 0 < minor <= hold.rest:
            return Answer(faults=frozenset({"MZ012"}))
        self.resolutions[key] = asked
        hold.captured += minor if kind == "captured" else 0
        hold.released += 0 if kind == "captured" else minor
        return Answer(number)

    def move_month(self, month: date, status: str, actor: str, now: datetime) -> str:
        """Propose a month's close or close it; the answer names the refusal, if any."""
        if month_of(now) <= month:
            return "PeriodNotOver"
        before, proposer = self.months.get(month, ("open", None))
        if before == "closed":
            return "PeriodClosed"
        if status == "closed" and proposer == actor:
            return "PeriodCloserIsProposer"
        self.months[month] = (status, actor if status == "soft" else proposer)
        return ""
