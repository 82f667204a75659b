"""A worker that claims again what another is still recording does not lock crosswise with it."""

import asyncio
import sys
from typing import Any

import pytest

from catalog.redemptions import RedemptionState, claim_fulfilments, record_refusal
from catalog.redemptions.model import LEASE_SECONDS
from tests.catalog.redemptions.conftest import Buying


async def test_a_late_refusal_meets_the_next_claim(
    buying: Buying, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await buying.place()
    network_id = buying.souq.network_id
    async with buying.souq.database.writing(network_id) as db:
        (step,) = await claim_fulfilments(db, network_id=network_id, limit=1, now=buying.now)
    buying.pass_time(seconds=LEASE_SECONDS + 1)
    claimed, recording = asyncio.Event(), asyncio.Event()
    claims: Any = sys.modules["catalog.redemptions.claim_fulfilments"]
    refusals: Any = sys.modules["catalog.redemptions.record_refusal"]
    claim_due, save_progress = claims.claim_due, refusals.save_progress

    async def claim_and_wait(*args: Any, **given: Any) -> Any:
        found = await claim_due(*args, **given)
        claimed.set()
        await recording.wait()
        return found

    async def save_and_tell(*args: Any, **given: Any) -> None:
        await save_progress(*args, **given)
        recording.set()

    monkeypatch.setattr(claims, "claim_due", claim_and_wait)
    monkeypatch.setattr(refusals, "save_progress", save_and_tell)

    async def claim() -> int:
        async with buying.souq.database.writing(network_id) as db:
            return len(await claim_fulfilments(db, network_id=network_id, limit=1, now=buying.now))

    async def refuse() -> bool:
        await claimed.wait()
        async with buying.souq.database.writing(network_id) as db:
            return await record_refusal(
                db,
                network_id=network_id,
                redemption_id=one.redemption_id,
                epoch=step.epoch,
                sends=step.sends,
                code="NO_STOCK",
                remark="none left",
                now=buying.now,
            )

    steps, refused = await asyncio.gather(claim(), refuse())
    assert (steps, refused) == (0, True)
    assert (await buying.find(one)).state is RedemptionState.FAILED
    assert await buying.is_untouched(one)
    assert await buying.due() == 0
