"""`mizan check`: every promise of the books, asked of the books as their auditor."""

import argparse
import json
from datetime import datetime

from sqlalchemy import text

from api.cli.running import run_until_told
from api.cli.runtime import open_runtime, read_settings, require_database
from api.database.engine import Addresses, open_auditor
from api.database.transaction import PLATFORM_NETWORK_ID
from payouts.audit import CheckResult, run_checks

SHOWN_MAX = 10
# Books of tens of millions of postings take longer than a request may.
_LONG_STATEMENTS = text("SET LOCAL statement_timeout = '10min'")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan check`."""
    parser = commands.add_parser("check", help="every promise of the books, asked of the books")
    parser.add_argument("--json", action="store_true", help="print a list of outcomes")
    parser.set_defaults(run=lambda arguments: run_until_told(lambda _: _check(arguments)))


async def _check(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    require_database(settings)
    async with open_runtime(settings) as runtime:
        return await check(runtime.addresses, as_json=arguments.json, now=runtime.clock.now())


async def check(found: Addresses, *, as_json: bool, now: datetime) -> int:
    """Check every invariant on one snapshot and print the outcome; 1 when one is broken.

    It reads as the auditor, who sees the audit views and nothing else, whatever address is used.
    """
    results = await ask_books(found, now=now)
    print(_as_json(results) if as_json else _as_text(results))
    return 0 if all(one.ok for one in results) else 1


async def ask_books(found: Addresses, *, now: datetime) -> list[CheckResult]:
    """Ask every invariant, on one snapshot, as the auditor."""
    auditor = open_auditor(found)
    try:
        async with auditor.reading(PLATFORM_NETWORK_ID) as db:
            await db.execute(_LONG_STATEMENTS)
            return await run_checks(db, now=now)
    finally:
        await auditor.engine.dispose()


def _as_json(results: list[CheckResult]) -> str:
    shown = [
        {
            "name": one.name,
            "ok": one.ok,
            "examined": one.examined,
            "breaches": [dict(row) for row in one.breaches],
        }
        for one in results
    ]
    return json.dumps(shown, indent=2)


def _as_text(results: list[CheckResult]) -> str:
    lines = []
    for one in results:
        verdict = "holds " if one.ok else "BROKEN"
        lines.append(f"{verdict} {one.name} ({one.examined} examined)")
        if one.ok:
            continue
        lines.append(f"       {one.says}")
        lines += [f"       {json.dumps(dict(row))}" for row in one.breaches[:SHOWN_MAX]]
    broken = sum(not one.ok for one in results)
    lines.append(f"{len(results) - broken} of {len(results)} invariants hold")
    return "\n".join(lines)
