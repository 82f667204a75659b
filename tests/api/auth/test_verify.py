"""Good tokens become callers, for as long as everything about them stays good."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from api.auth import (
    Caller,
    CallerKind,
    Role,
    TokenRejected,
    issue_partner_token,
    issue_staff_token,
    sign_member_token,
)
from tests.api.auth.world import (
    BRAND_EDWARDS_KEY,
    BRAND_KEY,
    ISSUER,
    MEMBER,
    NOW,
    OTHER_PARTNER,
    PARTNER,
    World,
)


def shop_token(world, client_id="shop", **changes):
    facts = {"network_id": 7, "partner_id": PARTNER, "client_id": client_id, "now": NOW, **changes}
    return issue_partner_token(world.keys.keys(), issuer=ISSUER, **facts)


def staff_token(world, client_id=None, network_id=7, roles=(Role.OPERATOR,)):
    return issue_staff_token(
        world.keys.keys(),
        issuer=ISSUER,
        network_id=network_id,
        subject="layla",
        roles=roles,
        client_id=client_id,
        now=NOW,
    )


def member_token(key=BRAND_KEY, kid="brand-ec", external_id="cust-1", **changes):
    facts = {"external_id": external_id, "now": NOW, **changes}
    return sign_member_token(key, kid=kid, issuer=ISSUER, **facts)


async def rejection(world, token):
    with pytest.raises(TokenRejected) as rejected:
        await world.authenticate(token)
    return rejected.value.reason


@pytest.mark.parametrize(("key", "kid"), [(BRAND_KEY, "brand-ec"), (BRAND_EDWARDS_KEY, "brand-ed")])
async def test_brand_signs_its_members_in(world, key, kid):
    caller = await world.authenticate(member_token(key, kid))

    assert caller == Caller(CallerKind.MEMBER, 7, "cust-1", partner_id=PARTNER, member_id=MEMBER)
    assert caller.identity == f"member:{MEMBER}"


async def test_platform_vouches_for_staff_without_a_client(world):
    caller = await world.authenticate(staff_token(world, network_id=0))

    assert caller == Caller(CallerKind.STAFF, 0, "layla", roles=frozenset({Role.OPERATOR}))


async def test_no_header_is_nobody(world):
    assert await world.verifier.authenticate(None, now=NOW) is None


async def test_scheme_is_taken_in_any_case(world):
    header = f"bEARER {shop_token(world)}"

    assert (await world.verifier.authenticate(header, now=NOW)).partner_id == PARTNER


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic c2hvcDp4", "Token x", "x"])
async def test_other_header_is_rejected(world, header):
    with pytest.raises(TokenRejected):
        await world.verifier.authenticate(header, now=NOW)


async def test_unknown_member_is_rejected_like_an_unknown_key(world):
    assert await rejection(world, member_token(external_id="cust-2")) == "member_unknown"
    assert await rejection(world, member_token(kid="brand-no")) == "key_unknown"


async def test_member_is_looked_up_only_at_the_partner_of_the_key(world):
    world.directories.members = {
        (7, OTHER_PARTNER, "cust-1"): MEMBER,
        (8, PARTNER, "cust-1"): MEMBER,
    }

    assert await rejection(world, member_token()) == "member_unknown"


async def test_member_token_may_live_a_day_and_no_longer(world):
    assert (await world.authenticate(member_token(lifetime_seconds=86_400))).member_id == MEMBER

    assert await rejection(world, member_token(lifetime_seconds=86_400 + 31)) == "lives_too_long"


async def test_member_token_expires_on_the_clock_of_the_platform(world):
    token = member_token(lifetime_seconds=60)
    await world.authenticate(token)

    world.set_clock(NOW + timedelta(seconds=60))

    assert await rejection(world, token) == "expired"


async def test_verified_token_is_not_looked_up_again(world):
    token = shop_token(world)

    for _ in range(50):
        await world.authenticate(token)

    assert world.directories.questions == 1


async def test_deactivated_client_is_out_within_a_minute_though_the_clock_stands(world):
    token = shop_token(world)
    await world.authenticate(token)
    world.directories.deactivate("shop")

    world.elapsed.seconds = 29
    assert (await world.authenticate(token)).client_id == "shop"
    world.elapsed.seconds = 31
    assert await rejection(world, token) == "client_inactive"


@pytest.mark.parametrize("seconds", [31, -31], ids=["forward", "backward"])
async def test_deactivated_client_is_out_when_the_clock_moves(world, seconds):
    token = shop_token(world, now=NOW - timedelta(seconds=60))
    await world.authenticate(token)
    world.directories.deactivate("shop")

    world.set_clock(NOW + timedelta(seconds=seconds))

    assert await rejection(world, token) == "client_inactive"


async def test_forgetting_puts_a_deactivated_client_out_at_once(world):
    token = shop_token(world)
    await world.authenticate(token)
    world.directories.deactivate("shop")

    world.verifier.forget()

    assert await rejection(world, token) == "client_inactive"


async def test_revocation_during_a_look_up_is_not_outlived_by_what_was_seen(world):
    token = shop_token(world)
    find = world.directories.find_client

    async def find_and_be_overtaken(client_id):
        seen = await find(client_id)
        world.directories.deactivate(client_id)
        world.verifier.forget()
        return seen

    world.directories.find_client = find_and_be_overtaken
    await world.authenticate(token)
    world.directories.find_client = find

    assert await rejection(world, token) == "client_inactive"


async def test_withdrawn_brand_key_is_out_within_a_minute(world):
    token = member_token()
    await world.authenticate(token)
    keys = world.directories.brand_keys
    keys["brand-ec"] = replace(keys["brand-ec"], is_active=False)

    world.elapsed.seconds = 31

    assert await rejection(world, token) == "key_unknown"


async def test_role_that_was_taken_away_is_gone_before_the_token_expires(world):
    token = staff_token(world, "layla-console", roles=(Role.OPERATOR, Role.FINANCE_CHECKER))

    caller = await world.authenticate(token)

    assert caller.roles == {Role.OPERATOR}


@pytest.mark.parametrize(
    "changes",
    [{"network_id": 8}, {"partner_id": OTHER_PARTNER}, {"kind": "staff", "partner_id": None}],
)
async def test_token_of_a_client_that_became_another_is_rejected(world, changes):
    clients = world.directories.clients
    clients["shop"] = replace(clients["shop"], **changes)

    assert await rejection(world, shop_token(world)) == "client_changed"


async def test_no_more_tokens_are_remembered_than_allowed(tmp_path):
    world = World(tmp_path, tokens_max=3)
    tokens = [shop_token(world) for _ in range(5)]

    for token in tokens:
        await world.authenticate(token)

    assert len(world.verifier._verified) == 3
    assert world.directories.questions == 5
    await world.authenticate(tokens[-1])
    assert world.directories.questions == 5
    await world.authenticate(tokens[0])
    assert world.directories.questions == 6


async def test_remembered_token_is_let_in_within_a_fraction_of_a_millisecond(world):
    token = shop_token(world)
    await world.authenticate(token)

    started = time.perf_counter()
    for _ in range(1000):
        await world.verifier.authenticate(f"Bearer {token}", now=NOW)

    assert time.perf_counter() - started < 1.0


def test_caller_that_makes_no_sense_cannot_be_built():
    for nonsense in (
        {"kind": CallerKind.PARTNER, "network_id": 7},
        {"kind": CallerKind.PARTNER, "network_id": 0, "partner_id": PARTNER},
        {"kind": CallerKind.MEMBER, "network_id": 7, "partner_id": PARTNER},
        {"kind": CallerKind.STAFF, "network_id": 7, "partner_id": PARTNER},
        {
            "kind": CallerKind.PARTNER,
            "network_id": 7,
            "partner_id": PARTNER,
            "roles": frozenset({Role.OPERATOR}),
        },
    ):
        with pytest.raises(AssertionError):
            Caller(subject="x", **nonsense)
