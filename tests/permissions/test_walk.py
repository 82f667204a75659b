"""Everything the schema offers, tried as everybody of two networks."""

from collections.abc import Iterator

import pytest

from api.graphql.nodes import NODE_KINDS
from api.graphql.permissions import ANYONE, DECLARATIONS, EVERYONE
from tests.fingerprint import KEYS, changed, fingerprint
from tests.permissions.conftest import Standing
from tests.permissions.documents import root_fields
from tests.permissions.expectations import PARTNER, SEEN_BY, things_of
from tests.permissions.walk import (
    Walk,
    start_walk,
    walk_cursors,
    walk_entities,
    walk_forbidden_mutations,
    walk_foreign_ids,
    walk_nodes,
    walk_queries,
    walk_single_nodes,
)

TRIED: dict[str, int] = {}
SHOWN_MAX = 12


@pytest.fixture
async def walk(standing: Standing, request: pytest.FixtureRequest) -> Iterator[Walk]:
    made = await start_walk(standing.world, standing.superuser)
    yield made
    TRIED[request.node.name] = made.tried
    print(f"permissions: {request.node.name}: tried {made.tried}")


def assert_nothing_wrong(walk: Walk) -> None:
    kinds = {one[:60]: one for one in walk.wrong}  # one of each sort is enough to read
    assert walk.wrong == [], f"{len(walk.wrong)}: " + "\n".join([*kinds.values()][:SHOWN_MAX])


def test_every_root_field_declares_its_callers() -> None:
    fields = {f"{kind}.{name}" for kind in ("Query", "Mutation") for name in root_fields(kind)}
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
        of_partners = {one.kind for one in things if one.owned.partner_id == side.partners[0]}
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
    print(met)
