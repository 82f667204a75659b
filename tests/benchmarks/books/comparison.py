"""One figure of the ledger: what is measured, what it is held against, and the promised bound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.benchmarks.measure import Result, Sample

Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Comparison:
    """A ratio and its bound; where nothing is promised there is none."""

    name: str
    ratio: float
    measured: str
    against: str
    bound: float | None
    direction: Direction
    is_noisy: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the bound is kept."""
        if self.bound is None:
            return True
        return self.ratio >= self.bound if self.direction == "higher" else self.ratio <= self.bound


@dataclass(frozen=True)
class Compared:
    """Two contenders of one result: a throughput is to be high, a time low."""

    result: Result
    contender: str
    reference: str
    direction: Direction = "higher"

    def named(self, name: str, *, bound: float | None) -> Comparison:
        """Make the figure, of the medians of the rounds."""
        what = "per_second" if self.direction == "higher" else "p50_ms"
        ratio = self.result.ratio(self.contender, self.reference, what)
        assert ratio is not None, "every contender was measured"
        return Comparison(
            name=name,
            ratio=ratio,
            measured=self._told(self.contender, what),
            against=self._told(self.reference, what),
            bound=bound,
            direction=self.direction,
            is_noisy=self.result.is_noisy(self.reference),
        )

    def _told(self, who: str, what: str) -> str:
        middle = self.result.median(who, what)
        assert middle is not None, "every contender was measured"
        return f"{middle:,.0f}/s" if what == "per_second" else f"{middle:.3g} ms"


def take_turns(
    operation: str, contenders: Mapping[str, Callable[[], Sample]], *, rounds: int, clients: int
) -> Result:
    """Let contenders take turns, round by round."""
    result = Result(operation, clients, {name: [] for name in contenders})
    for _ in range(rounds):
        for name, measure in contenders.items():
            result.samples[name].append(measure())
    return result
