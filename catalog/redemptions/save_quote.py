"""Writing quotes."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import Quote, QuoteSource
from catalog.redemptions.tables import quote, quote_source


async def save_quote(
    db: AsyncConnection, *, network_id: int, made: Quote, sources: Sequence[QuoteSource]
) -> None:
    """Keep a quote, and what it was chosen from in the order in which it would be bought."""
    await db.execute(
        insert(quote).values(
            **_cost_columns(made),
            **_points_columns(made),
            network_id=network_id,
            quote_id=made.quote_id,
            member_id=made.member_id,
            reward_id=made.reward_id,
            version=made.version,
            kind=made.kind,
            face=made.face.minor,
            face_currency=made.face.currency,
            slot_id=made.slot_id,
            brand_id=made.brand_id,
            partner_id=made.partner_id,
            supplier_id=made.supplier_id,
            supplier_sku=made.supplier_sku,
            line_face=made.lines.face.minor,
            line_margin=made.lines.margin.minor,
            line_fee=made.lines.fee.minor,
            line_discount=made.lines.discount.minor,
            line_fx=made.lines.fx.minor,
            total=made.total.minor,
            currency=made.total.currency,
            fx_rate_id=made.fx_rate_id,
            fx_rate=made.fx_rate,
            margin_id=made.margin_id,
            signature=made.signature,
            quoted_at=made.quoted_at,
            expires_at=made.expires_at,
        )
    )
    if not sources:
        return
    await db.execute(
        insert(quote_source),
        [
            {
                "network_id": network_id,
                "quote_id": made.quote_id,
                "place": place,
                "source_id": one.source_id,
                "version": one.version,
                "supplier_id": one.supplier_id,
                "supplier_sku": one.supplier_sku,
                "cost": None if one.cost is None else one.cost.minor,
                "cost_currency": None if one.cost is None else one.cost.currency,
                "cost_in_wallet": None if one.cost_in_wallet is None else one.cost_in_wallet.minor,
                "fx_rate_id": one.fx_rate_id,
                "fx_rate": one.fx_rate,
                "score": one.score,
                "excluded_because": one.excluded_because,
            }
            for place, one in enumerate(sources, start=1)
        ],
    )


def _cost_columns(made: Quote) -> dict[str, object]:
    if made.costs is None:
        return {}
    return {
        "cost": made.costs.total.minor,
        "cost_currency": made.costs.total.currency,
        "cost_face": made.costs.cost.minor,
        "cost_fee": made.costs.fee.minor,
        "cost_discount": made.costs.discount.minor,
    }


def _points_columns(made: Quote) -> dict[str, object]:
    part = made.points_part
    return {
        "points_price": None if made.points_price is None else made.points_price.minor,
        "points": None if part is None else part.points.minor,
        "points_worth": None if part is None else part.worth.minor,
        "points_rate_id": None if part is None else part.rate_id,
    }
