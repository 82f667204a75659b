"""The catalogue is read whole and exactly, or it is said not to be."""

from typing import Any

from api.conformance.bench import Bench, ended, require, require_kind, shown
from api.conformance.check import Checks
from catalog.suppliers import (
    Feed,
    FeedItem,
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
)
from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.html_text import has_markup
from payouts.money import CURRENCIES
from payouts.refusal import Refusal

CATALOGUE = Checks("catalogue")

BROKEN = ("control_character", "unknown_currency", "too_many_digits")
_FAILING = ("error_500_before", "error_429", "timeout_before")
_HIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@CATALOGUE.add()
async def catalogue_is_complete(bench: Bench) -> None:
    """The catalogue of a country is complete, and nothing in it is refused."""
    feed = await bench.feed()
    require(feed.items, "it is empty")
    require(feed.is_complete, f"it is not complete: {_remarks(feed)}")
    require(not feed.refused, f"{len(feed.refused)} items are refused")


@CATALOGUE.add(uses=("catalogue",))
async def catalogue_names_every_item(bench: Bench) -> None:
    """Every item that is on sale in each country is there, and no other."""
    for country in bench.description.countries:
        feed = bench.supplier.read_feed(await bench.supplier.fetch_feed(country))
        told, so = (
            {item.supplier_sku for item in feed.items},
            set(await bench.double.items(country)),
        )
        require(told >= so, f"missing in {country}: {', '.join(sorted(so - told))}")
        require(told <= so, f"not on sale in {country}: {', '.join(sorted(told - so))}")


@CATALOGUE.add(uses=("pages",))
async def pages_add_up(bench: Bench) -> None:
    """The catalogue is the same whether it comes in one page or in many."""
    whole = await bench.feed()
    for size in (1, 2, 3):
        await bench.double.control("POST", "pages", {"size": size})
        feed = await bench.feed()
        require(_digests(feed) == _digests(whole), f"in pages of {size} it has other items")
        require(feed.is_complete, f"in pages of {size} it is not complete: {_remarks(feed)}")


@CATALOGUE.add()
async def catalogue_is_stable(bench: Bench) -> None:
    """Read twice, the catalogue has the same digests."""
    require(_digests(await bench.feed()) == _digests(await bench.feed()), "they differ")


@CATALOGUE.add(uses=("catalogue",))
async def prices_are_exact(bench: Bench) -> None:
    """Every face and cost is as the supplier says, to the last digit."""
    so = await bench.double.items(bench.home)
    for item in (await bench.feed()).items:
        prices = [[face.minor, cost.minor] for face, cost in item.prices]
        listed: Any = so.get(item.supplier_sku, {}).get("prices")
        require(prices == sorted(listed or []), f"{item.supplier_sku} has {prices}, not {listed}")


@CATALOGUE.add(uses=("catalogue",))
async def currencies_are_as_listed(bench: Bench) -> None:
    """Faces and costs are in known currencies, and in those that the supplier says."""
    so = await bench.double.items(bench.home)
    for item in (await bench.feed()).items:
        pair = [item.face_currency, item.cost_currency]
        require(set(pair) <= set(CURRENCIES), f"{pair} are not known")
        listed = so.get(item.supplier_sku, {})
        require(
            pair == [listed.get("faceCurrency"), listed.get("costCurrency")],
            f"{item.supplier_sku} has {pair}",
        )
        amounts = {amount.currency for pair_ in item.prices for amount in pair_}
        require(amounts <= set(pair), f"{item.supplier_sku} has prices in {sorted(amounts)}")


@CATALOGUE.add()
async def countries_are_known(bench: Bench) -> None:
    """Every item is of a country that there is."""
    found = {item.country for item in (await bench.feed()).items}
    require(found <= COUNTRIES, f"told of {sorted(found - COUNTRIES)}")


@CATALOGUE.add(uses=("countries",))
async def countries_are_as_asked(bench: Bench) -> None:
    """Every item is of the country that was asked for."""
    for country in bench.description.countries:
        feed = bench.supplier.read_feed(await bench.supplier.fetch_feed(country))
        found = {item.country for item in feed.items}
        require(found == {country}, f"asked for {country}, told of {sorted(found)}")


@CATALOGUE.add()
async def texts_are_plain(bench: Bench) -> None:
    """No text has markup, control characters or characters that turn its direction."""
    for item in (await bench.feed()).items:
        for text in _texts(item):
            require(not has_markup(text), f"{item.supplier_sku} has markup: {text[:60]!a}")
            marks = [mark for mark in text if mark in _HIDDEN or (ord(mark) < 32 and mark != "\n")]
            require(not marks, f"{item.supplier_sku} has {marks!a}")


@CATALOGUE.add(uses=("catalogue",))
async def withdrawn_item_disappears(bench: Bench) -> None:
    """An item that is no longer on sale is not in the catalogue, which is complete all the same."""
    before = await bench.feed()
    gone = before.items[0].supplier_sku
    await bench.double.change(gone, "withdraw")
    after = await bench.feed()
    require(gone not in after.named_skus, f"{gone} is still there")
    require(after.is_complete, "the catalogue without it is not complete")
    require(len(after.items) == len(before.items) - 1, "others are gone too")


@CATALOGUE.add(uses=("catalogue",))
async def new_price_gives_another_digest(bench: Bench) -> None:
    """A change of price changes the digest of the item, and of no other."""
    before = _by_sku(await bench.feed())
    item, _ = await bench.goods()
    await bench.double.change(item.supplier_sku, "reprice")
    after = _by_sku(await bench.feed())
    changed = {sku for sku, one in after.items() if one.digest != before[sku].digest}
    require(changed == {item.supplier_sku}, f"changed: {sorted(changed)}")


@CATALOGUE.add(uses=("catalogue",))
async def bad_item_is_refused_alone(bench: Bench) -> None:
    """A damaged item is refused by name, with a reason, and every other is taken."""
    item, _ = await bench.goods()
    so = set(await bench.double.items(bench.home))
    for change in BROKEN:
        await bench.double.calm(bench.description.controls)
        await bench.double.change(item.supplier_sku, change)
        feed = await bench.feed()
        taken = {one.supplier_sku for one in feed.items}
        require(item.supplier_sku not in taken, f"{change} is taken")
        refused = [(one.supplier_sku, bool(one.reasons)) for one in feed.refused]
        require(refused == [(item.supplier_sku, True)], f"{change}: refused are {refused}")
        require(taken == so - {item.supplier_sku}, f"{change}: others are not taken")


@CATALOGUE.add(plays=("feed", "malformed_json"))
async def damaged_page_is_not_taken_for_whole(bench: Bench) -> None:
    """A page that is cut off is refused, or the catalogue is said not to be complete."""
    await bench.double.play("malformed_json", "feed")
    ending = await ended(bench.supplier.fetch_feed(bench.home))
    if isinstance(ending, bytes):
        try:
            feed = bench.supplier.read_feed(ending)
        except FeedUnreadable:
            return
        require(not feed.is_complete, "it is said to be complete")
    else:
        kinds = (SupplierAnswerInvalid, SupplierBusy, SupplierRefused)
        require_kind(ending, kinds, "a cut page")


@CATALOGUE.add(plays=("feed", "error_500_before"))
async def failing_catalogue_is_tried_later(bench: Bench) -> None:
    """When the catalogue cannot be had now, the supplier is busy; later it can be had."""
    for kind in _FAILING:
        await bench.double.play(kind, "feed")
        ending = await ended(bench.supplier.fetch_feed(bench.home))
        require_kind(ending, (SupplierBusy,), kind)
        require((await bench.feed()).is_complete, f"after {kind} it is not complete")


@CATALOGUE.add(plays=("feed", "redirect"), uses=("trap",))
async def redirect_is_not_followed(bench: Bench) -> None:
    """Where a supplier sends us instead, we do not go."""
    before = await bench.double.count("trap")
    await bench.double.play("redirect", "feed")
    ending = await ended(bench.supplier.fetch_feed(bench.home))
    require(await bench.double.count("trap") == before, "the redirect was followed")
    refusals = (SupplierRefused, SupplierAnswerInvalid, SupplierBusy)
    require_kind(ending, refusals, "a redirect")


@CATALOGUE.add(uses=("credentials",))
async def wrong_credentials_are_said(bench: Bench) -> None:
    """Credentials that the supplier does not accept end in SupplierUnauthorised."""
    async with bench.reopened(client_secret="wrong-credentials") as stranger:  # noqa: S106 - wrong
        ending = await ended(stranger.fetch_feed(bench.home))
    require_kind(ending, (SupplierUnauthorised,), "a catalogue for strangers")


@CATALOGUE.add(uses=("tokens",))
async def lost_token_is_renewed(bench: Bench) -> None:
    """When the supplier forgets our token, we ask for another one by ourselves."""
    require((await bench.feed()).items, "the catalogue is empty")
    await bench.double.control("POST", "expire_tokens")
    ending = await ended(bench.supplier.fetch_feed(bench.home))
    require(isinstance(ending, bytes), f"it ends in {shown(ending)}")


@CATALOGUE.add(uses=("countries",))
async def unknown_country_is_refused(bench: Bench) -> None:
    """A country that there is not has no catalogue."""
    for country in ("XX", "sa", "SA/../AE", ""):
        ending = await ended(bench.supplier.fetch_feed(country))
        require_kind(ending, (SupplierRefused,), f"the catalogue of {country!a}")


@CATALOGUE.add()
async def secrets_are_not_shown(bench: Bench) -> None:
    """Neither the adapter nor its refusals show our credentials."""
    account = bench.subject.account
    secrets = [one for one in (account.client_secret, *account.webhook_secrets) if one]
    async with bench.reopened(api_base="http://127.0.0.1:1", auth_base="http://127.0.0.1:1") as far:
        ending = await ended(far.fetch_feed(bench.home))
        texts = [repr(far), repr(bench.supplier), repr(account), repr(ending), str(ending)]
    require(isinstance(ending, Refusal), f"nobody at the address ends in {shown(ending)}")
    require(not any(one in text for one in secrets for text in texts), "a secret is shown")


def _digests(feed: Feed) -> list[str]:
    return sorted(item.digest for item in feed.items)


def _by_sku(feed: Feed) -> dict[str, FeedItem]:
    return {item.supplier_sku: item for item in feed.items}


def _remarks(feed: Feed) -> str:
    return "; ".join(f"{one.path} {one.message}" for one in feed.remarks)


def _texts(item: FeedItem) -> tuple[str, ...]:
    return (
        item.name,
        item.brand_name,
        item.category or "",
        item.instructions_concise,
        item.instructions_verbose,
    )
