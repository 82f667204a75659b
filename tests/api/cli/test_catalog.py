"""`mizan catalog import` says what became of every item."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli import catalog
from api.cli.catalog import file_catalogue, import_catalogue
from api.database.transaction import Database
from catalog.rewards import (
    ImportState,
    import_items,
    import_next_items,
    list_imports,
    list_rewards,
)
from tests.conftest import NOW
from tests.factories.catalog import FEED_FILE, RAW_FEED, make_reward, own_card
from tests.factories.partners import make_network
from tests.factories.rows import count


@pytest.fixture
async def network_id(database: Database) -> int:
    return (await make_network(database)).network_id


async def loaded(database, network_id, path, *, supplier_name="reloadly", replaced=()) -> int:
    return await import_catalogue(
        database,
        network_id=network_id,
        supplier_name=supplier_name,
        path=Path(path),
        actor="cli",
        replaced=replaced,
        now=lambda: NOW,
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


async def test_a_file_that_would_take_off_too_much_says_what_waits_for_whom(
    database, superuser, network_id, capsys, tmp_path: Path
) -> None:
    await loaded(database, network_id, FEED_FILE)
    items = json.loads(RAW_FEED)["content"]
    (tmp_path / "off.json").write_text(json.dumps([one | {"status": "GONE"} for one in items]))
    capsys.readouterr()

    assert await loaded(database, network_id, tmp_path / "off.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "added 0, changed 0, withdrawn 0, unchanged 10, refused 0"
    assert lines[1].startswith("  9 are no longer offered, which is more than one import may")
    assert sorted(lines[2:])[:2] == ["    DE 9009", "    JP 9007"]
    assert len(lines) == 2 + 9
    on_sale = await superuser.execute(text("SELECT count(*) FROM catalog.reward_market"))
    assert on_sale.scalar() == 9


@pytest.mark.parametrize("killed_at", range(5))
async def test_an_import_that_was_killed_goes_on_where_it_was(
    database, superuser, network_id, capsys, monkeypatch, killed_at
) -> None:
    monkeypatch.setattr(catalog, "ITEMS_PER_TRANSACTION", 2)
    begun = []

    async def dying(db, **given):
        begun.append(given["first_index"])
        report = await import_items(db, **given)
        if len(begun) == killed_at + 1:
            raise ConnectionResetError  # its chunk was written and is not committed
        return report

    monkeypatch.setitem(import_next_items.__globals__, "import_items", dying)
    with pytest.raises(ConnectionResetError):
        await loaded(database, network_id, FEED_FILE)
    async with database.reading(network_id) as db:
        [left] = await list_imports(db, network_id=network_id, limit=5)
    assert (left.state, left.items_done) == (ImportState.RUNNING, 2 * killed_at)

    assert await loaded(database, network_id, FEED_FILE) == 0
    assert begun == [*range(0, 2 * killed_at + 1, 2), *range(2 * killed_at, 10, 2)]
    assert capsys.readouterr().out == "added 9, changed 0, withdrawn 0, unchanged 1, refused 0\n"
    async with database.reading(network_id) as db:
        [done] = await list_imports(db, network_id=network_id, limit=5)
    assert done.catalogue_import_id == left.catalogue_import_id
    assert (done.state, done.items_done, done.added) == (ImportState.FINISHED, 10, 9)
    rewards = await superuser.execute(text("SELECT count(*) FROM catalog.reward_version"))
    assert rewards.scalar() == 9


RECYCLED = {
    "9001": {
        "recipientCurrencyCode": "EUR",
        "fixedRecipientDenominations": [20.0],
        "fixedSenderDenominations": [80.0],
        "fixedRecipientToSenderDenominationsMap": {"20.0": 80.0},
    },
    "9002": {"brand": {"brandId": 77, "brandName": "Another house"}, "productName": "Another"},
}


async def test_a_number_that_stands_for_something_else_is_refused_until_somebody_says_so(
    database, network_id, capsys, tmp_path: Path
) -> None:
    await loaded(database, network_id, FEED_FILE)
    items = json.loads(RAW_FEED)["content"]
    recycled = [one | RECYCLED.get(str(one["productId"]), {}) for one in items]
    (tmp_path / "recycled.json").write_text(json.dumps(recycled))
    before = await cards(database, network_id)
    capsys.readouterr()

    assert await loaded(database, network_id, tmp_path / "recycled.json") == 0
    assert capsys.readouterr().out.splitlines() == [
        "added 0, changed 0, withdrawn 0, unchanged 8, refused 2",
        "  refused item 11 (9001): currency: is EUR, this sku was in USD before",
        "  refused item 12 (9002): brand: is not the brand that this sku was of before",
        "  items were refused, so nothing was withdrawn",
    ]
    assert await cards(database, network_id) == before

    replaced = ("9001", "9002")
    await loaded(database, network_id, tmp_path / "recycled.json", replaced=replaced)
    assert capsys.readouterr().out == ("added 0, changed 2, withdrawn 0, unchanged 8, refused 0\n")
    after = await cards(database, network_id)
    assert {sku for sku in after if after[sku] != before[sku]} == {"9001", "9002"}
    assert after["9001"].gift_card.face_currency == "EUR"
    assert after["9002"].brand.slug == "reloadly-77"
    assert after["9001"].version == after["9002"].version == 2


async def cards(database, network_id):
    async with database.reading(network_id) as db:
        page = await list_rewards(db, network_id=network_id, country="SA", limit=100)
    return {one.supplier.sku: one for one in page.rewards}


async def test_another_file_does_not_go_on_with_what_was_left(
    database, network_id, monkeypatch, tmp_path: Path
) -> None:
    async def dying(db, **_):
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setitem(import_next_items.__globals__, "import_items", dying)
        with pytest.raises(ConnectionResetError):
            await loaded(database, network_id, FEED_FILE)
    (tmp_path / "other.json").write_bytes(RAW_FEED + b" ")
    await loaded(database, network_id, tmp_path / "other.json")
    await loaded(database, network_id, FEED_FILE)

    async with database.reading(network_id) as db:
        found = await list_imports(db, network_id=network_id, limit=5)
    assert [(one.state, one.added, one.unchanged) for one in found] == [
        (ImportState.FINISHED, 0, 10),
        (ImportState.FINISHED, 9, 1),
        (ImportState.RUNNING, 0, 0),
    ]


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
