"""One clock, which a test may set through a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.clock import Clock, ClockFileInvalid


def test_without_a_file_time_is_real(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    assert before <= Clock().now() <= datetime.now(UTC)
    assert abs(Clock(tmp_path / "absent").now() - before) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("+15d", timedelta(days=15)),
        ("-2h", timedelta(hours=-2)),
        ("+1296000s\n", timedelta(days=15)),
        ("", timedelta()),
    ],
)
def test_shift_is_added_to_the_running_clock(tmp_path: Path, text: str, shift: timedelta) -> None:
    file = tmp_path / "clock"
    file.write_text(text)
    assert abs(Clock(file).now() - datetime.now(UTC) - shift) < timedelta(seconds=5)


def test_instant_stands_still(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-03-31T23:59:50+03:00")
    assert Clock(file).now() == datetime(2026, 3, 31, 20, 59, 50, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "2026-03-31T23:59:50", "+15", "15d", "+1y"])
def test_text_that_is_no_time_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clock"
    file.write_text(text)
    with pytest.raises(ClockFileInvalid):
        Clock(file).now()
