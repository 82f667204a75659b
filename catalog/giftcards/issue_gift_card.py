"""Issuing cards at a partner's till."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.brands import get_brand
from catalog.giftcards.errors import CardAgreementMissing
from catalog.giftcards.model import GiftCard, card_sale_journal
from catalog.giftcards.open_card import open_card
from catalog.vouchers import Vault
from partners.agreements import find_agreement
from partners.members import get_member
from payouts.halts import refuse_halted
from payouts.ledger import post_journal
from payouts.money import Money


async def issue_gift_card(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    partner_id: UUID,
    face: Money,
    external_id: str,
    brand_id: UUID | None = None,
    member_id: UUID | None = None,
    expires_at: datetime | None = None,
    actor: str,
    now: datetime,
) -> GiftCard:
    """Bring a card into the world that a partner sold: it owes the network the face.

    `external_id` is the sale at its till, which sells one card. The code belongs to the member,
    if one is named, else to the partner, which hands it over. Raises CardAgreementMissing,
    CardAlreadySold, GiftCardInvalid, BrandNotFound, MemberNotFound, Halted.
    """
    agreement = await find_agreement(db, network_id=network_id, partner_id=partner_id, at=now)
    if agreement is None or agreement.currency != face.currency:
        raise CardAgreementMissing(currency=face.currency)
    if brand_id is not None:
        await get_brand(db, network_id=network_id, brand_id=brand_id)
    if member_id is not None:
        await get_member(db, network_id=network_id, member_id=member_id)
    await refuse_halted(db, network_id=network_id)
    card = await open_card(
        db,
        vault=vault,
        network_id=network_id,
        face=face,
        brand_id=brand_id,
        partner_id=partner_id,
        member_id=member_id,
        external_id=external_id,
        expires_at=expires_at,
        now=now,
    )
    draft = card_sale_journal(card, actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    return card
