"""The smallest valid rewards, and the supplier's catalogue that the tests import."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from catalog.rewards import (
    ExperienceTerms,
    GiftCardTerms,
    ImportReport,
    OfferTerms,
    Reward,
    RewardDraft,
    RewardText,
    Terms,
    create_reward,
    import_feed,
    publish_reward,
)
from catalog.suppliers import (
    Denomination,
    FeedItem,
    SupplierTerms,
    read_reloadly_feed,
    register_supplier,
)
from partners.rules import FundingShare
from payouts.fx import FxRate, publish_fx_rate
from payouts.money import Money
from tests.conftest import NOW

FEED_FILE = Path(__file__).parents[1] / "fixtures" / "reloadly-products.json"
RAW_FEED = FEED_FILE.read_bytes()
IN_ENGLISH = {"en": RewardText("Desert evening", "Dinner under the stars", "Be on time")}


def sar(text: str) -> Money:
    return Money.of_decimal(text, "SAR")


def own_card(*faces: str) -> GiftCardTerms:
    return GiftCardTerms.of_own_faces(*(sar(face) for face in faces or ("100.00",)))


def experience(price: str = "250.00") -> ExperienceTerms:
    return ExperienceTerms(sar(price), free_until_hours=24, penalty_bps=5_000)


def offer(partner_id: UUID, *, rate_bps: int = 1_000, category: str | None = None) -> OfferTerms:
    return OfferTerms(
        rate_bps=rate_bps,
        category=category,
        funding=(FundingShare("partner", partner_id, 3), FundingShare("network", None, 1)),
        starts_at=NOW,
        ends_at=NOW + timedelta(days=30),
    )


async def make_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    terms: Terms,
    texts: Mapping[str, RewardText] = IN_ENGLISH,
    countries: Sequence[str] = ("SA",),
    partner_id: UUID | None = None,
    brand_id: UUID | None = None,
    rank: int = 1_000,
    is_published: bool = True,
    now: datetime = NOW,
) -> Reward:
    made = await create_reward(
        db,
        network_id=network_id,
        draft=RewardDraft(texts=texts, countries=tuple(countries), terms=terms),
        partner_id=partner_id,
        brand_id=brand_id,
        rank=rank,
        now=now,
    )
    if not is_published:
        return made
    return await publish_reward(db, network_id=network_id, reward_id=made.reward_id, now=now)


async def make_supplier(
    db: AsyncConnection,
    *,
    network_id: int,
    name: str = "reloadly",
    discount_share_bps: int = 5_000,
    fx_margin_bps: int = 0,
) -> SupplierTerms:
    return await register_supplier(
        db,
        network_id=network_id,
        name=name,
        discount_share_bps=discount_share_bps,
        fx_margin_bps=fx_margin_bps,
        now=NOW,
    )


def card_item(sku: str, brand: str, *faces: int, title: str | None = None) -> FeedItem:
    amounts = [Money(face * 100, "SAR") for face in faces or (50, 100)]
    return FeedItem(
        supplier_sku=sku,
        name=title or brand,
        brand_key=sku,
        brand_name=brand,
        category=None,
        country="SA",
        face_currency="SAR",
        cost_currency="SAR",
        denominations=tuple(Denomination(one, one) for one in amounts),
        face_range=None,
        fee=Money.zero("SAR"),
        fee_percent=Decimal(0),
        discount_percent=Decimal(0),
        logo_urls=(),
        instructions_concise="Show it",
        instructions_verbose="",
        is_active=True,
    )


async def import_raw(
    db: AsyncConnection,
    *,
    network_id: int,
    supplier_id: UUID,
    raw: bytes = RAW_FEED,
    markets: Sequence[str] = (),
    now: datetime = NOW,
) -> ImportReport:
    return await import_feed(
        db,
        network_id=network_id,
        supplier_id=supplier_id,
        feed=read_reloadly_feed(raw),
        actor="staff:operator-1",
        markets=markets,
        now=now,
    )


async def make_rate(
    db: AsyncConnection,
    *,
    network_id: int,
    base: str,
    quote: str,
    value: str,
    observed_at: datetime = NOW,
    max_age_seconds: int = 86_400,
    now: datetime = NOW,
) -> FxRate:
    return await publish_fx_rate(
        db,
        network_id=network_id,
        base=base,
        quote=quote,
        value=value,
        source="central bank",
        observed_at=observed_at,
        max_age_seconds=max_age_seconds,
        now=now,
    )


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the block sends to the database."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
