"""The door of a whole network over real HTTP, for input that nobody should send."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.fingerprint import KEYS, changed, fingerprint
from tests.graphql_client import GraphQLClient, RunningApp, running_app
from tests.permissions.conftest import Standing, standing
from tests.permissions.documents import mutation_document
from tests.permissions.expectations import Thing, things_of
from tests.permissions.sides import Side

__all__ = ["standing"]


@dataclass
class Attack:
    """Everybody who can send something, and a look at what it changed."""

    app: RunningApp
    standing: Standing
    things: list[Thing]

    @property
    def side(self) -> Side:
        return self.standing.world.sides[0]

    @property
    def other(self) -> Side:
        return self.standing.world.sides[1]

    def caller(self, name: str) -> GraphQLClient:
        """`partner`, `member`, or a role of the staff."""
        number = self.side.network_id
        if name == "partner":
            return self.app.as_partner(self.side.partners[0], network_id=number)
        if name == "member":
            return self.app.as_member(
                self.side.members[0], partner_id=self.side.partners[0], network_id=number
            )
        return self.app.as_staff(name, network_id=number)

    def id_of(self, kind: str, *, index: int = 0, side: Side | None = None, **owners: Any) -> str:
        """The id of an object of a kind in a network, of given owners."""
        number = (side or self.side).network_id
        found = [
            one
            for one in self.things
            if one.kind == kind
            and one.owned.network_id == number
            and all(getattr(one.owned, name) == value for name, value in owners.items())
        ]
        return found[index].id

    async def post(self, client: GraphQLClient | None, body: Any) -> httpx2.Response:
        """Send a body: bytes as they are, anything else as JSON, lone surrogates as escapes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        if client is not None and client.token is not None:
            headers["authorization"] = f"Bearer {client.token}"
        return await self.app.http.post("/graphql", content=content, headers=headers)

    async def mutate(self, who: str, name: str, given: Any) -> dict[str, Any]:
        """Run a mutation as somebody; gives the whole answer, which is never a 5xx."""
        if isinstance(given, dict):
            given = {"idempotencyKey": uuid4().hex, **given}
        body = {"query": mutation_document(name, depth=1), "variables": {"input": given}}
        answer = await self.post(self.caller(who), body)
        assert answer.status_code < 500, (name, given, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def problems(self, who: str, name: str, given: Any) -> list[tuple[str, str]]:
        """The codes and paths with which a mutation is refused."""
        answer = await self.mutate(who, name, given)
        assert "errors" not in answer, answer
        payload = answer["data"][name]
        return [(one["code"], ".".join(one["path"])) for one in payload["problems"]]

    @asynccontextmanager
    async def nothing_changes(self) -> AsyncIterator[None]:
        """Whatever is sent meanwhile leaves every table as it was."""
        before = await fingerprint(self.standing.superuser, without=KEYS)
        yield
        after = await fingerprint(self.standing.superuser, without=KEYS)
        assert changed(before, after) == []


@pytest.fixture(scope="session")
async def attack(standing: Standing) -> AsyncIterator[Attack]:
    world = standing.world
    async with running_app(
        world.database, network_id=world.sides[0].network_id, vault=world.sides[0].vault
    ) as app:
        yield Attack(app, standing, await things_of(standing.superuser))
