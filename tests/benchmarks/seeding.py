"""Putting the world into a database, in several processes at once.

Few things go through their use cases; rewards and purchases, of which there are many, are written
in batches with the use cases' own parts: the same rows, and journals through the ledger's function.
"""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.engine import open_engine
from api.database.transaction import PLATFORM_NETWORK_ID, Database
from catalog.brands import create_brand
from catalog.rewards.model import (
    ExperienceTerms,
    GiftCardTerms,
    RewardDraft,
    RewardState,
    RewardText,
    Terms,
)
from catalog.rewards.rows import market_rows
from catalog.rewards.save_version import save_version
from partners.accruals import confirm_due_accruals
from partners.accruals.journals import pending_journal
from partners.accruals.model import Accrual, AccrualState, share_cashback
from partners.agreements import create_partner, publish_agreement
from partners.members import enrol_member
from partners.networks import create_network
from partners.rules import FundingShare, publish_rule
from payouts.ledger.open_accounts import open_accounts
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import Money, new_id
from tests.benchmarks.world import (
    CURRENCY,
    FEE_BPS,
    NOW,
    RATE_BPS,
    RETURN_WINDOW_DAYS,
    PurchasePlan,
    RewardPlan,
    World,
    brand_name,
)

Made = dict[int, UUID]
T = TypeVar("T")
START = NOW - timedelta(days=400)
BATCH = 250
ACTOR = "seed"


def seed(url: str, world: World, *, processes: int) -> None:
    """Write a planned world through `url`, which is the application's; notes the ids it got."""
    asyncio.run(_found(url, world))
    for rewards, purchases in _seed_parts(url, world, processes):
        for number, key in rewards.items():
            world.rewards[number].reward_id = key
        for number, key in purchases.items():
            world.purchases[number].purchase_id = key
    asyncio.run(_confirm(url, world))


def _seed_parts(url: str, world: World, processes: int) -> list[tuple[Made, Made]]:
    if len(world.purchases) <= BATCH:  # not worth a process
        return [_seed_part(url, world, 0, 1)]
    # Parts share neither partners nor members, so they never wait for one another's rows.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        parts = [(url, world, part, processes) for part in range(processes)]
        return list(pool.map(_seed_part, *zip(*parts, strict=True)))


async def _found(url: str, world: World) -> None:
    engine = open_engine(url, pool_size=1)
    database = Database(engine)
    async with database.writing(PLATFORM_NETWORK_ID) as db:
        network = await create_network(
            db,
            slug="bench",
            name={"en": "Bench", "ar": "مقياس"},
            zone="Asia/Riyadh",
            currency=CURRENCY,
            default_locale="ar",
            now=START,
        )
    world.network_id = network.network_id
    async with database.writing(network.network_id) as db:
        for number in range(world.sizes.partners):
            await _open_partner(db, world, number)
        for number in range(world.sizes.members):
            member = await enrol_member(
                db,
                network_id=network.network_id,
                partner_id=world.partners[number % world.sizes.partners],
                external_id=f"member-{number}",
                now=START,
            )
            world.members.append(member.member_id)
    await engine.dispose()


async def _open_partner(db: AsyncConnection, world: World, number: int) -> None:
    network_id = world.network_id
    partner = await create_partner(
        db,
        network_id=network_id,
        name={"en": f"Merchant {number}", "ar": f"تاجر {number}"},
        roles=("merchant",),
        country="SA",
        now=START,
    )
    agreement = await publish_agreement(
        db,
        network_id=network_id,
        partner_id=partner.partner_id,
        currency=CURRENCY,
        purchase_fee_bps=FEE_BPS,
        acceptance_fee_bps=300,
        experience_commission_bps=1_000,
        return_window_days=RETURN_WINDOW_DAYS,
        effective_from=START,
        now=START,
    )
    rule = await publish_rule(
        db,
        network_id=network_id,
        partner_id=partner.partner_id,
        category=None,
        rate_bps=RATE_BPS,
        requires_activation=False,
        funding=(FundingShare("partner", partner.partner_id, 1),),
        starts_at=START,
        ends_at=None,
        now=START,
    )
    brand = await create_brand(
        db,
        network_id=network_id,
        slug=f"brand-{number}",
        name=brand_name(number),
        partner_id=partner.partner_id,
        now=START,
    )
    world.partners.append(partner.partner_id)
    world.agreements.append(agreement.agreement_id)
    world.rules.append(rule.rule_id)
    world.brands.append(brand.brand_id)


def _seed_part(url: str, world: World, part: int, parts: int) -> tuple[Made, Made]:
    return asyncio.run(_write_part(url, world, part, parts))


async def _write_part(url: str, world: World, part: int, parts: int) -> tuple[Made, Made]:
    engine = open_engine(url, pool_size=1)
    database = Database(engine)
    rewards: Made = {}
    purchases: Made = {}
    for batch in _batches([one for one in world.rewards if one.number % parts == part]):
        async with database.writing(world.network_id) as db:
            rewards |= await _put_on_sale(db, world, batch)
    mine = [one for one in world.purchases if one.partner % parts == part]
    for bought in _batches(sorted(mine, key=lambda one: one.purchased_at)):
        async with database.writing(world.network_id) as db:
            purchases |= await _buy(db, world, bought)
    await engine.dispose()
    return rewards, purchases


def _batches(things: list[T]) -> list[list[T]]:
    return [things[at : at + BATCH] for at in range(0, len(things), BATCH)]


async def _put_on_sale(db: AsyncConnection, world: World, batch: list[RewardPlan]) -> Made:
    """Do for a batch what creating and publishing does for one reward."""
    ids = {one.number: new_id(START) for one in batch}
    drafts = {one.number: _draft(one) for one in batch}
    await _insert(
        db,
        "catalog.reward",
        [
            {
                "network_id": world.network_id,
                "reward_id": ids[one.number],
                "kind": drafts[one.number].kind.value,
                "state": RewardState.ACTIVE.value,
                "brand_id": world.brands[one.partner],
                "partner_id": world.partners[one.partner],
                "rank": one.rank,
                "latest_version": 1,
                "current_version": 1,
                "created_at": START,
                "published_at": START,
                "is_withdrawn": False,
            }
            for one in batch
        ],
    )
    versions = [(ids[number], 1, draft) for number, draft in drafts.items()]
    await save_version(db, network_id=world.network_id, drafts=versions, now=START)
    await _insert(
        db,
        "catalog.reward_publication",
        [
            {
                "network_id": world.network_id,
                "reward_publication_id": new_id(START),
                "reward_id": key,
                "version": 1,
                "published_at": START,
            }
            for key in ids.values()
        ],
    )
    await _insert(
        db,
        "catalog.reward_market",
        [
            row
            for one in batch
            for row in market_rows(
                network_id=world.network_id,
                reward_id=ids[one.number],
                kind=drafts[one.number].kind,
                rank=one.rank,
                countries=one.countries,
            )
        ],
    )
    return ids


async def _insert(db: AsyncConnection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    values = ", ".join(f":{name}" for name in columns)
    await db.execute(text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"), rows)


def _draft(one: RewardPlan) -> RewardDraft:
    terms: Terms = (
        ExperienceTerms(Money(one.faces[0], CURRENCY), 24, 5_000)
        if one.is_experience
        else GiftCardTerms.of_own_faces(*(Money(face, CURRENCY) for face in one.faces))
    )
    texts = {
        locale: RewardText(one.title[locale], one.description[locale]) for locale in ("en", "ar")
    }
    return RewardDraft(texts, one.countries, terms, image_urls=(one.image_url,))


async def _buy(db: AsyncConnection, world: World, batch: list[PurchasePlan]) -> Made:
    """Do for a batch what recording does for one purchase: the same rows, the same journals."""
    network_id = world.network_id
    ids = {one.number: new_id(one.recorded_at) for one in batch}
    accruals = [_accrual(world, one, ids[one.number]) for one in batch]
    drafts = [pending_journal(accrual, actor=ACTOR) for accrual in accruals]
    touched = {line.account for draft in drafts for line in draft.lines}
    await open_accounts(db, network_id=network_id, accounts=touched, now=START)
    journals = [
        parameters_of(
            [draft],
            ids=[accrual.pending_journal_id or accrual.accrual_id],
            network_id=network_id,
            now=one.recorded_at,
        )
        for one, accrual, draft in zip(batch, accruals, drafts, strict=True)
    ]
    await db.execute(POST, journals)
    await _insert(
        db, "partners.purchase", [_purchase_row(world, one, ids[one.number]) for one in batch]
    )
    await _insert(db, "partners.accrual", [_accrual_row(network_id, one) for one in accruals])
    await _insert(
        db,
        "partners.accrual_share",
        [
            {
                "network_id": network_id,
                "accrual_id": one.accrual_id,
                "line": share.line,
                "funder": share.funder,
                "partner_id": share.partner_id,
                "amount": share.amount.minor,
                "reversed": 0,
            }
            for one in accruals
            for share in one.shares
        ],
    )
    await _insert(
        db,
        "payouts.due",
        [
            {
                "network_id": network_id,
                "kind": "accrual.confirm",
                "due_id": one.accrual_id,
                "due_at": one.available_at,
            }
            for one in accruals
        ],
    )
    return ids


def _accrual(world: World, one: PurchasePlan, purchase_id: UUID) -> Accrual:
    zero, cashback = Money.zero(CURRENCY), Money(one.cashback, CURRENCY)
    funding = (FundingShare("partner", world.partners[one.partner], 1),)
    return Accrual(
        accrual_id=new_id(one.recorded_at),
        purchase_id=purchase_id,
        partner_id=world.partners[one.partner],
        member_id=world.members[one.member],
        rule_id=world.rules[one.partner],
        rate_bps=RATE_BPS,
        state=AccrualState.PENDING,
        cashback=cashback,
        cashback_reversed=zero,
        cashback_expired=zero,
        fee=Money(one.fee, CURRENCY),
        fee_reversed=zero,
        debt_offset=zero,
        earned_at=one.purchased_at,
        available_at=one.available_at,
        confirmed_at=None,
        pending_journal_id=new_id(one.recorded_at),
        confirm_journal_id=None,
        shares=share_cashback(cashback, funding),
    )


def _accrual_row(network_id: int, one: Accrual) -> dict[str, Any]:
    return {
        "network_id": network_id,
        "accrual_id": one.accrual_id,
        "purchase_id": one.purchase_id,
        "partner_id": one.partner_id,
        "member_id": one.member_id,
        "rule_id": one.rule_id,
        "rate_bps": one.rate_bps,
        "state": one.state,
        "cashback": one.cashback.minor,
        "cashback_reversed": 0,
        "fee": one.fee.minor,
        "fee_reversed": 0,
        "debt_offset": 0,
        "currency": CURRENCY,
        "earned_at": one.earned_at,
        "available_at": one.available_at,
        "pending_journal_id": one.pending_journal_id,
    }


def _purchase_row(world: World, one: PurchasePlan, purchase_id: UUID) -> dict[str, Any]:
    return {
        "network_id": world.network_id,
        "purchase_id": purchase_id,
        "partner_id": world.partners[one.partner],
        "member_id": world.members[one.member],
        "external_id": one.external_id,
        "amount": one.amount,
        "returned": 0,
        "currency": CURRENCY,
        "category": None,
        "agreement_id": world.agreements[one.partner],
        "purchased_at": one.purchased_at,
        "recorded_at": one.recorded_at,
    }


async def _confirm(url: str, world: World) -> None:
    engine = open_engine(url, pool_size=1)
    database = Database(engine)
    expected = sum(one.is_confirmed for one in world.purchases)
    confirmed = 0
    while confirmed < expected:
        async with database.writing(world.network_id) as db:
            step = await confirm_due_accruals(db, network_id=world.network_id, limit=BATCH, now=NOW)
        assert step, f"{confirmed} of {expected} accruals were confirmed"
        confirmed += step
    await engine.dispose()
