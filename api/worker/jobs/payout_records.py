"""What the provider did for payouts, written down one by one or as a batch."""

from collections.abc import Mapping
from uuid import UUID

import structlog

from api.worker.world import World
from payouts.disbursement import (
    record_failure,
    record_provider_payout,
    record_provider_payouts,
    record_reversal,
    record_transfer,
    record_transfers,
)
from payouts.rails import ProviderPayout, ProviderTransfer, RailError

_log = structlog.get_logger("mizan.worker")


async def keep_transfer(
    world: World, network_id: int, attempt_id: UUID, transfer: ProviderTransfer
) -> None:
    """Write a transfer down."""
    async with world.database.writing(network_id) as db:
        await record_transfer(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            transfer=transfer,
            now=world.clock.now(),
        )


async def keep_payout(
    world: World, network_id: int, place: tuple[UUID, str], found: ProviderPayout
) -> None:
    """Write down how a payout of an attempt, made from an account, fares at the bank."""
    attempt_id, account_id = place
    async with world.database.writing(network_id) as db:
        await record_provider_payout(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            account_id=account_id,
            provider_payout=found,
            now=world.clock.now(),
        )


async def keep_reversal(
    world: World, network_id: int, attempt_id: UUID, reversal_id: str | None
) -> None:
    """Write down that a transfer was taken back."""
    async with world.database.writing(network_id) as db:
        await record_reversal(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            reversal_id=reversal_id,
            now=world.clock.now(),
        )


async def keep_failure(world: World, network_id: int, attempt_id: UUID, failure: RailError) -> None:
    """Write down that an attempt did not go as asked."""
    async with world.database.writing(network_id) as db:
        await record_failure(
            db,
            network_id=network_id,
            attempt_id=attempt_id,
            failure=failure,
            now=world.clock.now(),
        )


async def keep_batch(
    world: World,
    network_id: int,
    transfers: Mapping[UUID, ProviderTransfer],
    payouts: Mapping[UUID, tuple[str, ProviderPayout]],
) -> set[UUID]:
    """Write down what went as ordered, in one transaction; tells which attempts that were.

    When it cannot be written together, none is: each has its turn alone, where what is wrong with
    one is its own affair.
    """
    now = world.clock.now()
    try:
        async with world.database.writing(network_id) as db:
            kept = await record_transfers(db, network_id=network_id, made=transfers, now=now)
            return kept | await record_provider_payouts(
                db, network_id=network_id, made=payouts, now=now
            )
    except Exception as error:  # noqa: BLE001 it comes again where it belongs
        _log.warning("a batch of payouts was not recorded", error=type(error).__name__)
        return set()
