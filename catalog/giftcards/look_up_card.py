"""Looking cards up by their code."""

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.model import (
    GUESS_WINDOW,
    GUESSES_MAX,
    NETWORK_GUESSES_MAX,
    OWN_CARDS,
    WHOLE_NETWORK,
    CardLookup,
)
from catalog.giftcards.queries import count_guesses, read_gift_cards
from catalog.giftcards.tables import card_guess
from catalog.suppliers import Secret
from catalog.vouchers import Code, Vault, find_card_of_code, read_card_code

_NO_CODE = Secret("no code")
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


async def look_up_card(
    db: AsyncConnection, *, vault: Vault, network_id: int, caller: str, code: Secret, now: datetime
) -> CardLookup:
    """Find the usable card of a code; count a failure against its caller and the network.

    A malformed, wrong, absent, frozen or expired code all end alike after the same work. Whoever
    failed too often in a window learns nothing until the next. The count must be committed even
    when the caller's request is refused, so this runs in a transaction of its own.
    """
    window_at = now - (now - _EPOCH) % GUESS_WINDOW
    for who, most in ((caller, GUESSES_MAX), (WHOLE_NETWORK, NETWORK_GUESSES_MAX)):
        failures = await count_guesses(db, network_id=network_id, caller=who, window_at=window_at)
        if failures >= most:
            return CardLookup(None, is_limited=True)
    number = read_card_code(code.reveal()) or _NO_CODE
    card_id = await find_card_of_code(
        db, vault=vault, network_id=network_id, realm=OWN_CARDS, code=Code(number)
    )
    wanted = [] if card_id is None else [card_id]
    cards = await read_gift_cards(db, network_id=network_id, card_ids=wanted)
    for card in cards.values():
        if card.is_usable(now):
            return CardLookup(card.card_id)
    failures = await _count_failure(db, network_id, caller, window_at)
    await _count_failure(db, network_id, WHOLE_NETWORK, window_at)
    # Of guesses made at once no more than the limit are answered.
    return CardLookup(None, is_limited=failures > GUESSES_MAX)


async def _count_failure(
    db: AsyncConnection, network_id: int, caller: str, window_at: datetime
) -> int:
    row = insert(card_guess).values(
        network_id=network_id, caller=caller, window_at=window_at, failures=1
    )
    counted = await db.execute(
        row.on_conflict_do_update(
            index_elements=[card_guess.c.network_id, card_guess.c.caller, card_guess.c.window_at],
            set_={"failures": card_guess.c.failures + 1},
        ).returning(card_guess.c.failures)
    )
    return int(counted.scalar_one())
