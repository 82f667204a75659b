"""A catalogue that would take much off sale takes nothing off until a second person says so."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.database.transaction import Database
from catalog.rewards import (
    CatalogueImport,
    ImportDeciderStartedIt,
    ImportNotFound,
    ImportNotWaiting,
    ImportOutdated,
    ImportPolicy,
    ImportPolicyInvalid,
    ImportReport,
    ImportState,
    decide_import,
    list_imports,
    list_withheld,
    publish_import_policy,
    read_import_policy,
)
from catalog.suppliers import SupplierTerms
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.catalog import RAW_FEED, import_raw, make_supplier
from tests.factories.partners import make_network

LATER = NOW + timedelta(days=1)
ALL_OFF = tuple(str(sku) for sku in range(9001, 9011))


def feed(*inactive: str, without: tuple[str, ...] = ()) -> bytes:
    items = json.loads(RAW_FEED)["content"]
    kept = [one for one in items if str(one["productId"]) not in without]
    for one in kept:
        if str(one["productId"]) in inactive:
            one["status"] = "INACTIVE"
    return json.dumps(kept).encode()


@pytest.fixture
async def supplier(database: Database) -> SupplierTerms:
    await make_network(database)
    async with database.writing(1) as db:
        supplier = await make_supplier(db, network_id=1)
        await import_raw(db, network_id=1, supplier_id=supplier.supplier_id)
    return supplier


async def imported(database, supplier, raw, now=LATER) -> ImportReport:
    async with database.writing(1) as db:
        return await import_raw(
            db, network_id=1, supplier_id=supplier.supplier_id, raw=raw, now=now
        )


async def last_import(database) -> CatalogueImport:
    async with database.reading(1) as db:
        [last] = await list_imports(db, network_id=1, limit=1)
    return last


async def decided(database, import_id: UUID, *, is_approved: bool, actor="staff:second") -> int:
    async with database.writing(1) as db:
        return await decide_import(
            db,
            network_id=1,
            catalogue_import_id=import_id,
            is_approved=is_approved,
            actor=actor,
            now=LATER,
        )


async def on_sale(superuser) -> int:
    rows = await superuser.execute(
        text("SELECT count(DISTINCT reward_id) FROM catalog.reward_market")
    )
    return rows.scalar()


async def test_a_feed_that_withdraws_everything_withdraws_nothing(
    database, superuser, supplier
) -> None:
    report = await imported(database, supplier, feed(*ALL_OFF))
    waiting = await last_import(database)

    assert report == ImportReport(unchanged=10, withheld=9)
    assert (waiting.state, waiting.withheld, waiting.items, waiting.items_done) == (
        ImportState.AWAITING_APPROVAL,
        9,
        10,
        10,
    )
    assert await on_sale(superuser) == 9
    async with database.reading(1) as db:
        held = await list_withheld(
            db, network_id=1, catalogue_import_id=waiting.catalogue_import_id
        )
    assert {one.sku for one in held} < set(ALL_OFF)
    assert len(held) == 9


async def test_a_second_person_lets_it_be_withdrawn(database, superuser, supplier) -> None:
    await imported(database, supplier, feed(*ALL_OFF))
    waiting = await last_import(database)

    assert await decided(database, waiting.catalogue_import_id, is_approved=True) == 9
    done = await last_import(database)
    assert (done.state, done.withdrawn, done.decided_by) == (
        ImportState.FINISHED,
        9,
        "staff:second",
    )
    assert await on_sale(superuser) == 0
    changes = await superuser.execute(
        text("SELECT count(*) FROM catalog.reward_change WHERE kind = 'withdrawn'")
    )
    assert changes.scalar() == 9
    with pytest.raises(ImportNotWaiting):
        await decided(database, waiting.catalogue_import_id, is_approved=True)


async def test_a_second_person_rejects_it_and_all_stays_on_sale(
    database, superuser, supplier
) -> None:
    await imported(database, supplier, feed(*ALL_OFF))
    waiting = await last_import(database)

    assert await decided(database, waiting.catalogue_import_id, is_approved=False) == 0
    done = await last_import(database)
    assert (done.state, done.withdrawn, done.withheld) == (ImportState.REJECTED, 0, 9)
    assert await on_sale(superuser) == 9


async def test_whoever_started_it_does_not_decide(database, superuser, supplier) -> None:
    await imported(database, supplier, feed(*ALL_OFF))
    waiting = await last_import(database)

    for is_approved in (True, False):
        with pytest.raises(ImportDeciderStartedIt):
            await decided(
                database,
                waiting.catalogue_import_id,
                is_approved=is_approved,
                actor="staff:operator-1",
            )
    with pytest.raises(IntegrityError, match="catalogue_import_four_eyes"):
        await superuser.execute(
            text(
                "UPDATE catalog.catalogue_import SET decided_by = actor, decided_at = now(),"
                " is_approved = true WHERE withheld > 0"
            )
        )
    assert await last_import(database) == waiting
    assert await on_sale(superuser) == 9


async def test_two_who_approve_at_once_withdraw_once(database, superuser, supplier) -> None:
    await imported(database, supplier, feed(*ALL_OFF))
    waiting = await last_import(database)
    answers = await asyncio.gather(
        *(
            decided(database, waiting.catalogue_import_id, is_approved=True, actor=f"staff:{one}")
            for one in range(4)
        ),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in answers) == ["ImportNotWaiting"] * 3 + ["int"]
    assert (await last_import(database)).withdrawn == 9
    assert await on_sale(superuser) == 0


async def test_a_later_import_decides_instead(database, superuser, supplier) -> None:
    await imported(database, supplier, feed(*ALL_OFF))
    waiting = await last_import(database)
    await imported(database, supplier, RAW_FEED, now=LATER + timedelta(hours=1))

    with pytest.raises(ImportOutdated):
        await decided(database, waiting.catalogue_import_id, is_approved=True)
    assert await on_sale(superuser) == 9


async def test_unknown_and_finished_imports_wait_for_nobody(database, supplier) -> None:
    done = await last_import(database)

    with pytest.raises(ImportNotWaiting):
        await decided(database, done.catalogue_import_id, is_approved=True)
    with pytest.raises(ImportNotFound):
        await decided(database, new_id(NOW), is_approved=True)
    assert await last_import(database) == done


@pytest.mark.parametrize(
    ("policy", "withdrawn", "withheld"),
    [
        (None, 0, 5),  # five of the nine on sale: more than a fifth of them
        (ImportPolicy(5_555, 0), 0, 5),
        (ImportPolicy(5_556, 0), 5, 0),
        (ImportPolicy(0, 4), 0, 5),
        (ImportPolicy(0, 5), 5, 0),
        (ImportPolicy(10_000, 0), 5, 0),
    ],
)
async def test_the_networks_policy_says_how_much_is_too_much(
    database, superuser, supplier, policy, withdrawn, withheld
) -> None:
    if policy is not None:
        async with database.writing(1) as db:
            await publish_import_policy(
                db, network_id=1, policy=policy, actor="staff:checker", now=NOW
            )
    report = await imported(database, supplier, feed("9001", "9002", "9003", "9004", "9005"))

    assert (report.withdrawn, report.withheld) == (withdrawn, withheld)
    assert await on_sale(superuser) == 9 - withdrawn


async def test_few_are_withdrawn_whatever_their_share(database, superuser, supplier) -> None:
    report = await imported(database, supplier, feed(without=("9001", "9002", "9003", "9004")))

    assert (report.withdrawn, report.withheld) == (4, 0)
    assert await on_sale(superuser) == 5


@pytest.mark.parametrize(
    "policy",
    [ImportPolicy(-1, 0), ImportPolicy(10_001, 0), ImportPolicy(0, -1), ImportPolicy(0, 1_000_001)],
)
async def test_a_policy_out_of_bounds_is_refused(database, supplier, policy) -> None:
    async with database.writing(1) as db:
        with pytest.raises(ImportPolicyInvalid):
            await publish_import_policy(db, network_id=1, policy=policy, actor="a", now=NOW)
    async with database.reading(1) as db:
        assert await read_import_policy(db, network_id=1) == ImportPolicy(2_000, 4)
