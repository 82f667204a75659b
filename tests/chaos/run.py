"""One crash run from its seed to its judgement."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from api.cli.check import ask_books
from api.clock import Clock
from api.database.engine import Addresses, open_auditor
from api.database.transaction import PLATFORM_NETWORK_ID
from api.graphql.nodes import GlobalId
from api.worker.books import LOOK_BACK
from payouts.audit import Breach, find_breaches
from tests.chaos.crowd import gather
from tests.chaos.field import DATABASE, SERVER, Battlefield
from tests.chaos.load import REACHED, Act, Load, Told
from tests.chaos.report import Report
from tests.journeys.driver import Driver
from tests.journeys.town import DOUBLES, OURS

ACKNOWLEDGED_PER_KILL = 200
MORE_MAX, PAUSE_SECONDS_MAX = 10, 0.05
"""Kills come somewhat later than they may, as the dice say."""
KILLS_PER_LOOK = 25
KILLS_PER_AMBIGUOUS = 5
SUPERVISED_EVERY_SECONDS = 0.2
STALLED_SECONDS_MAX = 120.0
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
ROWS_OF_KEYS_TWICE = f"{ROWS_OF_KEYS} HAVING count(*) > 1"


class Void(Exception):
    """The run proves nothing: it was too gentle."""


def run_chaos(
    folder: Path,
    *,
    seed: int,
    server_kills: int,
    database_kills: int,
    told: Told = lambda _what, _done, _total: None,
) -> Report:
    """Play one run; raises Void when it was too gentle to prove anything.

    `told` hears what is going on, how much of it is done, and of how much.
    """
    begun = time.monotonic()
    report = Report(seed, server_kills, database_kills, on=datetime.now(UTC).date())
    field_ = Battlefield(folder, seed)
    try:
        field_.open()
        driver = _settle_in(field_)
        crowd = gather(driver)
        since = field_.ask(BEGUN)[0][0]
        load = Load(crowd, field_.url, seed)
        _attack(field_, load, report, told)
        _judge_answers(load, report, told)
        told("asking the books", 0, 1)
        _wait_until_quiet(field_)
        judge_effects(field_.ask, load.acts, since, report)
        judge_transfers(driver.look_at("stripe", "state")["transfers"], report)
        report.broken += _ask_books(field_)
        report.cuts, report.lost_commits = field_.proxies.counts()
    finally:
        field_.close()
    report.acknowledged = load.acknowledged
    report.worker_kills, report.back_seconds = field_.worker_kills, field_.back_seconds
    report.seconds = time.monotonic() - begun
    require_force(report)
    return report


def require_force(report: Report) -> None:
    """Raises Void for a run in which too little happened while things died."""
    kills = report.server_kills + report.database_kills
    if report.acknowledged < ACKNOWLEDGED_PER_KILL * kills or (
        min(report.shares, default=ACKNOWLEDGED_PER_KILL) < ACKNOWLEDGED_PER_KILL
    ):
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
    field_.driver = Driver(town, shown)
    return field_.driver


def _attack(field_: Battlefield, load: Load, report: Report, told: Told) -> None:
    victims = [SERVER] * report.server_kills + [DATABASE] * report.database_kills
    dice = random.Random(f"{report.seed} kills")
    dice.shuffle(victims)
    begun = time.monotonic()
    field_.proxies.set_cutting(is_cutting=True)
    load.start()
    try:
        for number, victim in enumerate(victims):
            told(f"killing, {load.acknowledged} acknowledged", number, len(victims))
            report.shares.append(_live_on(field_, load, dice))
            field_.kill(victim)
            if number % KILLS_PER_LOOK == KILLS_PER_LOOK - 1:
                _look_at_books(field_, report)
        # The last kill has load after it, too.
        _live_on(field_, load, dice)
    finally:
        load.end()
        field_.proxies.set_cutting(is_cutting=False)
    report.load_seconds = time.monotonic() - begun
    field_.town.wait_until_all_answer()


def _live_on(field_: Battlefield, load: Load, dice: random.Random) -> int:
    """Let a share be acknowledged, and then some; gives how many that were."""
    before = load.acknowledged
    deadline = time.monotonic() + STALLED_SECONDS_MAX
    seen, supervised = before, 0.0
    more, pause = dice.randrange(MORE_MAX), dice.random() * PAUSE_SECONDS_MAX
    while load.acknowledged < before + ACKNOWLEDGED_PER_KILL + more:
        now = time.monotonic()
        if load.failures:
            raise load.failures[0]
        if load.acknowledged > seen:
            seen, deadline = load.acknowledged, now + STALLED_SECONDS_MAX
        assert now < deadline, f"stalled: {load.errors} {field_.town.log('server')}"
        if now > supervised + SUPERVISED_EVERY_SECONDS:
            supervised = now
            field_.town.supervise()
        time.sleep(0.005)
    time.sleep(pause)
    return load.acknowledged - before


def _look_at_books(field_: Battlefield, report: Report) -> None:
    """Ask what can be asked quickly while everything goes on."""
    report.looks += 1
    url = field_.clusters[0].url(user="postgres")
    now = Clock(field_.town.clock_file).now()
    found = asyncio.run(find_lately(url, now))
    report.broken += [f"{one.invariant}: {one.rows} rows in the middle of it" for one in found]
    rows = field_.ask(ROWS_OF_KEYS_TWICE)
    report.doubled += [f"{row[0]} stands {row[1]} times in the middle of it" for row in rows]


async def find_lately(url: str, now: datetime) -> list[Breach]:
    """Ask what guards money of what the last minutes wrote and touched, as its auditor."""
    auditor = open_auditor(Addresses(url, url, role=None))
    try:
        async with auditor.reading(PLATFORM_NETWORK_ID) as db:
            await db.execute(text("SET LOCAL statement_timeout = '170s'"))  # as the worker does
            return await find_breaches(db, since=now - LOOK_BACK, now=now)
    finally:
        await auditor.engine.dispose()


def _judge_answers(load: Load, report: Report, told: Told) -> None:
    """Send every key again: what was acknowledged is there, what was not is done now, once."""
    for act, answer in load.send_all_again(told):
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
    url = field_.clusters[0].url(user="postgres")
    now = Clock(field_.town.clock_file).now()
    results = asyncio.run(ask_books(Addresses(url, url, role=None), now=now))
    assert any(one.examined for one in results), "there was nothing to check"
    broken: list[object] = [(one.name, list(one.breaches)) for one in results if not one.ok]
    field_.town.run("verify")
    return broken + [f"halted for {row[0]}: {row[1]} breaches" for row in field_.ask(HALTS)]


def _uuid_of(global_id: str | None) -> str:
    found = GlobalId.parse(global_id or "")
    assert found is not None
    return str(found.id)
