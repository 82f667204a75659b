"""The real application over real HTTP, for tests: one line to serve it, one to ask as somebody.

    async with running_app(database, network_id=7) as app:
        answer = await app.as_partner(partner_id).run("{ viewer { kind } }")
        assert answer["data"]["viewer"]["kind"] == "PARTNER"

Tokens are real and checked as always; only the register of clients and brand keys is the test's
own, so that nothing but what a test is about has to be set up.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import httpx2
import uvicorn
from joserfc.jwk import ECKey

from api.app import Directories, create_app
from api.auth import (
    RegisteredBrandKey,
    RegisteredClient,
    Role,
    SigningKeyFile,
    issue_partner_token,
    issue_staff_token,
    open_signing_keys,
    sign_member_token,
)
from api.clock import Clock
from api.database.transaction import Database
from api.settings import Settings
from tests.conftest import NOW

ISSUER = "http://mizan.test"
ANY_PARTNER = UUID("018f0000-0000-7000-8000-0000000000ff")
_BRAND_KEY = ECKey.generate_key("P-256", auto_kid=True)


class TestClock(Clock):
    """A clock that stands where a test puts it."""

    __test__ = False
    __slots__ = ("_instant",)

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        object.__setattr__(self, "_instant", instant)

    def now(self) -> datetime:
        return self._instant

    def set(self, instant: datetime) -> None:
        object.__setattr__(self, "_instant", instant)

    def advance(self, **duration: float) -> datetime:
        self.set(self._instant + timedelta(**duration))
        return self._instant


@dataclass
class OpenRegister:
    """Knows every client, brand key and member that a test names in a token."""

    network_id: int
    members: dict[str, UUID] = field(default_factory=dict)
    clients: dict[str, RegisteredClient] = field(default_factory=dict)
    assertions: set[tuple[str, str]] = field(default_factory=set)

    async def find_client(self, client_id: str) -> RegisteredClient | None:
        return self.clients.get(client_id)

    async def find_brand_key(self, kid: str) -> RegisteredBrandKey | None:
        network_id, partner = kid.split(".")
        key = _BRAND_KEY.as_dict(private=False)
        return RegisteredBrandKey(kid, int(network_id), UUID(partner), key)

    async def find_member(self, network_id: int, partner_id: UUID, external_id: str) -> UUID | None:
        return self.members.get(external_id)

    async def remember_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        is_first = (client_id, jti) not in self.assertions
        self.assertions.add((client_id, jti))
        return is_first


@dataclass(frozen=True)
class GraphQLClient:
    """Somebody who asks."""

    http: httpx2.AsyncClient
    token: str | None = None
    locale: str | None = None

    async def run(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        locale: str | None = None,
    ) -> dict[str, Any]:
        """Send one operation; gives the whole answer: `data`, and `errors` when there are any."""
        answer = await self.send(query, variables, locale=locale)
        body: dict[str, Any] = answer.json()
        return body

    async def data(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        locale: str | None = None,
    ) -> dict[str, Any]:
        """Send one operation that must have no errors; gives its `data`."""
        body = await self.run(query, variables, locale=locale)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def mutate(
        self, name: str, input_: Mapping[str, Any], selection: str = "", **options: Any
    ) -> dict[str, Any]:
        """Run one mutation, with a fresh key when the input has none; gives its payload.

        The payload always has `problems {code message path retryable}` and `replayed`.
        """
        type_ = f"{name[0].upper()}{name[1:]}Input"
        query = (
            f"mutation ($input: {type_}!) {{ {name}(input: $input) {{ {selection}"
            " problems { code message path retryable } replayed } }"
        )
        given = {"idempotencyKey": uuid4().hex, **input_}
        data = await self.data(query, {"input": given}, **options)
        payload: dict[str, Any] = data[name]
        return payload

    async def send(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        locale: str | None = None,
    ) -> httpx2.Response:
        """Send one operation; gives the HTTP answer."""
        headers = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        if locale or self.locale:
            headers["accept-language"] = locale or self.locale or ""
        body = {"query": query, "variables": dict(variables or {})}
        return await self.http.post("/graphql", json=body, headers=headers)


@dataclass(frozen=True)
class RunningApp:
    """The application as it is served to a test."""

    url: str
    http: httpx2.AsyncClient
    keys: SigningKeyFile
    clock: TestClock
    register: OpenRegister
    network_id: int

    def as_partner(self, partner_id: UUID, *, network_id: int | None = None) -> GraphQLClient:
        network = self.network_id if network_id is None else network_id
        client_id = f"mzc_{network}_{partner_id.hex}"
        self.register.clients[client_id] = RegisteredClient(
            client_id, network, "partner", partner_id, client_id
        )
        token = issue_partner_token(
            self.keys.keys(),
            issuer=ISSUER,
            network_id=network,
            partner_id=partner_id,
            client_id=client_id,
            now=self.clock.now(),
        )
        return GraphQLClient(self.http, token)

    def as_member(
        self,
        member_id: UUID,
        *,
        partner_id: UUID = ANY_PARTNER,
        network_id: int | None = None,
    ) -> GraphQLClient:
        network = self.network_id if network_id is None else network_id
        self.register.members[member_id.hex] = member_id
        token = sign_member_token(
            _BRAND_KEY,
            kid=f"{network}.{partner_id}",
            issuer=ISSUER,
            external_id=member_id.hex,
            now=self.clock.now(),
        )
        return GraphQLClient(self.http, token)

    def as_staff(
        self, *roles: str, subject: str | None = None, network_id: int | None = None
    ) -> GraphQLClient:
        """`roles` are operator, finance_maker, finance_checker, auditor; network 0 = platform."""
        token = issue_staff_token(
            self.keys.keys(),
            issuer=ISSUER,
            network_id=self.network_id if network_id is None else network_id,
            subject=subject or "-".join(roles),
            roles=[Role(role) for role in roles],
            now=self.clock.now(),
        )
        return GraphQLClient(self.http, token)

    def anonymous(self) -> GraphQLClient:
        return GraphQLClient(self.http)


class _QuietServer(uvicorn.Server):
    def capture_signals(self) -> Any:
        return nullcontext()  # signals belong to the test run


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an application on this loop, on a port that the system picks; gives its address."""
    # Named TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        ws="websockets-sansio",
        timeout_keep_alive=600,  # a client never finds a connection closed that it kept
        timeout_graceful_shutdown=2,
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            assert not task.done(), "the server did not start"
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task
        listener.close()


@asynccontextmanager
async def running_app(
    database: Database,
    *,
    network_id: int = 1,
    now: datetime = NOW,
    vault: Any = None,
    directories: Directories | None = None,
    **options: Any,
) -> AsyncIterator[RunningApp]:
    """Serve the real application over a test's database; its clock stands at `now`."""
    register = OpenRegister(network_id)
    clock = TestClock(now)
    with TemporaryDirectory() as folder:
        keys = open_signing_keys(Path(folder))
        app = create_app(
            database=database,
            settings=Settings(data_dir=Path(folder), issuer=ISSUER),
            clock=clock,
            keys=keys,
            directories=directories or register,
            vault=vault,
            **options,
        )
        async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=30) as http:
            yield RunningApp(url, http, keys, clock, register, network_id)
