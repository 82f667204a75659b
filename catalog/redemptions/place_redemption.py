"""Placing redemptions."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import book_seat
from catalog.giftcards import open_card
from catalog.redemptions.errors import (
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RewardNotRedeemable,
)
from catalog.redemptions.give_pool_code import give_pool_code
from catalog.redemptions.model import (
    FULFIL_KIND,
    Quote,
    Redemption,
    RedemptionKind,
    RedemptionState,
    own_card_journal,
    wallet_account,
)
from catalog.redemptions.queries import get_quote
from catalog.redemptions.tables import redemption
from catalog.rewards import RewardState, get_reward
from catalog.suppliers import is_pooled
from catalog.vouchers import Vault
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.ledger import Cause, place_hold, post_journal
from payouts.money import new_id


async def place_redemption(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    member_id: UUID,
    quote_id: UUID,
    actor: str,
    now: datetime,
) -> Redemption:
    """Use a quote: turn the member's value into what was quoted, once.

    A supplier's card is paid for by a hold until the supplier delivers; a card of the network's
    own, a code of a pool and a seat are the member's at once. Raises QuoteNotFound, QuoteExpired,
    QuoteUsed, RewardNotRedeemable when the reward was withdrawn, BalanceTooLow, Halted for a card,
    ReservationLost for a code, and what booking a seat raises.
    """
    quote = await get_quote(db, network_id=network_id, quote_id=quote_id)
    if quote.member_id != member_id:
        raise QuoteNotFound
    if now >= quote.expires_at:
        raise QuoteExpired(expires_at=quote.expires_at, path=("quoteId",))
    if quote.kind is not RedemptionKind.EXPERIENCE:
        await refuse_halted(db, network_id=network_id)
    redemption_id = new_id(now)
    one = Redemption(
        redemption_id=redemption_id,
        quote_id=quote_id,
        member_id=member_id,
        reward_id=quote.reward_id,
        version=quote.version,
        kind=quote.kind,
        state=RedemptionState.PLACED,
        face=quote.face,
        total=quote.total,
        hold_id=await _hold(db, network_id, quote, redemption_id, now),
        card_id=None,
        booking_id=None,
        charged=None,
        failure_code=None,
        placed_at=now,
        ended_at=None,
    )
    await _insert(db, network_id, one)
    return await _carry_out(
        db, one, quote, vault=vault, network_id=network_id, actor=actor, now=now
    )


async def _hold(
    db: AsyncConnection, network_id: int, quote: Quote, redemption_id: UUID, now: datetime
) -> UUID | None:
    if quote.kind is not RedemptionKind.SUPPLIER_CARD:
        return None
    held = await place_hold(
        db,
        network_id=network_id,
        account=wallet_account(quote.member_id, quote.total.currency),
        amount=quote.total,
        # Of two uses of a quote at once, the second finds the hold of the first, then its row.
        key=f"quote:{quote.quote_id}",
        cause=Cause("redemption", str(redemption_id)),
        expires_at=None,
        now=now,
    )
    return held.hold_id


async def _insert(db: AsyncConnection, network_id: int, one: Redemption) -> None:
    row = insert(redemption).values(
        network_id=network_id,
        redemption_id=one.redemption_id,
        quote_id=one.quote_id,
        member_id=one.member_id,
        reward_id=one.reward_id,
        version=one.version,
        kind=one.kind,
        state=one.state,
        face=one.face.minor,
        face_currency=one.face.currency,
        total=one.total.minor,
        currency=one.total.currency,
        hold_id=one.hold_id,
        placed_at=one.placed_at,
    )
    inserted = await db.execute(
        row.on_conflict_do_nothing(
            index_elements=[redemption.c.network_id, redemption.c.quote_id]
        ).returning(redemption.c.redemption_id)
    )
    if inserted.first() is None:
        raise QuoteUsed(path=("quoteId",))


async def _carry_out(
    db: AsyncConnection,
    one: Redemption,
    quote: Quote,
    *,
    vault: Vault,
    network_id: int,
    actor: str,
    now: datetime,
) -> Redemption:
    reward = await get_reward(
        db, network_id=network_id, reward_id=quote.reward_id, version=quote.version
    )
    if reward.state is not RewardState.ACTIVE:
        raise RewardNotRedeemable(path=("quoteId",))
    if one.kind is RedemptionKind.SUPPLIER_CARD:
        return await _have_delivered(
            db, one, quote, vault=vault, network_id=network_id, actor=actor, now=now
        )
    if one.kind is RedemptionKind.OWN_CARD:
        return await _give_card(
            db, one, quote, vault=vault, network_id=network_id, actor=actor, now=now
        )
    assert quote.slot_id is not None
    seat = await book_seat(
        db,
        network_id=network_id,
        slot_id=quote.slot_id,
        redemption_id=one.redemption_id,
        member_id=one.member_id,
        terms=reward.experience,
        actor=actor,
        now=now,
    )
    await _update(db, network_id, one.redemption_id, booking_id=seat.booking_id)
    return replace(one, booking_id=seat.booking_id)


async def _have_delivered(
    db: AsyncConnection,
    one: Redemption,
    quote: Quote,
    *,
    vault: Vault,
    network_id: int,
    actor: str,
    now: datetime,
) -> Redemption:
    """Have a supplier's card delivered: at once out of its pool, or by the worker's order."""
    assert quote.supplier_id is not None
    if await is_pooled(db, network_id=network_id, supplier_id=quote.supplier_id):
        return await give_pool_code(
            db, vault=vault, network_id=network_id, one=one, quote=quote, actor=actor, now=now
        )
    await announce_due(
        db, network_id=network_id, kind=FULFIL_KIND, due_id=one.redemption_id, due_at=now
    )
    return one


async def _give_card(
    db: AsyncConnection,
    one: Redemption,
    quote: Quote,
    *,
    vault: Vault,
    network_id: int,
    actor: str,
    now: datetime,
) -> Redemption:
    card = await open_card(
        db,
        vault=vault,
        network_id=network_id,
        face=one.face,
        brand_id=quote.brand_id,
        reward_id=one.reward_id,
        redemption_id=one.redemption_id,
        member_id=one.member_id,
        now=now,
    )
    draft = own_card_journal(one, card_id=card.card_id, actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    await _update(
        db,
        network_id,
        one.redemption_id,
        state=RedemptionState.FULFILLED,
        card_id=card.card_id,
        ended_at=now,
    )
    return replace(one, state=RedemptionState.FULFILLED, card_id=card.card_id, ended_at=now)


async def _update(
    db: AsyncConnection, network_id: int, redemption_id: UUID, **values: object
) -> None:
    await db.execute(
        update(redemption)
        .where(redemption.c.network_id == network_id, redemption.c.redemption_id == redemption_id)
        .values(**values)
    )
