"""`mizan catalog import` says what became of every item."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli import catalog
from api.cli.catalog import file_catalogue, import_catalogue
from api.database.transaction import Database
from catalog.rewards import list_rewards
from tests.conftest import NOW
from tests.factories.catalog import FEED_FILE, RAW_FEED, make_reward, own_card
from tests.factories.partners import make_network
from tests.factories.rows import count


@pytest.fixture
async def network_id(database: Database) -> int:
    return (await make_network(database)).network_id


async def loaded(database, network_id, path, *, supplier_name="reloadly") -> int:
    return await import_catalogue(
        database,
        network_id=network_id,
        supplier_name=supplier_name,
        path=Path(path),
        actor="cli",
        now=NOW,
    )


async def test_a_file_is_loaded_in_several_transactions(
    database, superuser, network_id, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(catalog, "ITEMS_PER_TRANSACTION", 3)

    assert await loaded(database, network_id, FEED_FILE) == 0
    assert capsys.readouterr().out == ("added 9, changed 0, withdrawn 0, unchanged 1, refused 0\n")
    assert await loaded(database, network_id, FEED_FILE) == 0
    assert capsys.readouterr().out == ("added 0, changed 0, withdrawn 0, unchanged 10, refused 0\n")
    async with database.reading(network_id) as db:
        page = await list_rewards(db, network_id=network_id, country="SA", limit=100)
    assert [one.rank for one in page.rewards] == [100_000 + n for n in (0, 1, 2, 3, 4, 7)]
    shas = await superuser.execute(
        text("SELECT DISTINCT length(file_sha256), refused FROM catalog.catalogue_import")
    )
    assert [tuple(row) for row in shas] == [(64, 0)]


async def test_a_damaged_file_says_what_it_refused(
    database, network_id, capsys, tmp_path: Path
) -> None:
    await loaded(database, network_id, FEED_FILE)
    items = json.loads(RAW_FEED)
    content = items["content"] if isinstance(items, dict) else items
    content[1]["senderFee"] = -1
    (tmp_path / "bad.json").write_text(json.dumps(content[:-2]))
    (tmp_path / "half.json").write_bytes(RAW_FEED[: len(RAW_FEED) // 2])
    capsys.readouterr()

    assert await loaded(database, network_id, tmp_path / "bad.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "added 0, changed 0, withdrawn 0, unchanged 7, refused 1"
    assert lines[1].startswith("  refused item 1 (9002): senderFee: must be")
    assert lines[2:] == ["  items were refused, so nothing was withdrawn"]

    assert await loaded(database, network_id, tmp_path / "half.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "withdrawn 0" in lines[0]
    assert any(line.startswith("  not complete, so nothing was withdrawn") for line in lines)


async def test_what_cannot_be_read_changes_nothing(
    database, superuser, network_id, capsys, tmp_path: Path
) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\x00 not a catalogue")
    assert await loaded(database, network_id, tmp_path / "noise") == 1
    assert await loaded(database, network_id, tmp_path / "absent") == 1
    assert await loaded(database, network_id, FEED_FILE, supplier_name="nobody") == 1
    out = capsys.readouterr()
    assert out.out == ""
    assert len(out.err.splitlines()) == 3
    rows = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM catalog.supplier),"
            " (SELECT count(*) FROM catalog.catalogue_import)"
        )
    )
    assert tuple(rows.one()) == (0, 0)


async def test_filing_makes_found_what_was_on_sale_before(
    database: Database, superuser: AsyncConnection
) -> None:
    network = await make_network(database)
    async with database.writing(network.network_id) as db:
        for number in range(3):
            await make_reward(db, network_id=network.network_id, terms=own_card(), rank=number)
    await superuser.exec_driver_sql("DELETE FROM catalog.reward_search")

    filed = await file_catalogue(database, network_id=network.network_id, now=NOW)
    again = await file_catalogue(database, network_id=network.network_id, now=NOW)

    assert (filed, again) == (3, 3)
    assert await count(superuser, "catalog.reward_search") == 3
