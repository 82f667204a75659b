"""Where a process may be killed in the middle of the story."""

from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True)
class Point:
    """A named place in one process, passed up to `passings` times in a story."""

    process: str
    name: str
    passings: int = 1

    def choose(self, random: Random, *, is_first: bool) -> "Kill":
        """Choose at which passing; the second choice is the first passing, which always comes."""
        return Kill(self, random.randint(1, self.passings) if is_first else 1)


@dataclass(frozen=True)
class Kill:
    """One passing of a point, at which the process dies with -9."""

    point: Point
    passing: int

    def __str__(self) -> str:
        return f"{self.point.process} at {self.point.name}:{self.passing}"

    def order(self) -> dict[str, Any]:
        """How a run is told: servers and workers kill themselves, doubles by a queued fault."""
        process, name = self.point.process, self.point.name
        if process in ("server", "worker"):
            return {"crash": (process, f"{name}:{self.passing}")}
        operation, _, kind = name.partition(".")
        fault = {"kind": kind, "operation": operation} if process == "stripe" else {"kind": kind}
        return {"fault": (process, fault)}


POINTS = (
    Point("server", "recordPurchase.before_commit", 3),
    Point("server", "recordPurchase.after_commit", 3),
    Point("server", "recordReturn.after_commit"),
    Point("server", "placeRedemption.before_commit", 4),
    Point("server", "placeRedemption.after_commit", 4),
    Point("server", "captureGiftCard.after_commit"),
    Point("server", "cancelRedemption.before_commit"),
    Point("server", "requestCashbackPayout.after_commit", 2),
    Point("server", "retryPayout.after_commit"),
    Point("server", "closeSettlementCycle.after_commit"),
    Point("server", "approveSettlementCycle.before_commit"),
    Point("server", "approveSettlementCycle.after_commit"),
    Point("server", "webhook.accepted", 4),
    Point("worker", "topup.sent"),
    Point("worker", "payout.claimed", 3),
    Point("worker", "payout.sent", 3),
    Point("worker", "payout.banked", 2),
    Point("worker", "payout.recorded", 4),
    Point("worker", "payout.reversed"),
    Point("worker", "collection.claimed"),
    Point("worker", "collection.sent"),
    Point("worker", "redemption.claimed"),
    Point("worker", "redemption.ordered"),
    Point("worker", "redemption.fetched"),
    Point("worker", "redemption.recorded"),
    Point("worker", "webhook.acted", 4),
    Point("worker", "balance_transactions.read", 4),
    Point("worker", "balance_transactions.recorded", 4),
    Point("stripe", "create_transfer.kill_before"),
    Point("stripe", "create_transfer.kill_after"),
    Point("stripe", "create_payout.kill_after"),
    Point("stripe", "reverse_transfer.kill_after"),
    Point("stripe", "create_payment_intent.kill_after"),
    Point("stripe", "create_topup.kill_after"),
    Point("reloadly", "order.kill_before"),
    Point("reloadly", "order.kill_after"),
)
"""`order` is the one operation that the supplier's double plays faults on."""
