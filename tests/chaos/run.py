"""One crash run from its seed to its judgement."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.clock import Clock
from api.graphql.nodes import GlobalId
from tests.chaos.field import DATABASE, SERVER, Battlefield
from tests.chaos.load import REACHED, Act, Load
from tests.journeys.driver import Driver
from tests.journeys.invariants import broken_promises
from tests.journeys.town import DOUBLES, OURS
from tests.journeys.workload import TOP_UP, _connect, amount

ACKNOWLEDGED_PER_KILL = 200
SHARE = ACKNOWLEDGED_PER_KILL + 5
KILLS_PER_AMBIGUOUS = 5
STALLED_SECONDS_MAX = 60.0
QUIET_SECONDS_MAX = 60.0
KINDS = {
    "purchase": ("accrual.pending",),
    "return": ("accrual.return_pending", "accrual.return_available"),
    "redemption": ("redemption.own_card",),
    "payout": (),
}
EFFECTS = """
    SELECT cause_id, count(*) FROM payouts.journal
    WHERE kind = ANY(:kinds) AND journal_id > :since GROUP BY cause_id
    """
# An ordered payout sets value aside at once and is booked when it is sent.
HELD = """
    SELECT cause_id, count(*) FROM payouts.hold
    WHERE cause_kind = 'payout' AND hold_id > :since GROUP BY cause_id
    """
BEGUN = "SELECT max(journal_id::text)::uuid FROM payouts.journal"
UNSEALED = "SELECT count(*) FROM audit.journal WHERE seq IS NULL"
HALTS = "SELECT invariant, breaches FROM payouts.halt"
ROWS_OF_KEYS = """
    SELECT external_id, count(*) FROM partners.purchase
    WHERE external_id LIKE 'chaos-%' GROUP BY external_id
    """


class Void(Exception):
    """The run proves nothing: it was too gentle."""


@dataclass
class Report:
    """What a run tried and what it found."""

    seed: int
    server_kills: int
    database_kills: int
    acknowledged: int = 0
    """While things died; the operations are also those done when sent again."""
    operations: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    cuts: int = 0
    lost_commits: int = 0
    ambiguous: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[object] = field(default_factory=list)
    seconds: float = 0.0
    back_seconds: list[float] = field(default_factory=list)
    unanswered: int = 0

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing doubled, every promise kept."""
        return not (self.lost or self.doubled or self.broken)

    def line(self) -> str:
        kinds = ", ".join(f"{count} {kind}s" for kind, count in sorted(self.operations.items()))
        return (
            f"chaos: seed {self.seed}, {self.operations.total()} operations ({kinds}),"
            f" {self.server_kills} kills of the server and {self.database_kills} of PostgreSQL,"
            f" {self.cuts} cuts, {self.lost_commits} COMMIT answers cut,"
            f" {self.ambiguous} ambiguous commits proven, {self.unanswered} sendings unanswered,"
            f" lost {len(self.lost)}, doubled {len(self.doubled)},"
            f" broken promises {len(self.broken)}, {self.seconds:.0f} s,"
            f" PostgreSQL back within {max(self.back_seconds, default=0):.1f} s"
        )


def run_chaos(folder: Path, *, seed: int, server_kills: int, database_kills: int) -> Report:
    """Play one run; raises Void when it was too gentle to prove anything."""
    begun = time.monotonic()
    report = Report(seed, server_kills, database_kills)
    field_ = Battlefield(folder, seed)
    try:
        field_.open()
        driver = _settle_in(field_)
        since = field_.ask(BEGUN)[0][0]
        url = f"http://127.0.0.1:{field_.to_server.port}"
        load = Load(driver, url, seed)
        _attack(field_, load, report)
        _judge_answers(load, report)
        _wait_until_quiet(field_)
        judge_effects(field_.ask, load.acts, since, report)
        judge_transfers(driver.look_at("stripe", "state")["transfers"], report)
        report.broken = _ask_books(field_)
    finally:
        field_.close()
    report.acknowledged = load.acknowledged
    report.cuts, report.lost_commits = field_.cuts, field_.to_database.lost_commits
    report.back_seconds = field_.back_seconds
    report.seconds = time.monotonic() - begun
    require_force(report)
    return report


def require_force(report: Report) -> None:
    """Raises Void for a run in which too little happened while things died."""
    kills = report.server_kills + report.database_kills
    if report.acknowledged < ACKNOWLEDGED_PER_KILL * kills:
        raise Void(f"too few operations were acknowledged: {report.line()}")
    if not report.ambiguous or report.ambiguous * KILLS_PER_AMBIGUOUS < kills:
        raise Void(f"too few lost COMMITs were seen: {report.line()}")


def _settle_in(field_: Battlefield) -> Driver:
    town = field_.town
    town.run("migrate")
    town.open(DOUBLES)
    printed = town.run("seed", "--profile", "demo", "--json", "--url", town.url("server"))
    shown = json.loads(printed[printed.index("{") :])
    town.open(OURS)
    driver = field_.driver = Driver(town, shown)
    _connect(driver, {"layla": driver.layla})
    driver.do(driver.maker, "top-up", TOP_UP, amount=amount("3000.00"))
    for person in (driver.grocery, driver.coffee, driver.layla):
        person.authorization()
    return driver


def _attack(field_: Battlefield, load: Load, report: Report) -> None:
    victims = [SERVER] * report.server_kills + [DATABASE] * report.database_kills
    random.Random(f"{report.seed} kills").shuffle(victims)
    field_.set_cutting(is_cutting=True)
    load.start()
    try:
        for number, victim in enumerate(victims):
            # In the middle of its share: there is load before the first kill and after the last.
            _wait_for(field_, load, number * SHARE + SHARE // 2)
            field_.kill(victim)
        _wait_for(field_, load, len(victims) * SHARE)
    finally:
        load.end()
        field_.set_cutting(is_cutting=False)
    field_.town.wait_until_all_answer()


def _wait_for(field_: Battlefield, load: Load, acknowledged: int) -> None:
    deadline = time.monotonic() + STALLED_SECONDS_MAX
    seen = load.acknowledged
    while load.acknowledged < acknowledged:
        if load.failures:
            raise load.failures[0]
        if load.acknowledged > seen:
            seen, deadline = load.acknowledged, time.monotonic() + STALLED_SECONDS_MAX
        assert time.monotonic() < deadline, f"stalled: {load.errors} {field_.town.log('server')}"
        field_.town.supervise()
        time.sleep(0.01)


def _judge_answers(load: Load, report: Report) -> None:
    """Send every key again: what was acknowledged is there, what was not is done now, once."""
    for act, answer in load.send_all_again():
        made = None if answer["problems"] else _made_by(act, answer)
        if act.made is not None and (made != act.made or not answer["replayed"]):
            report.lost.append(f"{act.kind} {act.key}: {answer}")
        if act.made is None and made is not None:
            act.was_ambiguous = act.unanswered > 0 and answer["replayed"]
            act.made, act.refusal = made, None
        elif made is None:
            act.refusal = answer["problems"][0]["code"]
        report.operations[act.kind] += act.made is not None
        report.refused += act.made is None
        report.ambiguous += act.was_ambiguous
        report.unanswered += act.unanswered


def _made_by(act: Act, answer: dict[str, Any]) -> str:
    made: str = REACHED[act.kind](answer)
    return made


def judge_effects(
    ask: Callable[..., list[Any]], acts: Sequence[Act], since: Any, report: Report
) -> None:
    """Count in the books: one effect for each key that was answered, none for anything else."""
    for kind, journals in KINDS.items():
        made = [one for one in acts if one.kind == kind and one.made]
        keys = {_uuid_of(one.made): one.key for one in made}
        given = {"kinds": list(journals)} if journals else {}
        found = dict(ask(EFFECTS if journals else HELD, since=since, **given))
        report.lost += [f"{kind} {keys[one]} has no effect" for one in keys.keys() - found.keys()]
        report.doubled += [f"{kind} {one} was asked for by nobody" for one in found.keys() - keys]
        report.doubled += [f"{kind} {one} has {n} effects" for one, n in found.items() if n != 1]
        if len(keys) != len(made):
            report.doubled.append(f"{len(made)} {kind}s were answered with {len(keys)} ids")
    names = {one.fields["externalId"] for one in acts if one.kind == "purchase"}
    rows = dict(ask(ROWS_OF_KEYS))
    report.doubled += [f"{name} stands {count} times" for name, count in rows.items() if count > 1]
    report.doubled += [f"{name} is nobody's" for name in rows.keys() - names]


def judge_transfers(transfers: Sequence[dict[str, Any]], report: Report) -> None:
    """Count at the provider: no payout was sent twice."""
    sent = Counter(one["metadata"]["payout"] for one in transfers)
    report.doubled += [f"payout {one} was sent {n} times" for one, n in sent.items() if n > 1]


def _wait_until_quiet(field_: Battlefield) -> None:
    deadline = time.monotonic() + QUIET_SECONDS_MAX
    while field_.ask(UNSEALED)[0][0]:
        field_.town.supervise()
        assert time.monotonic() < deadline, f"nothing seals: {field_.town.log('worker')}"
        time.sleep(0.1)


def _ask_books(field_: Battlefield) -> list[object]:
    now = Clock(field_.town.clock_file).now()
    broken = asyncio.run(broken_promises(field_.clusters[0], "mizan", now))
    field_.town.run("verify")
    return broken + [f"halted for {row[0]}: {row[1]} breaches" for row in field_.ask(HALTS)]


def _uuid_of(global_id: str | None) -> str:
    found = GlobalId.parse(global_id or "")
    assert found is not None
    return str(found.id)
