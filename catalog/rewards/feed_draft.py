"""How an item of a supplier's catalogue becomes a version of a reward."""

import hashlib
from collections.abc import Sequence

from catalog.rewards.checks import DESCRIPTION_LENGTH_MAX
from catalog.rewards.model import GiftCardTerms, RewardDraft, RewardText
from catalog.suppliers import FeedItem, Translation


def feed_draft(item: FeedItem, markets: Sequence[str]) -> RewardDraft:
    """Describe a feed's item as a reward, on sale in its own country and in the markets."""
    countries = tuple(sorted({item.country, *markets}))
    content = "|".join((item.digest, *countries))
    return RewardDraft(
        texts={
            item.locale: _text(item),
            **{one.locale: _text(one) for one in item.translations},
        },
        countries=countries,
        terms=GiftCardTerms(
            face_currency=item.face_currency,
            cost_currency=item.cost_currency,
            denominations=item.denominations,
            face_range=item.face_range,
            fee=item.fee,
            fee_percent=item.fee_percent,
            discount_percent=item.discount_percent,
            needs_user_id=item.needs_user_id,
        ),
        category=item.category,
        image_urls=item.logo_urls,
        digest=hashlib.sha256(content.encode()).hexdigest(),
    )


def _text(said: FeedItem | Translation) -> RewardText:
    return RewardText(
        title=said.name,
        description=said.instructions_concise[:DESCRIPTION_LENGTH_MAX],
        instructions=said.instructions_verbose or said.instructions_concise,
    )
