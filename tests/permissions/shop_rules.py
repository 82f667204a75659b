"""What the operators of one network of the world said of its shop: margin, standings, assortment."""

from catalog.assortments import AssortmentRule, Effect, publish_assortment
from catalog.margins import publish_margin
from partners.programmes import have_default_programme
from partners.standings import set_standing
from tests.permissions.sides import LONG_AGO, Side


async def set_rules(side: Side) -> None:
    """Say of everything something that changes nothing, with texts that only staff may see."""
    async with side.writing() as db:
        await publish_margin(
            db,
            network_id=side.network_id,
            margin_bps=0,
            category=side.mark("Margin"),
            actor="staff:maker",
            now=LONG_AGO,
        )
        programme = await have_default_programme(db, network_id=side.network_id, now=LONG_AGO)
        await publish_assortment(
            db,
            network_id=side.network_id,
            programme_id=programme.programme_id,
            rules=[AssortmentRule(Effect.DENY, categories=(side.mark("Assortment"),))],
            actor="staff:maker",
            now=LONG_AGO,
        )
        for member_id in side.members:
            await set_standing(
                db,
                network_id=side.network_id,
                member_id=member_id,
                tier=side.mark("MemberStanding"),
                segments=[],
                actor="staff:maker",
                now=LONG_AGO,
            )
