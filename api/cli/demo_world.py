"""The network that `mizan run` shows: an oasis of three merchants, two suppliers and their members."""

from datetime import datetime

from api.cli.peopled_world import (
    Terms,
    buy_earlier,
    confirm_what_is_due,
    enrol,
    found_network,
    publish_rates,
    start_programme,
    welcome_partner,
)
from api.cli.stocked_world import (
    add_brand,
    import_from_supplier,
    offer_terms,
    open_slots,
    own_cards,
    put_on_sale,
)
from api.cli.world_record import NetworkRecord, WorldRecord
from api.worker.world import World
from catalog.rewards import ExperienceTerms
from payouts.money import Money

SLUG = "wahah"
NAME = {"en": "Wahah", "ar": "واحة"}
PROGRAMME_SLUG = "wahah-rewards"
PROGRAMME_NAME = {"en": "Wahah Rewards", "ar": "مكافآت واحة"}
RATES = {
    "USD": "3.75",
    "EUR": "4.08",
    "GBP": "4.79",
    "AED": "1.0211",
    "KWD": "12.21",
    "ZAR": "0.2145",
    "JPY": "0.0241",
}
SUPPLIERS = {"supplier": "reloadly", "second-supplier": "tango"}
"""Who plays which partner."""
# At 5 % these earn exactly 600.00.
EARLIER = ("1850.00", "2400.00", "1275.00", "2975.00", "1500.00", "2000.00")


async def make_demo_world(world: World, *, slug: str = SLUG, seed: int = 1) -> WorldRecord:
    """Make the demo network through the use cases, with 600.00 SAR in its first member's wallet."""
    now = world.clock.now()
    network = await found_network(
        world, slug=slug, name=NAME, zone="Asia/Riyadh", currency="SAR", now=now
    )
    await start_programme(world, network, slug=PROGRAMME_SLUG, name=PROGRAMME_NAME, now=now)
    await _welcome_partners(world, network, now)
    await publish_rates(world, network, RATES, now=now)
    await _earn(world, network, now)
    await _stock(world, network, now)
    return WorldRecord("demo", seed, [network])


async def _welcome_partners(world: World, network: NetworkRecord, now: datetime) -> None:
    await welcome_partner(
        world,
        network,
        label="grocery",
        name={"en": "Noor Grocery", "ar": "بقالة نور"},
        terms=Terms(earn_bps=500),
        has_members=True,
        now=now,
    )
    await welcome_partner(
        world,
        network,
        label="coffee",
        name={"en": "Qahwa House", "ar": "بيت القهوة"},
        roles=("merchant", "brand"),
        terms=Terms(earn_bps=300),
        has_members=True,
        now=now,
    )
    await welcome_partner(
        world,
        network,
        label="experiences",
        name={"en": "Desert Trails", "ar": "دروب الصحراء"},
        roles=("merchant",),
        terms=Terms(earn_bps=200, experience_commission_bps=1200),
        now=now,
    )
    await welcome_partner(
        world,
        network,
        label="supplier",
        name={"en": "Card supplier", "ar": "مورّد البطاقات"},
        roles=("supplier",),
        terms=None,
        now=now,
    )
    await welcome_partner(
        world,
        network,
        label="second-supplier",
        name={"en": "Second card supplier", "ar": "مورّد بطاقات ثانٍ"},
        roles=("supplier",),
        terms=None,
        now=now,
    )


async def _earn(world: World, network: NetworkRecord, now: datetime) -> None:
    grocery, coffee = network.partner("grocery"), network.partner("coffee")
    first = await enrol(world, network, grocery, external_id="noor-1001", now=now)
    second = await enrol(world, network, coffee, external_id="qahwa-2001", now=now)
    await buy_earlier(world, network, grocery, first, amounts=EARLIER, days_ago=40, now=now)
    await buy_earlier(
        world, network, coffee, second, amounts=("84.50", "132.00"), days_ago=25, now=now
    )
    # Within the return window: still pending when the demo starts.
    await buy_earlier(world, network, coffee, first, amounts=("46.00",), days_ago=3, now=now)
    await confirm_what_is_due(world, network, now=now)


async def _stock(world: World, network: NetworkRecord, now: datetime) -> None:
    coffee, desert = network.partner("coffee"), network.partner("experiences")
    brand_id = await add_brand(world, network, coffee, slug="qahwa-house", now=now)
    await put_on_sale(
        world,
        network,
        label="coffee-card",
        texts={
            "en": ("Qahwa House card", "Coffee, cakes and beans in every branch.", "No cash back."),
            "ar": ("بطاقة بيت القهوة", "قهوة وكعك وحبوب في كل الفروع.", "لا تُستبدل نقدًا."),
        },
        terms=own_cards(network, "25.00", "50.00", "100.00", "200.00"),
        category="food",
        brand_id=brand_id,
        now=now,
    )
    dune_walk = await put_on_sale(
        world,
        network,
        label="dune-walk",
        texts={
            "en": (
                "Sunrise over the dunes",
                "A guided walk with Arabic coffee at sunrise.",
                "Free to cancel until 48 hours before; half the price after that.",
            ),
            "ar": (
                "شروق الشمس على الكثبان",
                "جولة مع مرشد وقهوة عربية عند الشروق.",
                "الإلغاء مجاني قبل الموعد بـ48 ساعة، وبعدها يُخصم نصف السعر.",
            ),
        },
        terms=ExperienceTerms(
            price=Money.of_decimal("180.00", network.currency),
            free_until_hours=48,
            penalty_bps=5000,
        ),
        category="travel",
        partner_id=desert.partner_id,
        now=now,
    )
    await open_slots(world, network, dune_walk, days_ahead=(3, 10, 24), capacity=8, now=now)
    await _put_offers_on_sale(world, network, now)
    # What both sell is one reward, sold from either: the second follows the first.
    for label, name in SUPPLIERS.items():
        await import_from_supplier(world, network, network.partner(label), name, now=now)


async def _put_offers_on_sale(world: World, network: NetworkRecord, now: datetime) -> None:
    coffee, grocery = network.partner("coffee"), network.partner("grocery")
    await put_on_sale(
        world,
        network,
        label="coffee-offer",
        texts={
            "en": ("10% back on coffee", "Switch it on, then pay as always.", ""),
            "ar": ("استرداد 10٪ على القهوة", "فعّل العرض ثم ادفع كالمعتاد.", ""),
        },
        terms=offer_terms(coffee, rate_bps=1000, category=None, now=now),
        category="food",
        partner_id=coffee.partner_id,
        now=now,
    )
    await put_on_sale(
        world,
        network,
        label="fresh-offer",
        texts={
            "en": ("8% back on fresh food", "Paid for by Noor Grocery and by Wahah.", ""),
            "ar": ("استرداد 8٪ على الطازج", "بتمويل من بقالة نور وواحة معًا.", ""),
        },
        terms=offer_terms(grocery, rate_bps=800, category="fresh", weights=(5, 3), now=now),
        category="grocery",
        partner_id=grocery.partner_id,
        now=now,
    )
