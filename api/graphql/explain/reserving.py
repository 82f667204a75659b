"""What reserves tell: what was held back of a payment, by which policy, and when it came back."""

from collections.abc import Sequence
from fractions import Fraction

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.earning import exact_of, percent, plain
from api.graphql.explain.graph import Finding, Look, Ref, Said, Who, adds, reads
from payouts import reserves, settlement

CAUSES |= {"reserve": "Reserve"}


@reads("Reserve")
async def read_reserves(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read reserves, each with its statement, and to staff how much of the payment they are."""
    found = await reserves.read_reserves(
        look.db, network_id=look.network_id, reserve_ids=[one.key for one in refs]
    )
    policies = await reserves.read_reserve_policies(
        look.db,
        network_id=look.network_id,
        policy_ids=list({one.policy_id for one in found.values()}),
    )
    made = {ref.key: _reserve(ref, found[ref.key]) for ref in refs if ref.key in found}
    places = {
        (one.cycle_id, one.partner_id, one.amount.currency): key for key, one in found.items()
    }
    for statement in await settlement.find_statements(
        look.db, network_id=look.network_id, orders=list(places)
    ):
        key = places[statement.cycle_id, statement.partner_id, statement.currency]
        made[key].follows(
            Ref("Statement", statement.statement_id), "held_back_of", found[key].amount
        )
        policy = policies.get(found[key].policy_id)
        if look.is_staff and policy:
            _tell_share(made[key], found[key], statement, policy)
    return list(made.values())


adds("Reserve")(tell_journals)


def _reserve(ref: Ref, one: reserves.Reserve) -> Finding:
    label = Said("label.reserve", {"amount": one.amount})
    made = Finding(ref, label, one, at=one.withheld_at, amount=one.amount)
    made.facts = {
        "withheldAt": one.withheld_at.isoformat(),
        "releaseAt": one.release_at.isoformat(),
    }
    owner = Who("partner", str(one.partner_id))
    made.say("reserve", amount=one.amount, owner=owner, at=one.withheld_at)
    if one.released_at is None:
        made.say("reserve.kept", at=one.release_at)
    else:
        made.facts["releasedAt"] = one.released_at.isoformat()
        made.say("reserve.released", at=one.released_at)
    made.follows(Ref("ReservePolicy", one.policy_id), "follows_rule")
    return made


def _tell_share(
    made: Finding,
    one: reserves.Reserve,
    statement: settlement.Statement,
    policy: reserves.ReservePolicy,
) -> None:
    paid = -statement.to_settle
    exact = exact_of(Fraction(paid.minor * policy.share_bps, 10_000), paid.currency)
    made.facts["share"] = percent(policy.share_bps)
    made.facts["shareOf"] = plain(paid)
    made.facts["shareExact"] = f"{exact.text} {exact.currency}"
    made.say(
        "reserve.share",
        rate=percent(policy.share_bps),
        amount=paid,
        exact=exact,
        result=one.amount,
    )


@reads("ReservePolicy")
async def read_policies(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read the policies by which a share of payments is held back."""
    found = await reserves.read_reserve_policies(
        look.db, network_id=look.network_id, policy_ids=[one.key for one in refs]
    )
    return [_policy(ref, found[ref.key]) for ref in refs if ref.key in found]


def _policy(ref: Ref, one: reserves.ReservePolicy) -> Finding:
    rate = percent(one.share_bps)
    label = Said("label.reserve_policy", {"rate": rate, "currency": one.currency})
    made = Finding(ref, label, one, at=one.published_at)
    made.facts = {
        "share": rate,
        "holdDays": str(one.hold_days),
        "currency": one.currency,
        "publishedBy": one.published_by,
    }
    told: dict[str, str | int] = {"rate": rate, "currency": one.currency, "days": one.hold_days}
    if one.partner_id is None:
        made.say("reserve_policy", at=one.published_at, who=one.published_by, **told)
    else:
        owner = Who("partner", str(one.partner_id))
        made.say(
            "reserve_policy.own", owner=owner, at=one.published_at, who=one.published_by, **told
        )
    return made


@adds("Statement")
async def tell_reserves(look: Look, found: Sequence[Finding]) -> None:
    """Say what was held back of what statements pay."""
    by_key = {
        statement.statement_id: (one, statement)
        for one in found
        if isinstance(statement := one.origin, settlement.Statement)
    }
    kept = await reserves.find_reserves_of(
        look.db,
        network_id=look.network_id,
        statements=[statement for _, statement in by_key.values()],
    )
    for key, held in kept.items():
        one, statement = by_key[key]
        one.facts["reserveWithheld"] = plain(held.amount)
        one.say("statement.withheld", amount=held.amount, rest=-statement.to_settle - held.amount)
        one.leads_to(Ref("Reserve", held.reserve_id), "held_back_of", held.amount)
