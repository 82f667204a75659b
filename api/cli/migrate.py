"""`mizan migrate`: to the newest schema."""

import argparse
import asyncio

from api.cli.running import run_until_told
from api.cli.runtime import find_version, reachable_database, read_settings, run_migrations
from api.database.version import expected_version


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan migrate`."""
    parser = commands.add_parser("migrate", help="bring the database to the newest schema")
    parser.set_defaults(run=lambda _: run_until_told(_migrate))


async def _migrate(_stop: asyncio.Event) -> int:
    settings = read_settings()
    async with reachable_database(settings) as found:
        before = await find_version(found)
        # Run even when nothing is missing: roles and grants are put right as well.
        await run_migrations(settings, found)
    print(f"schema {expected_version()} (was {before or 'empty'})")
    return 0
