"""The graph behind an amount: what is found of each object, and how objects hang together.

A room takes part by registering a reader of a kind (`reads`), or by adding to what others read
(`adds`). Everything is read in batches, one level of the graph at a time.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth.caller import Caller, CallerKind
from api.graphql.nodes import NODE_KINDS
from api.graphql.permissions import Audience
from payouts.ledger import Account
from payouts.money import Money, Points

HOPS_MAX = 3
NODES_MAX = 200
ROWS_MAX = 1_000
"""What one batch reads at most of things that hang on others."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of an object: its kind, its key, and its number in a larger one."""

    kind: str
    key: UUID
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Whose something is; shown by name where the caller may know it."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Exact:
    """An amount before it was rounded, written out in full."""

    text: str
    currency: str


Value = Money | Points | Exact | Who | datetime | int | str
"""What a sentence tells of."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the texts, and what fills its places."""

    text: str
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """How an object hangs on another: `source` is what follows, `target` what it follows from."""

    source: Ref
    target: Ref
    relation: str
    amount: Money | Points | None = None


@dataclass(slots=True)
class Finding:
    """What is told of one object. `label` is what sentences call it; `origin` what was read."""

    ref: Ref
    label: Said
    origin: object
    at: datetime | None = None
    amount: Money | Points | None = None
    facts: dict[str, str] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def say(self, text: str, **values: Value) -> None:
        """Add a sentence."""
        self.said.append(Said(text, values))

    def follows(self, target: Ref, relation: str, amount: Money | Points | None = None) -> None:
        """Say what it follows from."""
        self.links.append(Link(self.ref, target, relation, amount))

    def leads_to(self, source: Ref, relation: str, amount: Money | Points | None = None) -> None:
        """Say what follows from it."""
        self.links.append(Link(source, self.ref, relation, amount))


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, in which snapshot, from where."""

    db: AsyncConnection
    network_id: int
    caller: Caller
    root: Ref

    @property
    def party(self) -> Who | None:
        """Whose part alone is told; None: everybody's."""
        if self.caller.kind is CallerKind.PARTNER:
            return Who("partner", str(self.caller.partner_id))
        if self.caller.kind is CallerKind.MEMBER:
            return Who("member", str(self.caller.member_id))
        return None

    @property
    def is_staff(self) -> bool:
        """Whether everything is told."""
        return self.party is None

    def is_own(self, account: Account) -> bool:
        """Tell whether an account's lines are told."""
        return self.party in (None, Who(account.owner_kind, account.owner_id))


Reader = Callable[[Look, Sequence[Ref]], Awaitable[list[Finding]]]
Adder = Callable[[Look, Sequence[Finding]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """How objects of a kind are read, and who may be told of them."""

    read: Reader
    allow: Audience | None


KINDS: dict[str, Kind] = {}
ADDERS: dict[str, list[Adder]] = {}
"""What rooms add to what is read of a kind, in whatever order they are loaded."""


def reads(kind: str, *, allow: Audience | None = None) -> Callable[[Reader], Reader]:
    """Register the reader of a kind; without an audience it is told to whoever may fetch it."""

    def register(read: Reader) -> Reader:
        KINDS[kind] = Kind(read, allow)
        return read

    return register


def adds(kind: str) -> Callable[[Adder], Adder]:
    """Register what adds facts, sentences and links to what is found of a kind."""

    def register(add: Adder) -> Adder:
        ADDERS.setdefault(kind, []).append(add)
        return add

    return register


@dataclass(frozen=True, slots=True)
class Graph:
    """What was found, nearest first, and the links between what was found."""

    nodes: tuple[Finding, ...]
    links: tuple[Link, ...]
    is_complete: bool


async def trace(look: Look) -> Graph | None:
    """Follow links from the root for a few steps; None where there is nothing to be told."""
    found: dict[Ref, Finding] = {}
    asked: set[Ref] = set()
    wanted, is_complete = [look.root], True
    for _ in range(HOPS_MAX + 1):
        asked.update(wanted)
        level = await _read_level(look, wanted)
        found.update((one.ref, one) for one in level)
        nearby = _ends(level, asked)
        room = NODES_MAX - len(found)
        is_complete = is_complete and len(nearby) <= room
        wanted = nearby[:room]
        if not wanted:
            break
    if look.root not in found:
        return None
    links = dict.fromkeys(link for one in found.values() for link in one.links)
    return Graph(
        tuple(found.values()),
        tuple(one for one in links if one.source in found and one.target in found),
        is_complete,
    )


def _ends(level: Iterable[Finding], asked: set[Ref]) -> list[Ref]:
    ends = [end for one in level for link in one.links for end in (link.target, link.source)]
    return [end for end in dict.fromkeys(ends) if end not in asked]


async def _read_level(look: Look, wanted: Sequence[Ref]) -> list[Finding]:
    by_kind: dict[str, list[Ref]] = {}
    for one in wanted:
        by_kind.setdefault(one.kind, []).append(one)
    found: dict[Ref, Finding] = {}
    for name, refs in by_kind.items():
        kind = KINDS.get(name)
        if kind is None or not (kind.allow or NODE_KINDS[name].audience).admits(look.caller):
            continue
        read = await kind.read(look, refs)
        for add in ADDERS.get(name, ()):
            await add(look, read)
        found.update((one.ref, one) for one in read)
    return [found[one] for one in wanted if one in found]
