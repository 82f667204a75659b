"""Whether this process lives, and whether it can do its work."""

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from api.database.version import expected_version, read_version
from api.http.books import OpenHalts

WORKER_AGE_SECONDS_MAX = 60.0
DATABASE_SECONDS_MAX = 3.0
_NO_STORE = {"cache-control": "no-store"}
_log = structlog.get_logger("mizan.health")


def health_routes(
    database: Database,
    *,
    worker_age_seconds: Callable[[], float | None],
    open_halts: OpenHalts,
) -> list[Route]:
    """Lay /healthz (the process answers) and /readyz (database, schema and worker are fit).

    A worker that was told to end is no fault of this process; one that died silently is. A halt is
    told and is no fault either: purchases, balances and the other networks go on.
    """

    async def healthz(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def readyz(request: Request) -> Response:
        version, is_database_ok = await _version(database)
        age = worker_age_seconds()
        is_schema_ok = version == expected_version()
        is_worker_ok = age is None or age <= WORKER_AGE_SECONDS_MAX
        is_ready = is_database_ok and is_schema_ok and is_worker_ok
        # The list of halts is as new as the schema that has it.
        halts = await open_halts() if is_database_ok and is_schema_ok else None
        body = {
            "status": "ok" if is_ready else "unavailable",
            "database": "ok" if is_database_ok else "unavailable",
            "migrations": {"database": version, "code": expected_version()},
            "books": "unknown" if halts is None else "halted" if halts else "ok",
            "halts": sorted({one.invariant for one in halts or ()}),
            "workerAgeSeconds": None if age is None else round(age, 3),
        }
        return JSONResponse(body, status_code=200 if is_ready else 503, headers=_NO_STORE)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]


async def _version(database: Database) -> tuple[str | None, bool]:
    try:
        async with asyncio.timeout(DATABASE_SECONDS_MAX):
            async with database.reading(PLATFORM_NETWORK_ID) as db:
                return await read_version(db), True
    except (SQLAlchemyError, OSError, TimeoutError) as failure:
        _log.warning("database unavailable", failure=type(failure).__name__)
        return None, False
