"""What the people's house tells: purchases, what they earned, by which rule and terms."""

from collections.abc import Sequence
from fractions import Fraction

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.graph import (
    ROWS_MAX,
    Exact,
    Finding,
    Look,
    Ref,
    Said,
    Who,
    adds,
    reads,
)
from partners import accruals, agreements, purchases, rules
from payouts.budgets import BudgetBalance, read_budget_balances
from payouts.ledger import Cause, list_lots_from
from payouts.money import Money, exponent_of

CAUSES |= {
    "accrual": "Accrual",
    "purchase": "Purchase",
    "purchase_return": "PurchaseReturn",
    "debt": "PurchaseReturn",
}


def exact_of(minor: Fraction, currency: str) -> Exact:
    """Write out an amount that is not of whole minor units."""
    return Exact(write_out(minor / 10 ** exponent_of(currency)), currency)


def write_out(number: Fraction) -> str:
    """Write a number with as many places as it has; one that never ends, as a fraction."""
    below = number.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    if below != 1:
        return str(number)
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
    text = str(int(abs(number) * 10**digits)).rjust(digits + 1, "0")
    shown = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return ("-" if number < 0 else "") + shown


def percent(bps: int) -> str:
    """Write basis points as a percentage, exactly."""
    return f"{write_out(Fraction(bps, 100))}%"


def plain(amount: Money) -> str:
    """Write an amount as a fact."""
    return f"{amount.decimal} {amount.currency}"


@reads("Accrual")
async def read_accruals(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read accruals, and how each of their amounts was reckoned and rounded."""
    found = await accruals.read_accruals(
        look.db, network_id=look.network_id, accrual_ids=[one.key for one in refs]
    )
    bought = await purchases.read_purchases(
        look.db,
        network_id=look.network_id,
        purchase_ids=[one.purchase_id for one in found.values()],
    )
    terms = await agreements.read_agreements(
        look.db,
        network_id=look.network_id,
        agreement_ids=list({one.agreement_id for one in bought.values()}),
    )
    named = await rules.read_rules(
        look.db,
        network_id=look.network_id,
        rule_ids=list({one.rule_id for one in found.values() if one.rule_id}),
    )
    made = []
    for ref in refs:
        one = found.get(ref.key)
        if one is None:
            continue
        finding = _accrual(look, ref, one)
        purchase = bought.get(one.purchase_id)
        if purchase:
            _tell_cashback(finding, one, purchase.amount)
            if not _is_member(look):
                _tell_fee(finding, one, purchase, terms.get(purchase.agreement_id))
        if not _is_member(look):
            rule = named.get(one.rule_id) if one.rule_id else None
            _tell_shares(finding, one, rule)
            _tell_budget(finding, one, rule)
        made.append(finding)
    return made


def _is_member(look: Look) -> bool:
    return look.party is not None and look.party.kind == "member"


def _accrual(look: Look, ref: Ref, one: accruals.Accrual) -> Finding:
    made = Finding(
        ref,
        Said("label.accrual", {"amount": one.cashback}),
        one,
        at=one.earned_at,
        amount=one.cashback,
    )
    made.facts = {
        "state": one.state.value,
        "rate": percent(one.rate_bps),
        "cashbackRemaining": plain(one.remaining),
        "availableAt": one.available_at.isoformat(),
    }
    state = f"accrual.{one.state.value}"
    made.say(state, amount=one.cashback, remaining=one.remaining, at=one.available_at)
    if one.debt_offset:
        made.facts["debtOffset"] = plain(one.debt_offset)
        made.say("accrual.offset", amount=one.debt_offset)
    if one.cashback_expired:
        made.facts["expired"] = plain(one.cashback_expired)
        made.say("accrual.lapsed", amount=one.cashback_expired)
    made.follows(Ref("Purchase", one.purchase_id), "earned_by")
    if one.rule_id:
        made.follows(Ref("EarnRule", one.rule_id), "follows_rule")
    return made


def _tell_cashback(made: Finding, one: accruals.Accrual, bought: Money) -> None:
    exact = exact_of(Fraction(bought.minor * one.rate_bps, 10_000), bought.currency)
    made.facts |= {
        "cashbackExact": f"{exact.text} {exact.currency}",
        "cashbackRounding": "half_even",
        "cashback": plain(one.cashback),
    }
    made.say(
        "accrual.cashback",
        rate=percent(one.rate_bps),
        amount=bought,
        exact=exact,
        result=one.cashback,
    )


def _tell_fee(
    made: Finding,
    one: accruals.Accrual,
    bought: purchases.Purchase,
    terms: agreements.Agreement | None,
) -> None:
    if terms is None:
        return
    bps, currency = terms.purchase_fee_bps, bought.amount.currency
    exact = exact_of(Fraction(bought.amount.minor * bps, 10_000), currency)
    made.facts |= {
        "feeRate": percent(bps),
        "feeExact": f"{exact.text} {currency}",
        "feeRounding": "half_even",
        "fee": plain(one.fee),
        "agreementVersion": str(terms.version),
    }
    made.say(
        "accrual.fee",
        version=terms.version,
        rate=percent(bps),
        amount=bought.amount,
        exact=exact,
        result=one.fee,
    )


def _tell_shares(made: Finding, one: accruals.Accrual, rule: rules.EarnRule | None) -> None:
    weights = [share.weight for share in rule.funding] if rule else []
    for share in one.shares:
        owner = Who("partner", str(share.partner_id)) if share.partner_id else Who("-", "-")
        made.facts[f"share{share.line}"] = plain(share.amount)
        if share.line > len(weights):
            made.say("accrual.share", owner=owner, result=share.amount)
            continue
        weight, total = weights[share.line - 1], sum(weights)
        exact = exact_of(Fraction(one.cashback.minor * weight, total), one.cashback.currency)
        made.facts[f"share{share.line}Exact"] = f"{exact.text} {exact.currency}"
        made.facts[f"share{share.line}Rounding"] = "largest_remainder"
        made.say(
            "accrual.share_exact",
            owner=owner,
            weight=weight,
            total=total,
            exact=exact,
            result=share.amount,
        )


def _tell_budget(made: Finding, one: accruals.Accrual, rule: rules.EarnRule | None) -> None:
    if rule is not None and rule.budget is not None and one.cashback:
        made.facts["paidByBudget"] = plain(one.remaining)
        made.say("accrual.budget", result=one.cashback, remaining=one.remaining)


adds("Accrual")(tell_journals)


@adds("Accrual")
async def tell_lots(look: Look, found: Sequence[Finding]) -> None:
    """Say which lots the value of accruals became."""
    causes = {Cause("accrual", str(one.ref.key)): one for one in found}
    for lot in await list_lots_from(
        look.db, network_id=look.network_id, origins=list(causes), limit=ROWS_MAX
    ):
        causes[lot.origin].leads_to(Ref("Lot", lot.lot_id), "comes_from", lot.amount)


@reads("Purchase")
async def read_purchases(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read purchases with what they earned and what of them came back."""
    keys = [one.key for one in refs]
    network_id = look.network_id
    found = await purchases.read_purchases(look.db, network_id=network_id, purchase_ids=keys)
    earned = await accruals.read_accruals_of_purchases(
        look.db, network_id=network_id, purchase_ids=keys
    )
    returns = await purchases.read_returns_of_purchases(
        look.db, network_id=network_id, purchase_ids=keys
    )
    made = []
    for ref in refs:
        if ref.key not in found:
            continue
        finding = _purchase(ref, found[ref.key])
        if ref.key in earned:
            finding.leads_to(Ref("Accrual", earned[ref.key].accrual_id), "earned_by")
        for one in returns[ref.key]:
            finding.leads_to(Ref("PurchaseReturn", one.return_id), "returns", one.amount)
        made.append(finding)
    return made


adds("Purchase")(tell_journals)


def _purchase(ref: Ref, one: purchases.Purchase) -> Finding:
    made = Finding(
        ref,
        Said("label.purchase", {"amount": one.amount}),
        one,
        at=one.purchased_at,
        amount=one.amount,
    )
    made.facts = {
        "returned": plain(one.returned),
        "recordedAt": one.recorded_at.isoformat(),
    }
    if one.category:
        made.facts["category"] = one.category
    made.say(
        "purchase",
        owner=Who("partner", str(one.partner_id)),
        amount=one.amount,
        at=one.purchased_at,
        recorded=one.recorded_at,
    )
    made.follows(Ref("Agreement", one.agreement_id), "agreed_in")
    return made


@reads("PurchaseReturn")
async def read_returns(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read returns and what they took back."""
    found = await purchases.read_returns(
        look.db, network_id=look.network_id, return_ids=[one.key for one in refs]
    )
    return [_return(look, ref, found[ref.key]) for ref in refs if ref.key in found]


adds("PurchaseReturn")(tell_journals)


def _return(look: Look, ref: Ref, one: purchases.PurchaseReturn) -> Finding:
    made = Finding(
        ref,
        Said("label.return", {"amount": one.amount}),
        one,
        at=one.returned_at,
        amount=one.amount,
    )
    made.facts = {"cashback": plain(one.cashback), "rounding": "half_even"}
    made.say("return", amount=one.amount, cashback=one.cashback, at=one.returned_at)
    if not _is_member(look):
        made.facts["fee"] = plain(one.fee)
        made.say("return.fee", amount=one.fee)
    if one.debt:
        made.facts["debt"] = plain(one.debt)
        made.say("return.debt", amount=one.debt)
    made.follows(Ref("Purchase", one.purchase_id), "returns", one.amount)
    return made


@reads("EarnRule")
async def read_rules(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read the rules by which purchases earned."""
    found = await rules.read_rules(
        look.db, network_id=look.network_id, rule_ids=[one.key for one in refs]
    )
    budgeted = [one.budget for one in found.values() if one.budget]
    left = await read_budget_balances(
        look.db,
        network_id=look.network_id,
        units={one.budget_id: one.currency for one in budgeted},
    )
    return [
        _rule(ref, one, left.get(one.budget.budget_id) if one.budget else None)
        for ref in refs
        if (one := found.get(ref.key)) is not None
    ]


def _rule(ref: Ref, one: rules.EarnRule, budget: BudgetBalance | None) -> Finding:
    rate = percent(one.rate_bps)
    made = Finding(ref, Said("label.rule", {"rate": rate}), one, at=one.starts_at)
    made.facts = {
        "rate": rate,
        "startsAt": one.starts_at.isoformat(),
        "weights": ":".join(str(share.weight) for share in one.funding),
    }
    made.say("rule", rate=rate, owner=Who("partner", str(one.partner_id)), at=one.starts_at)
    if one.lifetime_days:
        made.facts["lifetimeDays"] = str(one.lifetime_days)
        made.say("rule.lifetime", days=one.lifetime_days)
    if budget is not None:
        made.facts |= {"budgetCap": plain(budget.cap), "budgetLeft": plain(budget.left)}
        made.say("rule.budget", amount=budget.cap, remaining=budget.left)
    return made


@reads("Agreement")
async def read_terms(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read the versions of agreements that were in force."""
    found = await agreements.read_agreements(
        look.db, network_id=look.network_id, agreement_ids=[one.key for one in refs]
    )
    return [_agreement(ref, found[ref.key]) for ref in refs if ref.key in found]


def _agreement(ref: Ref, one: agreements.Agreement) -> Finding:
    made = Finding(ref, Said("label.agreement", {"version": one.version}), one, one.effective_from)
    made.facts = {
        "version": str(one.version),
        "purchaseFee": percent(one.purchase_fee_bps),
        "acceptanceFee": percent(one.acceptance_fee_bps),
        "experienceCommission": percent(one.experience_commission_bps),
        "returnWindowDays": str(one.return_window_days),
        "unspentTo": one.unspent_to.value,
    }
    made.say(
        "agreement",
        version=one.version,
        owner=Who("partner", str(one.partner_id)),
        at=one.effective_from,
        fee=percent(one.purchase_fee_bps),
        days=one.return_window_days,
    )
    return made
