"""`mizan suppliers conform`: everything that is claimed of an adapter, tried against its double."""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from api.cli.described_subjects import DESCRIBED
from api.cli.pools import add_actions
from api.cli.running import run_until_told
from api.clock import Clock
from api.conformance import Result, Subject, Verdict, open_bench, run_checks
from api.doubles.standing import standing
from api.doubles.suppliers_server import DOUBLES, account_at
from api.supply import OPENERS


def subject_of(name: str, url: str) -> Subject:
    """Tell how the adapter of a supplier that we have accounts with is opened on its double."""
    clock = Clock()
    return Subject(
        name, lambda account: OPENERS[name](account, clock.now), account_at(name, url), url
    )


SUBJECTS: Mapping[str, Callable[[str], Subject]] = {
    **{name: partial(subject_of, name) for name in sorted(OPENERS.keys() & DOUBLES.keys())},
    **DESCRIBED,
}
"""What is tried, given where its double listens; each double is one of DOUBLES by the same name."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `mizan suppliers conform`."""
    suppliers = commands.add_parser("suppliers", help="adapters to suppliers")
    what = suppliers.add_subparsers(required=True, metavar="ACTION")
    conform = what.add_parser("conform", help="try an adapter against its double")
    conform.add_argument("name", choices=sorted(SUBJECTS))
    conform.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    conform.set_defaults(run=_run)
    add_actions(what)


def _run(arguments: argparse.Namespace) -> int:
    return run_until_told(lambda _: _conform(arguments.name, as_json=arguments.json))


async def _conform(name: str, *, as_json: bool) -> int:
    verdicts = []
    # A double of its own, with no history: the shared one may be in the middle of a story.
    with (
        tempfile.TemporaryDirectory() as folder,
        standing(DOUBLES[name](Path(folder), Clock())) as url,
    ):
        async with open_bench(SUBJECTS[name](url)) as bench:
            async for verdict in run_checks(bench):
                verdicts.append(verdict)
                if not as_json:
                    _print(verdict)
    counts = Counter(verdict.result for verdict in verdicts)
    failed = counts[Result.FAILED]
    if as_json:
        print(json.dumps({"supplier": name, "checks": [asdict(one) for one in verdicts]}))
    else:
        print(", ".join(f"{counts[result]} {result.value}" for result in Result))
        print(f"{name}: {'conforms' if not failed else 'does not conform'}")
    return 1 if failed else 0


def _print(verdict: Verdict) -> None:
    why = f" ({verdict.why})" if verdict.why else ""
    print(f"{verdict.result.value:14}  {verdict.name}: {verdict.words}{why}")
