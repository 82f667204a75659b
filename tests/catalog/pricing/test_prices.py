"""Prices of the catalogue in the fixture, to the minor unit, line by line."""

from datetime import timedelta

import pytest

from api.database.transaction import Database
from catalog.pricing import (
    CurrencyNotOffered,
    Price,
    PriceLineKind,
    RewardHasNoPrice,
    find_price,
    price_reward,
    read_price_book,
)
from catalog.rewards import FaceNotOnSale, GiftCardTerms, Reward, list_rewards
from payouts.fx import FxRateMissing, FxRateStale
from payouts.money import Money
from tests.conftest import NOW
from tests.factories.catalog import (
    experience,
    import_raw,
    make_rate,
    make_reward,
    make_supplier,
    offer,
    own_card,
    sar,
    statements_of,
)
from tests.factories.partners import Shop, open_shop


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


async def imported(database: Database, shop: Shop, *, fx_margin_bps: int = 0) -> dict[str, Reward]:
    """The rewards of the fixture by sku, all offered in SA."""
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        supplier = await make_supplier(db, network_id=network_id, fx_margin_bps=fx_margin_bps)
        await import_raw(
            db, network_id=network_id, supplier_id=supplier.supplier_id, markets=("SA",)
        )
        page = await list_rewards(db, network_id=network_id, country="SA", limit=100)
    return {one.supplier.sku: one for one in page.rewards if one.supplier is not None}


async def price_of(
    database: Database, shop: Shop, reward: Reward, face: Money, *, currency: str = "SAR"
) -> Price:
    async with database.reading(shop.network_id) as db:
        return await find_price(
            db, network_id=shop.network_id, reward=reward, face=face, currency=currency, now=NOW
        )


def lines_of(price: Price) -> dict[str, str]:
    assert sum(line.amount.minor for line in price.lines) == price.total.minor
    return {line.kind.value: line.amount.decimal for line in price.lines}


# Each is a sku, its face, the three lines, their total, and what the supplier gets.
CARDS = [
    ("9001", ("20.00", "USD"), ("75.00", "3.75", "-3.00"), "75.75", "72.75"),
    # 0.5625 and 0.84375 are rounded in the supplier's currency before anything is added.
    ("9002", ("10.00", "USD"), ("37.50", "4.31", "-0.42"), "41.39", "40.97"),
    ("9002", ("5.00", "USD"), ("18.75", "4.03", "-0.21"), "22.57", "22.36"),
    ("9004", ("33.33", "USD"), ("124.99", "3.75", "0.00"), "128.74", "128.74"),
    # 5.02 at 3.75 is 18.825: half a halala, which goes to the even one.
    ("9004", ("5.02", "USD"), ("18.82", "3.75", "0.00"), "22.57", "22.57"),
    ("9004", ("100.00", "USD"), ("375.00", "3.75", "0.00"), "378.75", "378.75"),
    ("9005", ("200.00", "SAR"), ("200.00", "0.00", "-3.00"), "197.00", "194.00"),
    ("9006", ("5.250", "KWD"), ("64.05", "3.75", "0.00"), "67.80", "67.80"),
    # 1 % of 37.50 is 0.375, half a halala, which goes to the even one: 0.38.
    ("9007", ("1500", "JPY"), ("37.50", "3.75", "-0.19"), "41.06", "40.87"),
    ("9009", ("2.91", "EUR"), ("11.93", "3.75", "-0.09"), "15.59", "15.50"),
    ("9009", ("10.00", "EUR"), ("41.00", "3.75", "-0.31"), "44.44", "44.13"),
]


async def test_cards_bought_in_the_members_currency(database, shop) -> None:
    rewards = await imported(database, shop)
    for sku, face, lines, total, cost_total in CARDS:
        price = await price_of(database, shop, rewards[sku], Money.of_decimal(*face))

        assert lines_of(price) == dict(zip(("face", "fee", "discount"), lines, strict=True))
        assert price.total == sar(total)
        assert (price.cost_total, price.cost_in_wallet) == (sar(cost_total), sar(cost_total))
        assert (price.fx_rate_id, price.fx_rate.text) == (None, "1")


async def test_a_card_bought_in_dinars_of_three_digits(database, shop) -> None:
    rewards = await imported(database, shop, fx_margin_bps=150)
    async with database.writing(shop.network_id) as db:
        rate = await make_rate(
            db, network_id=shop.network_id, base="KWD", quote="SAR", value="12.2013"
        )
    price = await price_of(database, shop, rewards["9008"], Money.of_decimal("10.00", "USD"))

    assert lines_of(price) == {"face": "37.46", "fee": "1.53", "discount": "0.00", "fx": "0.56"}
    assert price.total == sar("39.55")
    assert price.cost_total == Money.of_decimal("3.195", "KWD")
    assert price.cost_in_wallet == sar("38.98")
    assert (price.fx_rate_id, price.fx_rate.text) == (rate.fx_rate_id, "12.2013")


@pytest.mark.parametrize(
    ("currency", "value", "lines", "total", "cost_in_wallet"),
    [
        ("JPY", "40.1234", ("3009", "150", "-120", "60"), "3099", "2919"),
        ("KWD", "0.0819567", ("6.147", "0.307", "-0.246", "0.123"), "6.331", "5.962"),
    ],
)
async def test_a_card_sold_in_yen_and_in_dinars(
    database, shop, currency, value, lines, total, cost_in_wallet
) -> None:
    rewards = await imported(database, shop, fx_margin_bps=200)
    async with database.writing(shop.network_id) as db:
        await make_rate(db, network_id=shop.network_id, base="SAR", quote=currency, value=value)
    price = await price_of(
        database, shop, rewards["9001"], Money.of_decimal("20.00", "USD"), currency=currency
    )

    assert lines_of(price) == dict(zip(("face", "fee", "discount", "fx"), lines, strict=True))
    assert price.total.decimal == total
    assert price.cost_total == sar("72.75")
    assert price.cost_in_wallet == Money.of_decimal(cost_in_wallet, currency)


async def test_own_cards_and_experiences_cost_their_face_and_their_price(database, shop) -> None:
    network_id = shop.network_id
    bounds = GiftCardTerms.of_own_range(sar("50.00"), sar("501.00"), sar("10.00"))
    async with database.writing(network_id) as db:
        fixed = await make_reward(db, network_id=network_id, terms=own_card("100.00", "250.00"))
        ranged = await make_reward(db, network_id=network_id, terms=bounds)
        evening = await make_reward(
            db, network_id=network_id, terms=experience(), partner_id=shop.partner.partner_id
        )
        book = await read_price_book(
            db, network_id=network_id, rewards=[fixed, ranged, evening], currency="SAR", now=NOW
        )

    price = price_reward(fixed, face=sar("250.00"), book=book)
    assert lines_of(price) == {"face": "250.00"}
    assert (price.cost_total, price.cost_in_wallet, price.supplier_id) == (None, None, None)
    assert price_reward(ranged, face=sar("60.00"), book=book).total == sar("60.00")
    assert price_reward(ranged, face=sar("501.00"), book=book).total == sar("501.00")
    assert price_reward(evening, face=None, book=book).total == sar("250.00")
    for face in ("49.99", "55.00", "501.01", "510.00"):
        with pytest.raises(FaceNotOnSale):
            price_reward(ranged, face=sar(face), book=book)
    with pytest.raises(FaceNotOnSale):
        price_reward(fixed, face=Money.of_decimal("100.00", "USD"), book=book)
    with pytest.raises(RewardHasNoPrice):
        price_reward(fixed, face=None, book=book)


async def test_an_offer_has_no_price_and_an_own_card_no_other_currency(database, shop) -> None:
    network_id = shop.network_id
    async with database.writing(network_id) as db:
        promise = await make_reward(
            db,
            network_id=network_id,
            terms=offer(shop.partner.partner_id),
            partner_id=shop.partner.partner_id,
        )
        card = await make_reward(db, network_id=network_id, terms=own_card())
    with pytest.raises(RewardHasNoPrice):
        await price_of(database, shop, promise, sar("1.00"))
    with pytest.raises(CurrencyNotOffered):
        await price_of(database, shop, card, sar("100.00"), currency="USD")


async def test_no_rate_and_an_old_rate_refuse_the_price(database, shop) -> None:
    rewards = await imported(database, shop)
    face = Money.of_decimal("10.00", "USD")
    with pytest.raises(FxRateMissing):
        await price_of(database, shop, rewards["9008"], face)
    async with database.writing(shop.network_id) as db:
        await make_rate(
            db,
            network_id=shop.network_id,
            base="KWD",
            quote="SAR",
            value="12.2",
            observed_at=NOW - timedelta(days=2),
        )
    with pytest.raises(FxRateStale):
        await price_of(database, shop, rewards["9008"], face)


async def test_a_page_of_prices_reads_terms_rates_and_margins_once(database, shop) -> None:
    rewards = await imported(database, shop)
    async with database.reading(shop.network_id) as db:
        with statements_of(database) as seen:
            book = await read_price_book(
                db,
                network_id=shop.network_id,
                rewards=list(rewards.values()),
                currency="SAR",
                now=NOW,
            )
    prices = [
        price_reward(one, face=denomination.face, book=book)
        for one in rewards.values()
        for denomination in one.gift_card.denominations
        if one.gift_card.cost_currency == "SAR"
    ]

    assert len(seen) == 3
    assert len(prices) == 12
    assert all(price.amount_of(PriceLineKind.FX) == sar("0.00") for price in prices)
