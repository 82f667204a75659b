"""The crash run in its short form, and that its judge sees what is wrong.

`PROOF_SEED=n` makes other callers, cuts and kills.
"""

import asyncio
import faulthandler
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.demo.client import Person
from api.graphql.nodes import GlobalId
from tests.chaos.load import Act
from tests.chaos.report import HEADING, Report, table_of, write_report
from tests.chaos.run import (
    EFFECTS,
    HELD,
    ROWS_OF_KEYS,
    Void,
    judge_effects,
    judge_transfers,
    require_force,
    run_chaos,
)

SEED = 20_260_317
NOBODY = Person("nobody", lambda: "")
IDS = [str(UUID(int=number)) for number in range(1, 4)]


@pytest.mark.proof
async def test_nothing_acknowledged_is_lost_and_nothing_done_twice(
    tmp_path: Path, full_counts: bool, tell_proof: Callable[[str], None]
) -> None:
    if full_counts:
        faulthandler.cancel_dump_traceback_later()  # hundreds of kills take longer than a hang
    seed = int(os.environ.get("PROOF_SEED", SEED))
    server_kills, database_kills = (200, 50) if full_counts else (1, 1)
    report = await asyncio.to_thread(
        run_chaos, tmp_path, seed=seed, server_kills=server_kills, database_kills=database_kills
    )
    assert (report.lost, report.doubled, report.broken) == ([], [], []), report.line()
    tell_proof(report.line())
    if full_counts:
        write_report(report)


def acts() -> list[Act]:
    """A purchase, a return and a payout that were acknowledged."""
    made = [
        str(GlobalId(kind, 1, UUID(one)))
        for kind, one in zip(("Accrual", "PurchaseReturn", "Payout"), IDS, strict=True)
    ]
    return [
        Act("purchase", "purchase-1", NOBODY, {"externalId": "chaos-1"}, made=made[0]),
        Act("return", "return-1", NOBODY, {}, made=made[1]),
        Act("payout", "payout-1", NOBODY, {}, made=made[2]),
    ]


def books(changes: dict[str, Any]) -> Callable[..., list[Any]]:
    """Books in which those three happened once, but for the changes."""
    found: dict[str, list[Any]] = {
        "accrual.pending": [(IDS[0], 1)],
        "accrual.return_pending": [(IDS[1], 1)],
        "redemption.own_card": [],
        HELD: [(IDS[2], 1)],
        ROWS_OF_KEYS: [("chaos-1", 1)],
    }
    found.update(changes)

    def ask(statement: str, **given: Any) -> list[Any]:
        return found[given["kinds"][0] if statement == EFFECTS else statement]

    return ask


@pytest.mark.parametrize(
    ("changes", "lost", "doubled"),
    [
        ({}, [], []),
        ({"accrual.pending": []}, ["purchase purchase-1 has no effect"], []),
        ({"accrual.pending": [(IDS[0], 2)]}, [], [f"purchase {IDS[0]} has 2 effects"]),
        (
            {"redemption.own_card": [(IDS[0], 1)]},
            [],
            [f"redemption {IDS[0]} was asked for by nobody"],
        ),
        ({HELD: []}, ["payout payout-1 has no effect"], []),
        ({ROWS_OF_KEYS: [("chaos-1", 2)]}, [], ["chaos-1 stands 2 times"]),
        ({ROWS_OF_KEYS: [("chaos-2", 1)]}, [], ["chaos-2 is nobody's"]),
    ],
)
def test_the_judge_sees_what_is_lost_and_what_is_done_twice(
    changes: dict[str, Any], lost: list[str], doubled: list[str]
) -> None:
    report = Report(1, 1, 1)
    judge_effects(books(changes), acts(), None, report)
    assert (report.lost, report.doubled) == (lost, doubled)
    assert report.is_good is (changes == {})


def test_two_keys_with_one_effect_and_two_transfers_of_one_payout_are_seen() -> None:
    report, twice = Report(1, 1, 1), acts()
    twice.append(Act("return", "return-2", NOBODY, {}, made=twice[1].made))
    judge_effects(books({}), twice, None, report)
    transfers = [{"metadata": {"payout": one}} for one in ("a", "b", "a")]
    judge_transfers(transfers, report)
    assert report.doubled == [
        "2 returns were answered with 1 ids",
        "payout a was sent 2 times",
    ]


@pytest.mark.parametrize(
    ("acknowledged", "shares", "ambiguous", "reason"),
    [
        (1_199, [199, 200, 200, 200, 200, 200], 9, "too few operations"),
        (1_300, [199, 301, 200, 200, 200, 200], 9, "too few operations"),
        (1_200, [200] * 6, 1, "too few lost COMMITs"),
        (1_200, [200] * 6, 2, None),
    ],
)
def test_a_gentle_run_is_void(
    acknowledged: int, shares: list[int], ambiguous: int, reason: str | None
) -> None:
    report = Report(1, 5, 1, acknowledged=acknowledged, shares=shares, ambiguous=ambiguous)
    if reason is None:
        require_force(report)
    else:
        with pytest.raises(Void, match=reason):
            require_force(report)


def test_the_report_replaces_its_own_figures_alone(tmp_path: Path) -> None:
    page = tmp_path / "reliability.md"
    page.write_text(f"# Page\n\n{HEADING}\n\nWords.\n\n| old | 1 |\n\n## Next\n\n| kept | 2 |\n")
    report = Report(7, 2, 1, back_seconds=[1.0, 3.0, 2.0], shares=[204, 201, 209])
    for _ in range(2):
        write_report(report, page)
    assert page.read_text() == (
        f"# Page\n\n{HEADING}\n\nWords.\n\n{table_of(report)}\n\n## Next\n\n| kept | 2 |\n"
    )
    assert "| PostgreSQL back after, median and longest | 2.0 s, 3.0 s |" in table_of(report)
    assert "| from one kill to the next, least and median | 201, 204 |" in table_of(report)
