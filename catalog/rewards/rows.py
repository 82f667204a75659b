"""How a version of a reward is laid out in rows, and read back from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.rewards.lifecycle import RewardCommand, RewardTransition
from catalog.rewards.model import (
    ExperienceTerms,
    GiftCardTerms,
    OfferTerms,
    RewardDraft,
    RewardKind,
    RewardState,
    Terms,
)
from catalog.suppliers import Denomination, FaceRange
from partners.rules import FundingShare
from payouts.money import Money

Row = dict[str, Any]

_NO_TERMS: Row = dict.fromkeys(
    (
        "face_currency", "cost_currency", "min_face", "max_face", "face_step", "min_cost",
        "max_cost", "cost_rate", "fee", "fee_percent", "discount_percent", "price",
        "price_currency", "free_until_hours", "penalty_bps", "rate_bps", "funding", "starts_at",
        "ends_at",
    )
)  # fmt: skip


def version_row(key: Row, draft: RewardDraft, now: datetime) -> Row:
    """Lay out a version; `key` holds its network, reward and number."""
    return {
        **key,
        **_NO_TERMS,
        **_terms_row(draft.terms),
        "digest": draft.digest,
        "category": draft.category,
        "countries": sorted(set(draft.countries)),
        "image_urls": list(draft.image_urls),
        "needs_user_id": isinstance(draft.terms, GiftCardTerms) and draft.terms.needs_user_id,
        "created_at": now,
    }


def text_rows(key: Row, draft: RewardDraft) -> list[Row]:
    """Lay out the texts of a version, one row for each locale."""
    return [
        {
            **key,
            "locale": locale,
            "title": text.title.strip(),
            "description": text.description,
            "terms": text.terms,
            "instructions": text.instructions,
        }
        for locale, text in sorted(draft.texts.items())
    ]


def denomination_rows(key: Row, draft: RewardDraft) -> list[Row]:
    """Lay out the fixed faces of a version."""
    if not isinstance(draft.terms, GiftCardTerms):
        return []
    return [
        {
            **key,
            "face": one.face.minor,
            "face_currency": one.face.currency,
            "cost": one.cost.minor,
            "cost_currency": one.cost.currency,
        }
        for one in draft.terms.denominations
    ]


def market_rows(
    *, network_id: int, reward_id: UUID, kind: RewardKind, rank: int, countries: Sequence[str]
) -> list[Row]:
    """Lay out where a reward is on sale."""
    return [
        {
            "network_id": network_id,
            "country": country,
            "rank": rank,
            "reward_id": reward_id,
            "kind": kind.value,
        }
        for country in sorted(set(countries))
    ]


def _terms_row(terms: Terms) -> Row:
    if isinstance(terms, GiftCardTerms):
        return _gift_card_row(terms)
    if isinstance(terms, ExperienceTerms):
        return {
            "price": terms.price.minor,
            "price_currency": terms.price.currency,
            "free_until_hours": terms.free_until_hours,
            "penalty_bps": terms.penalty_bps,
        }
    return {
        "rate_bps": terms.rate_bps,
        "funding": {"category": terms.category, "shares": [_share_row(s) for s in terms.funding]},
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
    }


def _gift_card_row(terms: GiftCardTerms) -> Row:
    bounds = terms.face_range
    limits: Row = {}
    if bounds is not None:
        limits = {
            "min_face": bounds.min_face.minor,
            "max_face": bounds.max_face.minor,
            "face_step": bounds.step.minor,
            "min_cost": bounds.min_cost.minor,
            "max_cost": bounds.max_cost.minor,
            "cost_rate": bounds.cost_rate,
        }
    return {
        **limits,
        "face_currency": terms.face_currency,
        "cost_currency": terms.cost_currency,
        "fee": terms.fee.minor,
        "fee_percent": terms.fee_percent,
        "discount_percent": terms.discount_percent,
    }


def _share_row(share: FundingShare) -> Row:
    partner_id = None if share.partner_id is None else str(share.partner_id)
    return {"funder": share.funder, "partner_id": partner_id, "weight": share.weight}


def read_terms(row: Any, denominations: Sequence[Any]) -> Terms:
    """Read the terms back from a version's row and the rows of its denominations."""
    if row.kind == RewardKind.GIFT_CARD:
        return _read_gift_card(row, denominations)
    if row.kind == RewardKind.EXPERIENCE:
        price = Money(row.price, row.price_currency)
        return ExperienceTerms(price, row.free_until_hours, row.penalty_bps)
    return OfferTerms(
        rate_bps=row.rate_bps,
        category=row.funding["category"],
        funding=tuple(_read_share(share) for share in row.funding["shares"]),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def _read_share(share: Row) -> FundingShare:
    partner_id = share["partner_id"]
    return FundingShare(
        share["funder"], None if partner_id is None else UUID(partner_id), share["weight"]
    )


def _read_gift_card(row: Any, denominations: Sequence[Any]) -> GiftCardTerms:
    face, cost = row.face_currency, row.cost_currency
    bounds = None
    if row.min_face is not None:
        bounds = FaceRange(
            Money(row.min_face, face),
            Money(row.max_face, face),
            Money(row.face_step, face),
            Money(row.min_cost, cost),
            Money(row.max_cost, cost),
            row.cost_rate,
        )
    return GiftCardTerms(
        face_currency=face,
        cost_currency=cost,
        denominations=tuple(
            Denomination(Money(one.face, one.face_currency), Money(one.cost, one.cost_currency))
            for one in denominations
        ),
        face_range=bounds,
        fee=Money(row.fee, cost),
        fee_percent=row.fee_percent,
        discount_percent=row.discount_percent,
        needs_user_id=row.needs_user_id,
    )


def read_transition(row: Any) -> RewardTransition:
    """Read a transition back from its row."""
    return RewardTransition(
        reward_transition_id=row.reward_transition_id,
        reward_id=row.reward_id,
        number=row.number,
        command=RewardCommand(row.command),
        from_state=RewardState(row.from_state),
        to_state=RewardState(row.to_state),
        version=row.version,
        actor=row.actor,
        reason=row.reason,
        effective_at=row.effective_at,
        submitted_by=row.submitted_by,
        partner_id=row.partner_id,
        made_at=row.made_at,
    )
