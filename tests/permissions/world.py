"""Two networks with the same kinds of objects, every text of which says whose it is.

Objects are made by use cases. A text is a canary: `cnry<number>x`, and its mark says of which kind
and whose it is. Ids need no mark: `things_of` finds every object of every kind in the tables.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from catalog.brands import create_brand
from catalog.experiences import add_slot
from catalog.giftcards import authorize_gift_card, capture_gift_card, issue_gift_card
from catalog.offers import activate_offer
from catalog.redemptions import place_redemption, quote_reward
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
from catalog.suppliers import register_supplier
from catalog.vouchers import Vault
from partners.accruals import confirm_due_accruals
from partners.agreements import create_partner, publish_agreement
from partners.clients import ClientKind, create_api_client
from partners.members import enrol_member
from partners.networks import create_network
from partners.purchases import record_purchase, record_return
from partners.rules import FundingShare, publish_rule
from payouts.disbursement import (
    approve_settlement_cycle,
    connect_payee,
    record_payee,
    request_cashback_payout,
    request_topup,
)
from payouts.fx import publish_fx_rate
from payouts.money import Money
from payouts.rails.port import ProviderAccount
from payouts.reconciliation import import_bank_statement
from payouts.seals import seal_journals
from payouts.settlement import close_settlement_cycle, publish_payout_policy
from tests.conftest import NOW
from tests.payouts.reconciliation.camt import document, entry, statement

LONG_AGO = NOW - timedelta(days=60)
BOUGHT_AT = NOW - timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Owned:
    """Of which kind a thing is, and whose."""

    kind: str
    network_id: int
    partner_id: UUID | None = None
    member_id: UUID | None = None
    parties: frozenset[UUID] = frozenset()


@dataclass
class Side:
    """One network: two partners, each with a member of its own, who buy at both."""

    database: Database
    vault: Vault
    marks: dict[str, Owned]
    currency: str
    network_id: int = 0
    partners: list[UUID] = field(default_factory=list)
    members: list[UUID] = field(default_factory=list)
    offers: list[UUID] = field(default_factory=list)
    slots: list[tuple[UUID, UUID]] = field(default_factory=list)
    card_reward: UUID | None = None

    def mark(self, kind: str, partner_id: UUID | None = None, member_id: UUID | None = None) -> str:
        """A text nobody else has, remembered with whose it is."""
        canary = f"cnry{len(self.marks):04d}x"
        self.marks[canary] = Owned(kind, self.network_id, partner_id, member_id)
        return canary

    def money(self, decimal: str) -> Money:
        return Money.of_decimal(decimal, self.currency)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self.database.writing(self.network_id) as db:
            yield db


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
        await _catalogue(side)
        await _earn(side)
        await _redeem(side)
        await _settle(side)
        await _reconcile(side)
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
        await publish_payout_policy(
            db,
            network_id=side.network_id,
            approval_above=side.money("1.00"),
            minimum=side.money("0.01"),
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
        await register_supplier(db, network_id=side.network_id, name="reloadly", now=LONG_AGO)
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


async def _redeem(side: Side) -> None:
    for member_id, (evening, slot_id) in zip(side.members, side.slots, strict=True):
        assert side.card_reward is not None
        await _place(side, member_id, side.card_reward, face=side.money("10.00"))
        await _place(side, member_id, evening, slot_id=slot_id)
        async with side.writing() as db:
            await quote_reward(
                db,
                network_id=side.network_id,
                member_id=member_id,
                reward_id=side.card_reward,
                face=side.money("10.00"),
                now=NOW,
            )
    first, second = side.partners
    await _card(side, sold_by=first, taken_by=first, amount="3.00")
    # One is owed so much by the other that the cycle pays it and collects from the other.
    await _card(side, sold_by=first, taken_by=second, amount="2900.00", is_captured=True)
    await _card(side, sold_by=second, taken_by=second, amount="3.00")


async def _card(
    side: Side, *, sold_by: UUID, taken_by: UUID, amount: str, is_captured: bool = False
) -> None:
    async with side.writing() as db:
        card = await issue_gift_card(
            db,
            vault=side.vault,
            network_id=side.network_id,
            partner_id=sold_by,
            face=side.money("3000.00" if is_captured else "30.00"),
            external_id=side.mark("GiftCard", sold_by),
            actor="partner:x",
            now=NOW,
        )
        made = await authorize_gift_card(
            db,
            network_id=side.network_id,
            partner_id=taken_by,
            card_id=card.card_id,
            amount=side.money(amount),
            merchant_reference=side.mark("CardAuthorization", taken_by),
            now=NOW,
        )
        if is_captured:
            await capture_gift_card(
                db,
                network_id=side.network_id,
                partner_id=taken_by,
                authorization_id=made.authorization_id,
                amount=side.money(amount),
                actor="partner:x",
                now=NOW,
            )


async def _place(
    side: Side,
    member_id: UUID,
    reward_id: UUID,
    *,
    face: Money | None = None,
    slot_id: UUID | None = None,
) -> None:
    async with side.writing() as db:
        quote = await quote_reward(
            db,
            network_id=side.network_id,
            member_id=member_id,
            reward_id=reward_id,
            face=face,
            slot_id=slot_id,
            now=NOW,
        )
        await place_redemption(
            db,
            vault=side.vault,
            network_id=side.network_id,
            member_id=member_id,
            quote_id=quote.quote_id,
            actor=f"member:{member_id}",
            now=NOW,
        )


async def _settle(side: Side) -> None:
    for partner_id in side.partners:
        await _payee(side, partner_id=partner_id)
    for member_id in side.members:
        await _payee(side, member_id=member_id)
        async with side.writing() as db:
            await request_cashback_payout(
                db,
                network_id=side.network_id,
                member_id=member_id,
                amount=side.money("2.00"),
                actor=f"member:{side.mark('Payout', None, member_id)}",
                now=NOW,
            )
    async with side.writing() as db:
        await seal_journals(db, network_id=side.network_id, now=NOW)
    async with side.writing() as db:
        cycle = await close_settlement_cycle(
            db, network_id=side.network_id, actor="staff:maker", now=NOW
        )
        await approve_settlement_cycle(
            db,
            network_id=side.network_id,
            cycle_id=cycle.cycle_id,
            actor="staff:checker",
            now=NOW,
        )
        await request_topup(
            db,
            network_id=side.network_id,
            amount=side.money("7.00"),
            actor="staff:maker",
            now=NOW,
        )


async def _payee(
    side: Side, *, partner_id: UUID | None = None, member_id: UUID | None = None
) -> None:
    async with side.writing() as db:
        made = await connect_payee(
            db,
            network_id=side.network_id,
            partner_id=partner_id,
            member_id=member_id,
            country="SA",
            email="payee@example.com",
            name=side.mark("Payee", partner_id, member_id),
            return_url="https://example.com/back",
            now=NOW,
        )
        name = side.mark("Payee", partner_id, member_id)
        await record_payee(
            db,
            network_id=side.network_id,
            payee_id=made.payee_id,
            account=ProviderAccount(f"acct_{name}", True, (name,), True),
            customer_id=None,
            payment_method_id=None,
            link=None,
            now=NOW,
        )


async def _reconcile(side: Side) -> None:
    lines: Sequence[str] = [
        entry("12.00", ref=side.mark("ReconciliationItem"), text=side.mark("ReconciliationItem"))
    ]
    content = document(statement("0.00", "12.00", *lines, ref=side.mark("BankStatement")))
    async with side.writing() as db:
        await import_bank_statement(
            db, network_id=side.network_id, content=content, actor="staff:maker", now=NOW
        )
        await seal_journals(db, network_id=side.network_id, now=NOW)
