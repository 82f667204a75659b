"""Clients that follow settlement cycles over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.graphql_client import GraphQLClient, RunningApp

FOLLOW = """subscription ($id: ID!) { settlementProgress(settlementCycleId: $id) {
  settlementCycleId state version statementsCount
  statements { outcome count net { minor } }
  payouts { state reason count amount { minor } }
  collections { state reason count amount { minor } }
  waiting { kind reason count amount { minor } since }
  money { toPay { minor } paid { minor } toCollect { minor } collected { minor } } } }"""


class Socket:
    """One connection of the protocol graphql-transport-ws."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def follow(self, cycle_id: str, name: str = "1") -> None:
        payload = {"query": FOLLOW, "variables": {"id": cycle_id}}
        await self.say(type="subscribe", id=name, payload=payload)

    async def hear(self, *, seconds: float = 5) -> dict[str, Any]:
        frame = await asyncio.wait_for(self.socket.recv(), seconds)
        heard: dict[str, Any] = json.loads(frame)
        return heard

    async def progress(self, *, seconds: float = 5) -> dict[str, Any]:
        """The next event, which has no errors."""
        heard = await self.hear(seconds=seconds)
        assert (heard["type"], "errors" in heard["payload"]) == ("next", False), heard
        found: dict[str, Any] = heard["payload"]["data"]["settlementProgress"]
        return found


@asynccontextmanager
async def socket_of(app: RunningApp, client: GraphQLClient) -> AsyncIterator[Socket]:
    """A socket of a caller; the token comes with the connection's parameters."""
    url = app.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"], proxy=None) as connection:
        made = Socket(connection)
        payload = {"authorization": f"Bearer {client.token}"} if client.token else {}
        await made.say(type="connection_init", payload=payload)
        assert (await made.hear())["type"] == "connection_ack"
        yield made


def polls() -> list[asyncio.Task[Any]]:
    """The tasks of this process that read the progress of cycles."""
    return [one for one in asyncio.all_tasks() if _name_of(one) == "ProgressDesk._follow"]


def _name_of(task: asyncio.Task[Any]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", ""))


async def until_gone(before: set[asyncio.Task[Any]], *, seconds: float = 3) -> None:
    """Wait until no task runs that did not run before.

    The double's own waits come and go; a wait of ours has a task above it that would be left too.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while left := [one for one in asyncio.all_tasks() - before if _name_of(one) != "Event.wait"]:
        assert asyncio.get_running_loop().time() < deadline, left
        await asyncio.sleep(0.02)
