"""From steps to what is asked of the ledger and of its model."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from payouts.ledger import Account, Cause, Draft, Line, LotPart
from payouts.money import Money
from tests.payouts.ledger.ledger_steps import EURO_FEES, FUNDERS, SHAPES, STRANGER, Item
from tests.payouts.ledger.requests_model import MOST, Entry, Name, Part, Request


def account_of(name: Name) -> Account:
    return Account(name.type, name.owner, name.unit)


def entries_of(item: Item, mirrored: Request | None, now: datetime) -> tuple[Entry, ...]:
    """The lines of a journal to be, before its flaw."""
    if item.shape == "mirror" and mirrored is not None:
        lines = mirrored.lines
        if item.minor == 0:  # the whole of it
            return tuple(Entry(one.account, -one.minor, one.unit) for one in lines)
        first = next(one for one in lines if one.minor > 0)
        second = next(one for one in lines if one.minor < 0 and one.unit == first.unit)
        return (
            Entry(first.account, -item.minor, first.unit),
            Entry(second.account, item.minor, first.unit),
        )
    shape = SHAPES.get(item.shape, SHAPES["plain"])
    return tuple(
        Entry(account, sign * item.minor, account.unit, _parts(item, abs(sign * item.minor), now))
        if has_parts
        else Entry(account, sign * item.minor, account.unit)
        for account, sign, has_parts in shape
    )


def _parts(item: Item, most: int, now: datetime) -> tuple[Part, ...]:
    found = []
    for minor, origin, funder, days in item.parts:
        part = min(minor, most)
        if part > 0:
            ends = now + timedelta(days=days) if days else None
            found.append(Part(part, f"origin-{origin}", FUNDERS[funder], ends))
            most -= part
    return tuple(found)


def flawed(entries: tuple[Entry, ...], flaw: str) -> tuple[Entry, ...]:
    """The lines with a flaw."""
    last = entries[-1]
    if flaw == "unbalanced":
        less = last.minor - 1 if abs(last.minor) < MOST else last.minor // 2
        return (*entries[:-1], replace(last, minor=less, parts=()))
    if flaw == "stranger":
        return (*entries[:-1], replace(last, account=STRANGER, parts=()))
    if flaw == "crossed":  # each of its units is out of balance, both together are not
        return (*entries[:-1], replace(last, account=EURO_FEES, unit="EUR", parts=()))
    if flaw == "unit":
        return tuple(replace(one, unit="USD") for one in entries)
    if flaw == "zeros":
        return tuple(replace(one, minor=0, parts=()) for one in entries)
    return {"single": entries[:1], "empty": ()}.get(flaw, entries)


def draft_of(one: Request, reverses: UUID | None, restores: UUID | None) -> Draft:
    """What the ledger is asked for."""
    lines = tuple(
        Line(
            account_of(line.account),
            Money(line.minor, line.account.unit),
            tuple(
                LotPart(
                    Money(part.minor, line.account.unit),
                    Cause("test", part.origin),
                    part.funder,
                    None,
                    part.expires_at,
                )
                for part in line.parts
            ),
        )
        for line in one.entries
    )
    cause = Cause("test", one.cause)
    return Draft("test", one.key, cause, lines, "test", one.effective_at, reverses, {}, restores)
