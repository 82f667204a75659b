"""The web application: the door put together from its parts."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from api.auth import (
    BrandKeyDirectory,
    ClientDirectory,
    MemberDirectory,
    ReplayGuard,
    SigningKeyFile,
    TokenVerifier,
)
from api.auth.server import TokenEndpoint
from api.change_desk import ChangeDesk
from api.clock import Clock
from api.console.pages import console_routes
from api.database.transaction import Database
from api.graphql.schema import build_schema
from api.http.books import open_halts_of
from api.http.callers import Reception, limits_of
from api.http.frame import Frame
from api.http.graphql_view import graphql_routes
from api.http.health import health_routes
from api.http.metrics import Figure, Metrics
from api.http.oauth import oauth_routes
from api.http.statements import PublishedKeys, statement_route
from api.http.stripe_webhook import stripe_webhook_route
from api.progress_desk import ProgressDesk
from api.purchase_desk import open_purchase_desk
from api.settings import Settings

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
Reading = Callable[[], float | None]


class Directories(ClientDirectory, BrandKeyDirectory, MemberDirectory, ReplayGuard, Protocol):
    """All that must be found before a network is known."""


class _Desk(Protocol):
    async def close(self) -> None: ...


def _never() -> float | None:
    return None


def create_app(
    *,
    database: Database,
    settings: Settings,
    clock: Clock,
    keys: SigningKeyFile,
    directories: Directories,
    vault: Any = None,
    worker_age_seconds: Reading = _never,
    unsealed_seconds: Reading = _never,
    books_age_seconds: Reading = _never,
    figures: Sequence[Figure] = (),
    published_keys: PublishedKeys = tuple,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
) -> Starlette:
    """Build the application over an open database; `routes` are added to those of the contract."""
    verifier = _verifier(settings, keys, directories)
    endpoint = TokenEndpoint(
        issuer=settings.issuer, keys=keys, clients=directories, replays=directories, clock=clock
    )
    desk, progress = open_purchase_desk(database), ProgressDesk(database)
    changes = ChangeDesk(database)
    connected = frozenset(settings.suppliers) or None
    reception = Reception(database, clock, verifier, vault, desk, progress, changes, connected)
    open_halts = open_halts_of(database)
    metrics = Metrics(
        worker_age_seconds=worker_age_seconds,
        unsealed_seconds=unsealed_seconds,
        books_age_seconds=books_age_seconds,
        figures=figures,
        open_halts=open_halts,
    )
    app = Starlette(
        routes=[
            *graphql_routes(
                build_schema(),
                context_factory=reception.receive,
                limits_for=limits_of,
                authenticate_socket=reception.receive_parameters,
            ),
            *oauth_routes(endpoint),
            statement_route(reception, published_keys),
            *console_routes(),
            *health_routes(database, worker_age_seconds=worker_age_seconds, open_halts=open_halts),
            *metrics.routes(),
            stripe_webhook_route(
                database=database, secrets=settings.stripe_webhook_secrets, clock=clock
            ),
            *routes,
        ],
        middleware=[
            Middleware(Frame, metrics=metrics, is_https=settings.issuer.startswith("https:"))
        ],
        lifespan=_closing((desk, progress, changes), lifespan),
    )
    app.state.verifier = verifier
    return app


def _verifier(settings: Settings, keys: SigningKeyFile, directories: Directories) -> TokenVerifier:
    return TokenVerifier(
        issuer=settings.issuer,
        keys=keys,
        clients=directories,
        brand_keys=directories,
        members=directories,
    )


def _closing(desks: Sequence[_Desk], lifespan: Lifespan | None) -> Lifespan:
    @asynccontextmanager
    async def closing(app: Starlette) -> AsyncIterator[None]:
        async with lifespan(app) if lifespan else nullcontext():
            try:
                yield
            finally:
                for desk in desks:
                    await desk.close()

    return closing
