"""Placing redemptions."""

from dataclasses import replace
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import book_seat
from catalog.giftcards import open_card
from catalog.redemptions.errors import (
    QuoteAltered,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RewardNotRedeemable,
)
from catalog.redemptions.give_pool_code import give_pool_code
from catalog.redemptions.hold_payment import hold_payment
from catalog.redemptions.journals import own_card_journal
from catalog.redemptions.model import (
    FULFIL_KIND,
    Quote,
    Redemption,
    RedemptionKind,
    RedemptionState,
)
from catalog.redemptions.queries import get_quote
from catalog.redemptions.signature import content_of
from catalog.redemptions.spend_points import spend_points
from catalog.redemptions.tables import redemption
from catalog.rewards import RewardPaused, RewardState, get_reward, pin_state
from catalog.stocks import take_card
from catalog.suppliers import is_pooled
from catalog.vouchers import Vault
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.ledger import post_journal
from payouts.money import new_id


async def place_redemption(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    member_id: UUID,
    quote_id: UUID,
    token: str | None = None,
    actor: str,
    now: datetime,
) -> Redemption:
    """Use a quote: turn the member's value into what was quoted, once.

    `token` is the quote's signature as the caller was given it. A supplier's card is paid for by
    holds until the supplier delivers; a card of the network's own, a code of a pool and a seat are
    the member's at once. Raises QuoteNotFound, QuoteAltered, QuoteExpired, QuoteUsed,
    RewardNotRedeemable when the reward was withdrawn, RewardPaused, BalanceTooLow, Halted for a card,
    ReservationLost for a code, and what booking a seat raises.
    """
    quote = await get_quote(db, network_id=network_id, quote_id=quote_id)
    if quote.member_id != member_id:
        raise QuoteNotFound
    _check_signature(quote, token, vault=vault, network_id=network_id)
    if now >= quote.expires_at:
        raise QuoteExpired(expires_at=quote.expires_at, path=("quoteId",))
    if quote.kind is not RedemptionKind.EXPERIENCE:
        await refuse_halted(db, network_id=network_id)
    one = _placed(quote, now)
    if one.kind is RedemptionKind.SUPPLIER_CARD:
        one = await hold_payment(db, network_id=network_id, one=one, quote=quote, now=now)
    await _insert(db, network_id, one)
    return await _carry_out(
        db, one, quote, vault=vault, network_id=network_id, actor=actor, now=now
    )


def _check_signature(quote: Quote, token: str | None, *, vault: Vault, network_id: int) -> None:
    """Refuse a quote that is not what was signed, or another token than it was given."""
    if quote.signature is None:  # made before quotes were signed, some minutes ago
        raise QuoteExpired(expires_at=quote.expires_at, path=("quoteId",))
    content = content_of(quote, network_id=network_id)
    if not vault.verifies(content, signature=quote.signature):
        raise QuoteAltered(is_stored=True, path=("quoteId",))
    if token is not None and not compare_digest(token.encode(), quote.signature.encode()):
        raise QuoteAltered(is_stored=False, path=("token",))


def _placed(quote: Quote, now: datetime) -> Redemption:
    part = quote.points_part
    return Redemption(
        redemption_id=new_id(now),
        quote_id=quote.quote_id,
        member_id=quote.member_id,
        reward_id=quote.reward_id,
        version=quote.version,
        kind=quote.kind,
        state=RedemptionState.PLACED,
        face=quote.face,
        total=quote.total,
        hold_id=None,
        card_id=None,
        booking_id=None,
        charged=None,
        failure_code=None,
        placed_at=now,
        ended_at=None,
        points=None if part is None else part.points,
        points_worth=None if part is None else part.worth,
    )


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
        points=None if one.points is None else one.points.minor,
        points_worth=None if one.points_worth is None else one.points_worth.minor,
        points_hold_id=one.points_hold_id,
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
    # A pause comes before this or after it. What is sold as another reward by now is still bought
    # as it was quoted, and so is what is past its sunset.
    state = await pin_state(db, network_id=network_id, reward_id=quote.reward_id)
    if state.is_interrupted:
        raise RewardPaused(path=("quoteId",))
    if state not in (RewardState.ACTIVE, RewardState.MATCHED, RewardState.RETIRING):
        raise RewardNotRedeemable(path=("quoteId",))
    if one.kind is RedemptionKind.SUPPLIER_CARD:
        return await _have_delivered(
            db, one, quote, vault=vault, network_id=network_id, actor=actor, now=now
        )
    await spend_points(db, network_id=network_id, one=one, quote=quote, actor=actor, now=now)
    if one.kind is RedemptionKind.OWN_CARD:
        return await _give_card(
            db, one, quote, vault=vault, network_id=network_id, actor=actor, now=now
        )
    assert quote.slot_id is not None
    reward = await get_reward(
        db, network_id=network_id, reward_id=quote.reward_id, version=quote.version
    )
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
    await take_card(db, network_id=network_id, reward_id=one.reward_id)
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
