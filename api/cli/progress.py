"""How far a long command has come, on a terminal; silent elsewhere."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_PERCENT = re.compile(r"\((\d+)%\)")
_TABLE = re.compile(r"(?:contents of|data for) table \"?([\w.]+)")


@contextmanager
def told_progress(what: str) -> Iterator[Callable[[str], None]]:
    """Give what takes the lines of a PostgreSQL program and shows the share or table they name."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)

        def heard(line: str) -> None:
            if percent := _PERCENT.search(line):
                bar.update(task, total=100, completed=int(percent[1]))
            elif table := _TABLE.search(line):
                bar.update(task, description=f"{what}: {table[1]}")

        yield heard
