"""What of a reward is filed for the search."""

from catalog.rewards.model import ExperienceTerms, GiftCardTerms, Reward
from catalog.search import Delivery, SearchEntry, band_of
from payouts.money import Money


def entry_of(reward: Reward) -> SearchEntry:
    """Give the public words and facts of a reward, in all its languages."""
    price = _least_price(reward)
    return SearchEntry(
        reward_id=reward.reward_id,
        rank=reward.rank,
        kind=reward.kind.value,
        titles=tuple(reward.texts[locale].title for locale in sorted(reward.texts)),
        brand_id=None if reward.brand is None else reward.brand.brand_id,
        brand_names=() if reward.brand is None else tuple(reward.brand.name.values()),
        category=reward.category,
        countries=reward.countries,
        price_band=None if price is None else band_of(price),
        delivery=_delivery(reward),
    )


def _least_price(reward: Reward) -> Money | None:
    """Tell the least it can be had for; an offer has no price."""
    terms = reward.terms
    if isinstance(terms, ExperienceTerms):
        return terms.price
    if not isinstance(terms, GiftCardTerms):
        return None
    if terms.face_range is not None:
        return terms.face_range.min_face
    return min(one.face for one in terms.denominations)


def _delivery(reward: Reward) -> Delivery:
    terms = reward.terms
    if isinstance(terms, ExperienceTerms):
        return Delivery.BOOKING
    if not isinstance(terms, GiftCardTerms):
        return Delivery.ACTIVATION
    if reward.supplier is None:
        return Delivery.CARD
    return Delivery.TOP_UP if terms.needs_user_id else Delivery.CODE
