"""Making a world's people through the use cases: networks, partners, clients, brand keys, members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.world_record import (
    ClientRecord,
    MemberRecord,
    NetworkRecord,
    PartnerRecord,
)
from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.world import World
from partners.accruals import confirm_due_accruals
from partners.agreements import create_partner, publish_agreement
from partners.clients import ClientKind, create_api_client, register_brand_key
from partners.members import enrol_member
from partners.networks import create_network
from partners.programmes import create_programme
from partners.purchases import record_purchase
from partners.rules import FundingShare, publish_rule
from payouts.fx import publish_fx_rate
from payouts.money import Money

ACTOR = "staff:seed"
AGREED_BEFORE = timedelta(days=120)
RETURN_WINDOW_DAYS = 14
RATE_SECONDS_MAX = 90 * 24 * 3600
CONFIRMED_AT_ONCE = 500
STAFF = (
    ("operator", "operator-1", ("operator",)),
    ("finance_maker", "maker-1", ("finance_maker",)),
    ("finance_checker", "checker-1", ("finance_checker",)),
    ("finance_checker", "checker-2", ("finance_checker",)),
    ("auditor", "auditor-1", ("auditor",)),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a partner pays for taking part, in basis points, and what its members earn there."""

    earn_bps: int = 500
    purchase_fee_bps: int = 100
    acceptance_fee_bps: int = 300
    experience_commission_bps: int = 1000


async def found_network(
    world: World, *, slug: str, name: Mapping[str, str], zone: str, currency: str, now: datetime
) -> NetworkRecord:
    """Found a network, with one client for each person of its staff and one for the platform's."""
    async with world.database.writing(PLATFORM_NETWORK_ID) as db:
        network = await create_network(
            db,
            slug=slug,
            name=name,
            zone=zone,
            currency=currency,
            default_locale="ar",
            now=now,
        )
        platform = await _staff_client(
            db, PLATFORM_NETWORK_ID, "platform-operator", ["operator"], now
        )
    staff = [ClientRecord("platform_operator", "platform-operator", *platform)]
    async with world.database.writing(network.network_id) as db:
        for role, subject, roles in STAFF:
            client = await _staff_client(db, network.network_id, subject, roles, now)
            staff.append(ClientRecord(role, subject, *client))
    return NetworkRecord(network.network_id, slug, currency, staff=staff)


async def _staff_client(
    db: AsyncConnection, network_id: int, subject: str, roles: Sequence[str], now: datetime
) -> tuple[str, str]:
    issued = await create_api_client(
        db, network_id=network_id, kind=ClientKind.STAFF, subject=subject, roles=roles, now=now
    )
    assert issued.secret is not None
    return issued.client.client_id, issued.secret


async def start_programme(
    world: World, network: NetworkRecord, *, slug: str, name: Mapping[str, str], now: datetime
) -> None:
    """Start a programme of the network's own; the rules of partners who join later are its rules."""
    async with world.database.writing(network.network_id) as db:
        made = await create_programme(
            db, network_id=network.network_id, slug=slug, name=name, now=now
        )
    network.programme_id = made.programme_id


async def welcome_partner(
    world: World,
    network: NetworkRecord,
    *,
    label: str,
    name: Mapping[str, str],
    roles: Sequence[str] = ("merchant",),
    terms: Terms | None,
    has_members: bool = False,
    now: datetime,
) -> PartnerRecord:
    """Take a partner in: agreement, earn rule, API client and, for its members, a brand key."""
    network_id = network.network_id
    async with world.database.writing(network_id) as db:
        partner = await create_partner(
            db, network_id=network_id, name=name, roles=roles, country="SA", now=now
        )
        if terms is not None:
            await _agree(db, network, partner.partner_id, terms, now)
        issued = await create_api_client(
            db,
            network_id=network_id,
            kind=ClientKind.PARTNER,
            partner_id=partner.partner_id,
            subject=label,
            now=now,
        )
        assert issued.secret is not None
        brand_key = (
            await _brand_key(db, network_id, partner.partner_id, now) if has_members else None
        )
    record = PartnerRecord(
        partner_id=partner.partner_id,
        label=label,
        name=dict(name),
        client=ClientRecord("partner", label, issued.client.client_id, issued.secret),
        brand_key=brand_key,
    )
    network.partners.append(record)
    return record


async def _agree(
    db: AsyncConnection, network: NetworkRecord, partner_id: UUID, terms: Terms, now: datetime
) -> None:
    since = now - AGREED_BEFORE
    await publish_agreement(
        db,
        network_id=network.network_id,
        partner_id=partner_id,
        currency=network.currency,
        purchase_fee_bps=terms.purchase_fee_bps,
        acceptance_fee_bps=terms.acceptance_fee_bps,
        experience_commission_bps=terms.experience_commission_bps,
        return_window_days=RETURN_WINDOW_DAYS,
        effective_from=since,
        now=now,
    )
    await publish_rule(
        db,
        network_id=network.network_id,
        partner_id=partner_id,
        category=None,
        rate_bps=terms.earn_bps,
        requires_activation=False,
        funding=[FundingShare("partner", partner_id, 1)],
        starts_at=since,
        ends_at=None,
        programme_id=network.programme_id,
        now=now,
    )


async def _brand_key(
    db: AsyncConnection, network_id: int, partner_id: UUID, now: datetime
) -> dict[str, Any]:
    key = ECKey.generate_key("P-256", auto_kid=True)
    await register_brand_key(
        db,
        network_id=network_id,
        partner_id=partner_id,
        public_jwk=key.as_dict(private=False),
        now=now,
    )
    return dict(key.as_dict(private=True))


async def enrol(
    world: World,
    network: NetworkRecord,
    partner: PartnerRecord,
    *,
    external_id: str,
    now: datetime,
) -> MemberRecord:
    """Enrol a member of a partner."""
    async with world.database.writing(network.network_id) as db:
        member = await enrol_member(
            db,
            network_id=network.network_id,
            partner_id=partner.partner_id,
            external_id=external_id,
            now=now,
        )
    record = MemberRecord(member.member_id, external_id, partner.label)
    network.members.append(record)
    return record


async def buy_earlier(
    world: World,
    network: NetworkRecord,
    partner: PartnerRecord,
    member: MemberRecord,
    *,
    amounts: Sequence[str],
    days_ago: int,
    category: str | None = None,
    now: datetime,
) -> None:
    """Report purchases of the past, one a day from `days_ago` on."""
    for number, amount in enumerate(amounts):
        async with world.database.writing(network.network_id) as db:
            await record_purchase(
                db,
                network_id=network.network_id,
                partner_id=partner.partner_id,
                member_id=member.member_id,
                external_id=f"{partner.label}-{member.external_id}-{days_ago}-{number + 1}",
                amount=Money.of_decimal(amount, network.currency),
                category=category,
                purchased_at=now - timedelta(days=days_ago, hours=number),
                actor=f"partner:{partner.partner_id}",
                now=now,
            )


async def confirm_what_is_due(world: World, network: NetworkRecord, *, now: datetime) -> None:
    """Make available what was earned long enough ago."""
    confirmed = CONFIRMED_AT_ONCE
    while confirmed == CONFIRMED_AT_ONCE:
        async with world.database.writing(network.network_id) as db:
            confirmed = await confirm_due_accruals(
                db, network_id=network.network_id, limit=CONFIRMED_AT_ONCE, now=now
            )


async def publish_rates(
    world: World, network: NetworkRecord, rates: Mapping[str, str], *, now: datetime
) -> None:
    """Publish what one unit of each currency costs in the network's own."""
    async with world.database.writing(network.network_id) as db:
        for base, value in rates.items():
            await publish_fx_rate(
                db,
                network_id=network.network_id,
                base=base,
                quote=network.currency,
                value=value,
                source="seed",
                observed_at=now,
                max_age_seconds=RATE_SECONDS_MAX,
                now=now,
            )
