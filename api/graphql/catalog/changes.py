"""What changes in the catalogue, to be read from a place on, or followed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.change_desk import PlaceNotReached, TooManyFollowed
from api.graphql.catalog.rewards import Reward
from api.graphql.connection import (
    Edge,
    Page,
    PageInfo,
    connect,
    decode_cursor,
    encode_cursor,
    page_of,
)
from api.graphql.context import Context
from api.graphql.nodes import id_of, load_one
from api.graphql.partners.programmes import Programme
from api.graphql.permissions import EVERYONE, query, subscription
from catalog import changes

strawberry.enum(
    changes.ChangeKind,
    name="RewardChangeKind",
    description="What happened to a reward. PUBLISHED: on sale, for the first time or again."
    " REVISED: on sale in a later version. PAUSED: off sale for a while. RETIRING: on sale until its"
    " sunset. RETIRED: the network took it off sale. WITHDRAWN: its supplier did."
    " ASSORTMENT_PUBLISHED: a programme shows by other rules, so that lists are to be loaded again."
    " AVAILABILITY: there is more or less of it.",
)


@strawberry.type(
    description="A change of a reward, or of what a programme shows, at its place in the network's"
    " order."
)
class RewardChange:
    """What happened, once committed."""

    cursor: str = strawberry.field(description="Its place: give it as `after` to go on from here.")
    kind: changes.ChangeKind
    reward_id: strawberry.ID | None = strawberry.field(
        description="Also of one that is gone; null where a programme is named."
    )
    programme_id: strawberry.ID | None = strawberry.field(
        description="Whose assortment was published; null where a reward is named."
    )
    version: int | None = strawberry.field(
        description="What is on sale since; null when nothing, or no other than before."
    )
    changed_at: datetime
    key: strawberry.Private[UUID | None]
    programme_key: strawberry.Private[UUID | None]

    @strawberry.field(
        description="The reward as it is by now; null when the caller may not see it."
    )
    async def reward(self, info: Info) -> Reward | None:
        """Find the reward."""
        found: Reward | None = await load_one(info.context, "Reward", self.key)
        return found

    @strawberry.field(description="The programme, where one is named.")
    async def programme(self, info: Info) -> Programme | None:
        """Find the programme."""
        found: Programme | None = await load_one(info.context, "Programme", self.programme_key)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: changes.RewardChange) -> "RewardChange":
        """Show a change."""
        reward, programme = one.reward_id, one.programme_id
        return cls(
            cursor=_cursor(one.place),
            kind=one.kind,
            reward_id=None if reward is None else id_of("Reward", network_id, reward),
            programme_id=None if programme is None else id_of("Programme", network_id, programme),
            version=one.version,
            changed_at=one.changed_at,
            key=reward,
            programme_key=programme,
        )


@strawberry.type(description="Changes in their order, oldest first.")
class RewardChangeConnection:
    """A page of changes."""

    edges: list[Edge[RewardChange]]
    page_info: PageInfo
    latest_cursor: str = strawberry.field(description="The place of the newest change of all.")


@strawberry.type(description="Changes that came together, at most 100.")
class RewardChanges:
    """Some changes, in their order."""

    changes: list[RewardChange]
    cursor: str = strawberry.field(description="The place of the last: follow `after` it to go on.")


After = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor of a change; without it, from the first or from now."
    ),
]


def _cursor(place: int) -> str:
    return encode_cursor((place,))


def _place_of(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    key = decode_cursor(cursor)
    if len(key) != 1 or type(key[0]) is not int or key[0] < 0:
        raise _bad("This is not a cursor of this list.")
    return key[0]


def _place_in(page: Page) -> int | None:
    if page.key is None:
        return None
    (place,) = page.key
    if type(place) is not int or not 0 <= place < 2**63:
        raise ValueError("a place is a number")
    return place


def _bad(reason: str) -> GraphQLError:
    return GraphQLError(reason, extensions={"code": "BAD_ARGUMENT"})


@strawberry.type
class Query:
    """Reading changes."""

    @query(allow=EVERYONE)
    async def reward_changes(
        self,
        info: Info,
        *,
        first: int | None = None,
        after: After = None,
        last: int | None = None,
        before: str | None = None,
    ) -> RewardChangeConnection:
        """What changed in the catalogue behind a place, oldest first; each change is there within a
        second of its commit. Begin with `latestCursor` before loading the catalogue in full.
        """
        context: Context = info.context
        network_id = context.network_id
        last_place = 0

        async def read(page: Page) -> list[changes.RewardChange]:
            nonlocal last_place
            place = _place_in(page)
            async with context.reading() as db:
                found = await changes.list_changes(
                    db,
                    network_id=network_id,
                    limit=page.rows_wanted,
                    after=0 if place is None or page.is_backwards else place,
                    before=place if page.is_backwards else None,
                    backward=page.is_backwards,
                )
            last_place = found.last_place
            return list(found.changes)

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.place,),
            show=lambda one: RewardChange.from_domain(network_id, one),
        )
        return RewardChangeConnection(
            edges=edges, page_info=page_info, latest_cursor=_cursor(last_place)
        )


@strawberry.type
class Subscription:
    """Following the catalogue."""

    @subscription(allow=EVERYONE)
    async def rewards_changed(
        self, info: Info, after: After = None
    ) -> AsyncGenerator[RewardChanges]:
        """What changes in the catalogue: everything behind a place at once, then each change within
        two seconds of its commit, in order, without end. After a break, follow again `after` the
        last cursor that was received: nothing is missed and nothing told twice. At most 20 at a
        time for one caller.
        """
        context: Context = info.context
        network_id = context.network_id
        follower = f"{network_id}:{context.known_caller.identity}"
        try:
            async with aclosing(
                context.change_desk.follow(network_id, after=_place_of(after), follower=follower)
            ) as told:
                async for some in told:
                    await context.begin_event()  # nothing of the event before is shown again
                    shown = [RewardChange.from_domain(network_id, one) for one in some]
                    yield RewardChanges(changes=shown, cursor=shown[-1].cursor)
                    await context.close()  # a snapshot is not kept while nothing happens
        except TooManyFollowed:
            raise GraphQLError(
                "Too many catalogues are being followed; end one of them first.",
                extensions={"code": "TOO_MANY_SUBSCRIPTIONS"},
            ) from None
        except PlaceNotReached:
            raise _bad("Nothing has this place yet.") from None
        finally:
            await context.close()
