"""Opening cards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.errors import CardAlreadySold, GiftCardInvalid
from catalog.giftcards.model import OWN_CARDS, CardState, GiftCard
from catalog.giftcards.tables import gift_card
from catalog.vouchers import Code, Vault, new_card_code, store_voucher
from payouts.money import Money, new_id


async def open_card(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    face: Money,
    brand_id: UUID | None = None,
    reward_id: UUID | None = None,
    redemption_id: UUID | None = None,
    partner_id: UUID | None = None,
    member_id: UUID | None = None,
    external_id: str | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> GiftCard:
    """Add a card with a new code in the vault; the caller posts the journal that gives it value.

    It was either sold by a partner or got by a redemption. Raises GiftCardInvalid, or
    CardAlreadySold when the partner has used the reference.
    """
    card = GiftCard(
        card_id=new_id(now),
        brand_id=brand_id,
        reward_id=reward_id,
        redemption_id=redemption_id,
        partner_id=partner_id,
        member_id=member_id,
        external_id=external_id,
        face=face,
        state=CardState.ACTIVE,
        issued_at=now,
        expires_at=expires_at,
    )
    await _insert(db, network_id, card)
    await store_voucher(
        db,
        vault=vault,
        network_id=network_id,
        realm=OWN_CARDS,
        code=Code(new_card_code(network_id)),
        redemption_id=redemption_id,
        card_id=card.card_id,
        partner_id=partner_id,
        member_id=member_id,
        now=now,
    )
    return card


async def _insert(db: AsyncConnection, network_id: int, card: GiftCard) -> None:
    if card.face.minor <= 0:
        raise GiftCardInvalid("A card has a face above zero.", path=("amount",))
    if card.expires_at is not None and card.expires_at <= card.issued_at:
        raise GiftCardInvalid("A card expires in the future.", path=("expiresAt",))
    inserted = await db.execute(
        insert(gift_card)
        .values(
            network_id=network_id,
            card_id=card.card_id,
            brand_id=card.brand_id,
            reward_id=card.reward_id,
            redemption_id=card.redemption_id,
            partner_id=card.partner_id,
            member_id=card.member_id,
            external_id=card.external_id,
            face=card.face.minor,
            currency=card.face.currency,
            state=card.state,
            issued_at=card.issued_at,
            expires_at=card.expires_at,
        )
        .on_conflict_do_nothing()
        .returning(gift_card.c.card_id)
    )
    if inserted.first() is None:
        raise CardAlreadySold(path=("externalId",))
