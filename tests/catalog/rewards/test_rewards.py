"""Rewards live in versions: what was shown once is never changed, what is on sale is listed."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from api.database.transaction import Database, Scope
from catalog.brands import create_brand
from catalog.rewards import (
    GiftCardTerms,
    RewardCursor,
    RewardDraft,
    RewardInvalid,
    RewardKind,
    RewardNotFound,
    RewardPage,
    RewardState,
    RewardText,
    create_reward,
    get_reward,
    get_rewards,
    list_rewards,
    publish_reward,
    read_instructions,
    retire_reward,
    revise_reward,
)
from partners.agreements import PartnerNotFound
from payouts.money import Money, new_id
from tests.conftest import NOW
from tests.factories.catalog import (
    IN_ENGLISH,
    experience,
    import_raw,
    make_reward,
    make_supplier,
    offer,
    own_card,
    sar,
    statements_of,
)
from tests.factories.partners import Shop, open_shop

TEXTS = {
    "en": RewardText("Falcon card", "For every shop", "No refunds", "Show it at the till"),
    "ar": RewardText("بطاقة الصقر", "لكل متجر", "غير قابلة للاسترداد", "أظهرها عند الصندوق"),
}


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def count_rows(superuser) -> tuple[int, ...]:
    tables = ("reward", "reward_version", "reward_text", "reward_denomination", "reward_market")
    return tuple(
        [
            (await superuser.execute(text(f"SELECT count(*) FROM catalog.{name}"))).scalar()
            for name in tables
        ]
    )


async def page_of(db, shop, **given) -> RewardPage:
    given = {"country": "SA", "limit": 100, **given}
    return await list_rewards(db, network_id=shop.network_id, **given)


async def titles_of(db, shop, **given) -> list[str]:
    page = await page_of(db, shop, **given)
    return [one.text("en").title for one in page.rewards]


async def test_each_kind_is_read_back_as_it_was_made(database, shop) -> None:
    network_id, partner_id = shop.network_id, shop.partner.partner_id
    ranged = GiftCardTerms.of_own_range(sar("50.00"), sar("500.00"), sar("50.00"))
    terms = [own_card("100.00", "50.00"), ranged, experience(), offer(partner_id, category="food")]
    async with database.writing(network_id) as db:
        brand = await create_brand(
            db, network_id=network_id, slug="falcon", name={"en": "Falcon"}, now=NOW
        )
        made = [
            await create_reward(
                db,
                network_id=network_id,
                draft=RewardDraft(
                    texts=TEXTS,
                    countries=("SA", "AE", "SA"),
                    terms=one,
                    category="Shopping",
                    image_urls=("https://example.com/a.png",),
                ),
                brand_id=brand.brand_id,
                partner_id=partner_id,
                rank=5,
                now=NOW,
            )
            for one in terms
        ]
        read = await get_rewards(
            db, network_id=network_id, reward_ids=[one.reward_id for one in made]
        )

    assert [read[one.reward_id] for one in made] == made
    assert made[0].gift_card.denominations == own_card("50.00", "100.00").denominations
    assert [one.terms for one in made[1:]] == terms[1:]
    card = made[0]
    assert (card.state, card.version, card.current_version) == (RewardState.DRAFT, 1, None)
    assert (card.countries, card.brand, card.category) == (("AE", "SA"), brand, "Shopping")
    assert card.text("ar").title == "بطاقة الصقر"
    assert card.text("de").title == "Falcon card"
    assert card.text("de", "ar").title == "بطاقة الصقر"
    assert card.texts["en"].instructions == ""
    async with database.reading(network_id) as db:
        told = await read_instructions(
            db, network_id=network_id, reward_id=card.reward_id, version=1
        )
    assert told == {one: TEXTS[one].instructions for one in ("en", "ar")}


async def test_only_a_published_reward_is_listed_and_a_retired_one_no_more(database, shop) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        made = await make_reward(db, network_id=network_id, terms=own_card(), is_published=False)
        assert await titles_of(db, shop) == []
        active = await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
        again = await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
        assert (active.state, active.current_version) == (RewardState.ACTIVE, 1)
        assert again == active
        assert await titles_of(db, shop) == ["Desert evening"]
        assert await titles_of(db, shop, country="AE") == []
        retired = await retire_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
        assert retired.state is RewardState.RETIRED
        assert await titles_of(db, shop) == []
        back = await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=NOW)
        assert back == active
        assert await titles_of(db, shop) == ["Desert evening"]


async def test_a_revision_is_a_new_version_and_the_old_one_stays_readable(database, shop) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        first = await make_reward(
            db, network_id=network_id, terms=own_card("100.00"), texts=TEXTS, countries=("SA",)
        )
        draft = RewardDraft(texts=IN_ENGLISH, countries=("AE",), terms=own_card("20.00", "30.00"))
        revised = await revise_reward(
            db, network_id=network_id, reward_id=first.reward_id, draft=draft, now=NOW
        )
        assert (revised.version, revised.current_version) == (2, 1)
        shown = await get_reward(db, network_id=network_id, reward_id=first.reward_id)
        assert shown == replace(first, latest_version=2)
        assert await titles_of(db, shop) == ["Falcon card"]

        second = await publish_reward(db, network_id=network_id, reward_id=first.reward_id, now=NOW)
        assert (second.version, second.countries) == (2, ("AE",))
        assert [one.face for one in second.gift_card.denominations] == [sar("20.00"), sar("30.00")]
        assert await titles_of(db, shop) == []
        assert await titles_of(db, shop, country="AE") == ["Desert evening"]

        old = await get_reward(db, network_id=network_id, reward_id=first.reward_id, version=1)
        assert (old.texts, old.terms) == (first.texts, first.terms)
        with pytest.raises(RewardNotFound):
            await get_reward(db, network_id=network_id, reward_id=first.reward_id, version=3)
        with pytest.raises(RewardInvalid):
            await revise_reward(
                db,
                network_id=network_id,
                reward_id=first.reward_id,
                draft=replace(draft, terms=experience()),
                now=NOW,
            )


async def test_the_service_cannot_change_a_version(database, shop) -> None:
    async with database.writing(shop.network_id) as db:
        await make_reward(db, network_id=shop.network_id, terms=own_card())
    for name in ("reward_version", "reward_text", "reward_denomination", "reward_publication"):
        for statement in (
            f"UPDATE catalog.{name} SET version = 9",
            f"DELETE FROM catalog.{name}",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                async with database.writing(shop.network_id) as db:
                    await db.execute(text(statement))


async def test_revisions_at_once_get_numbers_of_their_own(database, shop) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        made = await make_reward(db, network_id=network_id, terms=own_card())
    draft = RewardDraft(texts=IN_ENGLISH, countries=("SA",), terms=own_card("20.00"))

    async def revise() -> int:
        async with database.writing(network_id) as db:
            revised = await revise_reward(
                db, network_id=network_id, reward_id=made.reward_id, draft=draft, now=NOW
            )
            return revised.version

    assert sorted(await asyncio.gather(*(revise() for _ in range(8)))) == list(range(2, 10))


async def test_the_list_goes_by_rank_and_pages_meet_without_gap_or_overlap(database, shop) -> None:
    network_id = shop.network_id
    ranks = [30, 10, 20, 10, 30, 20, 10]
    async with database.writing(network_id) as db:
        made = [
            await make_reward(
                db,
                network_id=network_id,
                terms=own_card() if n % 2 else experience(),
                partner_id=shop.partner.partner_id,
                rank=rank,
            )
            for n, rank in enumerate(ranks)
        ]
        order = sorted(made, key=lambda one: (one.rank, one.reward_id))
        whole = await page_of(db, shop)
        assert (list(whole.rewards), whole.has_more) == (order, False)

        def cursor(one):
            return RewardCursor(one.rank, one.reward_id)

        forward, after = [], None
        for has_more in (True, True, False):
            page = await page_of(db, shop, limit=3, after=after)
            assert page.has_more is has_more
            forward += page.rewards
            after = cursor(page.rewards[-1])
        assert forward == order

        backward, before = [], None
        for has_more in (True, True, False):
            page = await page_of(db, shop, limit=3, before=before, backward=True)
            assert page.has_more is has_more
            backward = [*page.rewards, *backward]
            before = cursor(page.rewards[0])
        assert backward == order

        between = await page_of(db, shop, after=cursor(order[1]), before=cursor(order[5]))
        assert list(between.rewards) == order[2:5]
        cards = await page_of(db, shop, kinds=[RewardKind.GIFT_CARD])
        assert list(cards.rewards) == [one for one in order if one.kind is RewardKind.GIFT_CARD]
        both = await page_of(db, shop, kinds=[RewardKind.GIFT_CARD, RewardKind.EXPERIENCE])
        assert list(both.rewards) == order
        assert (await page_of(db, shop, kinds=[RewardKind.OFFER])).rewards == ()


async def test_a_page_is_four_statements_however_long(database, shop) -> None:
    network_id, partner_id = shop.network_id, shop.partner.partner_id
    async with database.writing(network_id) as db:
        supplier = await make_supplier(db, network_id=network_id)
        await import_raw(db, network_id=network_id, supplier_id=supplier.supplier_id)
        for _ in range(10):
            await make_reward(db, network_id=network_id, terms=own_card(), texts=TEXTS)
            await make_reward(db, network_id=network_id, terms=experience(), partner_id=partner_id)
    async with database.reading(network_id) as db:
        with statements_of(database) as seen:
            page = await page_of(db, shop)
        assert len(page.rewards) == 26
        assert len(seen) == 4
        with statements_of(database) as seen:
            await page_of(db, shop, limit=5)
        assert len(seen) <= 4


async def test_members_and_partners_see_the_catalogue_and_other_networks_do_not(
    database, shop
) -> None:
    async with database.writing(shop.network_id) as db:
        made = await make_reward(db, network_id=shop.network_id, terms=own_card())
    scopes = [Scope("member", shop.member.member_id), Scope("partner", shop.partner.partner_id)]
    for scope in scopes:
        async with database.reading(shop.network_id, scope) as db:
            assert await titles_of(db, shop) == ["Desert evening"]
    async with database.reading(shop.network_id + 1) as db:
        assert await titles_of(db, shop) == []
        with pytest.raises(RewardNotFound):
            await get_reward(db, network_id=shop.network_id + 1, reward_id=made.reward_id)


async def test_a_reward_that_cannot_be_one_is_refused_and_nothing_is_kept(
    database, superuser, shop
) -> None:
    network_id, partner_id = shop.network_id, shop.partner.partner_id
    good = RewardDraft(texts=TEXTS, countries=("SA",), terms=own_card())
    usd = Money.of_decimal("10.00", "USD")
    bad = [
        replace(good, texts={}),
        replace(good, texts={"en": RewardText(" ")}),
        replace(good, texts={"en": RewardText("x" * 201)}),
        replace(good, texts={"en": RewardText("x", description="x" * 4_001)}),
        replace(good, texts={"en": RewardText("x", terms="x" * 20_001)}),
        replace(good, texts={"en": RewardText("x", instructions="nul \x00")}),
        replace(good, countries=()),
        replace(good, countries=("SAU",)),
        replace(good, category=""),
        replace(good, image_urls=("http://example.com/a.png",)),
        replace(good, terms=GiftCardTerms.of_own_faces(usd)),
        replace(good, terms=replace(own_card(), denominations=())),
        replace(good, terms=own_card("10.00", "10.00")),
        replace(good, terms=GiftCardTerms.of_own_faces(sar("0.00"))),
        replace(good, terms=replace(own_card(), fee=sar("1.00"))),
        replace(good, terms=GiftCardTerms.of_own_range(sar("9.00"), sar("5.00"), sar("1.00"))),
        replace(good, terms=GiftCardTerms.of_own_range(sar("5.00"), sar("9.00"), sar("0.00"))),
        replace(good, terms=experience("0.00")),
        replace(good, terms=replace(experience(), price=usd)),
        replace(good, terms=replace(experience(), penalty_bps=10_001)),
        replace(good, terms=replace(experience(), free_until_hours=-1)),
        replace(good, terms=replace(offer(partner_id), rate_bps=0)),
        replace(good, terms=replace(offer(partner_id), ends_at=NOW)),
    ]
    before = await count_rows(superuser)
    async with database.writing(network_id) as db:
        for draft in bad:
            with pytest.raises(RewardInvalid):
                await create_reward(
                    db, network_id=network_id, draft=draft, partner_id=partner_id, now=NOW
                )
        for terms in (experience(), offer(partner_id)):
            with pytest.raises(RewardInvalid):
                await create_reward(
                    db, network_id=network_id, draft=replace(good, terms=terms), now=NOW
                )
        with pytest.raises(PartnerNotFound):
            await create_reward(
                db, network_id=network_id, draft=good, partner_id=new_id(NOW), now=NOW
            )
        for verb in (publish_reward, retire_reward):
            with pytest.raises(RewardNotFound):
                await verb(db, network_id=network_id, reward_id=new_id(NOW), now=NOW)
    assert await count_rows(superuser) == before
