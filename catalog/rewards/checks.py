"""What a reward must be like before it is taken."""

import re
from collections.abc import Mapping

from catalog.rewards.errors import RewardInvalid
from catalog.rewards.model import (
    ExperienceTerms,
    GiftCardTerms,
    OfferTerms,
    RewardDraft,
    RewardText,
)
from partners.networks import LOCALES_MAX, InvalidLocale, TooManyLocales, check_locale
from payouts.money import MINOR_MAX, Money

TITLE_LENGTH_MAX = 200
DESCRIPTION_LENGTH_MAX = 4_000
TERMS_LENGTH_MAX = 20_000
INSTRUCTIONS_LENGTH_MAX = 20_000
CATEGORY_LENGTH_MAX = 200
COUNTRIES_MAX = 300
IMAGES_MAX = 20
URL_LENGTH_MAX = 2_000
DENOMINATIONS_MAX = 500
FREE_UNTIL_HOURS_MAX = 24 * 366
WHOLE_BPS = 10_000
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def check_draft(draft: RewardDraft, *, network_currency: str) -> None:
    """Refuse a reward with missing or over-long texts, no country, or terms that cannot hold."""
    _check_texts(draft.texts)
    if not 1 <= len(draft.countries) <= COUNTRIES_MAX:
        raise RewardInvalid("A reward is offered in 1 to 300 countries.", path=("countries",))
    for country in draft.countries:
        if not _COUNTRY.fullmatch(country):
            raise RewardInvalid("A country is two capital letters.", path=("countries",))
    _require(draft.category is None or 1 <= len(draft.category) <= CATEGORY_LENGTH_MAX, "category")
    _require(len(draft.image_urls) <= IMAGES_MAX, "image_urls")
    for url in draft.image_urls:
        _require(url.startswith("https://") and len(url) <= URL_LENGTH_MAX, "image_urls")
    if isinstance(draft.terms, GiftCardTerms):
        _check_gift_card(draft.terms)
    elif isinstance(draft.terms, ExperienceTerms):
        _check_experience(draft.terms, network_currency)
    else:
        _check_offer(draft.terms)


def check_own_card(terms: GiftCardTerms, *, network_currency: str) -> None:
    """Refuse a card of the network's own that is not in its currency, or that has a cost."""
    _require(terms.face_currency == network_currency, "terms", "face_currency")
    is_plain = terms.cost_currency == terms.face_currency and not (
        terms.fee or terms.fee_percent or terms.discount_percent
    )
    is_plain = is_plain and all(one.face == one.cost for one in terms.denominations)
    _require(is_plain, "terms")


def _require(holds: bool, *path: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
    if not holds:
        raise RewardInvalid(path=path)


def _check_texts(texts: Mapping[str, RewardText]) -> None:
    _require(bool(texts), "texts")
    if len(texts) > LOCALES_MAX:
        raise TooManyLocales(path=("texts",), languages=len(texts), most=LOCALES_MAX)
    for locale, text in texts.items():
        if check_locale(locale, "texts", locale) != locale:
            raise InvalidLocale(path=("texts", locale), locale=ascii(locale))
        _require(len(text.title.strip()) >= 1 and len(text.title) <= TITLE_LENGTH_MAX, locale)
        limits = {
            "title": TITLE_LENGTH_MAX,
            "description": DESCRIPTION_LENGTH_MAX,
            "terms": TERMS_LENGTH_MAX,
            "instructions": INSTRUCTIONS_LENGTH_MAX,
        }
        for name, length_max in limits.items():
            value = getattr(text, name)
            if len(value) > length_max or "\x00" in value:
                raise RewardInvalid(
                    f"The {name} has at most {length_max} characters.", path=("texts", locale, name)
                )


def _check_gift_card(terms: GiftCardTerms) -> None:
    faces = [one.face for one in terms.denominations]
    _require(bool(faces) != (terms.face_range is not None), "terms", "denominations")
    _require(len(faces) <= DENOMINATIONS_MAX, "terms", "denominations")
    _require(len(set(faces)) == len(faces), "terms", "denominations")
    for one in terms.denominations:
        _check_amount(one.face, terms.face_currency, "denominations")
        _check_amount(one.cost, terms.cost_currency, "denominations")
    bounds = terms.face_range
    if bounds is not None:
        for face in (bounds.min_face, bounds.max_face):
            _check_amount(face, terms.face_currency, "range")
        _require(bounds.min_face <= bounds.max_face, "terms", "range")
        _check_amount(bounds.step, terms.face_currency, "step")
    _require(terms.fee.currency == terms.cost_currency and terms.fee.minor >= 0, "terms", "fee")


def _check_amount(amount: Money, currency: str, name: str) -> None:
    _require(amount.currency == currency and 0 < amount.minor <= MINOR_MAX, "terms", name)


def _check_experience(terms: ExperienceTerms, network_currency: str) -> None:
    _check_amount(terms.price, network_currency, "price")
    _require(0 <= terms.penalty_bps <= WHOLE_BPS, "terms", "penalty_bps")
    hours = terms.free_until_hours
    _require(hours is None or 0 <= hours <= FREE_UNTIL_HOURS_MAX, "terms", "free_until_hours")


def _check_offer(terms: OfferTerms) -> None:
    _require(1 <= terms.rate_bps <= WHOLE_BPS, "terms", "rate_bps")
    _require(terms.starts_at < terms.ends_at, "terms", "ends_at")
