"""Orders that had come to light before there was a list of them are on it."""

import secrets
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.migrate import migrate
from tests.api.database.earlier import database_before

BEFORE, AFTER = "0043", "0044"
_ATTEMPT = """
    INSERT INTO catalog.redemption_attempt (network_id, attempt_id, redemption_id, epoch,
      supplier_id, supplier_key, state, sends, absences, other_references, claimed_at, ended_at)
    VALUES (:network, :id, :id, 1, :supplier, :key, :state, 1, 0, :others,
      '2026-03-01T09:00:00Z', :ended)
"""
SUPPLIER = UUID(int=9)


@pytest.fixture
async def earlier(cluster: Cluster) -> AsyncIterator[tuple[str, AsyncConnection]]:
    async with database_before(cluster, BEFORE) as made:
        yield made


async def test_what_came_to_light_before_is_listed(earlier: tuple[str, AsyncConnection]) -> None:
    url, db = earlier
    # What an attempt belongs to does not matter here.
    await db.execute(text("SET session_replication_role = replica"))
    for network, state, others in (
        (1, "failed", ["R-1"]),
        (1, "failed", []),
        (2, "failed", ["R-1", "R-2"]),
    ):
        key = UUID(int=secrets.randbits(120))
        await db.execute(
            text(_ATTEMPT.replace(":ended", "'2026-03-02T09:00:00Z'")),
            {
                "network": network,
                "id": key,
                "supplier": SUPPLIER,
                "key": f"mz-{network}-{key}-1",
                "state": state,
                "others": others,
            },
        )
        if others:
            await db.execute(
                text(
                    "INSERT INTO catalog.redemption (network_id, redemption_id, quote_id, member_id,"
                    " reward_id, version, kind, state, face, face_currency, total, currency,"
                    " placed_at, ended_at, hold_id) VALUES (:network, :id, :id, :id, :id, 1,"
                    " 'supplier_card', 'failed', 1, 'SAR', 1, 'SAR', now(), now(), :id)"
                ),
                {"network": network, "id": key},
            )
    await db.execute(text("SET session_replication_role = origin"))
    await migrate(url, login=True, to=AFTER)
    rows = await db.execute(
        text(
            "SELECT network_id, supplier_id, kind, reference, state, reported_by,"
            " noticed_at = '2026-03-02T09:00:00Z' AS is_then FROM catalog.mistaken_order"
            " ORDER BY network_id, reference"
        )
    )
    assert [tuple(row) for row in rows] == [
        (1, SUPPLIER, "surplus", "R-1", "open", None, True),
        (2, SUPPLIER, "surplus", "R-1", "open", None, True),
        (2, SUPPLIER, "surplus", "R-2", "open", None, True),
    ]
