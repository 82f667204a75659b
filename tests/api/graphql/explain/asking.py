"""Asking for explanations."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.auth.caller import Caller
from api.graphql.nodes import GlobalId
from tests.api.graphql.partners.world import Door

DOCUMENT = (
    "query($id: ID!, $language: Locale) { explain(id: $id, locale: $language) {"
    " nodes { id kind label at amount { minor currency } facts { name value } }"
    " edges { from to relation amount { minor } } locale sentences complete } }"
)


@dataclass
class Told:
    """An explanation as a caller gets it."""

    answer: dict[str, Any]

    @property
    def kinds(self) -> list[str]:
        return sorted(one["kind"] for one in self.answer["nodes"])

    @property
    def sentences(self) -> list[str]:
        found: list[str] = self.answer["sentences"]
        return found

    def facts(self, kind: str) -> list[dict[str, str]]:
        return [
            {fact["name"]: fact["value"] for fact in one["facts"]}
            for one in self.answer["nodes"]
            if one["kind"] == kind
        ]

    @property
    def edges(self) -> set[tuple[str, str, str, str | None]]:
        """Which kind follows from which, how, and how much of it."""
        kinds = {one["id"]: one["kind"] for one in self.answer["nodes"]}
        return {
            (
                kinds[one["from"]],
                one["relation"],
                kinds[one["to"]],
                one["amount"] and one["amount"]["minor"],
            )
            for one in self.answer["edges"]
        }


async def explain(
    door: Door, caller: Caller | None, kind: str, key: UUID, line: int | None = None, **over: str
) -> Told | None:
    """Ask for an explanation; None where there is none."""
    assert caller is not None
    text = str(GlobalId(kind, caller.network_id, key, line))
    return await explain_id(door, caller, text, **over)


async def explain_id(door: Door, caller: Caller, text: str, **over: str) -> Told | None:
    answer = (await door.read(caller, DOCUMENT, id=text, **over))["explain"]
    return None if answer is None else Told(answer)
