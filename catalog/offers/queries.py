"""Reads of offers that members switched on."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.offers.model import OfferActivation
from catalog.offers.tables import offer_activation

_ACTIVATION = (
    offer_activation.c.offer_activation_id,
    offer_activation.c.reward_id,
    offer_activation.c.version,
    offer_activation.c.rule_id,
    offer_activation.c.member_id,
    offer_activation.c.activated_at,
)


async def find_activation(
    db: AsyncConnection, *, network_id: int, rule_id: UUID, member_id: UUID
) -> OfferActivation | None:
    """Tell whether and when a member switched an offer's rule on."""
    row = (
        await db.execute(
            select(*_ACTIVATION).where(
                offer_activation.c.network_id == network_id,
                offer_activation.c.member_id == member_id,
                offer_activation.c.rule_id == rule_id,
            )
        )
    ).first()
    return None if row is None else _activation(row)


async def list_offer_activations(
    db: AsyncConnection, *, network_id: int, member_id: UUID, reward_ids: Collection[UUID]
) -> dict[UUID, OfferActivation]:
    """Tell which of these offers a member switched on; of several versions, the latest."""
    rows = await db.execute(
        select(*_ACTIVATION)
        .where(
            offer_activation.c.network_id == network_id,
            offer_activation.c.member_id == member_id,
            offer_activation.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
        )
        .order_by(offer_activation.c.activated_at, offer_activation.c.version)
    )
    return {row.reward_id: _activation(row) for row in rows}


def _activation(row: Any) -> OfferActivation:
    return OfferActivation(
        row.offer_activation_id,
        row.reward_id,
        row.version,
        row.rule_id,
        row.member_id,
        row.activated_at,
    )
