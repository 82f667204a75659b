"""The one clock of the platform."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_SHIFT = re.compile(r"([+-])(\d{1,9})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class ClockFileInvalid(Exception):
    """The clock file holds neither an ISO 8601 instant nor a signed duration such as +15d."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time; a test may set it through a file that all processes read.

    The file holds an ISO 8601 instant, at which time stands still, or a signed duration that is
    added to the running clock. No file, or an empty one, is the running clock.
    """

    file: Path | None = None

    def now(self) -> datetime:
        """Tell the present instant, aware and in UTC."""
        real = datetime.now(UTC)
        if self.file is None:
            return real
        try:
            text = self.file.read_text().strip()
        except FileNotFoundError:
            return real
        if not text:
            return real
        shift = _SHIFT.fullmatch(text)
        if shift:
            sign = -1 if shift[1] == "-" else 1
            return real + timedelta(**{_UNITS[shift[3]]: sign * int(shift[2])})
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise ClockFileInvalid(text[:60]) from None
        if instant.tzinfo is None:
            raise ClockFileInvalid(f"{text[:60]} has no time zone")
        return instant.astimezone(UTC)


def system_clock() -> Clock:
    """The running clock, for which no file is read."""
    return Clock()
