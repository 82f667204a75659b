"""The command `mizan`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

# Only the group that is asked for is loaded: the others would cost seconds.
GROUPS = {
    "serve": "serve",
    "worker": "serve",
    "run": "run",
    "migrate": "migrate",
    "seed": "seed",
    "demo": "demo",
    "token": "token",
    "catalog": "catalog",
    "purchases": "purchases",
    "suppliers": "suppliers",
    "check": "check",
    "schema": "schema",
    "doubles": "doubles",
    "reconcile": "reconcile",
    "settle": "settle",
    "backup": "backup",
    "restore": "backup",
    "verify": "verify",
}

# By name: to import their classes would load what most commands do not need.
FORESEEN = frozenset(
    {"SettingInvalid", "CrashPointRefused", "SecretsInvalid", "KeyFileInvalid", "ClockFileInvalid"}
    | {
        "SchemaBehind",
        "SchemaAhead",
        "NoDatabase",
        "UnsafeDatabaseRole",
        "ClusterFailed",
        "PortTaken",
        "NetworkUnclear",
    }
    | {"DoubleFailed", "NothingRuns", "ConnectionRefusedError"}
    | {"BackupFailed", "BackupDamaged", "PlaceNotEmpty"}
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="mizan", description="The platform behind a partner network."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    wanted = GROUPS.get(given[0]) if given else None
    for group in [wanted] if wanted else sorted(set(GROUPS.values())):
        import_module(f"api.cli.{group}").add_commands(commands)
    chosen = parser.parse_args(given)
    try:
        code: int = chosen.run(chosen)
    except Exception as failure:
        if type(failure).__name__ not in FORESEEN:
            raise
        reason = str(failure) or (type(failure).__doc__ or "")
        print(f"mizan: {reason}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main())
