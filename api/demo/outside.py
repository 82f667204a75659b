"""The world outside, played at the doubles' control endpoints, and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from api.clock import Clock
from api.demo.client import StoryBroken


@dataclass(slots=True)
class Outside:
    """Stripe, the suppliers, the bank and the passing of time."""

    stripe_url: str
    supplier_urls: Mapping[str, str]
    clock_file: Path
    http: httpx2.Client

    def stripe(self, act: str, **fields: Any) -> Any:
        """Make something happen at Stripe."""
        answer = self.http.post(f"{self.stripe_url}/_control/{act}", json=fields)
        if answer.status_code != 200:
            raise StoryBroken(f"Stripe's double: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def stripe_list(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind that Stripe knows, such as its transfers."""
        found: list[dict[str, Any]] = self.http.get(f"{self.stripe_url}/_control/state").json()[
            kind
        ]
        return found

    def orders_taken(self) -> dict[str, int]:
        """How many orders each supplier has taken."""
        return {
            name: len(self.http.get(f"{url}/_control/orders").json())
            for name, url in self.supplier_urls.items()
        }

    def supplier_refuses(self, name: str, kind: str) -> None:
        """Let a supplier refuse the next order."""
        answer = self.http.post(f"{self.supplier_urls[name]}/_control/faults", json={"kind": kind})
        if answer.status_code != 201:
            raise StoryBroken(f"{name}'s double: {answer.status_code} {answer.text[:300]}")

    def days_pass(self, days: int) -> None:
        """Move the clock of all processes forward; it goes on running."""
        clock = Clock(self.clock_file)
        real = Clock().now()
        shift = clock.now() - real + timedelta(days=days)
        draft = self.clock_file.with_suffix(".draft")
        draft.write_text(f"+{int(shift.total_seconds())}s")
        draft.replace(self.clock_file)
