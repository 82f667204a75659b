"""Rules of before programmes: each gets its own network's programme, or nothing is migrated."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.cluster import Cluster
from api.database.migrate import migrate
from tests.api.database.earlier import database_before

BEFORE, AFTER = "0007", "0008"
NETWORKS = """
    INSERT INTO partners.network (slug, name, zone, currency, default_locale, created_at)
    VALUES ('souk', '{"en": "Souk", "ar": "سوق"}', 'Asia/Riyadh', 'SAR', 'ar', '2026-01-01Z'),
      ('bazaar', '{"en": "Bazaar"}', 'Asia/Riyadh', 'SAR', 'ar', '2026-01-01Z'),
      ('empty', '{"en": "Empty"}', 'Asia/Riyadh', 'SAR', 'ar', '2026-01-01Z')
    """
RULES = """
    INSERT INTO partners.earn_rule (network_id, rule_id, partner_id, rate_bps,
      requires_activation, funding, starts_at, created_at)
    SELECT n.network_id, gen_random_uuid(), gen_random_uuid(), 500, false, '[]', '2026-01-01Z',
      timestamptz '2026-02-01Z' + number * interval '1 day'
    FROM partners.network n, generate_series(0, 3) AS number
    WHERE n.slug = 'souk' OR (n.slug = 'bazaar' AND number = 2)
    """
PLACED = """
    SELECT n.slug, p.slug, p.name, p.sponsor_partner_id, p.created_at = '2026-02-01Z',
      (SELECT count(*) FROM partners.earn_rule r
       WHERE r.network_id = p.network_id AND r.programme_id = p.programme_id)
    FROM partners.programme p JOIN partners.network n USING (network_id) ORDER BY p.network_id
    """


@pytest.fixture
async def earlier(cluster: Cluster, template: str) -> AsyncIterator[tuple[str, AsyncConnection]]:
    """A database as it was before programmes: its address, and a connection that sees all."""
    async with database_before(cluster, BEFORE) as made:
        yield made


async def version(db: AsyncConnection) -> str:
    found = await db.execute(text("SELECT version_num FROM api.schema_version"))
    return str(found.scalar_one())


async def test_earlier_rules_get_their_own_networks_programme(
    earlier: tuple[str, AsyncConnection],
) -> None:
    url, db = earlier
    await db.execute(text(NETWORKS))
    await db.execute(text(RULES))
    await migrate(url, login=True, to=AFTER)

    placed = await db.execute(text(PLACED))
    assert [tuple(row) for row in placed] == [
        ("souk", "default", {"en": "Souk", "ar": "سوق"}, None, True, 4),
        ("bazaar", "default", {"en": "Bazaar"}, None, False, 1),
    ]
    assert (await db.execute(text("SELECT count(*) FROM partners.earn_rule"))).scalar_one() == 5
    for statement in (
        "UPDATE partners.earn_rule SET programme_id = NULL",
        "UPDATE partners.earn_rule SET programme_id = rule_id",
    ):
        with pytest.raises(IntegrityError):
            await db.execute(text(statement))


async def test_rules_of_no_network_stop_the_migration(
    earlier: tuple[str, AsyncConnection],
) -> None:
    url, db = earlier
    await db.execute(text(NETWORKS))
    await db.execute(text(RULES))
    await db.execute(text("DELETE FROM partners.network WHERE slug = 'bazaar'"))
    with pytest.raises(IntegrityError):
        await migrate(url, login=True, to=AFTER)

    assert await version(db) == BEFORE
    found = await db.execute(text("SELECT to_regclass('partners.programme')"))
    assert found.scalar_one() is None


async def test_a_database_without_rules_gets_no_programme(
    earlier: tuple[str, AsyncConnection],
) -> None:
    url, db = earlier
    await db.execute(text(NETWORKS))
    await migrate(url, login=True, to=AFTER)

    assert await version(db) == AFTER
    assert (await db.execute(text("SELECT count(*) FROM partners.programme"))).scalar_one() == 0
