"""One process of Mizan: the server, the worker or both, over everything they need."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from socket import socket
from typing import Any

import uvicorn

from api.anchors import open_anchors
from api.app import create_app
from api.cli.outside import Outside, open_outside
from api.cli.running import collect_seldom
from api.cli.runtime import Runtime, open_runtime
from api.database.engine import open_auditor
from api.directories import DatabaseDirectories
from api.http.metrics import Figure
from api.http.seal_keys import seal_key_route
from api.http.supplier_webhook import supplier_webhook_route
from api.settings import Settings
from api.supply import open_suppliers
from api.worker.books import BooksWatch
from api.worker.heartbeat import heartbeat_of
from api.worker.loop import Worker
from api.worker.partitions import PartitionsAhead
from api.worker.registry import make_schedule
from api.worker.unsealed import UnsealedAges
from api.worker.world import World
from catalog.vouchers import Vault
from payouts.rails import StripeRail

GRACE_SECONDS = 5
POOL_SIZE = 16


@dataclass(frozen=True, slots=True)
class Process:
    """What one process holds while it runs."""

    runtime: Runtime
    outside: Outside
    world: World


@asynccontextmanager
async def open_process(settings: Settings, *, webhooks: str | None) -> AsyncIterator[Process]:
    """Open the database and the outside parties, side by side, and close them in order."""
    async with (
        open_runtime(settings, pool_size=POOL_SIZE) as runtime,
        open_outside(
            runtime.settings,
            webhooks=webhooks,
            webhook_secret=runtime.secrets.webhook_secret,
        ) as outside,
        _open_world(runtime, outside.settings) as world,
    ):
        yield Process(replace(runtime, settings=outside.settings), outside, world)


@asynccontextmanager
async def _open_world(runtime: Runtime, settings: Settings) -> AsyncIterator[World]:
    rail = StripeRail(settings.stripe_api_key or "", api_base=settings.stripe_api_base)
    suppliers = open_suppliers(settings, runtime.clock.now)
    auditor = open_auditor(runtime.addresses)
    try:
        yield World(
            database=runtime.database,
            rail=rail,
            clock=runtime.clock,
            suppliers=suppliers,
            vault=Vault(runtime.secrets.secret_keys),
            settings=settings,
            auditor=auditor,
            anchors=open_anchors(settings.data_dir, runtime.seal_keys),
        )
    finally:
        await auditor.engine.dispose()
        await rail.aclose()
        for supplier in suppliers.values():
            await supplier.aclose()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would end the process before we tidied up."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    def capture_signals(self) -> Any:
        return nullcontext()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _figures(world: World, partitions: PartitionsAhead) -> list[Figure]:
    found = [
        Figure(
            "mizan_partition_months_ahead",
            "Coming months for which the ledger has its partitions already.",
            partitions.months,
        ),
        Figure(
            "mizan_partition_unplaced_bytes",
            "What the ledger holds in no month's partition.",
            partitions.unplaced_bytes,
        ),
    ]
    if world.anchors is not None:
        found.append(
            Figure(
                "mizan_unanchored_blocks",
                "Blocks that wait for their line in the file of anchors.",
                world.anchors.waiting,
            )
        )
    return found


async def serve_process(
    process: Process,
    listener: socket,
    *,
    stop: asyncio.Event,
    has_worker: bool,
    ready: Callable[[], None],
) -> None:
    """Serve, and work unless told otherwise, until `stop` is set."""
    runtime, world = process.runtime, process.world
    heartbeat, ages = heartbeat_of(runtime.settings.data_dir), UnsealedAges()
    books, partitions = BooksWatch(), PartitionsAhead()
    app = create_app(
        database=runtime.database,
        settings=runtime.settings,
        clock=runtime.clock,
        keys=runtime.keys,
        directories=DatabaseDirectories(runtime.database, runtime.clock),
        vault=world.vault,
        worker_age_seconds=heartbeat.age_seconds,
        unsealed_seconds=ages.oldest_seconds,
        published_keys=lambda: runtime.seal_keys.public().jwks()["keys"],
        routes=[
            seal_key_route(runtime.seal_keys),
            supplier_webhook_route(
                database=runtime.database, suppliers=world.suppliers, clock=runtime.clock
            ),
        ],
        books_age_seconds=books.age_seconds,
        figures=_figures(world, partitions),
    )
    collect_seldom()  # the schema is there now
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, ready)
    worker = Worker(world, make_schedule(ages, books, partitions), heartbeat)
    working = asyncio.create_task(worker.run(stop)) if has_worker else None
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        server.should_exit = True
        stopping.cancel()
        await serving
        if working is not None:
            await working


async def work_process(process: Process, *, stop: asyncio.Event) -> None:
    """Do due work until `stop` is set."""
    heartbeat = heartbeat_of(process.runtime.settings.data_dir)
    schedule = make_schedule(UnsealedAges(), BooksWatch(), PartitionsAhead())
    await Worker(process.world, schedule, heartbeat).run(stop)
