"""What a programme shows: every part of a rule, who looks, and one guard under every entry."""

from datetime import timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments import (
    AssortmentInvalid,
    AssortmentRule,
    Effect,
    explain_eligibility,
    find_assortment,
    find_shown,
    find_viewer,
    list_shown_rewards,
    publish_assortment,
)
from catalog.brands import BrandNotFound
from catalog.rewards import (
    RewardCursor,
    RewardNotFound,
    retire_reward,
)
from partners.programmes import (
    ProgrammeNotFound,
    create_programme,
    have_default_programme,
)
from payouts.money import Money
from tests.catalog.assortments.conftest import Shelf
from tests.conftest import NOW
from tests.factories.catalog import statements_of
from tests.factories.small_network import found_network

ALLOW, DENY = Effect.ALLOW, Effect.DENY
DAY = timedelta(days=1)


def sar(minor: int) -> Money:
    return Money(minor, "SAR")


ALL = {"games", "food", "dear", "evening"}


async def test_without_an_assortment_all_is_shown_for_one_statement(shelf: Shelf) -> None:
    assert await shelf.seen() == ALL
    async with shelf.souq.database.reading(shelf.souq.network_id) as db:
        with statements_of(shelf.souq.database) as seen:
            viewer = await find_viewer(
                db, network_id=shelf.souq.network_id, member_id=shelf.souq.member_id
            )
            await find_shown(
                db,
                network_id=shelf.souq.network_id,
                viewer=viewer,
                reward_ids=list(shelf.rewards.values()),
                now=NOW,
            )
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("fields", "matched"),
    [
        ({"categories": ("food",)}, {"food", "dear"}),
        ({"categories": ("food", "games")}, {"food", "dear", "games"}),
        ({"countries": ("AE",)}, {"food", "dear"}),
        ({"cost_max": sar(1_999)}, {"games"}),
        ({"cost_min": sar(5_000)}, {"games", "dear", "evening"}),
        ({"cost_min": sar(1_500), "cost_max": sar(2_000)}, {"games", "food"}),
        ({"cost_min": sar(0)}, ALL),
        ({"cost_max": Money(10**6, "USD")}, set()),
        ({"categories": ("food",), "countries": ("SA",)}, {"food"}),
        ({"tiers": ("gold",)}, ALL),
        ({"tiers": ("silver",)}, set()),
        ({"segments": ("travel", "none")}, ALL),
        ({"segments": ("gold",)}, set()),
        ({"starts_at": NOW}, ALL),
        ({"starts_at": NOW + DAY}, set()),
        ({"ends_at": NOW}, set()),
        ({"ends_at": NOW + DAY}, ALL),
        ({}, ALL),
    ],
)
async def test_each_part_of_a_rule_allows_and_denies(
    shelf: Shelf, fields: dict[str, object], matched: set[str]
) -> None:
    await shelf.stand("gold", "travel")
    await shelf.publish(AssortmentRule(ALLOW, **fields))  # type: ignore[arg-type]
    assert await shelf.seen() == matched
    await shelf.publish(AssortmentRule(DENY, **fields))  # type: ignore[arg-type]
    assert await shelf.seen() == ALL - matched


async def test_a_brand_is_allowed_and_a_denial_goes_first(shelf: Shelf) -> None:
    of_brand = (shelf.brand_id,)
    await shelf.publish(AssortmentRule(ALLOW, brand_ids=of_brand))
    assert await shelf.seen() == {"games"}
    await shelf.publish(
        AssortmentRule(ALLOW, categories=("food", "games")),
        AssortmentRule(DENY, brand_ids=of_brand),
        AssortmentRule(ALLOW, brand_ids=of_brand),
    )
    assert await shelf.seen() == {"food", "dear"}
    await shelf.publish()
    assert await shelf.seen() == ALL


async def test_early_access_ends_when_all_may(shelf: Shelf) -> None:
    await shelf.publish(
        AssortmentRule(ALLOW, starts_at=NOW + DAY, early_access_for=("vip", "travel")),
    )
    assert await shelf.seen() == set()
    for tier, segments in (("vip", ()), (None, ("travel",))):
        await shelf.stand(tier, *segments)
        assert await shelf.seen() == ALL
    await shelf.stand("gold")
    assert await shelf.seen() == set()
    assert await shelf.seen(now=NOW + DAY) == ALL


async def test_members_look_by_their_sponsors_programme_and_others_by_the_networks(
    shelf: Shelf,
) -> None:
    souq = shelf.souq
    await shelf.publish(AssortmentRule(ALLOW, categories=("games",)))
    assert await shelf.seen() == {"games"}
    async with souq.database.writing(souq.network_id) as db:
        sponsored = [
            await create_programme(
                db,
                network_id=souq.network_id,
                slug=slug,
                name={"en": slug},
                sponsor_partner_id=souq.partner_id,
                now=NOW,
            )
            for slug in ("one", "two")
        ]
    assert await shelf.seen() == {"games"}
    for programme, category in zip(sponsored, ("food", "games"), strict=True):
        await shelf.publish(
            AssortmentRule(ALLOW, categories=(category,), cost_max=sar(50_000)),
            programme_id=programme.programme_id,
        )
    assert await shelf.seen() == {"food", "games"}
    assert await shelf.seen(await shelf.viewer(as_member=False)) == {"games"}
    partner = await shelf.viewer(as_member=False, partner_id=souq.partner_id)
    assert await shelf.seen(partner) == {"games", "evening"}


async def test_what_is_hidden_is_not_quoted_and_what_was_quoted_stays(shelf: Shelf) -> None:
    souq = shelf.souq
    await souq.fund(10_000)
    quote = await souq.quote(shelf.rewards["games"], sar(1_000))
    await shelf.publish(AssortmentRule(DENY, categories=("games",)))
    with pytest.raises(RewardNotFound):
        await souq.quote(shelf.rewards["games"], sar(1_000))
    await souq.place(quote)
    assert await souq.balance(souq.wallet()) == (9_000, 0)


async def test_pages_are_whole_and_none_is_missed(shelf: Shelf) -> None:
    await shelf.publish(AssortmentRule(DENY, categories=("games",)))
    viewer = await shelf.viewer()
    network_id = shelf.souq.network_id
    found: list[UUID] = []
    after: RewardCursor | None = None
    async with shelf.souq.database.reading(network_id) as db:
        for has_more in (True, False):
            page = await list_shown_rewards(
                db,
                network_id=network_id,
                viewer=viewer,
                country="SA",
                limit=1,
                after=after,
                now=NOW,
            )
            assert (len(page.rewards), page.has_more) == (1, has_more)
            found.append(page.rewards[0].reward_id)
            after = RewardCursor(page.rewards[0].rank, found[-1])
    assert set(found) == {shelf.rewards["food"], shelf.rewards["evening"]}


async def test_the_explanation_names_what_does_not_fit(shelf: Shelf) -> None:
    await shelf.publish(
        AssortmentRule(
            ALLOW,
            brand_ids=(shelf.brand_id,),
            categories=("food",),
            countries=("KW",),
            cost_max=sar(500),
            tiers=("gold",),
            ends_at=NOW,
        ),
        AssortmentRule(DENY, segments=("travel",)),
        AssortmentRule(ALLOW, categories=("games",)),
    )
    network_id, games = shelf.souq.network_id, shelf.rewards["games"]
    async with shelf.souq.database.writing(network_id) as db:
        await retire_reward(db, network_id=network_id, reward_id=games, now=NOW)
    async with shelf.souq.database.reading(network_id) as db:
        told = await explain_eligibility(
            db,
            network_id=network_id,
            viewer=await shelf.viewer(),
            reward_ids=[games, uuid4()],
            now=NOW,
        )
    assert list(told) == [games]
    assert (told[games].is_visible, told[games].is_orderable) == (True, False)
    assert [(one.number, one.effect, one.misses) for one in told[games].matches] == [
        (1, ALLOW, ("category", "country", "cost", "member", "time")),
        (2, DENY, ("member",)),
        (3, ALLOW, ()),
    ]


async def test_lists_details_and_explanations_agree_on_many_rules(shelf: Shelf) -> None:
    await shelf.stand("gold", "travel")
    parts: list[dict[str, object]] = [
        {"categories": ("games",)},
        {"countries": ("AE",)},
        {"cost_max": sar(10_000)},
        {"tiers": ("silver",)},
        {"brand_ids": (shelf.brand_id,)},
    ]
    shown = []
    for first, second in product(parts, parts):
        await shelf.publish(
            AssortmentRule(ALLOW, **first),  # type: ignore[arg-type]
            AssortmentRule(DENY, **second),  # type: ignore[arg-type]
        )
        shown.append(len(await shelf.seen()))  # asserts that all three agree
    assert sorted(set(shown)) == [0, 1, 2, 3]


async def test_versions_are_added_and_read_as_published(shelf: Shelf) -> None:
    rule = AssortmentRule(
        ALLOW,
        brand_ids=(shelf.brand_id,),
        categories=("a", "b"),
        countries=("SA",),
        cost_min=sar(0),
        cost_max=sar(5),
        tiers=("gold",),
        segments=("x",),
        starts_at=NOW,
        ends_at=NOW + DAY,
        early_access_for=("vip",),
    )
    first = await shelf.publish(rule, AssortmentRule(DENY))
    second = await shelf.publish()
    assert (first.version, second.version) == (1, 2)
    async with shelf.souq.database.reading(shelf.souq.network_id) as db:
        found = await find_assortment(
            db, network_id=shelf.souq.network_id, programme_id=shelf.programme_id
        )
    assert found == second
    third = await shelf.publish(rule)
    async with shelf.souq.database.reading(shelf.souq.network_id) as db:
        again = await find_assortment(
            db, network_id=shelf.souq.network_id, programme_id=shelf.programme_id
        )
    assert (again, third.rules) == (third, (rule,))


async def test_a_wrong_assortment_is_refused_and_not_kept(
    shelf: Shelf, superuser: AsyncConnection
) -> None:
    wrong = [
        AssortmentRule(ALLOW, categories=()),
        AssortmentRule(ALLOW, segments=tuple(f"s{number}" for number in range(101))),
        AssortmentRule(ALLOW, cost_min=sar(-1)),
        AssortmentRule(ALLOW, cost_min=sar(2), cost_max=sar(1)),
        AssortmentRule(ALLOW, cost_min=sar(1), cost_max=Money(2, "USD")),
        AssortmentRule(ALLOW, starts_at=NOW, ends_at=NOW),
        AssortmentRule(ALLOW, early_access_for=("vip",)),
        AssortmentRule(DENY, starts_at=NOW, early_access_for=("vip",)),
    ]
    for rule in wrong:
        with pytest.raises(AssortmentInvalid):
            await shelf.publish(rule)
    with pytest.raises(AssortmentInvalid):
        await shelf.publish(*[AssortmentRule(ALLOW)] * 101)
    with pytest.raises(BrandNotFound):
        await shelf.publish(AssortmentRule(ALLOW, brand_ids=(uuid4(),)))
    with pytest.raises(ProgrammeNotFound):
        await shelf.publish(programme_id=uuid4())
    for table in ("assortment", "assortment_rule"):
        count = await superuser.execute(text(f"SELECT count(*) FROM catalog.{table}"))
        assert count.scalar_one() == 0


async def test_another_networks_assortment_hides_nothing_here(shelf: Shelf) -> None:
    other = await found_network(shelf.souq.database, slug="other")
    async with other.database.writing(other.network_id) as db:
        programme = await have_default_programme(db, network_id=other.network_id, now=NOW)
        await publish_assortment(
            db,
            network_id=other.network_id,
            programme_id=programme.programme_id,
            rules=[AssortmentRule(DENY)],
            actor="staff:operator-1",
            now=NOW,
        )
    assert await shelf.seen() == ALL
