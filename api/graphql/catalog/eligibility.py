"""Whether a reward is shown to somebody, and by which rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from api.auth.caller import CallerKind
from api.graphql.context import Context
from catalog import assortments as domain

strawberry.enum(
    domain.Effect,
    name="AssortmentEffect",
    description="What a rule does with what it matches; a DENY goes before every ALLOW.",
)

_MISSES = {
    "brand": ("the brand", "العلامة"),
    "category": ("the category", "الفئة"),
    "country": ("the country", "البلد"),
    "cost": ("the cost", "التكلفة"),
    "member": ("the member's tier or segment", "فئة العضو أو شريحته"),
    "time": ("the time", "الوقت"),
}


@strawberry.type(description="What one rule of an assortment says.")
class EligibilityReason:
    """A rule and how it fits."""

    rule: int = strawberry.field(description="Its number in the assortment, from 1.")
    effect: domain.Effect
    is_match: bool = strawberry.field(description="Whether the rule is about this at all.")
    message: str = strawberry.field(description="For a person, in the language of the request.")


@strawberry.type(description="Whether somebody sees a reward and may get it.")
class Eligibility:
    """What the rules in force say."""

    is_visible: bool
    is_orderable: bool = strawberry.field(
        description="Visible, and on sale; whether there is any is told by `orderable`."
    )
    reasons: list[EligibilityReason] = strawberry.field(
        description="The rules that match; for staff those that do not as well."
    )

    @classmethod
    def from_domain(cls, context: Context, one: domain.Eligibility) -> "Eligibility":
        """Show it as far as the caller may know: why others are refused is the staff's business."""
        is_staff = context.known_caller.kind is CallerKind.STAFF
        return cls(
            is_visible=one.is_visible,
            is_orderable=one.is_orderable,
            reasons=[
                EligibilityReason(
                    rule=match.number,
                    effect=match.effect,
                    is_match=match.is_match,
                    message=_message(match, context.locale),
                )
                for match in one.matches
                if is_staff or match.is_match
            ],
        )


def _message(match: domain.RuleMatch, locale: str) -> str:
    language = 1 if locale == "ar" else 0
    if match.is_match:
        allows = match.effect is domain.Effect.ALLOW
        texts = (
            ("Allowed by this rule.", "تسمح به هذه القاعدة.")
            if allows
            else ("Denied by this rule.", "تمنعه هذه القاعدة.")
        )
        return texts[language]
    missed = ("، " if language else ", ").join(_MISSES[one][language] for one in match.misses)
    begin = ("This rule is not about it: ", "هذه القاعدة لا تشمله: ")
    return f"{begin[language]}{missed}."


async def viewer_of(context: Context) -> domain.Viewer:
    """Tell as what the caller looks at the catalogue; it is asked once for a request."""

    async def load(keys: list[Any]) -> list[domain.Viewer]:
        found = await _find_viewer(context)
        return [found for _ in keys]

    key: Any = "the caller"
    viewer: domain.Viewer = await context.loader("viewer", load).load(key)
    return viewer


async def _find_viewer(context: Context) -> domain.Viewer:
    caller = context.known_caller
    if caller.kind is CallerKind.STAFF:
        return domain.EVERYTHING
    is_partner = caller.kind is CallerKind.PARTNER
    async with context.reading() as db:
        return await domain.find_viewer(
            db,
            network_id=context.network_id,
            member_id=caller.member_id,
            own_partner_id=caller.partner_id if is_partner else None,
        )


async def next_turn_of(context: Context) -> datetime | None:
    """Tell when, by the clock alone, what the caller is shown may change next."""
    viewer = await viewer_of(context)
    async with context.reading() as db:
        return await domain.find_next_turn(
            db, network_id=context.network_id, viewer=viewer, now=context.now
        )


async def shown_to(context: Context, reward_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Tell which of some rewards the caller is shown."""
    viewer = await viewer_of(context)
    async with context.reading() as db:
        return await domain.find_shown(
            db,
            network_id=context.network_id,
            viewer=viewer,
            reward_ids=reward_ids,
            now=context.now,
        )


async def eligibility_of(context: Context, reward_id: UUID) -> Eligibility:
    """Tell what the rules say of a reward to the caller, together with others of a page."""
    viewer = await viewer_of(context)

    async def load(keys: list[UUID]) -> list[Eligibility]:
        async with context.reading() as db:
            found = await domain.explain_eligibility(
                db, network_id=context.network_id, viewer=viewer, reward_ids=keys, now=context.now
            )
        return [Eligibility.from_domain(context, found[key]) for key in keys]

    told: Eligibility = await context.loader("eligibility", load).load(reward_id)
    return told
