"""Points as the staff sees them: beside money, never as money."""

from datetime import timedelta
from uuid import UUID

from api.auth.caller import Role
from api.graphql.nodes import GlobalId
from payouts.events import points_pending, rate_note
from payouts.fx import publish_fx_rate
from payouts.ledger import Cause, Draft, post_journal
from payouts.money import Points, Rounding
from payouts.seals import seal_journals
from tests.api.graphql.partners.world import Door, member, staff
from tests.conftest import NOW
from tests.factories.partners import Shop, open_shop

MONEY = "{ minor currency }"
TRIAL = (
    f"query($at: DateTime) {{ trialBalance(asOf: $at) {{ rows {{ accountType debit {MONEY} credit"
    f" {MONEY} }} totals {{ debit {MONEY} credit {MONEY} }} pointsRows {{ glCode accountType"
    " debit { points } credit { points } } pointsTotals { debit { points } credit { points } } } }"
)
JOURNAL = (
    f"query($id: ID!) {{ journal(id: $id) {{ postings {{ accountType amount {MONEY} }}"
    " pointsPostings { id accountType ownerKind ownerId amount { points } } } }"
)
EXPLAIN = (
    "query($id: ID!, $language: Locale) { explain(id: $id, locale: $language)"
    " { nodes { kind amount { minor } points { points } } sentences complete } }"
)
WALLET = "{ wallet { balances { currency pending { minor } } } }"


async def promise(door: Door, shop: Shop) -> UUID:
    """The shop pays 5.00 for the 400 points that a member is promised."""
    async with door.database.writing(shop.network_id) as db:
        rate = await publish_fx_rate(
            db,
            network_id=shop.network_id,
            base="POINTS",
            quote="SAR",
            value="0.0125",
            source="programme terms",
            observed_at=NOW,
            max_age_seconds=60,
            now=NOW,
        )
        lines = points_pending(
            funder_id=shop.partner.partner_id,
            member_id=shop.member.member_id,
            points=Points(400),
            owed=rate.worth_of(Points(400), Rounding.HALF_EVEN),
        )
        draft = Draft(
            "points.pending", "p1", Cause("test", "1"), lines, "t", NOW, note=rate_note(rate)
        )
        posted = await post_journal(db, network_id=shop.network_id, draft=draft, now=NOW)
    async with door.database.writing(shop.network_id) as db:
        await seal_journals(db, network_id=shop.network_id, now=NOW)
    return posted.journal_id


async def test_the_books_show_points_beside_money(door: Door) -> None:
    shop = await open_shop(door.database)
    journal_id = await promise(door, shop)
    auditor = staff(shop.network_id, Role.AUDITOR)
    sar = {"minor": "500", "currency": "SAR"}
    nothing = {"minor": "0", "currency": "SAR"}
    for at in (None, (NOW + timedelta(seconds=1)).isoformat()):
        trial = (await door.read(auditor, TRIAL, at=at))["trialBalance"]
        assert trial == {
            "rows": [
                {"accountType": "partner_recv_pending", "debit": sar, "credit": nothing},
                {"accountType": "fx_position", "debit": nothing, "credit": sar},
            ],
            "totals": [{"debit": sar, "credit": sar}],
            "pointsRows": [
                {
                    "glCode": "1400",
                    "accountType": "fx_position",
                    "debit": {"points": "400"},
                    "credit": {"points": "0"},
                },
                {
                    "glCode": "2100",
                    "accountType": "member_pending",
                    "debit": {"points": "0"},
                    "credit": {"points": "400"},
                },
            ],
            "pointsTotals": [{"debit": {"points": "400"}, "credit": {"points": "400"}}],
        }
    key = str(GlobalId("Journal", shop.network_id, journal_id))
    shown = (await door.read(auditor, JOURNAL, id=key))["journal"]
    assert [(one["accountType"], one["amount"]["minor"]) for one in shown["postings"]] == [
        ("partner_recv_pending", "500"),
        ("fx_position", "-500"),
    ]
    assert [
        (one["accountType"], one["ownerKind"], one["amount"]) for one in shown["pointsPostings"]
    ] == [
        ("fx_position", "platform", {"points": "400"}),
        ("member_pending", "member", {"points": "-400"}),
    ]


async def test_points_are_explained_to_whoever_has_them(door: Door) -> None:
    shop = await open_shop(door.database)
    journal_id = await promise(door, shop)
    owner = member(shop.network_id, shop.partner.partner_id, shop.member.member_id)
    key = str(GlobalId("Posting", shop.network_id, journal_id, 4))
    told = (await door.read(owner, EXPLAIN, id=key))["explain"]
    first = told["nodes"][0]
    assert (first["kind"], first["amount"], first["points"]) == (
        "Posting",
        None,
        {"points": "-400"},
    )
    assert [one for one in told["sentences"] if "400 points" in one], told["sentences"]
    arabic = (await door.read(owner, EXPLAIN, id=key, language="AR"))["explain"]
    assert any("400 نقطة" in one for one in arabic["sentences"])
    wallet = (await door.read(owner, WALLET))["wallet"]["balances"]
    assert wallet == [{"currency": "SAR", "pending": {"minor": "0"}}]
