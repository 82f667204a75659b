"""Loading codes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import count_left
from catalog.pools.model import CodeState, LoadOutcome, realm_of
from catalog.pools.tables import pool_code
from catalog.rewards import list_item_ids, note_counted
from catalog.suppliers import get_supplier
from catalog.vouchers import Code, Vault, find_delivered
from payouts.money import Money, new_id

CODES_MAX = 1_000
"""So many codes are loaded in one transaction at most."""


async def load_codes(
    db: AsyncConnection,
    *,
    vault: Vault,
    network_id: int,
    supplier_id: UUID,
    supplier_sku: str,
    face: Money,
    codes: Sequence[Code],
    batch_id: UUID,
    actor: str,
    now: datetime,
) -> list[LoadOutcome]:
    """Put codes into a supplier's pool, encrypted, and tell what became of each in its order.

    A code that is there, or that was ever delivered, is not taken again: loading a file a second
    time changes nothing. Raises SupplierNotFound.
    """
    assert 0 < len(codes) <= CODES_MAX, "codes are loaded in bounded batches"
    await get_supplier(db, network_id=network_id, supplier_id=supplier_id)
    realm = realm_of(supplier_id)
    digests = [vault.digests(network_id=network_id, realm=realm, code=code) for code in codes]
    known = await _known(db, network_id, [one for some in digests for one in some])
    outcomes = _judge(digests, known)
    rows = []
    for code, outcome in zip(codes, outcomes, strict=True):
        if outcome is not LoadOutcome.LOADED:
            continue
        pool_code_id = new_id(now)
        sealed = vault.seal(network_id=network_id, voucher_id=pool_code_id, realm=realm, code=code)
        rows.append(
            {
                "network_id": network_id,
                "pool_code_id": pool_code_id,
                "supplier_id": supplier_id,
                "supplier_sku": supplier_sku,
                "face": face.minor,
                "face_currency": face.currency,
                "key_id": sealed.key_id,
                "ciphertext": sealed.ciphertext,
                "digest": sealed.digest,
                "state": CodeState.AVAILABLE,
                "batch_id": batch_id,
                "loaded_by": actor,
                "loaded_at": now,
            }
        )
    items = await list_item_ids(
        db, network_id=network_id, supplier_id=supplier_id, supplier_sku=supplier_sku
    )
    before = await count_left(db, network_id=network_id, reward_ids=items, now=now)
    written = await _insert(db, rows)
    await note_counted(db, network_id=network_id, before=before, now=now)
    # One that another load put there meanwhile is known by now.
    lost = {row["digest"] for row in rows} - written
    return [
        LoadOutcome.KNOWN if outcome is LoadOutcome.LOADED and own[0] in lost else outcome
        for outcome, own in zip(outcomes, digests, strict=True)
    ]


def _judge(digests: Sequence[Sequence[bytes]], known: set[bytes]) -> list[LoadOutcome]:
    """Tell of each code, by its digests under all keys, whether it is new."""
    outcomes, seen = [], set()
    for own in digests:
        is_repeated = own[0] in seen
        seen.add(own[0])
        if is_repeated:
            outcomes.append(LoadOutcome.REPEATED)
        else:
            is_new = known.isdisjoint(own)
            outcomes.append(LoadOutcome.LOADED if is_new else LoadOutcome.KNOWN)
    return outcomes


async def _known(db: AsyncConnection, network_id: int, digests: Sequence[bytes]) -> set[bytes]:
    rows = await db.execute(
        select(pool_code.c.digest).where(
            pool_code.c.network_id == network_id, pool_code.c.digest.in_(digests)
        )
    )
    delivered = await find_delivered(db, network_id=network_id, digests=digests)
    return set(rows.scalars()) | delivered


async def _insert(db: AsyncConnection, rows: Sequence[dict[str, object]]) -> set[bytes]:
    if not rows:
        return set()
    statement = (
        insert(pool_code)
        # In one order, so that two loads of the same file wait for each other and not in a ring.
        .values(sorted(rows, key=lambda row: str(row["digest"])))
        .on_conflict_do_nothing(index_elements=[pool_code.c.network_id, pool_code.c.digest])
        .returning(pool_code.c.digest)
    )
    return set((await db.execute(statement)).scalars())
