"""Filing rewards where they are searched for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.search.lexemes import filed_words, is_plain, write_vector
from catalog.search.model import SearchEntry
from catalog.search.slips import slips_of, takes_slips
from catalog.search.tables import reward_search, search_slip, search_word


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
    row = insert(reward_search)
    changed = {c.name: c for c in row.excluded if c.name not in ("network_id", "reward_id")}
    keys = [reward_search.c.network_id, reward_search.c.reward_id]
    await db.execute(row.on_conflict_do_update(index_elements=keys, set_=changed), rows)
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
    await db.execute(
        insert(search_word).on_conflict_do_nothing(),
        [{"network_id": network_id, "word": word, "filed_at": now} for word in new],
    )
    slips = sorted(
        (slip, word)
        for word in new
        if is_plain(word) and takes_slips(word)
        for slip in slips_of(word)
    )
    if slips:
        await db.execute(
            insert(search_slip).on_conflict_do_nothing(),
            [
                {"network_id": network_id, "slip": slip, "word": word, "filed_at": now}
                for slip, word in slips
            ],
        )
