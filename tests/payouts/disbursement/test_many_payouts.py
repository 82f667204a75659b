"""Many payouts under faults drawn at random: each is settled once, or back with its owner once.

`PROOF_SEED=n` lives that one seed.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.anchors import open_anchors
from api.database.cluster import Cluster
from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from api.worker.jobs.sealing import run_sealing
from payouts.ledger import open_book
from tests.conftest import NOW
from tests.journeys.invariants import broken_promises
from tests.payouts.disbursement.frail import FrailBank, frail_bank
from tests.payouts.disbursement.payout_ends import wrong_ends
from tests.payouts.disbursement.payout_life import PayoutLife
from tests.payouts.settlement.world import BOOK, assert_books_balance

SEED = 20260415
PAYOUTS, PAYOUTS_FULL = 50, 1_000
TURNS, TURNS_FULL = 160, 2_000
WANTED = ("abandoned", "crashes", "jumps", "late failures", "answers found after a day")
"""What a seed that is not given must have brought about, or it proves little."""


async def seal(bank: FrailBank, folder: Path) -> None:
    """Give every journal its place in a block, as the checks want it."""
    keys = open_seal_keys(folder)
    world = replace(bank.world, anchors=open_anchors(folder, keys))
    while await run_sealing(world, BOOK):
        pass


async def found_after_a_day(superuser: AsyncConnection) -> int:
    """How many acts were found at the provider after it had forgotten their keys."""
    rows = await superuser.execute(
        text(
            "SELECT count(*) FROM payouts.payout_attempt WHERE external_id IS NOT NULL"
            " AND leg <> 'payout' AND resolved_at - sent_at > interval '24 hours'"
        )
    )
    return int(rows.scalar_one())


@pytest.mark.proof
async def test_each_payout_is_settled_once_or_returned_once_whatever_happens(
    cluster: Cluster,
    database_name: str,
    database: Database,
    superuser: AsyncConnection,
    tmp_path: Path,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    seed = int(os.environ.get("PROOF_SEED", SEED))
    payouts, turns = (PAYOUTS_FULL, TURNS_FULL) if full_counts else (PAYOUTS, TURNS)
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    async with frail_bank(database, tmp_path) as bank:
        life = PayoutLife(bank, superuser, seed, payouts)
        try:
            await life.prepare()
            await life.live(turns)
            await life.calm_down()
            await seal(bank, tmp_path / "data")
            wrong = await wrong_ends(life, superuser)
            broken = await broken_promises(cluster, database_name, bank.now())
            assert wrong + [str(one) for one in broken] == []
        except BaseException as error:
            again = f"again: PROOF_SEED={seed} pytest {__name__.replace('.', '/')}.py"
            error.add_note("\n".join([*life.told, again + " --full-counts" * full_counts]))
            raise
    await assert_books_balance(superuser)
    life.counts["answers found after a day"] = await found_after_a_day(superuser)
    if "PROOF_SEED" not in os.environ:
        assert [what for what in WANTED if not life.counts[what]] == []
    told = ", ".join(f"{number} {what}" for what, number in sorted(life.counts.items()))
    tell_proof(f"payouts: seed {seed}, {payouts} payouts in {turns} turns, {told}; 0 twice, 0 open")
