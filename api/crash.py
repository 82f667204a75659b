"""Named places where a test may kill the process, to prove that a crash there loses nothing."""

import os
import signal
from collections.abc import Mapping

VARIABLE = "MIZAN_CRASH_POINT"


class CrashPointRefused(Exception):
    """A crash point is refused where the Stripe key can move real money, or is malformed."""


class _Armed:
    """The point at which this process ends, and how often it may still be passed."""

    name: str | None = None
    passings_left: int = 0


def arm_crash_point(environment: Mapping[str, str], *, is_stripe_live: bool) -> None:
    """Read `MIZAN_CRASH_POINT=name[:n]`: the process is killed at the n-th passing of that point.

    Raises CrashPointRefused.
    """
    text = environment.get(VARIABLE) or ""
    name, _, count = text.partition(":")
    if not name:
        _Armed.name = None
        return
    if is_stripe_live:
        raise CrashPointRefused(f"{VARIABLE} is refused with a live Stripe key.")
    if count and not (count.isascii() and count.isdecimal() and int(count) > 0):
        raise CrashPointRefused(f"{VARIABLE} is name or name:n, with n above zero.")
    _Armed.name, _Armed.passings_left = name, int(count or "1")


def crash_here(name: str) -> None:
    """Pass a point; kills the process, with nothing tidied up, when this is the armed one."""
    if _Armed.name != name:
        return
    _Armed.passings_left -= 1
    if _Armed.passings_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
