"""What the writers of a statement's documents are given beside its lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.documents.wording import say, say_kind
from api.graphql.languages import Spoken
from partners.networks import in_locale
from payouts.ledger import Movement
from payouts.money import Money
from payouts.reserves import ReserveDescription
from payouts.settlement import (
    AdjustmentDescription,
    AdjustmentLine,
    AdjustmentStatement,
    Moved,
    Sides,
    Statement,
    StatementDescription,
)


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
    """A statement or adjustment described, with its two parties' names and the reader's language.

    An adjustment settles nothing, and so has no `reserves`.
    """

    described: StatementDescription | AdjustmentDescription
    network: Mapping[str, str]
    partner: Mapping[str, str]
    locale: Spoken
    reserves: ReserveDescription | None = None

    @property
    def statement(self) -> Statement | AdjustmentStatement:
        """The statement, or the adjustment of one."""
        return self.described.statement

    @property
    def is_adjustment(self) -> bool:
        """Whether it is an adjustment of a statement."""
        return isinstance(self.described, AdjustmentDescription)

    @property
    def title(self) -> str:
        """What kind of document it is and its number, in the reader's language."""
        kind = "adjustment" if self.is_adjustment else "statement"
        return f"{self.say(kind)} {self.statement.number}"

    @property
    def network_name(self) -> str:
        """The network's name in the reader's language, or else in one it has."""
        return in_locale(self.network, self.locale.value)

    @property
    def partner_name(self) -> str:
        """The partner's name in the reader's language, or else in one it has."""
        return in_locale(self.partner, self.locale.value)

    def say(self, name: str, **values: object) -> str:
        """Write one of the words in the reader's language."""
        return say(name, self.locale, **values)

    def local(self, at: datetime) -> datetime:
        """Move an instant to the clocks of the network."""
        return at.astimezone(ZoneInfo(self.described.zone))


def facts_of(heading: Heading) -> list[tuple[str, str]]:
    """List the facts of the head by their names, as texts."""
    described, one = heading.described, heading.statement
    block = described.block
    if isinstance(described, AdjustmentDescription):
        own = _adjustment_facts(heading, described.statement)
    else:
        own = _statement_facts(heading, described)
    return [
        ("network", heading.network_name),
        ("partner", heading.partner_name),
        ("number", str(one.number)),
        *own,
        ("content_hash", one.content_hash),
        ("block", heading.say("unsealed") if block is None else str(block.block)),
        ("root", "" if block is None else block.root.hex()),
    ]


def _statement_facts(heading: Heading, described: StatementDescription) -> list[tuple[str, str]]:
    one = described.statement
    cut, before = one.stretch.cut, one.stretch.before
    release_at = heading.reserves.release_at if heading.reserves else None
    return [
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
        *conversion_facts(heading, described),
        ("reserve_release_at", "" if release_at is None else write_instant(release_at)),
        ("reference", described.reference),
    ]


def _adjustment_facts(heading: Heading, one: AdjustmentStatement) -> list[tuple[str, str]]:
    adjusts = one.adjusts
    return [
        ("adjusts_number", str(adjusts.number)),
        ("adjusts_version", str(adjusts.version)),
        ("adjusts_hash", adjusts.content_hash),
        ("currency", one.currency),
        ("issued_at", write_instant(one.issued_at)),
        ("after_seq", str(one.from_seq)),
        ("to_seq", str(one.to_seq)),
        ("zone", heading.described.zone),
    ]


def conversion_facts(heading: Heading, described: StatementDescription) -> list[tuple[str, str]]:
    """Say into what a net is converted, at which rate, or why it is carried; else nothing."""
    one, rate = described.statement, described.rate
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
    """Say what stood at the cut before, and what of it was settled since.

    An adjustment opens with nothing.
    """
    described = heading.described
    if isinstance(described, AdjustmentDescription):
        return []
    return [
        _standing(heading, "opening", described.statement.position.opening),
        _moved(heading, "settled", described.settled),
    ]


def kind_rows(heading: Heading) -> list[Row]:
    """Say what moved, by kind of journal; of an adjustment, by why it corrects."""
    described = heading.described
    if isinstance(described, AdjustmentDescription):
        return [
            _moved(heading, "reason", moved, reason.value, heading.say(f"reason.{reason.value}"))
            for reason, moved in described.reasons.items()
        ]
    return [
        _moved(heading, "kind", moved, kind, say_kind(kind, heading.locale))
        for kind, moved in described.moved_kinds.items()
    ]


def total_rows(heading: Heading) -> list[Row]:
    """Say what all movements come to, where the statement ended, and what becomes of that.

    An adjustment comes to its corrections alone: nothing is settled by it. What is held back of a
    payment as a reserve stands there once it is known.
    """
    described, reserves = heading.described, heading.reserves
    if isinstance(described, AdjustmentDescription):
        return [_moved(heading, "corrections", described.lines)]
    assert reserves is not None, "a statement is described with its reserves"
    one = described.statement
    rows = [
        _moved(heading, "movements", described.moved),
        _moved(heading, "reserve_released", reserves.released),
        _standing(heading, "closing", one.position.closing),
        _net(heading, "to_settle", described.to_settle),
        *([] if one.conversion is None else [_net(heading, "exchanged", one.exchanged)]),
    ]
    if reserves.withheld is not None and reserves.payment is not None:
        rows.append(_net(heading, "reserve_withheld", reserves.withheld))
        rows.append(_net(heading, "payment", reserves.payment))
    return [*rows, _net(heading, "carried", one.carried)]


def lines_row(heading: Heading) -> Row:
    """Say what all lines come to, those that settled too: the way from opening to closing."""
    return _moved(heading, "lines", heading.described.lines, text=heading.say("all_lines"))


def is_late(heading: Heading, line: Movement) -> bool:
    """Tell whether a line took effect before the cut before, and was sealed after it.

    Of an adjustment: whether it took effect in the window of the statement that it adjusts.
    """
    if isinstance(line, AdjustmentLine):
        return line.is_late
    return heading.statement.stretch.is_late(line.effective_at)


def settled_in(heading: Heading, line: AdjustmentLine) -> str:
    """Say which statement settles a line of an adjustment, or that the next one will."""
    if line.settled_in is None:
        return heading.say("settled_next")
    return heading.say("settled_number", number=line.settled_in.number)


def _net(heading: Heading, record: str, net: Money) -> Row:
    return Row(record, "", heading.say(record), None, None, None, net)


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
