"""How well a supplier delivers, by its latest attempts; what a failover may cost."""

from datetime import timedelta

import pytest

from catalog.redemptions.model import AttemptState
from catalog.redemptions.sourcing import Standing, Try, cost_max, judge_health
from payouts.money import Money
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def history(letters: str, *, seconds: int = 5) -> list[Try]:
    """Attempts a minute apart, the latest first and ended `seconds` after its order.

    s succeeded, u succeeded after it was unknown, f failed, ? is unknown still, . is in flight.
    """
    tries = []
    for back, letter in enumerate(letters):
        claimed_at = NOW - MINUTE * (back + 1)
        ended_at = claimed_at + timedelta(seconds=seconds) if letter in "suf" else None
        unknown_at = claimed_at + timedelta(seconds=1) if letter in "u?" else None
        state = {
            "s": AttemptState.SUCCEEDED,
            "u": AttemptState.SUCCEEDED,
            "f": AttemptState.FAILED,
            "?": AttemptState.UNKNOWN,
            ".": AttemptState.ORDERED,
        }[letter]
        tries.append(Try(state, unknown_at, claimed_at, ended_at))
    return tries


@pytest.mark.parametrize(
    ("letters", "score", "in_a_row", "standing"),
    [
        ("", 100, 0, Standing.GOOD),
        ("....", 100, 0, Standing.GOOD),
        ("s", 100, 0, Standing.GOOD),
        ("sssf", 75, 0, Standing.GOOD),
        ("ssu", 83, 0, Standing.GOOD),  # 2.5 of 3
        ("s?", 50, 0, Standing.GOOD),
        ("ffffsssss", 56, 4, Standing.GOOD),
        ("fffffsssss", 50, 5, Standing.PAUSED),
        ("fffff", 0, 5, Standing.PAUSED),
        (".fffff", 0, 5, Standing.PAUSED),
        ("ff?fff", 0, 5, Standing.PAUSED),  # silence is no success
        ("sfffff", 17, 0, Standing.GOOD),  # too few to judge by, and it delivers again
        ("sffffffsss", 40, 0, Standing.PAUSED),
        ("sfffffssss", 50, 0, Standing.GOOD),
        ("??????ssss", 40, 0, Standing.PAUSED),
    ],
)
def test_scores_and_standings(letters: str, score: int, in_a_row: int, standing: Standing) -> None:
    found = judge_health(history(letters), now=NOW)
    assert (found.score, found.failures_in_a_row, found.standing) == (score, in_a_row, standing)
    assert found.attempts == len(letters.replace(".", ""))
    assert found.unknown == letters.count("u") + letters.count("?")


@pytest.mark.parametrize(
    ("seconds", "score"), [(5, 100), (60, 100), (61, 90), (600, 90), (601, 80)]
)
def test_slow_codes_cost_points(seconds: int, score: int) -> None:
    found = judge_health(history("sss", seconds=seconds), now=NOW)
    assert (found.median_seconds, found.score) == (seconds, score)


def test_a_pause_lasts_ten_minutes_from_the_last_bad_thing() -> None:
    tries = history("fffff")
    last = tries[0].ended_at
    assert last is not None
    paused = judge_health(tries, now=last + timedelta(minutes=10, microseconds=-1))
    assert (paused.standing, paused.paused_until) == (Standing.PAUSED, last + 10 * MINUTE)
    assert judge_health(tries, now=last + 10 * MINUTE).standing is Standing.DUE
    # What was on its way when the pause began finds nothing out; what was ordered after it does.
    before = Try(AttemptState.ORDERED, None, NOW - MINUTE / 2, None)
    after = Try(AttemptState.SENDING, None, last + 10 * MINUTE, None)
    assert judge_health([before, *tries], now=last + 10 * MINUTE).standing is Standing.DUE
    assert judge_health([after, *tries], now=last + 11 * MINUTE).standing is Standing.TRIED
    # Silent again, it is paused again.
    lost = Try(AttemptState.UNKNOWN, last + 11 * MINUTE, last + 10 * MINUTE, None)
    again = judge_health([lost, *tries], now=last + 12 * MINUTE)
    assert (again.standing, again.paused_until) == (Standing.PAUSED, last + 21 * MINUTE)


def test_what_a_failover_may_cost_is_rounded_down() -> None:
    price = Money(5_050, "SAR")
    assert [cost_max(price, bps).minor for bps in (0, 98, 99, 100, 10_000)] == [
        5_050,
        5_099,
        5_099,
        5_100,
        10_100,
    ]
