"""Steps in the life of a book, done to the real ledger and to the model of it, and compared.

A life is a list of steps; its repr is what `machine_cases` keeps of a failure. Numbers in steps
point at what is there by then, round and round, so that a step makes sense wherever it stands.
"""

from dataclasses import dataclass
from uuid import UUID

from tests.payouts.ledger.requests_model import Name

PARTNER, FEES = Name("partner_recv", "p"), Name("platform_fee", "-")
DEBT, PAYABLE = Name("member_recv", "m0"), Name("settle_payable", "p")
PENDING, AVAILABLE, FRIEND = (
    Name("member_pending", "m0"),
    Name("member_available", "m0"),
    Name("member_available", "m1"),
)
EURO_DEBT, EURO_FEES = Name("partner_recv", "p", "EUR"), Name("platform_fee", "-", "EUR")
STRANGER = Name("member_recv", "nobody")
ACCOUNTS = [PARTNER, FEES, DEBT, PAYABLE, PENDING, AVAILABLE, FRIEND, EURO_DEBT, EURO_FEES]
FUNDERS = ["network", f"partner:{UUID(int=1)}", f"partner:{UUID(int=2)}"]
ACTORS = ["maker", "checker"]
SHAPES: dict[str, list[tuple[Name, int, str]]] = {
    "plain": [(PARTNER, 1, ""), (FEES, -1, "")],
    "earn": [(PARTNER, 1, ""), (AVAILABLE, -1, "parts")],
    "pend": [(PARTNER, 1, ""), (PENDING, -1, "parts")],
    "share": [(PARTNER, 3, ""), (AVAILABLE, -1, "parts"), (FRIEND, -1, ""), (FEES, -1, "")],
    "confirm": [(PENDING, 1, "parts"), (AVAILABLE, -1, "")],
    "give": [(AVAILABLE, 1, "parts"), (FRIEND, -1, "")],
    "back": [(FRIEND, 1, ""), (AVAILABLE, -1, "parts")],
    "gather": [(PENDING, 1, ""), (FRIEND, 1, "parts"), (AVAILABLE, -2, "")],
    "spend": [(AVAILABLE, 1, "parts"), (FEES, -1, "")],
    "twice": [(AVAILABLE, 1, "parts"), (AVAILABLE, 1, ""), (FEES, -2, "")],
    "around": [(AVAILABLE, 1, ""), (AVAILABLE, -1, "")],
    "refund": [(FEES, 1, ""), (AVAILABLE, -1, "")],
    "owe": [(DEBT, 1, ""), (FEES, -1, "")],
    "offset": [(AVAILABLE, 1, ""), (DEBT, -1, "")],
    "settle": [(PARTNER, 1, ""), (PAYABLE, -1, "")],
    "net": [(PAYABLE, 1, ""), (DEBT, -1, "")],
    "pay": [(PAYABLE, 1, ""), (FEES, -1, "")],
    "euro": [(EURO_DEBT, 1, ""), (EURO_FEES, -1, "")],
    "mixed": [(PARTNER, 1, ""), (FEES, -1, ""), (EURO_FEES, 2, ""), (EURO_DEBT, -2, "")],
}
FLAWS = ["", "unbalanced", "single", "empty", "crossed", "unit", "stranger", "zeros"]


@dataclass(frozen=True)
class Item:
    """A journal to be: a shape, or the mirror of an earlier one, or an earlier request again."""

    shape: str = "plain"
    minor: int = 1
    parts: tuple[tuple[int, int, int, int], ...] = ()  # minor, origin, funder, days to its end
    days: int = 0
    back: int | None = None
    link: str = "reverses"
    flaw: str = ""
    again: int | None = None
    other: bool = False


@dataclass(frozen=True)
class Post:
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Place:
    account: int
    minor: int
    again: int | None = None


@dataclass(frozen=True)
class Resolve:
    hold: int
    kind: str
    minor: int | None = None  # None is all that is left
    again: int | None = None


@dataclass(frozen=True)
class Expire:
    limit: int = 100


@dataclass(frozen=True)
class Close:
    ago: int
    status: str
    actor: int


@dataclass(frozen=True)
class Wait:
    hours: int


@dataclass(frozen=True)
class Freeze:
    account: int
    is_frozen: bool


@dataclass(frozen=True)
class Seal:
    pass


@dataclass(frozen=True)
class FoldSome:
    limit: int


@dataclass(frozen=True)
class LookBack:
    effective_days: int
    recorded_days: int


Step = Post | Place | Resolve | Expire | Close | Wait | Freeze | Seal | FoldSome | LookBack
