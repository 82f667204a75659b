"""Webhooks: a message says where to look; what is found there is written down."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.jobs.claimed import do_claimed
from api.worker.jobs.payees import refresh_payee
from api.worker.world import World
from payouts.disbursement import (
    record_payment_intent,
    record_provider_payout,
    record_topup,
    record_transfer,
)
from payouts.rails import ProviderBusy, RailError
from payouts.webhooks import Webhook, finish_webhook, read_webhooks

_NETWORK_MAX = 2**63 - 1

Metadata = Mapping[str, str]


async def run_webhook_process(world: World, network_id: int) -> int:
    """Act on messages that came in. They belong to no network before their object is read."""

    async def process(webhook_id: UUID) -> None:
        async with world.database.reading(PLATFORM_NETWORK_ID) as db:
            found = await read_webhooks(db, webhook_ids=[webhook_id])
        webhook = found.get(webhook_id)
        if webhook is None or webhook.processed_at is not None:
            return
        of: int | None = None
        is_done = True
        try:
            of = await _act(world, webhook)
            outcome = "ignored" if of is None else "recorded"
        except ProviderBusy:
            outcome, is_done = "provider_busy", False
        except RailError as failure:
            # An object that the provider does not show us is not ours to act on.
            outcome = f"unreadable: {failure.facts.get('code', '')}"
        world.crash("webhook.acted")
        async with world.database.writing(PLATFORM_NETWORK_ID) as db:
            await finish_webhook(
                db,
                webhook_id=webhook_id,
                attempts=webhook.attempts + 1,
                outcome=outcome,
                is_done=is_done,
                network_id=of,
                now=world.clock.now(),
            )

    return await do_claimed(world, network_id, "webhook.process", process)


def _mark(metadata: Metadata, name: str) -> tuple[int, UUID] | None:
    """Read our own marks off an object; one without them is not ours."""
    try:
        network_id, object_id = int(metadata["network"]), UUID(metadata[name])
    except (KeyError, ValueError):
        return None
    return (network_id, object_id) if 0 < network_id <= _NETWORK_MAX else None


async def _act(world: World, webhook: Webhook) -> int | None:
    """Read the object that a message is about and record it; tells the network it is of."""
    read = _READERS.get(webhook.object_type or "")
    if read is None or webhook.object_id is None:
        return None
    return await read(world, webhook, webhook.object_id)


async def _account(world: World, webhook: Webhook, object_id: str) -> int | None:
    account = await world.rail.get_account(object_id)
    mark = _mark(account.metadata, "payee")
    if mark is None:
        return None
    await refresh_payee(world, *mark)
    return mark[0]


async def _external_account(world: World, webhook: Webhook, object_id: str) -> int | None:
    """Look at the account whose bank this is: its money may now go elsewhere."""
    return await _account(world, webhook, webhook.account_id) if webhook.account_id else None


async def _transfer(world: World, webhook: Webhook, object_id: str) -> int | None:
    transfer = await world.rail.get_transfer(object_id)
    mark = _mark(transfer.metadata, "attempt")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        await record_transfer(
            db,
            network_id=mark[0],
            attempt_id=mark[1],
            transfer=transfer,
            now=world.clock.now(),
        )
    return mark[0]


async def _payout(world: World, webhook: Webhook, object_id: str) -> int | None:
    payout = await world.rail.get_payout(webhook.account_id, object_id)
    mark = _mark(payout.metadata, "attempt")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        await record_provider_payout(
            db,
            network_id=mark[0],
            attempt_id=mark[1],
            account_id=webhook.account_id,
            provider_payout=payout,
            now=world.clock.now(),
        )
    return mark[0]


async def _payment_intent(world: World, webhook: Webhook, object_id: str) -> int | None:
    intent = await world.rail.get_payment_intent(object_id)
    mark = _mark(intent.metadata, "attempt")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        await record_payment_intent(
            db, network_id=mark[0], attempt_id=mark[1], intent=intent, now=world.clock.now()
        )
    return mark[0]


async def _topup(world: World, webhook: Webhook, object_id: str) -> int | None:
    topup = await world.rail.get_topup(object_id)
    mark = _mark(topup.metadata, "topup")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        await record_topup(
            db,
            network_id=mark[0],
            topup_id=mark[1],
            provider_topup=topup,
            now=world.clock.now(),
        )
    return mark[0]


_READERS: dict[str, Callable[[World, Webhook, str], Awaitable[int | None]]] = {
    "account": _account,
    "bank_account": _external_account,
    "card": _external_account,
    "transfer": _transfer,
    "payout": _payout,
    "payment_intent": _payment_intent,
    "topup": _topup,
}

JOBS = {"webhook.process": run_webhook_process}
