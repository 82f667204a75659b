"""Creating rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands import get_brand
from catalog.rewards.checks import check_draft, check_own_card
from catalog.rewards.errors import RewardInvalid
from catalog.rewards.model import (
    GiftCardTerms,
    Reward,
    RewardDraft,
    RewardKind,
    RewardState,
    SupplierItem,
)
from catalog.rewards.queries import get_reward
from catalog.rewards.save_version import save_version
from catalog.rewards.tables import reward
from partners.agreements import get_partner
from partners.networks import get_network
from payouts.money import new_id

RANK = 1_000
RANK_MAX = 10**12


async def create_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    draft: RewardDraft,
    brand_id: UUID | None = None,
    partner_id: UUID | None = None,
    supplier: SupplierItem | None = None,
    rank: int = RANK,
    now: datetime,
) -> Reward:
    """Add a reward as a draft with its first version; nobody but staff sees it yet.

    An experience or an offer names its partner; a gift card without a supplier is the network's
    own. Raises RewardInvalid, BrandNotFound, PartnerNotFound or InvalidLocale.
    """
    network = await get_network(db, network_id=network_id)
    check_draft(draft, network_currency=network.currency)
    if isinstance(draft.terms, GiftCardTerms) and supplier is None:
        check_own_card(draft.terms, network_currency=network.currency)
    if not 0 <= rank <= RANK_MAX:
        raise RewardInvalid(path=("rank",))
    if brand_id is not None:
        brand = await get_brand(db, network_id=network_id, brand_id=brand_id)
        partner_id = partner_id or brand.partner_id
    if partner_id is not None:
        await get_partner(db, network_id=network_id, partner_id=partner_id)
    elif draft.kind is not RewardKind.GIFT_CARD:
        raise RewardInvalid("This kind of reward names its partner.", path=("partner_id",))
    reward_id = new_id(now)
    await db.execute(
        insert(reward).values(
            network_id=network_id,
            reward_id=reward_id,
            kind=draft.kind.value,
            state=RewardState.DRAFT.value,
            brand_id=brand_id,
            partner_id=partner_id,
            supplier_id=None if supplier is None else supplier.supplier_id,
            supplier_sku=None if supplier is None else supplier.sku,
            supplier_country=None if supplier is None else supplier.country,
            rank=rank,
            latest_version=1,
            created_at=now,
            is_withdrawn=False,
        )
    )
    await save_version(db, network_id=network_id, drafts=[(reward_id, 1, draft)], now=now)
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
