"""Webhooks: a message says where to look; what is found there is written down."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.jobs.claimed import do_claimed
from api.worker.jobs.marks import read_mark
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

LEASE_SECONDS = 30
"""Longer than one call of the provider's takes, and short enough that what a killed worker had
taken is worked on within a minute of its arrival. Two that work on one message do it once."""

_Found = tuple[int, bool] | None
"""The network whose marks an object bears, and whether it is what an order of ours made."""


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
            of, outcome = await _act(world, webhook)
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

    return await do_claimed(
        world, network_id, "webhook.process", process, lease_seconds=LEASE_SECONDS
    )


async def _act(world: World, webhook: Webhook) -> tuple[int | None, str]:
    """Read the object that a message is about and record it; tells whose it is, and the outcome.

    One that bears marks of ours, but that no order of ours made, is refused: who holds an account
    can mark what it likes.
    """
    read = _READERS.get(webhook.object_type or "")
    if read is None or webhook.object_id is None:
        return None, "ignored"
    found = await read(world, webhook, webhook.object_id)
    if found is None:
        return None, "ignored"
    return found[0], "recorded" if found[1] else "refused: not_ours"


async def _account(world: World, webhook: Webhook, object_id: str) -> _Found:
    account = await world.rail.get_account(object_id)
    mark = read_mark(account.metadata, "payee")
    if mark is None:
        return None
    return mark[0], await refresh_payee(world, *mark, account_id=object_id)


async def _external_account(world: World, webhook: Webhook, object_id: str) -> _Found:
    """Look at the account whose bank this is: its money may now go elsewhere."""
    return await _account(world, webhook, webhook.account_id) if webhook.account_id else None


async def _transfer(world: World, webhook: Webhook, object_id: str) -> _Found:
    transfer = await world.rail.get_transfer(object_id)
    mark = read_mark(transfer.metadata, "attempt")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        is_ours = await record_transfer(
            db,
            network_id=mark[0],
            attempt_id=mark[1],
            transfer=transfer,
            now=world.clock.now(),
        )
    return mark[0], is_ours


async def _payout(world: World, webhook: Webhook, object_id: str) -> _Found:
    payout = await world.rail.get_payout(webhook.account_id, object_id)
    mark = read_mark(payout.metadata, "attempt")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        is_ours = await record_provider_payout(
            db,
            network_id=mark[0],
            attempt_id=mark[1],
            account_id=webhook.account_id,
            provider_payout=payout,
            now=world.clock.now(),
        )
    return mark[0], is_ours


async def _payment_intent(world: World, webhook: Webhook, object_id: str) -> _Found:
    intent = await world.rail.get_payment_intent(object_id)
    mark = read_mark(intent.metadata, "attempt")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        is_ours = await record_payment_intent(
            db, network_id=mark[0], attempt_id=mark[1], intent=intent, now=world.clock.now()
        )
    return mark[0], is_ours


async def _topup(world: World, webhook: Webhook, object_id: str) -> _Found:
    topup = await world.rail.get_topup(object_id)
    mark = read_mark(topup.metadata, "topup")
    if mark is None:
        return None
    async with world.database.writing(mark[0]) as db:
        is_ours = await record_topup(
            db,
            network_id=mark[0],
            topup_id=mark[1],
            provider_topup=topup,
            now=world.clock.now(),
        )
    return mark[0], is_ours


_READERS: dict[str, Callable[[World, Webhook, str], Awaitable[_Found]]] = {
    "account": _account,
    "bank_account": _external_account,
    "card": _external_account,
    "transfer": _transfer,
    "payout": _payout,
    "payment_intent": _payment_intent,
    "topup": _topup,
}

JOBS = {"webhook.process": run_webhook_process}
