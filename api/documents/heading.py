"""What the writers of a statement's documents are given beside its lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.documents.wording import say, say_kind
from api.graphql.scalars import Locale
from partners.networks import name_in
from payouts.money import Money
from payouts.settlement import Statement, StatementDescription


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
    block = described.block
    return [
        ("network", heading.network_name),
        ("partner", heading.partner_name),
        ("number", str(one.number)),
        ("cycle", str(described.cycle_number)),
        ("currency", one.currency),
        ("issued_at", write_instant(one.issued_at)),
        ("zone", described.zone),
        ("state", heading.say(f"state.{one.state.value}")),
        ("outcome", heading.say(f"outcome.{one.outcome.value}")),
        ("reference", described.reference),
        ("after_seq", str(one.from_seq)),
        ("to_seq", str(one.to_seq)),
        ("content_hash", one.content_hash),
        ("block", heading.say("unsealed") if block is None else str(block.block)),
        ("root", "" if block is None else block.root.hex()),
    ]


def opening_row(heading: Heading) -> Row:
    """Say what was carried in."""
    one = heading.statement
    return Row(
        "opening",
        "",
        heading.say("opening"),
        None,
        one.opening_receivable,
        one.opening_payable,
        one.opening,
    )


def kind_rows(heading: Heading) -> list[Row]:
    """Say what moved, by kind of journal."""
    return [
        Row(
            "kind",
            kind,
            say_kind(kind, heading.locale),
            moved.count,
            moved.receivable,
            moved.payable,
            moved.net,
        )
        for kind, moved in heading.described.kinds.items()
    ]


def total_rows(heading: Heading) -> list[Row]:
    """Say what all movements come to, where the statement ended, and what becomes of that."""
    moved, one = heading.described.moved, heading.statement
    return [
        Row(
            "movements",
            "",
            heading.say("movements"),
            moved.count,
            moved.receivable,
            moved.payable,
            moved.net,
        ),
        Row(
            "closing",
            "",
            heading.say("closing"),
            None,
            one.opening_receivable + moved.receivable,
            one.opening_payable + moved.payable,
            one.net,
        ),
        Row("settled", "", heading.say("settled"), None, None, None, one.net - one.carried),
        Row("carried", "", heading.say("carried"), None, None, None, one.carried),
    ]


def write_instant(at: datetime) -> str:
    """Write an instant as the API does: in UTC, with its offset."""
    return at.astimezone(UTC).isoformat()
