"""`mizan schema`: the public contract as text."""

import argparse
import difflib
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "schema.graphql"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan schema export`."""
    schema = commands.add_parser("schema", help="the GraphQL schema")
    what = schema.add_subparsers(required=True, metavar="ACTION")
    export = what.add_parser("export", help="print the schema, or compare it with the file")
    export.add_argument("--check", action="store_true", help=f"compare with {FILE.name}")
    export.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    from api.graphql.schema import print_schema

    printed = print_schema()
    if not arguments.check:
        sys.stdout.write(printed)
        return 0
    kept = FILE.read_text() if FILE.exists() else ""
    if kept == printed:
        return 0
    changes = difflib.unified_diff(
        kept.splitlines(), printed.splitlines(), FILE.name, "the code", lineterm=""
    )
    print("\n".join(changes))
    print(f"{FILE.name} is not the schema of the code: mizan schema export > {FILE.name}")
    return 1
