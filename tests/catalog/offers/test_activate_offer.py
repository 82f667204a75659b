"""An offer counts for a member from the moment it is switched on, and for nobody else."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.database.transaction import Database, Scope
from catalog.offers import OfferNotFound, OfferOver, activate_offer, list_offer_activations
from catalog.rewards import (
    RewardDraft,
    RewardNotPublishable,
    publish_reward,
    retire_reward,
    revise_reward,
)
from partners.members import MemberNotFound, enrol_member
from partners.rules import find_rule_for
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.catalog import IN_ENGLISH, make_reward, offer, own_card
from tests.factories.partners import Shop, open_shop

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def make_offer(database, shop, *, rate_bps=1_000):
    partner_id = shop.partner.partner_id
    async with database.writing(shop.network_id) as db:
        return await make_reward(
            db,
            network_id=shop.network_id,
            terms=offer(partner_id, rate_bps=rate_bps),
            partner_id=partner_id,
        )


async def activated(database, shop, reward_id, *, member_id=None, now=NOW):
    async with database.writing(shop.network_id) as db:
        return await activate_offer(
            db,
            network_id=shop.network_id,
            reward_id=reward_id,
            member_id=member_id or shop.member.member_id,
            now=now,
        )


async def rate_for(database, shop, member_id, at) -> int:
    async with database.reading(shop.network_id) as db:
        rule = await find_rule_for(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            member_id=member_id,
            category=None,
            at=at,
        )
    return rule.rate_bps


async def test_the_rate_counts_for_the_member_who_switched_it_on(database, shop) -> None:
    member_id = shop.member.member_id
    async with database.writing(shop.network_id) as db:
        other = await enrol_member(
            db,
            network_id=shop.network_id,
            partner_id=shop.partner.partner_id,
            external_id="cust-2",
            now=NOW,
        )
    promised = await make_offer(database, shop)
    assert await rate_for(database, shop, member_id, LATER) == 500

    activation = await activated(database, shop, promised.reward_id)

    assert (activation.version, activation.rule_id) == (1, promised.rule_id)
    assert await rate_for(database, shop, member_id, LATER) == 1_000
    assert await rate_for(database, shop, other.member_id, LATER) == 500
    assert await rate_for(database, shop, member_id, promised.offer.ends_at) == 500


async def test_switching_on_again_changes_nothing(database, superuser, shop) -> None:
    promised = await make_offer(database, shop)
    first = await activated(database, shop, promised.reward_id)
    again = await asyncio.gather(
        *(activated(database, shop, promised.reward_id, now=LATER) for _ in range(5))
    )

    assert again == [first] * 5
    rows = await superuser.execute(text("SELECT count(*) FROM catalog.offer_activation"))
    assert rows.scalar() == 1


async def test_a_revised_offer_is_switched_on_anew_and_the_old_promise_stays(
    database, shop
) -> None:
    promised = await make_offer(database, shop)
    first = await activated(database, shop, promised.reward_id)
    async with database.writing(shop.network_id) as db:
        smaller = replace(promised.offer, rate_bps=800)
        draft = RewardDraft(texts=IN_ENGLISH, countries=("SA",), terms=smaller)
        await revise_reward(
            db, network_id=shop.network_id, reward_id=promised.reward_id, draft=draft, now=NOW
        )
        revised = await publish_reward(
            db, network_id=shop.network_id, reward_id=promised.reward_id, now=NOW
        )
    second = await activated(database, shop, promised.reward_id, now=LATER)

    assert (second.version, second.rule_id) == (2, revised.rule_id)
    assert second.rule_id != first.rule_id
    assert await rate_for(database, shop, shop.member.member_id, LATER) == 1_000


async def test_what_a_member_switched_on_is_read_by_that_member_alone(database, shop) -> None:
    promised = await make_offer(database, shop)
    activation = await activated(database, shop, promised.reward_id)
    scopes = {
        Scope("member", shop.member.member_id): {promised.reward_id: activation},
        Scope("member", new_id(NOW)): {},
        Scope("partner", shop.partner.partner_id): {},
    }
    for scope, expected in scopes.items():
        async with database.reading(shop.network_id, scope) as db:
            found = await list_offer_activations(
                db,
                network_id=shop.network_id,
                member_id=shop.member.member_id,
                reward_ids=[promised.reward_id],
            )
        assert found == expected


async def test_an_offer_that_is_over_absent_or_no_offer_is_refused(
    database, superuser, shop
) -> None:
    promised = await make_offer(database, shop)
    async with database.writing(shop.network_id) as db:
        card = await make_reward(db, network_id=shop.network_id, terms=own_card())
        draft = await make_reward(
            db,
            network_id=shop.network_id,
            terms=offer(shop.partner.partner_id),
            partner_id=shop.partner.partner_id,
            is_published=False,
        )
    for reward_id in (card.reward_id, draft.reward_id, new_id(NOW)):
        with pytest.raises(OfferNotFound):
            await activated(database, shop, reward_id)
    with pytest.raises(OfferOver):
        await activated(database, shop, promised.reward_id, now=promised.offer.ends_at)
    with pytest.raises(MemberNotFound):
        await activated(database, shop, promised.reward_id, member_id=new_id(NOW))
    async with database.writing(shop.network_id) as db:
        with pytest.raises(RewardNotPublishable):
            await publish_reward(
                db,
                network_id=shop.network_id,
                reward_id=draft.reward_id,
                now=promised.offer.ends_at,
            )
        await retire_reward(db, network_id=shop.network_id, reward_id=promised.reward_id, now=NOW)
    with pytest.raises(OfferOver):
        await activated(database, shop, promised.reward_id)
    rows = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM catalog.offer_activation),"
            " (SELECT count(*) FROM partners.rule_activation)"
        )
    )
    assert tuple(rows.one()) == (0, 0)
