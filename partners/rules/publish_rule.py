"""Publishing earn rules."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.agreements import PartnerNotFound, read_partners
from partners.rules.model import EarnRule, FundingShare, check_funding, check_rule
from partners.rules.tables import earn_rule
from payouts.money import new_id


async def publish_rule(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    category: str | None,
    rate_bps: int,
    requires_activation: bool,
    funding: Sequence[FundingShare],
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
) -> EarnRule:
    """Let purchases at a partner earn a rate, paid by the named funders by weight.

    Rules are never edited; a better one wins beside it. Raises PartnerNotFound, InvalidRule,
    InvalidFunding.
    """
    check_rule(category, rate_bps, starts_at, ends_at)
    check_funding(funding)
    named = {partner_id} | {one.partner_id for one in funding if one.partner_id is not None}
    known = await read_partners(db, network_id=network_id, partner_ids=sorted(named))
    if len(known) != len(named):
        raise PartnerNotFound
    rule = EarnRule(
        rule_id=new_id(now),
        partner_id=partner_id,
        category=category,
        rate_bps=rate_bps,
        requires_activation=requires_activation,
        funding=tuple(funding),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    await db.execute(
        insert(earn_rule).values(
            network_id=network_id,
            rule_id=rule.rule_id,
            partner_id=partner_id,
            category=category,
            rate_bps=rate_bps,
            requires_activation=requires_activation,
            funding=[
                {
                    "funder": share.funder,
                    "partner_id": None if share.partner_id is None else str(share.partner_id),
                    "weight": share.weight,
                }
                for share in funding
            ],
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=now,
        )
    )
    return rule
