"""Everything the schema offers, tried as everybody of two networks."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest

from api.auth.caller import Caller, CallerKind, Role
from api.database.transaction import WHOLE_NETWORK
from api.graphql.context import Context
from api.graphql.nodes import NODE_KINDS, NodeKind
from api.graphql.permissions import ANYONE, DECLARATIONS, EVERYONE
from tests.fingerprint import KEYS, changed, fingerprint
from tests.permissions.conftest import Standing
from tests.permissions.documents import argument_type, is_id, paths_of, root_fields
from tests.permissions.expectations import PARTNER, SEEN_BY, things_of
from tests.permissions.root_walk import (
    walk_cursors,
    walk_forbidden_mutations,
    walk_foreign_ids,
    walk_queries,
    walk_subscriptions,
)
from tests.permissions.walk import (
    Walk,
    start_walk,
    walk_entities,
    walk_nodes,
    walk_single_nodes,
)

TRIED: dict[str, int] = {}
SHOWN_MAX = 12


@pytest.fixture
async def walk(standing: Standing, request: pytest.FixtureRequest) -> AsyncIterator[Walk]:
    made = await start_walk(standing.world, standing.superuser)
    yield made
    TRIED[request.node.name] = made.tried


def assert_nothing_wrong(walk: Walk) -> None:
    kinds = {one[:60]: one for one in walk.wrong}  # one of each sort is enough to read
    assert walk.wrong == [], f"{len(walk.wrong)}: " + "\n".join([*kinds.values()][:SHOWN_MAX])


def test_every_root_field_declares_its_callers() -> None:
    kinds = ("Query", "Mutation", "Subscription")
    fields = {f"{kind}.{name}" for kind in kinds for name in root_fields(kind)}
    assert sorted(fields - DECLARATIONS.keys()) == []
    assert sorted(DECLARATIONS.keys() - fields) == []


def test_no_mutation_is_for_everyone_and_no_field_for_the_anonymous() -> None:
    assert [
        name
        for name, audience in DECLARATIONS.items()
        if "anonymous" in audience.names
        or (name.startswith("Mutation.") and audience in (EVERYONE, ANYONE))
    ] == []


async def test_the_table_and_the_world_hold_every_kind(standing: Standing) -> None:
    assert sorted(NODE_KINDS.keys() - SEEN_BY.keys()) == [], "say in SEEN_BY who may see it"
    assert sorted(SEEN_BY.keys() - NODE_KINDS.keys()) == ["Draft"]
    things = await things_of(standing.superuser)
    for side in standing.world.sides:
        there = {one.kind for one in things if one.owned.network_id == side.network_id}
        assert sorted(SEEN_BY.keys() - there) == [], "make one of it in world.py"
        of_partners = {one.kind for one in things if one.owned.partner_id in side.partners}
        missing = [
            kind for kind, seers in SEEN_BY.items() if PARTNER in seers and kind not in of_partners
        ]
        assert missing == [], "make one of a partner in world.py"


async def test_every_object_is_shown_to_those_who_may_see_it_alone(walk: Walk) -> None:
    await walk_nodes(walk)
    assert_nothing_wrong(walk)


async def test_no_object_is_shown_to_another_graph_either(walk: Walk) -> None:
    await walk_entities(walk)
    assert_nothing_wrong(walk)


async def test_foreign_and_absent_objects_are_answered_alike(walk: Walk) -> None:
    await walk_single_nodes(walk)
    assert_nothing_wrong(walk)


async def test_every_query_keeps_to_its_callers_and_what_they_may_see(walk: Walk) -> None:
    await walk_queries(walk)
    assert_nothing_wrong(walk)


async def test_every_subscription_keeps_to_its_callers_and_what_they_may_see(walk: Walk) -> None:
    await walk_subscriptions(walk)
    assert_nothing_wrong(walk)


async def test_cursors_of_others_show_nothing_of_theirs(walk: Walk) -> None:
    await walk_cursors(walk)
    assert_nothing_wrong(walk)


async def test_mutations_are_refused_to_all_but_their_callers(
    walk: Walk, standing: Standing
) -> None:
    before = await fingerprint(standing.superuser)
    for name in root_fields("Mutation"):
        await walk_forbidden_mutations(walk, name)
    after = await fingerprint(standing.superuser)
    assert_nothing_wrong(walk)
    assert changed(before, after) == []


async def test_foreign_ids_in_inputs_are_answered_like_absent_ones_and_change_nothing(
    walk: Walk, standing: Standing
) -> None:
    before = await fingerprint(standing.superuser, without=KEYS)
    met: dict[str, set[str]] = {}
    for name in root_fields("Mutation"):
        met[name] = await walk_foreign_ids(walk, name)
        after = await fingerprint(standing.superuser, without=KEYS)
        if changed(before, after):
            walk.wrong.append(f"{name} changed {changed(before, after)}")
        before = after
    assert_nothing_wrong(walk)
    places = {
        (name, ".".join(path))
        for name, one in root_fields("Mutation").items()
        for path in paths_of(argument_type(one), is_id)
    }
    unmet = places - {(name, path) for name, found in met.items() for path in found}
    assert sorted(unmet) == [], "give FIELD_VALUES with which the id is looked up"


async def test_a_loader_that_forgets_its_scope_is_found(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted leak: purchases are read as staff reads them, whoever asks."""
    kind = NODE_KINDS["Purchase"]

    async def load(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Any]:
        caller = context.known_caller
        as_staff = Caller(CallerKind.STAFF, caller.network_id, "x", roles=frozenset(Role))
        seeing = Context(database=context.database, clock=context.clock, caller=as_staff)
        found = await kind.load(seeing, keys)
        await seeing.close()
        return found

    monkeypatch.setitem(NODE_KINDS, "Purchase", NodeKind("Purchase", load, kind.audience))
    await walk_nodes(walk, ["a partner 1", "a member 1"])
    side = walk.world.sides[0]
    foreign = [
        one
        for one in walk.of_kind("Purchase")
        if one.owned.network_id == side.network_id and one.owned.partner_id != side.partners[0]
    ]
    seen = [one for one in walk.wrong if one.startswith("a partner 1 sees Purchase")]
    assert len(seen) == len(foreign) == 4
    assert any(one.startswith("leak of cnry") and "a partner 1" in one for one in walk.wrong)
    assert any(one.startswith("a member 1 sees Purchase") for one in walk.wrong)


async def test_a_scope_that_is_forgotten_everywhere_is_found(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted leak: every read of a request sees the whole network."""
    monkeypatch.setattr(Context, "scope", WHOLE_NETWORK)
    await walk_single_nodes(walk)
    assert any(one.startswith("foreign is not absent: a partner 1") for one in walk.wrong)
    assert any(one.startswith("foreign is not absent: a member 1") for one in walk.wrong)


def test_summary() -> None:
    """One line: how many requests were tried."""
    print(f"permissions: tried {sum(TRIED.values())} requests in {len(TRIED)} walks")
    assert sum(TRIED.values()) > 0
