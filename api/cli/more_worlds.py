"""The worlds of acceptance checks and of benchmarks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from api.cli.demo_world import make_demo_world
from api.cli.peopled_world import (
    Terms,
    buy_earlier,
    confirm_what_is_due,
    enrol,
    found_network,
    publish_rates,
    welcome_partner,
)
from api.cli.stocked_world import COUNTRY
from api.cli.world_record import MemberRecord, NetworkRecord, WorldRecord
from api.worker.world import World
from catalog.rewards import import_items
from catalog.suppliers import Denomination, FeedItem, register_supplier
from partners.members import enrol_member
from partners.purchases import record_purchase
from payouts.money import Money

AT_ONCE = 500
MEMBERS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a benchmark's network holds."""

    rewards: int = 2_000
    partners: int = 20
    members: int = 1_000
    purchases: int = 1_000


async def make_accept_world(world: World, *, seed: int) -> WorldRecord:
    """Make a full network and, beside it, a small one of three decimal places that is foreign."""
    made = await make_demo_world(world, slug=f"accept-{seed}", seed=seed)
    now = world.clock.now()
    other = await found_network(
        world,
        slug=f"accept-{seed}-kuwait",
        name={"en": "Marsa", "ar": "مرسى"},
        zone="Asia/Kuwait",
        currency="KWD",
        now=now,
    )
    shop = await welcome_partner(
        world,
        other,
        label="bookshop",
        name={"en": "Dhow Books", "ar": "مكتبة الداو"},
        roles=("merchant", "brand"),
        terms=Terms(earn_bps=1000),
        has_members=True,
        now=now,
    )
    member = await enrol(world, other, shop, external_id="dhow-1", now=now)
    await buy_earlier(world, other, shop, member, amounts=("12.345", "7.500"), days_ago=30, now=now)
    await confirm_what_is_due(world, other, now=now)
    await publish_rates(world, other, {"USD": "0.3072", "SAR": "0.0819"}, now=now)
    return WorldRecord("accept", seed, [*made.networks, other])


async def make_bench_world(world: World, *, seed: int, sizes: Sizes) -> WorldRecord:
    """Make a large network; the same seed and sizes give the same names, amounts and dates."""
    now, dice = world.clock.now(), random.Random(seed)  # noqa: S311 no secret is drawn from it
    network = await found_network(
        world,
        slug=f"bench-{seed}",
        name={"en": "Bench", "ar": "منصة القياس"},
        zone="Asia/Riyadh",
        currency="SAR",
        now=now,
    )
    for number in range(sizes.partners):
        await welcome_partner(
            world,
            network,
            label=f"partner-{number + 1}",
            name={"en": f"Shop {number + 1}", "ar": f"متجر {number + 1}"},
            terms=Terms(earn_bps=dice.randrange(100, 1000, 25)),
            has_members=True,
            now=now,
        )
    await _stock(world, network, sizes.rewards, dice, now)
    members = await _enrol_all(world, network, sizes.members, now)
    await _buy_all(world, network, members, sizes.purchases, dice, now)
    await confirm_what_is_due(world, network, now=now)
    # A record of thousands would help nobody; these speak for the others.
    network.members.extend(members[:MEMBERS_SHOWN])
    return WorldRecord("bench", seed, [network])


async def _stock(
    world: World, network: NetworkRecord, count: int, dice: random.Random, now: datetime
) -> None:
    async with world.database.writing(network.network_id) as db:
        supplier = await register_supplier(
            db, network_id=network.network_id, name="reloadly", now=now
        )
    items = [_item(number, network.currency, dice) for number in range(count)]
    for first in range(0, count, AT_ONCE):
        async with world.database.writing(network.network_id) as db:
            await import_items(
                db,
                network_id=network.network_id,
                supplier_id=supplier.supplier_id,
                items=items[first : first + AT_ONCE],
                first_index=first,
                now=now,
            )


def _item(number: int, currency: str, dice: random.Random) -> FeedItem:
    faces = sorted(dice.sample(range(10, 1000, 5), 4))
    brand = number % 200 + 1
    return FeedItem(
        supplier_sku=str(100_000 + number),
        name=f"Card {number + 1} of brand {brand}",
        brand_key=str(brand),
        brand_name=f"Brand {brand}",
        category=dice.choice(("food", "games", "travel", "books", None)),
        country=COUNTRY,
        face_currency=currency,
        cost_currency=currency,
        denominations=tuple(
            Denomination(Money(face * 100, currency), Money(face * 100, currency)) for face in faces
        ),
        face_range=None,
        fee=Money(dice.randrange(0, 200), currency),
        fee_percent=Decimal(0),
        discount_percent=Decimal(dice.randrange(0, 80)) / 10,
        logo_urls=(),
        instructions_concise="Show the code at the till.",
        instructions_verbose="",
        is_active=True,
    )


async def _enrol_all(
    world: World, network: NetworkRecord, count: int, now: datetime
) -> list[MemberRecord]:
    members: list[MemberRecord] = []
    for numbers in _chunks(count):
        async with world.database.writing(network.network_id) as db:
            for number in numbers:
                partner = network.partners[number % len(network.partners)]
                member = await enrol_member(
                    db,
                    network_id=network.network_id,
                    partner_id=partner.partner_id,
                    external_id=f"member-{number + 1}",
                    now=now,
                )
                record = MemberRecord(member.member_id, member.external_id, partner.label)
                members.append(record)
    return members


async def _buy_all(
    world: World,
    network: NetworkRecord,
    members: list[MemberRecord],
    count: int,
    dice: random.Random,
    now: datetime,
) -> None:
    for numbers in _chunks(count if members else 0):
        async with world.database.writing(network.network_id) as db:
            for number in numbers:
                member, partner = dice.choice(members), dice.choice(network.partners)
                await record_purchase(
                    db,
                    network_id=network.network_id,
                    partner_id=partner.partner_id,
                    member_id=member.member_id,
                    external_id=f"receipt-{number + 1}",
                    amount=Money(dice.randrange(100, 200_000), network.currency),
                    category=None,
                    purchased_at=now - timedelta(minutes=dice.randrange(1, 90 * 24 * 60)),
                    actor=f"partner:{partner.partner_id}",
                    now=now,
                )


def _chunks(count: int) -> Iterator[range]:
    for first in range(0, count, AT_ONCE):
        yield range(first, min(first + AT_ONCE, count))
