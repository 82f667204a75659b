"""Recording that an attempt did not go as asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.model import (
    FUNDS_WAIT,
    UNSURE,
    Attempt,
    AttemptState,
    Leg,
    Payout,
    PayoutState,
    Reason,
    backoff,
)
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.orders import BUSY
from payouts.disbursement.queries import lock_attempt
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.return_payout import return_payout
from payouts.due import announce_due, clear_due
from payouts.rails import ProviderBalanceTooLow, ProviderBusy, ProviderRefused, RailError

_BUSY_MIN = timedelta(seconds=2)
_BUSY_MAX = timedelta(minutes=5)
_RETURN_WAIT = timedelta(minutes=1)
_SHORT_EPOCHS_MAX = 5


async def record_failure(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID, failure: RailError, now: datetime
) -> None:
    """Write down that the provider refused, was busy, had too little, or may have done it.

    Only a definite refusal ends an attempt; whatever may have happened blocks the next try until
    it is looked up.
    """
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].state not in UNSURE:
        return
    case = _Case(db, network_id, *found, now)
    if isinstance(failure, ProviderBusy) and case.attempt.state is AttemptState.PREPARED:
        await case.busy()
    elif isinstance(failure, ProviderBalanceTooLow):
        await case.short()
    elif isinstance(failure, ProviderRefused) and failure.code != "idempotency_mismatch":
        await case.refused(failure.code)
    else:
        await case.unknown()


@dataclass(frozen=True, slots=True)
class _Case:
    db: AsyncConnection
    network_id: int
    payout: Payout
    attempt: Attempt
    now: datetime

    async def _end(self, state: AttemptState, code: str) -> None:
        await change_attempt(
            self.db,
            network_id=self.network_id,
            attempt=self.attempt,
            state=state,
            now=self.now,
            code=code[:255],
        )
        await clear_due(
            self.db,
            network_id=self.network_id,
            kind="payout.resolve",
            due_id=self.payout.payout_id,
        )

    async def _move(self, to: PayoutState, reason: Reason, *, is_taken: bool = True) -> None:
        await move_payout(
            self.db,
            network_id=self.network_id,
            payout=self.payout,
            to=to,
            now=self.now,
            reason=reason.value,
            is_taken=is_taken,
        )

    async def _due(self, kind: str, wait: timedelta) -> None:
        await announce_due(
            self.db,
            network_id=self.network_id,
            kind=kind,
            due_id=self.payout.payout_id,
            due_at=self.now + wait,
        )

    async def busy(self) -> None:
        """Nothing was done: the same attempt again, later the longer it takes."""
        await self._end(AttemptState.PREPARED, BUSY)
        if self.attempt.leg is Leg.TRANSFER:
            await self._move(PayoutState.SCHEDULED, Reason.PROVIDER_BUSY)
        waited = self.now - self.attempt.prepared_at
        await self._due("payout.submit", min(max(waited, _BUSY_MIN), _BUSY_MAX))

    async def short(self) -> None:
        """The balance was too low; the key remembers that, so the next try has a new one."""
        if self.attempt.leg is Leg.PAYOUT and self.attempt.epoch >= _SHORT_EPOCHS_MAX:
            await self.refused("balance_insufficient")
            return
        await self._end(AttemptState.FAILED_RETRYABLE, "balance_insufficient")
        waiting = {
            Leg.TRANSFER: PayoutState.WAITING_FUNDS,
            Leg.PAYOUT: PayoutState.TRANSFERRED,
            Leg.REVERSAL: PayoutState.RETURNING,
        }
        await self._move(waiting[self.attempt.leg], Reason.INSUFFICIENT_FUNDS)
        await self._due("payout.submit", FUNDS_WAIT)

    async def refused(self, code: str) -> None:
        """It will not be done: the value goes back, at once or by taking the transfer back."""
        if self.attempt.leg is Leg.REVERSAL:
            await self._end(AttemptState.FAILED_RETRYABLE, code)
            await self._move(PayoutState.RETURNING, Reason.REFUSED)
            await self._due("payout.submit", _RETURN_WAIT)
            return
        await self._end(AttemptState.FAILED_FINAL, code)
        if self.attempt.leg is Leg.PAYOUT:
            await self._move(PayoutState.RETURNING, Reason.REFUSED)
            await self._due("payout.submit", timedelta())
            return
        await return_payout(
            self.db,
            network_id=self.network_id,
            payout=self.payout,
            actor="worker",
            now=self.now,
        )
        await self._move(PayoutState.FAILED, Reason.REFUSED, is_taken=False)
        await clear_due(
            self.db,
            network_id=self.network_id,
            kind="payout.submit",
            due_id=self.payout.payout_id,
        )
        await refresh_cycle(
            self.db, network_id=self.network_id, cycle_id=self.payout.cycle_id, now=self.now
        )

    async def unknown(self) -> None:
        """It may have been done: nothing else is tried before that is known."""
        await self._end(AttemptState.UNKNOWN, Reason.UNKNOWN_OUTCOME.value)
        await self._move(PayoutState.UNKNOWN, Reason.UNKNOWN_OUTCOME)
        await clear_due(
            self.db,
            network_id=self.network_id,
            kind="payout.submit",
            due_id=self.payout.payout_id,
        )
        await self._due("payout.resolve", backoff(self.attempt.lookups + 1))
