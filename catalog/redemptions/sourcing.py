"""Which supplier an order goes to, how well suppliers deliver, and what a failover may cost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from catalog.redemptions.model import Attempt, AttemptState, Exclusion, Quote, QuoteSource
from catalog.suppliers import SupplierTerms
from payouts.money import Money, Rounding, share_of

WINDOW = timedelta(hours=24)
WINDOW_ATTEMPTS = 50
FULL_SCORE = 100
SCORE_MIN = 50
"""Below this a supplier is passed over, once there are enough attempts to judge by."""
JUDGED_MIN = 10
FAILURES_IN_A_ROW = 5
"""So many definite failures one after another, and a supplier is passed over."""
PAUSE = timedelta(minutes=10)
"""How long it is, counted from the last bad thing; then one order finds out."""
SLOW_STEPS = ((timedelta(minutes=1), 0), (timedelta(minutes=10), 10))
"""What is taken off the score by the median time to the code."""
SLOWEST = 20
WHOLE_BPS = 10_000


class Standing(StrEnum):
    """Whether a supplier is bought from where there is another."""

    GOOD = "good"
    PAUSED = "paused"
    """Passed over until its pause is over."""
    DUE = "due"
    """Its pause is over: the next order finds out."""
    TRIED = "tried"
    """One order is finding out; others pass it over."""


@dataclass(frozen=True, slots=True)
class Try:
    """What counts of an attempt."""

    state: AttemptState
    unknown_at: datetime | None
    claimed_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class SupplierHealth:
    """How well a supplier delivered of late, and what follows."""

    attempts: int
    succeeded: int
    failed: int
    unknown: int
    """Attempts whose outcome was unknown for a while, or still is."""
    failures_in_a_row: int
    median_seconds: int | None
    score: int
    standing: Standing
    paused_until: datetime | None

    @property
    def exclusion(self) -> Exclusion | None:
        """Why it is passed over."""
        if self.standing is Standing.PAUSED:
            return Exclusion.UNHEALTHY
        return Exclusion.BEING_TRIED if self.standing is Standing.TRIED else None


def judge_health(tries: Sequence[Try], *, now: datetime) -> SupplierHealth:
    """Judge a supplier by its latest attempts, the latest first.

    Attempts that have ended or that nobody knows the outcome of are counted: 1 for a success, a
    half for one that was unknown for a while, 0 for any other. The score is their share of 100,
    rounded half to even, less 10 when the median time from order to code is over a minute, or 20
    when it is over ten; 100 without any. A supplier is paused, for ten minutes from the last bad
    thing, after five definite failures in a row or by a score below 50 of at least ten attempts;
    then one order finds out.
    """
    counted = [
        one for one in tries if one.ended_at is not None or one.state is AttemptState.UNKNOWN
    ]
    good = [one for one in counted if one.state is AttemptState.SUCCEEDED]
    spans = sorted(one.ended_at - one.claimed_at for one in good if one.ended_at is not None)
    median = int(spans[len(spans) // 2].total_seconds()) if spans else None
    worth = sum(Fraction(1, 1 if one.unknown_at is None else 2) for one in good)
    share = round(FULL_SCORE * worth / len(counted)) if counted else FULL_SCORE
    score = max(share - _slowness(median), 0)
    row = _failures_in_a_row(counted)
    standing, until = Standing.GOOD, None
    if row >= FAILURES_IN_A_ROW or (len(counted) >= JUDGED_MIN and score < SCORE_MIN):
        until = _last_bad(counted) + PAUSE
        standing = _standing(tries, until, now)
    return SupplierHealth(
        attempts=len(counted),
        succeeded=len(good),
        failed=sum(one.state is AttemptState.FAILED for one in counted),
        unknown=sum(_was_unknown(one) for one in counted),
        failures_in_a_row=row,
        median_seconds=median,
        score=score,
        standing=standing,
        paused_until=until,
    )


def _slowness(median: int | None) -> int:
    if median is None:
        return 0
    span = timedelta(seconds=median)
    return next((less for bound, less in SLOW_STEPS if span <= bound), SLOWEST)


def _failures_in_a_row(counted: Sequence[Try]) -> int:
    count = 0
    for one in counted:
        if one.state is AttemptState.SUCCEEDED:
            break
        count += one.state is AttemptState.FAILED
    return count


def _last_bad(counted: Sequence[Try]) -> datetime:
    bad = [one.ended_at for one in counted if one.state is AttemptState.FAILED]
    bad += [one.unknown_at or one.claimed_at for one in counted if _was_unknown(one)]
    return max(at for at in bad if at is not None)


def _was_unknown(one: Try) -> bool:
    return one.unknown_at is not None or one.state is AttemptState.UNKNOWN


def _standing(tries: Sequence[Try], until: datetime, now: datetime) -> Standing:
    if now < until:
        return Standing.PAUSED
    is_tried = any(one.ended_at is None and one.claimed_at >= until for one in tries)
    return Standing.TRIED if is_tried else Standing.DUE


def only_source(quote: Quote) -> QuoteSource:
    """What a quote of before there were several is bought as."""
    assert quote.supplier_id is not None
    assert quote.supplier_sku is not None
    assert quote.cost is not None
    return QuoteSource(
        source_id=quote.reward_id,
        version=quote.version,
        supplier_id=quote.supplier_id,
        supplier_sku=quote.supplier_sku,
        cost=quote.cost,
        cost_in_wallet=quote.in_wallet(quote.cost),
        fx_rate_id=quote.fx_rate_id,
        fx_rate=quote.fx_rate,
        score=FULL_SCORE,
    )


def untried(sources: Sequence[QuoteSource], attempts: Sequence[Attempt]) -> list[QuoteSource]:
    """Tell what may be bought and was not tried, in its order."""
    tried = {one.source_id or sources[0].source_id for one in attempts}
    return [one for one in sources if one.may_be_bought and one.source_id not in tried]


@dataclass(frozen=True, slots=True)
class SourcingPolicy:
    """What an order may cost the network beyond what the member pays, when its first supplier
    failed; in basis points of the price.
    """

    policy_id: UUID
    loss_max_bps: int
    published_by: str
    published_at: datetime


def cost_max(total: Money, loss_max_bps: int) -> Money:
    """The most that a further supplier may charge."""
    return total + share_of(total, basis_points=loss_max_bps, rounding=Rounding.FLOOR)


def not_connected(terms: SupplierTerms, connected: Collection[str] | None) -> Exclusion | None:
    """Whether this process has no account with a supplier; None says that it does not know."""
    if connected is None or terms.name in connected:
        return None
    return Exclusion.NOT_CONNECTED
