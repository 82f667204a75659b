"""Journals as the arrays that the posting function takes, and its answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, BindParameter, DateTime, Integer, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from payouts.ledger.errors import LedgerFault
from payouts.ledger.faults import error_of
from payouts.ledger.model import Draft, LotPart, Posted
from payouts.refusal import Refusal

_TYPES: dict[str, Any] = {
    "book": BigInteger,
    "recorded_at": DateTime(timezone=True),
    "journals": ARRAY(Uuid),
    "kinds": ARRAY(Text),
    "keys": ARRAY(Text),
    "effective_at": ARRAY(DateTime(timezone=True)),
    "cause_kinds": ARRAY(Text),
    "cause_ids": ARRAY(Text),
    "reverses": ARRAY(Uuid),
    "restores": ARRAY(Uuid),
    "actors": ARRAY(Text),
    "notes": ARRAY(JSONB),
    "items": ARRAY(Integer),
    "accounts": ARRAY(Uuid),
    "units": ARRAY(Text),
    "amounts": ARRAY(BigInteger),
    "part_lines": ARRAY(Integer),
    "part_amounts": ARRAY(BigInteger),
    "part_origin_kinds": ARRAY(Text),
    "part_origin_ids": ARRAY(Text),
    "part_funders": ARRAY(Text),
    "part_earned_at": ARRAY(DateTime(timezone=True)),
    "part_expires_at": ARRAY(DateTime(timezone=True)),
    "part_lapses_to": ARRAY(Text),
}
_JOURNALS = list(_TYPES).index("journals")
POST = text(
    "SELECT item, journal_id, outcome FROM payouts.post_journals("
    ":book, :recorded_at, :journals, :kinds, :keys, :effective_at, :cause_kinds, :cause_ids,"
    " :reverses, :restores, :actors, :notes, :items, :accounts, :units, :amounts, :part_lines,"
    " :part_amounts, :part_origin_kinds, :part_origin_ids, :part_funders, :part_earned_at,"
    " :part_expires_at, :part_lapses_to)"
).bindparams(*(bindparam(name, type_=kind) for name, kind in _TYPES.items()))


def posting_call(*, where: str) -> str:
    """Write the call for a statement that does more than post; it posts nothing unless `where`.

    Its values are those of `posting_values`.
    """
    names = [f":{name}" for name in _TYPES]
    names[_JOURNALS] = f"CASE WHEN {where} THEN :journals ELSE CAST('{{}}' AS uuid[]) END"
    return f"payouts.post_journals({', '.join(names)})"


def posting_binds() -> list[BindParameter[Any]]:
    """Name and type what `posting_call` takes."""
    return [bindparam(name, type_=kind) for name, kind in _TYPES.items()]


def posting_values(
    drafts: Sequence[Draft], *, ids: Sequence[UUID], network_id: int, now: datetime
) -> dict[str, Any]:
    """Write the arrays as the driver takes them: JSON is text."""
    values = parameters_of(drafts, ids=ids, network_id=network_id, now=now)
    return values | {"notes": [orjson.dumps(draft.note).decode() for draft in drafts]}


def parameters_of(
    drafts: Sequence[Draft], *, ids: Sequence[UUID], network_id: int, now: datetime
) -> dict[str, Any]:
    """Write the arrays that the posting function takes for journals with these ids."""
    lines = [(item, line) for item, draft in enumerate(drafts, 1) for line in draft.without_zeros()]
    parts: list[tuple[int, LotPart[Any]]] = [
        (place, part) for place, (_, line) in enumerate(lines, 1) for part in line.parts
    ]
    return {
        "book": network_id,
        "recorded_at": now,
        "journals": list(ids),
        "kinds": [draft.kind for draft in drafts],
        "keys": [draft.key for draft in drafts],
        "effective_at": [draft.effective_at for draft in drafts],
        "cause_kinds": [draft.cause.kind for draft in drafts],
        "cause_ids": [draft.cause.id for draft in drafts],
        "reverses": [draft.reverses for draft in drafts],
        "restores": [draft.restores for draft in drafts],
        "actors": [draft.actor for draft in drafts],
        "notes": [draft.note for draft in drafts],
        "items": [item for item, _ in lines],
        "accounts": [line.account.id_in(network_id) for _, line in lines],
        "units": [line.account.unit for _, line in lines],
        "amounts": [line.amount.minor for _, line in lines],
        **_part_parameters(parts),
    }


def _part_parameters(parts: Sequence[tuple[int, LotPart[Any]]]) -> dict[str, Any]:
    return {
        "part_lines": [place for place, _ in parts],
        "part_amounts": [part.amount.minor for _, part in parts],
        "part_origin_kinds": [part.origin.kind for _, part in parts],
        "part_origin_ids": [part.origin.id for _, part in parts],
        "part_funders": [part.funder for _, part in parts],
        "part_earned_at": [part.earned_at for _, part in parts],
        "part_expires_at": [part.expires_at for _, part in parts],
        "part_lapses_to": [part.lapses_to for _, part in parts],
    }


def outcome_of(journal_id: UUID, outcome: str) -> Posted | Refusal:
    """Read what the posting function answered; raises LedgerFault for a defect of ours."""
    if outcome in ("posted", "replayed"):
        return Posted(journal_id, outcome == "replayed")
    error = error_of(outcome)
    if isinstance(error, LedgerFault):
        raise error
    return error
