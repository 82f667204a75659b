"""Two networks with the same kinds of objects, every text of which says whose it is.

Objects are made by use cases. A text is a canary: `cnry<number>x`, and its mark says of which kind
and whose it is. Ids need no mark: `things_of` finds every object of every kind in the tables.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from catalog.brands import create_brand
from catalog.experiences import add_slot
from catalog.offers import activate_offer
from catalog.rewards import (
    ExperienceTerms,
    GiftCardTerms,
    OfferTerms,
    RewardDraft,
    RewardText,
    Terms,
    create_reward,
    publish_reward,
)
from catalog.vouchers import Vault
from partners.accruals import confirm_due_accruals
from partners.agreements import create_partner, publish_agreement
from partners.clients import ClientKind, create_api_client
from partners.debts import DebtTreatment, publish_debt_policy
from partners.intakes import Chunk, open_intake, read_format, take_chunk
from partners.members import enrol_member
from partners.networks import create_network
from partners.purchases import record_purchase, record_return
from partners.rules import BudgetGrant, FundingShare, publish_rule
from payouts.fx import publish_fx_rate
from payouts.halts import lift_halt, open_halt
from payouts.reserves import publish_reserve_policy
from payouts.settlement import (
    Every,
    publish_payout_policy,
    publish_settlement_calendar,
    publish_settlement_conversion,
)
from tests.conftest import NOW
from tests.permissions.lives import live
from tests.permissions.money import reconcile, redeem, settle
from tests.permissions.shop_rules import set_rules
from tests.permissions.sides import BOUGHT_AT, LONG_AGO, Owned, Side
from tests.permissions.stock import stock


@dataclass
class World:
    """Both networks."""

    database: Database
    sides: list[Side]
    marks: dict[str, Owned]


async def make_world(database: Database) -> World:
    """Make two networks alike in everything but their names."""
    marks: dict[str, Owned] = {}
    vault = Vault.of_new_key()
    sides = [Side(database, vault, marks, "SAR") for _ in range(2)]
    for side in sides:
        await _found(side)
        await _people(side)
        await set_rules(side)
        await _catalogue(side)
        await live(side)
        await _earn(side)
        await _take_in(side)
        await redeem(side)
        await settle(side)
        await reconcile(side)
    return World(database, sides, marks)


async def _found(side: Side) -> None:
    slug = f"cnry{len(side.marks):04d}x"
    async with side.database.writing(PLATFORM_NETWORK_ID) as db:
        made = await create_network(
            db,
            slug=slug,
            name={"en": slug},
            zone="Asia/Riyadh",
            currency=side.currency,
            default_locale="en",
            now=LONG_AGO,
        )
    side.network_id = made.network_id
    assert side.mark("Network") == slug
    async with side.writing() as db:
        await create_api_client(
            db,
            network_id=side.network_id,
            kind=ClientKind.STAFF,
            subject=side.mark("ApiClient"),
            roles=["operator"],
            now=LONG_AGO,
        )
        await publish_fx_rate(
            db,
            network_id=side.network_id,
            base="USD",
            quote=side.currency,
            value="3.75",
            source=side.mark("FxRate"),
            observed_at=NOW - timedelta(hours=1),
            max_age_seconds=86_400,
            now=NOW,
        )
        halt = await open_halt(
            db, network_id=side.network_id, invariant="balance_floors", breaches=1, now=LONG_AGO
        )
        assert halt is not None
        await lift_halt(  # or nothing of what follows could be made
            db,
            network_id=side.network_id,
            halt_id=halt.halt_id,
            actor=f"staff:{side.mark('Halt')}",
            reason=side.mark("Halt"),
            now=LONG_AGO,
        )
        await publish_debt_policy(
            db,
            network_id=side.network_id,
            treatment=DebtTreatment.WRITE_OFF,
            after_days=3_650,
            actor="staff:maker",
            now=LONG_AGO,
        )
        await publish_payout_policy(
            db,
            network_id=side.network_id,
            approval_above=side.money("1.00"),
            minimum=side.money("0.01"),
            actor="staff:maker",
            now=LONG_AGO,
        )
        await publish_reserve_policy(
            db,
            network_id=side.network_id,
            currency=side.currency,
            partner_id=None,
            share_bps=1_000,
            hold_days=90,
            actor="staff:maker",
            now=LONG_AGO,
        )
        # Of a currency that nothing moves in: what the others do is cut when it is closed.
        await publish_settlement_calendar(
            db,
            network_id=side.network_id,
            currency="JPY",
            every=Every.MONTH,
            week_start=1,
            cut_time=time(9),
            review_days=3,
            value_days=1,
            weekend=(6, 7),
            holidays=(),
            actor="staff:maker",
            now=LONG_AGO,
        )


async def _people(side: Side) -> None:
    for _ in range(2):
        async with side.writing() as db:
            await _partner(side, db)
    for partner_id in side.partners:
        async with side.writing() as db:
            await _partners_terms(side, db, partner_id)


async def _partner(side: Side, db: AsyncConnection) -> None:
    name = f"cnry{len(side.marks):04d}x"
    made = await create_partner(
        db,
        network_id=side.network_id,
        name={"en": name},
        roles=["merchant", "brand"],
        country="SA",
        now=LONG_AGO,
    )
    assert side.mark("Partner", made.partner_id) == name
    side.partners.append(made.partner_id)


async def _partners_terms(side: Side, db: AsyncConnection, partner_id: UUID) -> None:
    await publish_agreement(
        db,
        network_id=side.network_id,
        partner_id=partner_id,
        currency=side.currency,
        purchase_fee_bps=100,
        acceptance_fee_bps=300,
        experience_commission_bps=1_250,
        return_window_days=14,
        effective_from=LONG_AGO,
        now=LONG_AGO,
    )
    await publish_rule(
        db,
        network_id=side.network_id,
        partner_id=partner_id,
        category=None,
        rate_bps=5_000,
        requires_activation=False,
        funding=[FundingShare("partner", partner_id, 1), FundingShare("network", None, 1)],
        starts_at=LONG_AGO,
        ends_at=None,
        now=LONG_AGO,
    )
    await publish_rule(
        db,
        network_id=side.network_id,
        partner_id=partner_id,
        category=side.mark("EarnRule", partner_id),
        rate_bps=700,
        requires_activation=False,
        funding=[FundingShare("partner", partner_id, 1)],
        starts_at=LONG_AGO,
        ends_at=None,
        budget=BudgetGrant(side.money("5.00"), "staff:operator"),
        now=LONG_AGO,
    )
    await publish_settlement_conversion(
        db,
        network_id=side.network_id,
        partner_id=partner_id,
        currency="JPY",
        into="KWD",
        actor="staff:maker",
        now=LONG_AGO,
    )
    await create_api_client(
        db,
        network_id=side.network_id,
        kind=ClientKind.PARTNER,
        partner_id=partner_id,
        subject=side.mark("ApiClient", partner_id),
        now=LONG_AGO,
    )
    external_id = f"cnry{len(side.marks):04d}x"
    member = await enrol_member(
        db,
        network_id=side.network_id,
        partner_id=partner_id,
        external_id=external_id,
        now=LONG_AGO,
    )
    assert side.mark("Member", partner_id, member.member_id) == external_id
    side.members.append(member.member_id)


async def _catalogue(side: Side) -> None:
    async with side.writing() as db:
        await stock(
            db,
            network_id=side.network_id,
            refused_sku=side.mark("CatalogueImport"),
            published_by=f"staff:{side.mark('SourcingPolicy')}",
            now=LONG_AGO,
        )
        own = GiftCardTerms.of_own_faces(side.money("10.00"))
        side.card_reward = await _reward(side, db, own)
        for partner_id in side.partners:
            slug = side.mark("Brand")
            brand = await create_brand(
                db,
                network_id=side.network_id,
                slug=slug,
                name={"en": slug},
                partner_id=partner_id,
                now=LONG_AGO,
            )
            experience = ExperienceTerms(side.money("5.00"), 24, 2_000)
            evening = await _reward(side, db, experience, partner_id, brand.brand_id)
            slot = await add_slot(
                db,
                network_id=side.network_id,
                reward_id=evening,
                partner_id=partner_id,
                starts_at=NOW + timedelta(days=9),
                capacity=9,
                now=NOW,
            )
            side.slots.append((evening, slot.slot_id))
            side.offers.append(await _reward(side, db, _offer(partner_id), partner_id))
            await _reward(side, db, experience, partner_id, kind="Draft")


def _offer(partner_id: UUID) -> OfferTerms:
    return OfferTerms(
        rate_bps=900,
        category=None,
        funding=(FundingShare("partner", partner_id, 1),),
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=30),
    )


async def _reward(
    side: Side,
    db: AsyncConnection,
    terms: Terms,
    partner_id: UUID | None = None,
    brand_id: UUID | None = None,
    kind: str = "Reward",
) -> UUID:
    text = side.mark(kind)
    made = await create_reward(
        db,
        network_id=side.network_id,
        draft=RewardDraft({"en": RewardText(text, text, text, text)}, ("SA",), terms),
        partner_id=partner_id,
        brand_id=brand_id,
        now=NOW,
    )
    if kind == "Reward":
        await publish_reward(db, network_id=side.network_id, reward_id=made.reward_id, now=NOW)
    return made.reward_id


async def _earn(side: Side) -> None:
    """Each member buys at each partner, long ago and today, and gives something back."""
    for partner_id in side.partners:
        for member_id in side.members:
            await _buy(side, partner_id, member_id, "200.00", BOUGHT_AT)
            await _buy(side, partner_id, member_id, "40.00", NOW - timedelta(hours=1))
    async with side.writing() as db:
        await confirm_due_accruals(db, network_id=side.network_id, limit=100, now=NOW)
        for offer, member_id in zip(side.offers, side.members, strict=True):
            await activate_offer(
                db, network_id=side.network_id, reward_id=offer, member_id=member_id, now=NOW
            )


async def _take_in(side: Side) -> None:
    """Each partner's file, the one line of which is refused."""
    for partner_id in side.partners:
        name = side.mark("PurchaseIntake", partner_id)
        header = ["external_id", "member_external_id", "amount", "currency", "purchased_at"]
        line = [name, "nobody", "1.00", side.currency, BOUGHT_AT.isoformat()]
        async with side.writing() as db:
            intake = await open_intake(
                db,
                network_id=side.network_id,
                partner_id=partner_id,
                file_sha256=sha256(name.encode()).hexdigest(),
                file_name=f"{name}.csv",
                actor="staff:command-line",
                now=NOW,
            )
            await take_chunk(
                db,
                network_id=side.network_id,
                intake=intake,
                chunk=Chunk(2, [(2, line)]),
                layout=read_format(header),
                actor="staff:command-line",
                now=NOW,
            )


async def _buy(
    side: Side, partner_id: UUID, member_id: UUID, amount: str, bought_at: datetime
) -> None:
    actor = f"partner:{side.mark('Purchase', partner_id, member_id)}"
    async with side.writing() as db:
        made = await record_purchase(
            db,
            network_id=side.network_id,
            partner_id=partner_id,
            member_id=member_id,
            external_id=side.mark("Purchase", partner_id, member_id),
            amount=side.money(amount),
            category=None,
            purchased_at=bought_at,
            actor=actor,
            now=bought_at + timedelta(minutes=1),
        )
        await record_return(
            db,
            network_id=side.network_id,
            partner_id=partner_id,
            purchase_id=made.purchase_id,
            external_id=side.mark("PurchaseReturn", partner_id, member_id),
            amount=side.money("1.00"),
            actor=actor,
            now=bought_at + timedelta(minutes=2),
        )
