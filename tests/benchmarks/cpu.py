"""Processor time of whole process trees, from the kernel's scheduler statistics."""

import os
from pathlib import Path

_PROC = Path("/proc")


def can_measure() -> bool:
    """Tell whether this kernel keeps scheduler statistics."""
    return (_PROC / "self" / "schedstat").exists()


def family_of(pid: int) -> list[int]:
    """List a process and all its descendants, as they are now."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.glob("[0-9]*"):
        try:
            parent = int(_fields(int(entry.name))[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def spent_by(pid: int) -> int:
    """Give the nanoseconds that a family has spent so far, its dead included.

    The kernel keeps what the dead spent with whoever buried them, though only in ticks: a backend
    of PostgreSQL is gone before its client's figures can be read.
    """
    total = 0
    for one in family_of(pid):
        try:
            tasks = list((_PROC / str(one) / "task").iterdir())
            total += sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
        except OSError:
            continue
    buried = sum(int(ticks) for ticks in _fields(pid)[13:15])
    return total + buried * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    # The second field is the program's name in parentheses, which may hold anything.
    return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
