"""However the blocks of a book are read, in one stretch or in many, the same is found."""

from typing import Any

import pytest
from sqlalchemy import Uuid, bindparam, text

from payouts.seals import Verdict, stretches
from payouts.seals.canonical import FIRST_INSTANT, earliest_of
from payouts.seals.leaves import AUDITOR_RANGE_SUM, on_stretch
from tests.payouts.seals.tampering import Book
from tests.payouts.seals.world import BOOK

READ = {"journal", "posting", "seal"}
_SOUND = Verdict(journals=9, blocks=4, anchors=4, faults=())


@pytest.fixture(params=["whole", "blocks", "heads", "looked up", "looked up by blocks"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set how much is read at once, and whether journals are looked up one by one."""
    named: str = request.param
    if "blocks" in named:
        monkeypatch.setattr(stretches, "STRETCH_JOURNALS_MAX", 1)
    if "heads" in named:
        monkeypatch.setattr(stretches, "HEADS_MAX", 1)
    if "looked up" in named:
        monkeypatch.setattr(stretches, "PASSED_OVER_MAX", 0)
    return named


@pytest.mark.usefixtures("way")
async def test_a_sound_book_is_sound_and_a_fault_has_its_name(book: Book) -> None:
    assert await book.hold() == _SOUND
    one = book.blocks[1][2]
    await book.alter(
        "UPDATE payouts.posting SET amount = amount + sign(amount) WHERE book_id = :book"
        " AND journal_id = :one AND line < 3",
        one=one,
    )
    verdict = await book.hold()
    assert [
        (fault.kind.value, fault.block, fault.seq, fault.journal_id) for fault in verdict.faults
    ] == [("altered", 2, 6, one)]
    assert (verdict.journals, verdict.blocks) == (9, 4)


@pytest.mark.usefixtures("way")
async def test_two_places_swapped_across_blocks_are_both_named(book: Book) -> None:
    await book.alter(
        "UPDATE payouts.seal SET seq = -seq WHERE book_id = :book AND seq = 1",
        "UPDATE payouts.seal SET seq = 1 WHERE book_id = :book AND seq = 8",
        "UPDATE payouts.seal SET seq = 8 WHERE book_id = :book AND seq = -1",
    )
    found = [(one.kind.value, one.block, one.seq) for one in (await book.hold()).faults]
    assert found == [("reordered", 1, 1), ("reordered", 3, 8)]


@pytest.mark.usefixtures("way")
async def test_a_fault_is_found_over_two_connections(own_book: Book) -> None:
    assert await own_book.hold() == _SOUND
    one = own_book.blocks[2][0]
    await own_book.alter(
        "DELETE FROM payouts.posting WHERE book_id = :book AND journal_id = :one AND line = 3",
        one=one,
    )
    assert await own_book.first_fault() == ("altered", BOOK, 3, 8, one)


async def test_no_statistics_make_a_stretch_a_loop_within_a_loop(book: Book) -> None:
    names = ", ".join(f"'payouts.{one}'::regclass" for one in READ)
    await book.superuser.execute(text(f"DELETE FROM pg_statistic WHERE starelid IN ({names})"))
    statement = f"EXPLAIN (FORMAT JSON) {AUDITOR_RANGE_SUM.text}"
    values = {"book": BOOK, "from_seq": 1, "to_seq": 9}
    ids = {"first": book.blocks[0][0], "last": book.blocks[2][0]}
    asked = on_stretch(statement).bindparams(
        bindparam("first", type_=Uuid), bindparam("last", type_=Uuid)
    )
    found = await book.superuser.execute(asked, {**values, **ids})
    plan = found.scalar_one()[0]["Plan"]
    assert relations_of(plan) >= READ
    for looped in loops_of(plan):
        assert len(READ & relations_of(looped)) == 1, looped


def relations_of(plan: dict[str, Any]) -> set[str]:
    below = [relations_of(one) for one in plan.get("Plans", [])]
    if "Relation Name" not in plan:
        return set[str]().union(*below)
    name = plan["Relation Name"]  # of a month's partition: the table's, and its own behind it
    return {next((one for one in READ if name.startswith(f"{one}_")), name)}


def loops_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    below = [loop for one in plan.get("Plans", []) for loop in loops_of(one)]
    return [plan, *below] if plan["Node Type"] == "Nested Loop" else below


def test_instants_that_only_the_database_knows_are_the_first_and_the_last() -> None:
    written = [
        number.to_bytes(8, "big", signed=True) for number in (5_000_000, -(2**63), 2**63 - 1)
    ]
    assert (earliest_of(written[0]) - FIRST_INSTANT).total_seconds() == 5
    assert earliest_of(b"".join(written)).year == 1
    assert earliest_of(written[2]).year == 9999
