"""Terms that reports referred to lately: a guess that the statement which books by them confirms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    Text,
    Uuid,
    bindparam,
    select,
    true,
)

from partners.agreements import Agreement, select_agreement_at
from partners.members import select_member_named
from partners.purchases.model import Report
from partners.purchases.queries import probe
from partners.purchases.resolve_reports import Resolved
from partners.rules import EarnRule, select_rule_for
from payouts.statement import First, given_rows

GUESSED_MAX = 8
"""In larger batches the look that a guess saves is a small part of what is done."""
KNOWN_MAX = 10_000
AGREED_MIN = 1
DISTRUST = 16

_Name = tuple[int, UUID, str | None]


@dataclass(slots=True)
class _Known:
    agreement: Agreement
    rule: EarnRule | None
    agreed: int = 0


class KnownTerms:
    """What one process knows of terms, by network, partner and category.

    A version of an agreement and a rule never change, so what is remembered is right or another
    one is in force by now: which of them it is, only the database says, when and by whom something
    was bought included. So nothing here is ever believed: it is where to begin.
    """

    def __init__(self) -> None:
        self._known: dict[_Name, _Known] = {}

    def guess(self, network_id: int, reports: Sequence[Report]) -> list[Resolved] | None:
        """Guess what each report refers to; None unless that is likely to be right for all."""
        if not 1 <= len(reports) <= GUESSED_MAX:
            return None
        guessed: list[Resolved] = []
        for report in reports:
            known = self._known.get(_name(network_id, report))
            if known is None or known.agreed < AGREED_MIN or report.member_id is None:
                return None
            guessed.append(Resolved(report.member_id, known.agreement, known.rule))
        return guessed

    def learn(self, network_id: int, reports: Sequence[Report], found: Sequence[Resolved]) -> None:
        """Remember what reports did refer to, but for rules with budgets: those may be spent."""
        for report, one in zip(reports[:GUESSED_MAX], found, strict=False):
            if one.agreement is None or (one.rule is not None and one.rule.budget is not None):
                continue
            name = _name(network_id, report)
            known = self._known.get(name)
            if known is None:
                if len(self._known) >= KNOWN_MAX:
                    del self._known[next(iter(self._known))]
                self._known[name] = _Known(one.agreement, one.rule)
            elif _ids(known) == _ids(one):
                known.agreed += 1
            else:
                known.agreement, known.rule = one.agreement, one.rule
                known.agreed = min(known.agreed, 0)

    def distrust(self, network_id: int, reports: Sequence[Report]) -> None:
        """Guess no more of what was guessed wrong, until it was the same for a while."""
        for report in reports:
            known = self._known.get(_name(network_id, report))
            if known is not None:
                known.agreed = -DISTRUST


def in_force(terms: Sequence[Resolved]) -> First:
    """Ask for each purchase that is written next whether it is booked by the terms in force.

    Its other values are those of the purchases.
    """
    rules = [one.rule and one.rule.rule_id for one in terms]
    return First(_IN_FORCE, {"bought_rule_id": rules}, len(terms))


def _in_force() -> Select[Any]:
    types: dict[str, Any] = {
        "purchase_id": Uuid(),
        "partner_id": Uuid(),
        "member_id": Uuid(),
        "category": Text(),
        "agreement_id": Uuid(),
        "purchased_at": DateTime(timezone=True),
        "rule_id": Uuid(),
    }
    bought = given_rows(types, name="bought", prefix="bought_")
    network = bindparam("network_id", type_=BigInteger)
    own: dict[str, Any] = {"partner_id": bought.c.partner_id, "at": bought.c.purchased_at}
    member = probe("member", select_member_named(network, member_id=bought.c.member_id))
    agreement = probe("agreement", select_agreement_at(network, **own))
    rule = probe(
        "rule",
        select_rule_for(network, member_id=member.c.member_id, category=bought.c.category, **own),
    )
    return (
        select(bought.c.purchase_id.label("id"))
        .select_from(bought.join(member, true()).join(agreement, true()).outerjoin(rule, true()))
        .where(
            agreement.c.agreement_id == bought.c.agreement_id,
            rule.c.rule_id.is_not_distinct_from(bought.c.rule_id),
        )
    )


_IN_FORCE = _in_force()


def _name(network_id: int, report: Report) -> _Name:
    return network_id, report.partner_id, report.category


def _ids(terms: _Known | Resolved) -> tuple[UUID | None, UUID | None]:
    agreement, rule = terms.agreement, terms.rule
    return agreement.agreement_id if agreement else None, rule.rule_id if rule else None
