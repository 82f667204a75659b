"""The figure of following a catalogue: from a commit of an import to the message on a socket."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey
from websockets.asyncio.client import ClientConnection, connect

from api.auth import open_signing_keys
from api.cli.process import POOL_SIZE
from api.database.engine import open_engine
from api.database.transaction import Database
from api.graphql.connection import encode_cursor
from tests.benchmarks.books.comparison import Comparison
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import (
    ROOT,
    Ground,
    Server,
    empty_folder,
    empty_ground,
    running_server,
)
from tests.benchmarks.register import Issuer
from tests.benchmarks.server import RunningClock
from tests.benchmarks.world import NOW
from tests.factories.partners import make_network

ISSUER = "http://mizan.bench"
PARTNER = UUID(int=1)
SECONDS_MAX = 2.0
"""What is promised to whoever follows."""
SILENCE_SECONDS_MAX = 30.0
FOLLOW = """subscription ($after: String) { rewardsChanged(after: $after) {
  cursor changes { cursor kind rewardId version changedAt reward { id title(locale: AR) } } } }"""


class FollowingFailed(Exception):
    """A change was not told, or told otherwise than it was made."""


@dataclass(frozen=True)
class Heard:
    """A change as it came: where it stands, when it was made, and when the socket had it."""

    cursor: str
    changed_at: datetime
    at: float


def measure_following(folder: Path, sizes: BookSizes) -> Comparison:
    """Import a file while somebody follows the catalogue; raises FollowingFailed."""
    work = empty_folder(folder / "books" / "followed")
    with empty_ground(folder, "followed") as ground:
        clock = RunningClock(None, NOW.isoformat(), time.monotonic())
        network_id = asyncio.run(_found(ground))
        brand_key = ECKey.generate_key("P-256", auto_kid=True)
        keys = empty_folder(work / "keys")
        issuer = Issuer(
            open_signing_keys(keys), brand_key, issuer=ISSUER, network_id=network_id, clock=clock
        )
        told = {"origin": clock.origin, "origin_monotonic": clock.origin_monotonic}
        told |= {"database_url": ground.application_url, "network_id": network_id}
        config = {
            **told,
            "issuer": ISSUER,
            "keys": str(keys),
            "brand_jwk": brand_key.as_dict(private=False),
            "pool_size": POOL_SIZE,
        }
        job = {**told, "folder": str(work), "items": sizes.followed}
        with running_server(work, "app", config) as server:
            heard, committed = asyncio.run(_follow(server, issuer, job))
    took = _took(heard, committed)
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    return Comparison(
        name=f"change feed to subscriber, p99 under ingestion / {SECONDS_MAX:g} s",
        ratio=p99 / SECONDS_MAX,
        measured=f"{p99 * 1_000:,.0f} ms, p50 {p50 * 1_000:,.0f} ms, of {len(took):,} changes",
        against=f"{SECONDS_MAX * 1_000:,.0f} ms",
        bound=1,
        direction="lower",
    )


async def _found(ground: Ground) -> int:
    """Create the network. Nothing is analysed, as nothing is when a first catalogue comes."""
    engine = open_engine(ground.application_url, pool_size=1)
    network = await make_network(Database(engine), slug="followed")
    await engine.dispose()
    return network.network_id


async def _follow(
    server: Server, issuer: Issuer, job: dict[str, Any]
) -> tuple[list[Heard], dict[datetime, float]]:
    url = f"ws://127.0.0.1:{server.port}/graphql"
    protocol: Any = "graphql-transport-ws"
    async with connect(url, subprotocols=[protocol], proxy=None, max_size=None) as socket:
        token = issuer.token_of("partner", PARTNER)
        payload = {"authorization": f"Bearer {token}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await _next(socket, "connection_ack")
        asked = {"query": FOLLOW, "variables": {"after": encode_cursor((0,))}}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
        hearing = asyncio.create_task(_hear(socket, job["items"]))
        try:
            committed = await _import(job)
            return await hearing, committed
        finally:
            hearing.cancel()


async def _import(job: dict[str, Any]) -> dict[datetime, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.books.following_job",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    said, complaint = await process.communicate(json.dumps(job).encode())
    if process.returncode != 0:
        raise FollowingFailed(complaint.decode()[-2000:])
    steps = json.loads(said).items()
    return {datetime.fromisoformat(instant): at for instant, at in steps}


async def _hear(socket: ClientConnection, count: int) -> list[Heard]:
    found: list[Heard] = []
    while len(found) < count:
        message = await _next(socket, "next")
        at = time.monotonic()
        found += [
            Heard(one["cursor"], datetime.fromisoformat(one["changedAt"]), at)
            for one in message["payload"]["data"]["rewardsChanged"]["changes"]
        ]
    return found


async def _next(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Wait for the next message, which is of this kind."""
    while True:
        frame = await asyncio.wait_for(socket.recv(), SILENCE_SECONDS_MAX)
        message: dict[str, Any] = json.loads(frame)
        if message["type"] == kind and "errors" not in message.get("payload", {}):
            return message
        if message["type"] != "ping":
            raise FollowingFailed(str(message)[:500])


def _took(heard: Sequence[Heard], committed: dict[datetime, float]) -> list[float]:
    """Tell the seconds that each change took, the shortest first."""
    places = [one.cursor for one in heard]
    if places != [encode_cursor((number + 1,)) for number in range(len(heard))]:
        raise FollowingFailed("a change is missing, came twice, or out of its order")
    return sorted(one.at - committed[one.changed_at] for one in heard)
