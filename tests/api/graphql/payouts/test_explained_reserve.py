"""What is held back is explained: by which policy, of which payment, and where it came back."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Role
from tests.api.graphql.explain.asking import explain_id
from tests.api.graphql.payouts.test_explained_settlement import told
from tests.api.graphql.payouts.test_reserves import POLICY, RESERVES, settle
from tests.api.graphql.payouts.world import Settling
from tests.conftest import NOW


@pytest.fixture
async def kept(settling: Settling) -> str:
    """Give the id of the reserve: 10 % of the cafe's 80.00, held back for 30 days."""
    await settling.door.do(
        settling.operator,
        "publishReservePolicy",
        POLICY,
        currency="SAR",
        shareBps=1_000,
        holdDays=30,
    )
    await settle(settling, "first")
    found = await settling.door.read(settling.maker, RESERVES)
    (edge,) = found["reserves"]["edges"]
    key: str = edge["node"]["id"]
    return key


async def journals(settling: Settling, superuser: AsyncConnection) -> dict[str, str]:
    """Give the journals of the first reserve by kind."""
    rows = await superuser.execute(
        text(
            "SELECT j.kind, j.journal_id FROM payouts.journal j JOIN payouts.reserve r"
            " ON r.network_id = j.book_id AND j.cause_id = r.reserve_id::text"
            " WHERE j.cause_kind = 'reserve' AND r.amount = 800"
        )
    )
    return {row.kind: settling.id("Journal", row.journal_id) for row in rows}


async def test_a_reserve_leads_to_its_statement_and_its_policy(
    settling: Settling, kept: str, superuser: AsyncConnection
) -> None:
    auditor = settling.person("a", Role.AUDITOR)
    found = await told(settling, auditor, kept)
    assert {
        ("Reserve", "held_back_of", "Statement", "800"),
        ("Reserve", "follows_rule", "ReservePolicy", None),
        ("Journal", "caused_by", "Reserve", None),
        ("Payout", "ordered_by", "Statement", "7200"),
    } <= found.edges
    (reserve,) = found.facts("Reserve")
    until = (NOW + timedelta(days=30)).isoformat()
    assert reserve == {
        "withheldAt": NOW.isoformat(),
        "releaseAt": until,
        "share": "10%",
        "shareOf": "80.00 SAR",
        "shareExact": "8 SAR",
    }
    (policy,) = found.facts("ReservePolicy")
    assert policy == {
        "share": "10%",
        "holdDays": "30",
        "currency": "SAR",
        "publishedBy": "staff:omar",
    }
    (statement,) = found.facts("Statement")
    assert statement["reserveWithheld"] == "8.00 SAR"
    assert {
        "SAR8.00 of what Cafe was to be paid was held back at 2026-03-15 09:00:00 UTC.",
        "It is owed again from 2026-04-14 09:00:00 UTC on, and the next cycle pays it.",
        "10% of SAR80.00 is exactly 8 SAR; rounded half to even, then down to what can be paid:"
        " SAR8.00.",
        "The reserve of SAR8.00 follows the reserve policy of 10% in SAR.",
        "SAR8.00 of that is held back as a reserve; SAR72.00 is paid.",
        "By the policy that staff:omar published at 2026-03-15 09:00:00 UTC, 10% of what is paid in"
        " SAR is held back for 30 days.",
    } <= {one.replace("\u00a0", "") for one in found.sentences}
    arabic = await told(settling, auditor, kept, language="AR")
    assert len(arabic.sentences) == len(found.sentences)
    assert any("سياسة الاحتياطي 10%" in one for one in arabic.sentences)
    keep = await journals(settling, superuser)
    assert list(keep) == ["reserve.keep"]
    back = await told(settling, auditor, keep["reserve.keep"])
    assert ("Reserve", "held_back_of", "Statement", "800") in back.edges


async def test_what_came_back_leads_to_the_reserve_and_to_the_statement_that_pays_it(
    settling: Settling, kept: str, superuser: AsyncConnection
) -> None:
    settling.door.set_clock(NOW + timedelta(days=30))
    await settling.work(seconds=1)
    await settle(settling, "second")
    booked = await journals(settling, superuser)
    assert sorted(booked) == ["reserve.carry", "reserve.keep", "reserve.release"]
    auditor = settling.person("a", Role.AUDITOR)
    for kind in booked:
        found = await told(settling, auditor, booked[kind])
        assert ("Journal", "caused_by", "Reserve", None) in found.edges, kind
        assert ("Reserve", "held_back_of", "Statement", "800") in found.edges, kind
        released = [one for one in found.facts("Reserve") if "releasedAt" in one]
        assert [one["releasedAt"] for one in released] == [(NOW + timedelta(days=30)).isoformat()]
    # The carry is a line of the second statement, of which a tenth is held back again.
    carried = await told(settling, auditor, booked["reserve.carry"])
    assert ("Journal", "fell_into", "Statement", None) in carried.edges
    assert ("Reserve", "held_back_of", "Statement", "80") in carried.edges
    assert any(
        one == "It was released at 2026-04-14 09:00:00 UTC, and the next cycle pays it."
        for one in carried.sentences
    )


async def test_a_partner_is_told_of_its_own_reserve_without_the_policy(
    settling: Settling, kept: str
) -> None:
    found = await told(settling, settling.as_partner(settling.cafe), kept)
    assert {"Journal", "Payout", "Reserve", "Statement"} == set(found.kinds)
    (reserve,) = found.facts("Reserve")
    assert set(reserve) == {"withheldAt", "releaseAt"}
    assert [one for one in found.sentences if "staff:" in one or "10%" in one] == []
    assert await explain_id(settling.door, settling.as_partner(settling.shop), kept) is None
    assert await explain_id(settling.door, settling.as_member, kept) is None
