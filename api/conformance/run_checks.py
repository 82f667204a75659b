"""Tries an adapter, check by check."""

import asyncio
from collections.abc import AsyncIterator, Collection

from api.conformance.bench import Bench, ClaimBroken
from api.conformance.capability_checks import CAPABILITIES
from api.conformance.catalogue_checks import CATALOGUE
from api.conformance.check import Check, Result, Verdict
from api.conformance.fault_checks import FAULTS
from api.conformance.message_checks import MESSAGES
from api.conformance.order_checks import ORDERS

CHECK_SECONDS_MAX = 30

CHECKS: tuple[Check, ...] = tuple(
    check
    for checks in (CAPABILITIES, CATALOGUE, ORDERS, FAULTS, MESSAGES)
    for check in checks.found
)


async def run_checks(
    bench: Bench, *, names: Collection[str] | None = None
) -> AsyncIterator[Verdict]:
    """Try an adapter with every check, or some of them; each begins with a calm double."""
    for check in CHECKS:
        if names is None or check.name in names:
            yield await _try(bench, check)
    await bench.double.calm(bench.description.controls)


async def _try(bench: Bench, check: Check) -> Verdict:
    def verdict(result: Result, why: str = "") -> Verdict:
        return Verdict(check.group, check.name, check.words, result, why)

    obstacle = _obstacle(bench, check)
    if obstacle is not None:
        return verdict(Result.NOT_APPLICABLE, obstacle)
    try:
        await bench.double.calm(bench.description.controls)
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            await check.trial(bench)
    except ClaimBroken as broken:
        return verdict(Result.FAILED, str(broken))
    except Exception as failure:  # noqa: BLE001 whatever it is, the claim does not hold
        return verdict(Result.FAILED, f"{type(failure).__name__}: {failure}"[:300])
    return verdict(Result.PASSED)


def _obstacle(bench: Bench, check: Check) -> str | None:
    """Say why a check has no meaning for this adapter, or cannot be tried with this double."""
    missing = check.needs - bench.supplier.capabilities
    if missing:
        return f"no {', '.join(sorted(missing))}"
    if check.plays is not None:
        place, kind = check.plays
        if kind not in bench.description.faults.get(place, ()):
            return f"its double does not play {kind} of {place}"
    lacking = check.uses - bench.description.controls
    return f"its double has no control of {', '.join(sorted(lacking))}" if lacking else None
