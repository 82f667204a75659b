"""What the writers of a statement's documents are given beside its lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.documents.wording import say, say_kind
from api.graphql.scalars import Locale
from partners.networks import name_in
from payouts.ledger import Movement
from payouts.money import Money
from payouts.settlement import Moved, Sides, Statement, StatementDescription


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the summary: where the statement began, what moved, and where it ended."""

    record: str
    kind: str
    text: str
    count: int | None
    receivable: Money | None
    payable: Money | None
    net: Money


@dataclass(frozen=True, slots=True)
class Heading:
    """A statement described, with the names of its two parties and the reader's language."""

    described: StatementDescription
    network: Mapping[str, str]
    partner: Mapping[str, str]
    locale: Locale

    @property
    def statement(self) -> Statement:
        """The statement."""
        return self.described.statement

    @property
    def network_name(self) -> str:
        """The network's name in the reader's language, or else in one it has."""
        return name_in(self.network, self.locale.value)

    @property
    def partner_name(self) -> str:
        """The partner's name in the reader's language, or else in one it has."""
        return name_in(self.partner, self.locale.value)

    def say(self, name: str, **values: object) -> str:
        """Write one of the words in the reader's language."""
        return say(name, self.locale, **values)

    def local(self, at: datetime) -> datetime:
        """Move an instant to the clocks of the network."""
        return at.astimezone(ZoneInfo(self.described.zone))


def facts_of(heading: Heading) -> list[tuple[str, str]]:
    """List the facts of the head by their names, as texts."""
    described, one = heading.described, heading.statement
    block, cut, before = described.block, one.stretch.cut, one.stretch.before
    return [
        ("network", heading.network_name),
        ("partner", heading.partner_name),
        ("number", str(one.number)),
        ("version", str(one.version)),
        ("cycle", str(described.cycle_number)),
        ("currency", one.currency),
        ("issued_at", write_instant(one.issued_at)),
        ("cut_at", "" if cut.at is None else write_instant(cut.at)),
        ("to_seq", str(cut.seq)),
        ("before_at", "" if before is None or before.at is None else write_instant(before.at)),
        ("before_seq", "" if before is None else str(before.seq)),
        ("after_seq", str(one.from_seq)),
        ("zone", described.zone),
        ("value_on", "" if described.value_on is None else described.value_on.isoformat()),
        ("state", heading.say(f"state.{one.state.value}")),
        ("outcome", heading.say(f"outcome.{one.outcome.value}")),
        *conversion_facts(heading),
        ("reference", described.reference),
        ("content_hash", one.content_hash),
        ("block", heading.say("unsealed") if block is None else str(block.block)),
        ("root", "" if block is None else block.root.hex()),
    ]


def conversion_facts(heading: Heading) -> list[tuple[str, str]]:
    """Say into what a net is converted, at which rate, or why it is carried; else nothing."""
    one, rate = heading.statement, heading.described.rate
    facts = []
    if one.carried_because is not None:
        facts = [("carried_because", heading.say(f"because.{one.carried_because.value}"))]
    if one.conversion is not None and rate is not None:
        amount = one.conversion.amount
        facts = [
            ("converted_into", f"{amount.currency} {amount.decimal}"),
            ("fx_rate", f"1 {rate.base} = {rate.text} {rate.quote}"),
            ("fx_source", rate.source),
            ("fx_observed_at", write_instant(rate.observed_at)),
        ]
    return facts


def opening_rows(heading: Heading) -> list[Row]:
    """Say what stood at the cut before, and what of it was settled since."""
    return [
        _standing(heading, "opening", heading.statement.position.opening),
        _moved(heading, "settled", heading.described.settled),
    ]


def kind_rows(heading: Heading) -> list[Row]:
    """Say what moved, by kind of journal."""
    return [
        _moved(heading, "kind", moved, kind, say_kind(kind, heading.locale))
        for kind, moved in heading.described.moved_kinds.items()
    ]


def total_rows(heading: Heading) -> list[Row]:
    """Say what all movements come to, where the statement ended, and what becomes of that."""
    described, one = heading.described, heading.statement
    parts = [("to_settle", described.to_settle), ("carried", one.carried)]
    if one.conversion is not None:
        parts.insert(1, ("exchanged", one.exchanged))
    return [
        _moved(heading, "movements", described.moved),
        _standing(heading, "closing", one.position.closing),
        *(Row(name, "", heading.say(name), None, None, None, part) for name, part in parts),
    ]


def lines_row(heading: Heading) -> Row:
    """Say what all lines come to, those that settled too: the way from opening to closing."""
    return _moved(heading, "lines", heading.described.lines, text=heading.say("all_lines"))


def is_late(heading: Heading, line: Movement) -> bool:
    """Tell whether a line took effect before the cut before, and was sealed after it."""
    return heading.statement.stretch.is_late(line.effective_at)


def _standing(heading: Heading, record: str, sides: Sides) -> Row:
    return Row(record, "", heading.say(record), None, sides.receivable, sides.payable, sides.net)


def _moved(heading: Heading, record: str, moved: Moved, kind: str = "", text: str = "") -> Row:
    return Row(
        record,
        kind,
        text or heading.say(record),
        moved.count,
        moved.receivable,
        moved.payable,
        moved.net,
    )


def write_instant(at: datetime) -> str:
    """Write an instant as the API does: in UTC, with its offset."""
    return at.astimezone(UTC).isoformat()
