"""The smallest valid network, partner, agreement, member and rule, each with what a test changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from partners.agreements import Agreement, Partner, UnspentTo, create_partner, publish_agreement
from partners.members import Member, enrol_member
from partners.networks import Network, create_network
from partners.rules import BudgetGrant, EarnRule, FundingShare, publish_rule
from tests.conftest import NOW

START = NOW - timedelta(days=400)


async def make_network(
    database: Database,
    *,
    slug: str = "souk",
    zone: str = "Asia/Riyadh",
    currency: str = "SAR",
) -> Network:
    async with database.writing(PLATFORM_NETWORK_ID) as db:
        return await create_network(
            db,
            slug=slug,
            name={"en": "Souk", "ar": "سوق"},
            zone=zone,
            currency=currency,
            default_locale="ar",
            now=NOW,
        )


async def make_partner(
    db: AsyncConnection,
    *,
    network_id: int,
    name: str = "Bakery",
    roles: Sequence[str] = ("merchant",),
) -> Partner:
    return await create_partner(
        db, network_id=network_id, name={"en": name}, roles=roles, country="SA", now=NOW
    )


async def make_agreement(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    currency: str = "SAR",
    purchase_fee_bps: int = 100,
    acceptance_fee_bps: int = 300,
    experience_commission_bps: int = 1000,
    return_window_days: int = 14,
    unspent_to: UnspentTo = UnspentTo.NETWORK,
    effective_from: datetime = START,
) -> Agreement:
    return await publish_agreement(
        db,
        network_id=network_id,
        partner_id=partner_id,
        currency=currency,
        purchase_fee_bps=purchase_fee_bps,
        acceptance_fee_bps=acceptance_fee_bps,
        experience_commission_bps=experience_commission_bps,
        return_window_days=return_window_days,
        unspent_to=unspent_to,
        effective_from=effective_from,
        now=NOW,
    )


async def make_rule(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    rate_bps: int = 500,
    category: str | None = None,
    requires_activation: bool = False,
    funding: Sequence[FundingShare] = (),
    starts_at: datetime = START,
    ends_at: datetime | None = None,
    programme_id: UUID | None = None,
    lifetime_days: int | None = None,
    budget: BudgetGrant | None = None,
) -> EarnRule:
    """A rule funded by its own partner, unless told otherwise."""
    return await publish_rule(
        db,
        network_id=network_id,
        partner_id=partner_id,
        category=category,
        rate_bps=rate_bps,
        requires_activation=requires_activation,
        funding=funding or (FundingShare("partner", partner_id, 1),),
        starts_at=starts_at,
        ends_at=ends_at,
        programme_id=programme_id,
        lifetime_days=lifetime_days,
        budget=budget,
        now=NOW,
    )


@dataclass(frozen=True, slots=True)
class Shop:
    """A network with one merchant under an agreement, its rule, and one member."""

    network: Network
    partner: Partner
    agreement: Agreement
    rule: EarnRule
    member: Member

    @property
    def network_id(self) -> int:
        return self.network.network_id


async def open_shop(
    database: Database,
    *,
    slug: str = "souk",
    currency: str = "SAR",
    rate_bps: int = 500,
    purchase_fee_bps: int = 100,
) -> Shop:
    """5 % cashback, 1 % fee, 14 days to return."""
    network = await make_network(database, slug=slug, currency=currency)
    network_id = network.network_id
    async with database.writing(network_id) as db:
        partner = await make_partner(db, network_id=network_id)
        agreement = await make_agreement(
            db,
            network_id=network_id,
            partner_id=partner.partner_id,
            currency=currency,
            purchase_fee_bps=purchase_fee_bps,
        )
        rule = await make_rule(
            db, network_id=network_id, partner_id=partner.partner_id, rate_bps=rate_bps
        )
        member = await enrol_member(
            db,
            network_id=network_id,
            partner_id=partner.partner_id,
            external_id="cust-1",
            now=NOW,
        )
    return Shop(network, partner, agreement, rule, member)
