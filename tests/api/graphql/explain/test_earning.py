"""A purchase, what it earned and gave back, explained to each who has a part in it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from api.auth.caller import Role
from api.graphql.nodes import id_of
from payouts.ledger import Cause, find_journals_of
from tests.api.graphql.explain.asking import Told, explain, explain_id
from tests.api.graphql.partners.world import Door, member, partner, staff
from tests.partners.accruals.world import Store, open_store
from tests.partners.purchases.world import CONFIRMED, Till, open_till


def auditor(till: Till) -> Any:
    return staff(till.network_id, Role.AUDITOR)


async def told(door: Door, caller: Any, kind: str, key: UUID, **over: str) -> Told:
    found = await explain(door, caller, kind, key, None, **over)
    assert found is not None
    return found


@pytest.fixture
async def store(door: Door) -> Store:
    """A grocery whose cashback a hotel pays two fifths of."""
    return await open_store(door.database)


async def test_a_cashback_is_reckoned_before_the_readers_eyes(door: Door, store: Store) -> None:
    bought = await store.buy(3_333)
    accrual = await store.accrual(bought)
    found = await told(door, auditor(store), "Accrual", accrual.accrual_id)
    assert found.facts("Accrual") == [
        {
            "state": "pending",
            "rate": "5%",
            "cashbackRemaining": "1.67 SAR",
            "availableAt": "2026-03-29T09:00:00+00:00",
            "cashbackExact": "1.6665 SAR",
            "cashbackRounding": "half_even",
            "cashback": "1.67 SAR",
            "feeRate": "1%",
            "feeExact": "0.3333 SAR",
            "feeRounding": "half_even",
            "fee": "0.33 SAR",
            "agreementVersion": "1",
            "share1": "1.00 SAR",
            "share1Exact": "1.002 SAR",
            "share1Rounding": "largest_remainder",
            "share2": "0.67 SAR",
            "share2Exact": "0.668 SAR",
            "share2Rounding": "largest_remainder",
        }
    ]
    assert (
        "Hotel pays 2 of 5 parts: exactly 0.668 SAR; whole minor units by the largest remainder:"
        " SAR0.67." in found.sentences
    )
    assert "5% of SAR33.33 is exactly 1.6665 SAR; rounded once, half to even: SAR1.67." in (
        found.sentences
    )
    assert found.kinds == ["Accrual", "Agreement", "EarnRule", "Journal", "Lot", "Lot", "Purchase"]
    assert found.edges == {
        ("Accrual", "earned_by", "Purchase", None),
        ("Accrual", "follows_rule", "EarnRule", None),
        ("Purchase", "agreed_in", "Agreement", None),
        ("Journal", "caused_by", "Accrual", None),
        ("Lot", "comes_from", "Accrual", "100"),
        ("Lot", "comes_from", "Accrual", "67"),
        ("Lot", "made_by", "Journal", "100"),
        ("Lot", "made_by", "Journal", "67"),
    }
    assert found.answer["complete"] is True


async def test_a_posting_leads_to_its_purchase_and_back(door: Door, store: Store) -> None:
    bought = await store.buy(3_333)
    accrual = await store.accrual(bought)
    pending = accrual.pending_journal_id
    assert pending is not None
    shown = "query($id: ID!) { node(id: $id) { ... on Journal { postings { id } } } }"
    journal = await door.read(
        auditor(store), shown, id=str(id_of("Journal", store.network_id, pending))
    )
    ids = [one["id"] for one in journal["node"]["postings"]]
    assert len(set(ids)) == len(ids) == 4
    found = await explain_id(door, auditor(store), ids[0])
    assert found is not None
    assert [one["kind"] for one in found.answer["nodes"][:3]] == ["Posting", "Journal", "Accrual"]
    assert found.answer["nodes"][0]["amount"] == {"minor": "133", "currency": "SAR"}
    assert ("Posting", "line_of", "Journal", None) in found.edges
    assert "It debits SAR0.67 to partner_recv_pending of Hotel." in found.sentences
    assert "Purchase" in found.kinds


async def test_lots_are_followed_both_ways_and_a_return_is_named(door: Door) -> None:
    till = await open_till(door.database)
    bought = await till.buy(3_333)
    await till.confirm()
    await till.spend(10)
    await till.give_back(bought, 1_111)
    accrual = await till.accrual(bought)
    found = await told(door, auditor(till), "Accrual", accrual.accrual_id)
    assert {
        ("Lot", "carried_from", "Lot", "167"),
        ("Journal", "took_from", "Lot", "10"),
        ("Journal", "took_from", "Lot", "56"),
        ("Journal", "reverses", "Journal", None),
        ("PurchaseReturn", "returns", "Purchase", "1111"),
        ("Journal", "caused_by", "PurchaseReturn", None),
    } <= found.edges
    lots = {one["account"]: one["remaining"] for one in found.facts("Lot")}
    assert lots == {"member_pending": "0.00 SAR", "member_available": "1.01 SAR"}
    (lot,) = [
        one["id"]
        for one in found.answer["nodes"]
        if one["label"] == "the lot of SAR1.67 on member_available"
    ]
    again = await explain_id(door, auditor(till), lot)
    assert again is not None
    assert "Accrual" in again.kinds
    assert again.facts("Accrual")[0]["cashback"] == "1.67 SAR"


async def test_an_explanation_speaks_arabic(door: Door, store: Store) -> None:
    bought = await store.buy(3_333)
    found = await told(door, auditor(store), "Purchase", bought.purchase_id, language="AR")
    english = await told(door, auditor(store), "Purchase", bought.purchase_id)
    assert (
        await told(door, auditor(store), "Purchase", bought.purchase_id, locale="ar")
    ).sentences == found.sentences
    assert len(found.sentences) == len(english.sentences)
    for asked, answered in (("ar-EG", found), ("fr", english), ("he", english)):
        other = await told(door, auditor(store), "Purchase", bought.purchase_id, language=asked)
        assert other.answer == answered.answer
    assert (found.answer["locale"], english.answer["locale"]) == ("ar", "en")
    assert found.sentences[0] == (
        "تمّت عملية شراء \u200f33.33\u00a0ر.س.\u200f لدى Grocery في 2026-03-15 09:00:00 UTC وسُجّلت في"
        " 2026-03-15 09:00:00 UTC."
    )
    assert [one for one in found.sentences if not any("؀" <= sign <= "ۿ" for sign in one)] == []


async def test_a_partner_is_told_its_own_part_alone(door: Door, store: Store) -> None:
    bought = await store.buy(3_333)
    await store.confirm()
    mine = await told(
        door, partner(store.network_id, store.partner_id), "Purchase", bought.purchase_id
    )
    assert [one for one in mine.sentences if "member_" in one and one.startswith("It ")] == []
    assert [one for one in mine.sentences if "Hotel" in one or "platform_fee" in one] == []
    assert mine.facts("Accrual")[0]["share1"] == "1.00 SAR"
    assert "share2" not in mine.facts("Accrual")[0]
    assert all("actor" not in one for one in mine.facts("Journal"))
    assert all("remaining" not in one for one in mine.facts("Lot"))
    hotel = partner(store.network_id, store.hotel_id)
    assert await explain(door, hotel, "Purchase", bought.purchase_id) is None
    accrual = await store.accrual(bought)
    assert accrual.confirm_journal_id is not None
    part = await told(door, hotel, "Journal", accrual.confirm_journal_id)
    assert [one for one in part.sentences if "SAR1.00" in one or "Grocery" in one] == []
    assert "It debits SAR0.67 to partner_recv of Hotel." in part.sentences


async def test_a_member_is_told_its_own_value_and_no_terms(door: Door, store: Store) -> None:
    bought = await store.buy(3_333)
    await store.confirm()
    who = member(store.network_id, store.partner_id, bought.member_id)
    found = await told(door, who, "Purchase", bought.purchase_id)
    assert set(found.kinds) == {"Accrual", "Journal", "Lot", "Purchase"}
    assert [one for one in found.sentences if "fee" in one or "partner_recv" in one] == []
    other = member(store.network_id, store.partner_id, await store.other_member())
    assert await explain(door, other, "Purchase", bought.purchase_id) is None
    accrual = await store.accrual(bought)
    assert accrual.pending_journal_id is not None
    assert await explain(door, other, "Journal", accrual.pending_journal_id) is None
    assert await explain(door, other, "Posting", accrual.pending_journal_id, 1) is None


async def test_foreign_absent_and_malformed_ids_are_answered_alike(
    door: Door, store: Store
) -> None:
    bought = await store.buy(3_333)
    foreign = await open_store(door.database, slug="bazaar")
    there = auditor(foreign)
    assert await explain(door, there, "Purchase", bought.purchase_id) is None
    absent = UUID(int=7)
    for kind in ("Journal", "Lot", "Accrual", "Purchase", "Member", "Nothing"):
        assert await explain(door, auditor(store), kind, absent) is None
    async with door.database.reading(store.network_id) as db:
        accrual = await store.accrual(bought)
        cause = Cause("accrual", str(accrual.accrual_id))
        (journal,) = await find_journals_of(db, network_id=store.network_id, cause=cause)
    for line in (0, -1, 99, 2**70):
        assert await explain(door, auditor(store), "Posting", journal, line) is None
    assert await explain(door, auditor(store), "Posting", journal) is None
    assert await explain(door, auditor(store), "Journal", journal, 1) is None
    for text in ("", "x", "ي", "x" * 500):
        assert await explain_id(door, auditor(store), text) is None


async def test_many_things_cost_as_many_statements_as_few(door: Door) -> None:
    till = await open_till(door.database)
    few, many = await till.buy(10_000, "few"), await till.buy(10_000, "many")
    await till.confirm()
    await till.give_back(few, 10, "few-1", now=CONFIRMED + timedelta(days=1))
    for number in range(40):
        at = CONFIRMED + timedelta(days=1, minutes=number)
        await till.give_back(many, 10, f"many-{number}", now=at)
    counts = []
    for bought in (few, many):
        statements: list[str] = []
        engine = door.database.engine.sync_engine

        def count(*args: Any, into: list[str] = statements) -> None:
            into.append(args[2])

        event.listen(engine, "before_cursor_execute", count)
        found = await told(door, auditor(till), "Purchase", bought.purchase_id)
        event.remove(engine, "before_cursor_execute", count)
        counts.append((len(found.answer["nodes"]), len(statements)))
    assert counts[0][0] < 12 < 60 < counts[1][0] <= 200
    assert counts[0][1] == counts[1][1] < 60
