"""A described feed is pulled when it is due, imported once for each change, and never half."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.catalog import import_catalogue
from api.doubles import graphql_app
from api.feed_access import FeedReach
from api.feed_pulls import pull_feed
from api.settings import SettingInvalid, Settings
from api.worker.jobs.feeds import run_feed_pull
from api.worker.registry import DUE
from catalog.suppliers import (
    AddressRefused,
    FeedSourceNotFound,
    MappingInvalid,
    PullOutcome,
    SourceKind,
    find_feed_source,
    is_pooled,
)
from tests.api.pulling import DESCRIPTION, Killed, Pulling
from tests.api.pulling import pulling as pulling
from tests.api.pulling import shop as shop
from tests.catalog.suppliers.feed_doubles import TOKEN_OF_DOUBLE, serving
from tests.catalog.suppliers.test_graphql_supplier import FIELDS, QUERY
from tests.conftest import NOW


async def on_sale(superuser: AsyncConnection) -> list[str]:
    rows = await superuser.execute(
        text("SELECT supplier_sku FROM catalog.reward WHERE state = 'active' ORDER BY rank")
    )
    return list(rows.scalars())


async def imports(superuser: AsyncConnection) -> list[tuple[int, int, int, int]]:
    rows = await superuser.execute(
        text(
            "SELECT added, changed, withdrawn, unchanged FROM catalog.catalogue_import"
            " WHERE finished_at IS NOT NULL ORDER BY catalogue_import_id"
        )
    )
    return [(one.added, one.changed, one.withdrawn, one.unchanged) for one in rows]


async def test_the_worker_pulls_when_it_is_due(
    pulling: Pulling, superuser: AsyncConnection
) -> None:
    assert DUE["feed.pull"] is run_feed_pull
    await pulling.save()
    assert (await pulling.work(), await pulling.work()) == (1, 0)
    assert await on_sale(superuser) == ["JR-50", "JR-100", "EX-100", "NN-200"]
    pulling.pass_time(hours=5, minutes=59)
    assert await pulling.work() == 0
    pulling.pass_time(minutes=1)
    assert await pulling.work() == 1
    assert await pulling.outcome() == "unchanged"
    assert pulling.shop.counts() == {"file": 2, "given": 1, "unchanged": 1}
    assert await imports(superuser) == [(4, 0, 0, 0)]


async def test_a_change_is_imported_and_what_is_gone_is_withdrawn(
    pulling: Pulling, superuser: AsyncConnection
) -> None:
    await pulling.save()
    await pulling.pull()
    pulling.shop.put(
        "feed.csv",
        b"sku,name,brand,value,price\r\nJR-50,Jarir 50,Jarir,50,47.00\r\n"
        b"EX-100,eXtra 100,eXtra,100,96.00\r\n",
    )
    pulled = await pulling.pull()
    assert pulled.report is not None
    assert (pulled.report.changed, pulled.report.withdrawn, pulled.report.unchanged) == (1, 2, 1)
    assert await on_sale(superuser) == ["JR-50", "EX-100"]


async def test_the_same_file_under_another_tag_is_not_imported_again(
    pulling: Pulling, superuser: AsyncConnection
) -> None:
    await pulling.save()
    await pulling.pull()
    whole = pulling.shop.url("feed.csv")
    raw = b"sku,name,brand,value,price\r\nA,Card,Jarir,50,48\r\n"
    for _ in range(2):
        pulling.shop.put("feed.csv", raw)
        await pulling.pull()
    assert await pulling.outcome() == "unchanged"
    assert pulling.shop.counts()["given"] == 3
    assert await imports(superuser) == [(4, 0, 0, 0), (1, 0, 4, 0)]
    # Described anew it is read anew, though the file is the same.
    fields = {**DESCRIPTION["fields"], "details": "name"}
    assert await pulling.save(url=whole, description={**DESCRIPTION, "fields": fields}) == 2
    await pulling.pull()
    assert await imports(superuser) == [(4, 0, 0, 0), (1, 0, 4, 0), (0, 1, 0, 0)]


@pytest.mark.parametrize("kind", ["error_500_before", "not_found", "cut_short", "redirect"])
async def test_a_pull_that_fails_leaves_what_is_on_sale(
    pulling: Pulling, superuser: AsyncConnection, kind: str
) -> None:
    await pulling.save()
    await pulling.work()
    before = await on_sale(superuser)
    pulling.pass_time(hours=6)
    pulling.shop.put("feed.csv", b"sku,name,brand,value,price\r\n")
    pulling.shop.fault(kind, place="http://127.0.0.1/")
    assert await pulling.work() == 1
    assert (await pulling.outcome(), await on_sale(superuser)) == ("failed", before)
    # It is tried again within the hour, and not before.
    pulling.pass_time(minutes=59)
    assert await pulling.work() == 0
    pulling.pass_time(minutes=1)
    assert await pulling.work() == 1
    # An empty catalogue is no reason to take everything off sale either.
    assert (await pulling.outcome(), await on_sale(superuser)) == ("imported", before)


async def test_a_cut_file_withdraws_nothing(pulling: Pulling, superuser: AsyncConnection) -> None:
    await pulling.save()
    await pulling.pull()
    pulling.shop.put("feed.csv", b"sku,name,brand,value,price\r\nJR-50,Jarir 50,Jarir,50,48.5")
    pulled = await pulling.pull()
    assert pulled.pull.outcome is PullOutcome.IMPORTED
    assert await on_sale(superuser) == ["JR-50", "JR-100", "EX-100", "NN-200"]


async def test_a_death_after_the_import_is_made_good(
    pulling: Pulling, superuser: AsyncConnection
) -> None:
    await pulling.save()
    pulling.kill = True
    with pytest.raises(Killed):
        await pulling.pull()
    assert (await pulling.outcome(), len(await on_sale(superuser))) == (None, 4)
    assert await pulling.work() == 1
    assert await pulling.outcome() == "imported"
    assert await imports(superuser) == [(4, 0, 0, 0), (0, 0, 0, 4)]


async def test_a_sku_that_becomes_another_thing_is_refused(
    pulling: Pulling, superuser: AsyncConnection
) -> None:
    await pulling.save()
    await pulling.pull()
    fields = {**DESCRIPTION["fields"], "currency": "unit"}
    await pulling.save(description={**DESCRIPTION, "fields": fields})
    pulling.shop.put(
        "feed.csv",
        b"sku,name,brand,value,price,unit\r\n"
        b"JR-50,Jarir 50,Jarir,50,48,USD\r\n"
        b"JR-100,Other,Another,100,97,SAR\r\n"
        b"NEW,New,Jarir,50,48,SAR\r\n",
    )
    pulled = await pulling.pull()
    assert pulled.feed is not None
    assert [
        (one.supplier_sku, [f"{reason.path}: {reason.message}" for reason in one.reasons])
        for one in pulled.feed.refused
    ] == [
        (
            "JR-50",
            [
                "currency: is USD, this sku was in SAR before",
                "cost currency: is USD, this sku was paid in SAR before",
            ],
        ),
        ("JR-100", ["brand: is not the brand that this sku was of before"]),
    ]
    assert sorted(await on_sale(superuser)) == ["EX-100", "JR-100", "JR-50", "NEW", "NN-200"]
    units = await superuser.execute(
        text("SELECT DISTINCT face_currency FROM catalog.reward_version")
    )
    assert list(units.scalars()) == ["SAR"]


async def test_a_described_file_is_uploaded_by_the_command_line(
    pulling: Pulling,
    superuser: AsyncConnection,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await pulling.save(url=None, pull_hours=None)
    path = tmp_path / "feed.csv"
    path.write_bytes(
        "sku,name,brand,value,price\r\nA,بطاقة,Jarir,٥٠,٤٨٫٥\r\nB,Card,Jarir,1e2,97\r\n".encode()
    )
    code = await import_catalogue(
        pulling.database,
        network_id=pulling.network_id,
        supplier_name="bookshop",
        path=path,
        actor="test",
        now=lambda: NOW,
    )
    assert (code, await on_sale(superuser)) == (0, ["A"])
    assert capsys.readouterr().out.splitlines()[:2] == [
        "added 1, changed 0, withdrawn 0, unchanged 0, refused 1",
        "  refused item 1 (B): value: is written with an exponent, is '1e2'",
    ]


async def test_a_description_is_versioned_and_the_newest_is_in_force(pulling: Pulling) -> None:
    network_id, supplier_id = pulling.network_id, pulling.supplier_id
    async with pulling.database.reading(network_id) as db:
        assert not await is_pooled(db, network_id=network_id, supplier_id=supplier_id)
    assert (await pulling.save(), await pulling.save()) == (1, 1)
    assert await pulling.save(pull_hours=12) == 2
    assert await pulling.save() == 3
    async with pulling.database.reading(network_id) as db:
        found = await find_feed_source(db, network_id=network_id, supplier_id=supplier_id)
        assert await is_pooled(db, network_id=network_id, supplier_id=supplier_id)
    assert found is not None
    assert (found.version, found.pull_hours, found.saved_by) == (3, 6, "test")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"url": "http://feeds.example.com/a.csv"}, AddressRefused),
        ({"url": "https://169.254.169.254/"}, AddressRefused),
        ({"url": "https://user:pw@feeds.example.com/"}, AddressRefused),
        ({"trusted_origins": frozenset()}, AddressRefused),
        ({"url": None}, MappingInvalid),
        ({"pull_hours": 0}, MappingInvalid),
        ({"pull_hours": 721}, MappingInvalid),
        ({"description": {"format": "csv"}}, MappingInvalid),
        ({"kind": SourceKind.GRAPHQL}, MappingInvalid),
        ({"description": {**DESCRIPTION, "query": "{ a }"}}, MappingInvalid),
    ],
)
async def test_what_cannot_be_pulled_is_not_saved(
    pulling: Pulling, superuser: AsyncConnection, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await pulling.save(**change)
    count = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM catalog.feed_source), (SELECT count(*) FROM payouts.due)"
        )
    )
    assert tuple(count.one()) == (0, 0)


async def test_what_was_never_described_is_not_pulled(pulling: Pulling) -> None:
    with pytest.raises(FeedSourceNotFound):
        await pulling.pull()
    await pulling.save(url=None, pull_hours=None)
    with pytest.raises(FeedSourceNotFound):
        await pulling.pull()
    assert (await pulling.work(), pulling.shop.counts()) == (0, {})


async def test_a_token_goes_to_its_own_host_alone(pulling: Pulling) -> None:
    await pulling.save()
    reach = FeedReach({"other.example.com": TOKEN_OF_DOUBLE}, pulling.shop.trusted)
    pulled = await pull_feed(
        pulling.database,
        reach,
        network_id=pulling.network_id,
        supplier_id=pulling.supplier_id,
        actor="test",
        now=pulling.now,
    )
    assert pulled.pull.outcome is PullOutcome.FAILED
    assert (pulled.pull.remark or "").startswith("SupplierUnauthorised")
    assert TOKEN_OF_DOUBLE.reveal() not in repr(reach)


async def test_a_brands_endpoint_is_pulled_like_a_file(
    pulling: Pulling, superuser: AsyncConnection, tmp_path: Path
) -> None:
    (tmp_path / "brand").mkdir()
    with serving(graphql_app.create_app, tmp_path / "brand") as brand:
        description = {
            "format": "json",
            "list": "data.shop.products.nodes",
            "numbers": "text",
            "query": QUERY,
            "fields": {**FIELDS, "country": {"constant": "AE"}},
        }
        await pulling.save(
            kind=SourceKind.GRAPHQL,
            description=description,
            url=brand.url("graphql"),
            trusted_origins=brand.trusted,
        )
        settings = replace(pulling.world.settings, feed_test_origins=(brand.origin,))  # type: ignore[type-var]
        pulling.world = replace(pulling.world, settings=settings)
        assert await pulling.work() == 1
        assert (await pulling.outcome(), await on_sale(superuser)) == (
            "imported",
            ["gid-023", "gid-024"],  # those of the country that the description names
        )
        pulling.pass_time(hours=6)
        assert await pulling.work() == 1
        assert await pulling.outcome() == "unchanged"
        pulling.pass_time(hours=6)
        brand.fault("item_error", place="0")
        assert await pulling.work() == 1
        # The one that an error is about stays on sale as it was.
        assert (await pulling.outcome(), await on_sale(superuser)) == (
            "imported",
            ["gid-023", "gid-024"],
        )
        pulling.pass_time(hours=6)
        brand.fault("throttled")
        await pulling.work()
        assert await pulling.outcome() == "failed"
    assert await imports(superuser) == [(2, 0, 0, 0), (0, 0, 0, 1)]


def test_tokens_and_test_origins_are_settings() -> None:
    given = {
        "MIZAN_FEED_TOKENS": "a.example.com=one, b.example.com=two=2",
        "MIZAN_FEED_TEST_ORIGINS": "http://127.0.0.1:4010",
    }
    settings = Settings.from_environment(given)
    assert settings.feed_tokens == (("a.example.com", "one"), ("b.example.com", "two=2"))
    assert settings.feed_test_origins == ("http://127.0.0.1:4010",)
    assert "two" not in repr(settings)
    usual = Settings.from_environment({})
    assert (usual.feed_tokens, usual.feed_test_origins) == ((), ())
    for wrong in (
        {"MIZAN_FEED_TOKENS": "a.example.com"},
        {**given, "STRIPE_API_KEY": "sk_live_x"},
    ):
        with pytest.raises(SettingInvalid):
            Settings.from_environment(wrong)
