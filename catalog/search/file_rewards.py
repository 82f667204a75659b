"""Filing rewards where they are searched for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.search.lexemes import filed_words, is_plain, write_vector
from catalog.search.model import SearchEntry
from catalog.search.slips import slips_of, takes_slips
from catalog.search.tables import reward_search, search_slip, search_word
from payouts.write_rows import Known, write_rows


async def file_rewards(
    db: AsyncConnection, *, network_id: int, entries: Sequence[SearchEntry], now: datetime
) -> None:
    """Make rewards found by their words and facts as they are from now on, however many there are.

    What was filed of them before no longer finds them.
    """
    if not entries:
        return
    filed = {entry.reward_id: filed_words(entry) for entry in entries}
    rows = [
        {
            "network_id": network_id,
            "reward_id": entry.reward_id,
            "rank": entry.rank,
            "kind": entry.kind,
            "category": entry.category,
            "brand_id": entry.brand_id,
            "price_band": entry.price_band,
            "delivery": entry.delivery.value,
            "countries": sorted(set(entry.countries)),
            "words": write_vector(network_id, filed[entry.reward_id]),
        }
        for entry in sorted(entries, key=lambda one: one.reward_id)
    ]
    await write_rows(db, reward_search, network_id=network_id, rows=rows, known=Known.REPLACED)
    await _learn(db, network_id, {word for words in filed.values() for word in words}, now)


async def _learn(db: AsyncConnection, network_id: int, words: Iterable[str], now: datetime) -> None:
    """Keep the words that are new. In one order, so that two who learn the same never deadlock."""
    wanted = sorted(words)
    known = await db.execute(
        select(search_word.c.word).where(
            search_word.c.network_id == network_id,
            search_word.c.word == any_(cast(wanted, ARRAY(Text(collation="C")))),
        )
    )
    new = sorted(set(wanted) - set(known.scalars()))
    if not new:
        return
    filed = [{"network_id": network_id, "word": word, "filed_at": now} for word in new]
    await write_rows(db, search_word, network_id=network_id, rows=filed, known=Known.KEPT)
    slips = sorted(
        (slip, word)
        for word in new
        if is_plain(word) and takes_slips(word)
        for slip in slips_of(word)
    )
    rows = [
        {"network_id": network_id, "slip": slip, "word": word, "filed_at": now}
        for slip, word in slips
    ]
    await write_rows(db, search_slip, network_id=network_id, rows=rows, known=Known.KEPT)
