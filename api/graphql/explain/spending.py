"""What the shop tells: redemptions with their prices, cards, authorizations, seats, and rates."""

from collections.abc import Sequence
from fractions import Fraction

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.earning import exact_of, percent, plain
from api.graphql.explain.graph import Finding, Look, Ref, Said, Who, adds, reads
from catalog import experiences, giftcards, redemptions
from payouts import fx

CAUSES |= {
    "redemption": "Redemption",
    "booking": "Booking",
    "gift_card": "GiftCard",
    "card_authorization": "CardAuthorization",
}


@reads("Redemption")
async def read_redemptions(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read redemptions, and to staff their orders at the supplier."""
    keys = [one.key for one in refs]
    found = await redemptions.read_redemptions(
        look.db, network_id=look.network_id, redemption_ids=keys
    )
    made = {ref.key: _redemption(ref, found[ref.key]) for ref in refs if ref.key in found}
    if look.is_staff:
        tries = await redemptions.list_attempts(
            look.db, network_id=look.network_id, redemption_ids=keys
        )
        for key, attempts in tries.items():
            charged = found[key].charged
            if charged:
                made[key].facts["charged"] = plain(charged)
            made[key].facts["supplierReference"] = attempts[-1].supplier_reference or "-"
            for one in attempts:
                reference = one.supplier_reference or "-"
                made[key].say("redemption.try", state=one.state.value, reference=reference)
    return list(made.values())


adds("Redemption")(tell_journals)


def _redemption(ref: Ref, one: redemptions.Redemption) -> Finding:
    made = Finding(
        ref,
        Said("label.redemption", {"amount": one.total}),
        one,
        at=one.placed_at,
        amount=one.total,
    )
    made.facts = {"state": one.state.value, "kind": one.kind.value, "face": plain(one.face)}
    made.say("redemption", amount=one.total, face=one.face, at=one.placed_at)
    made.follows(Ref("Quote", one.quote_id), "priced_by")
    if one.card_id:
        made.leads_to(Ref("GiftCard", one.card_id), "got_by")
    if one.booking_id:
        made.leads_to(Ref("Booking", one.booking_id), "got_by")
    return made


@reads("Quote")
async def read_quotes(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read the prices that were kept, line by line."""
    found = await redemptions.read_quotes(
        look.db, network_id=look.network_id, quote_ids=[one.key for one in refs]
    )
    return [_quote(look, ref, found[ref.key]) for ref in refs if ref.key in found]


def _quote(look: Look, ref: Ref, one: redemptions.Quote) -> Finding:
    made = Finding(
        ref, Said("label.quote", {"amount": one.total}), one, at=one.quoted_at, amount=one.total
    )
    lines = one.lines
    # What the network earns is told to its staff alone: for others it is a part of the face.
    face = lines.face + lines.margin
    made.facts = {
        "face": plain(lines.face if look.is_staff else face),
        "fee": plain(lines.fee),
        "discount": plain(lines.discount),
        "fx": plain(lines.fx),
        "rewardVersion": str(one.version),
    }
    if look.is_staff and lines.margin:
        made.facts["margin"] = plain(lines.margin)
    if one.points_part is not None:
        made.facts["points"] = str(one.points_part.points.minor)
        made.facts["pointsWorth"] = plain(one.points_part.worth)
    made.say(
        "quote",
        amount=one.total,
        face=face,
        fee=lines.fee,
        discount=lines.discount,
        fx=lines.fx,
        version=one.version,
    )
    if one.fx_rate_id:
        made.follows(Ref("FxRate", one.fx_rate_id), "quoted_at")
    return made


@reads("GiftCard")
async def read_cards(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read cards."""
    found = await giftcards.read_gift_cards(
        look.db, network_id=look.network_id, card_ids=[one.key for one in refs]
    )
    made = []
    for ref in refs:
        if (one := found.get(ref.key)) is None:
            continue
        label = Said("label.card", {"amount": one.face})
        finding = Finding(ref, label, one, at=one.issued_at, amount=one.face)
        finding.facts = {"state": one.state.value}
        finding.say("card", amount=one.face, at=one.issued_at)
        if one.redemption_id:
            finding.follows(Ref("Redemption", one.redemption_id), "got_by")
        made.append(finding)
    return made


adds("GiftCard")(tell_journals)


@reads("CardAuthorization")
async def read_authorizations(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read what merchants set aside on cards, took and gave back."""
    found = await giftcards.read_authorizations(
        look.db, network_id=look.network_id, authorization_ids=[one.key for one in refs]
    )
    return [_authorization(ref, found[ref.key]) for ref in refs if ref.key in found]


adds("CardAuthorization")(tell_journals)


def _authorization(ref: Ref, one: giftcards.CardAuthorization) -> Finding:
    made = Finding(
        ref,
        Said("label.authorization", {"amount": one.amount}),
        one,
        at=one.authorized_at,
        amount=one.amount,
    )
    exact = exact_of(
        Fraction(one.captured.minor * one.acceptance_fee_bps, 10_000), one.captured.currency
    )
    made.facts = {
        "state": one.state.value,
        "captured": plain(one.captured),
        "refunded": plain(one.refunded),
        "feeRate": percent(one.acceptance_fee_bps),
        "feeExact": f"{exact.text} {exact.currency}",
        "feeRounding": "half_even",
        "fee": plain(one.fee),
    }
    made.say(
        "authorization",
        owner=Who("partner", str(one.partner_id)),
        amount=one.amount,
        captured=one.captured,
        refunded=one.refunded,
        at=one.authorized_at,
    )
    if one.captured:
        rate = percent(one.acceptance_fee_bps)
        made.say("authorization.fee", rate=rate, amount=one.captured, exact=exact, result=one.fee)
    made.follows(Ref("GiftCard", one.card_id), "held_on")
    return made


@reads("Booking")
async def read_bookings(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read seats."""
    found = await experiences.read_bookings(
        look.db, network_id=look.network_id, booking_ids=[one.key for one in refs]
    )
    made = []
    for ref in refs:
        if (one := found.get(ref.key)) is None:
            continue
        label = Said("label.booking", {"amount": one.price})
        finding = Finding(ref, label, one, at=one.booked_at, amount=one.price)
        finding.facts = {"state": one.state.value, "startsAt": one.starts_at.isoformat()}
        finding.say("booking", amount=one.price, at=one.starts_at)
        finding.follows(Ref("Redemption", one.redemption_id), "got_by")
        made.append(finding)
    return made


adds("Booking")(tell_journals)


@reads("FxRate")
async def read_rates(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read published rates with their sources."""
    found = await fx.get_fx_rates(
        look.db, network_id=look.network_id, fx_rate_ids=[one.key for one in refs]
    )
    made = []
    for ref in refs:
        if (one := found.get(ref.key)) is None:
            continue
        told: dict[str, str] = {"base": one.base, "rate": one.text, "quote": one.quote}
        finding = Finding(ref, Said("label.rate", {**told}), one, at=one.observed_at)
        finding.facts = {"rate": f"1 {one.base} = {one.text} {one.quote}", "source": one.source}
        finding.say("rate", source=one.source, at=one.observed_at, **told)
        made.append(finding)
    return made
