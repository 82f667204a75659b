"""A proxy that loses connections: at any byte, and right where a COMMIT is answered.

It runs in a process of its own, as it would otherwise wait for its callers' turns to compute.
"""

import asyncio
import json
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What PostgreSQL sends when a transaction is committed: its tag, then that it waits for the next.
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class CuttingProxy:
    """Listens on a port of its own and passes bytes on to a port or socket; cuts while told to."""

    target: int | str
    seed: str
    cut_chance: float
    commit_chance: float = 0.0
    is_cutting: bool = False
    cuts: int = 0
    lost_commits: int = 0
    port: int = 0
    _live: set["_End"] = field(default_factory=set)
    _opening: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _End(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.close()
        for one in list(self._live):
            one.transport.abort()

    def connect(self, caller: "_End") -> None:
        """Go on to the target; the caller's bytes wait in its socket."""
        task = asyncio.get_running_loop().create_task(self._connect(caller))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, caller: "_End") -> None:
        loop, far = asyncio.get_running_loop(), _End(self, caller)
        try:
            if isinstance(self.target, int):
                await loop.create_connection(lambda: far, "127.0.0.1", self.target)
            else:
                await loop.create_unix_connection(lambda: far, self.target)
        except OSError:
            caller.transport.abort()

    def keep(self, chunk: bytes, *, is_answer: bool) -> int | None:
        """How much of the chunk still gets through when the connection ends within it."""
        if not self.is_cutting:
            return None
        if is_answer and COMMITTED in chunk and self._dice.random() < self.commit_chance:
            self.lost_commits += 1
            self.cuts += 1
            return 0
        if self._dice.random() < self.cut_chance:
            self.cuts += 1
            return self._dice.randrange(len(chunk) + 1)
        return None


class _End(asyncio.Protocol):
    """One end of a connection: the caller's, or with a caller the target's."""

    transport: asyncio.Transport

    def __init__(self, proxy: CuttingProxy, caller: "_End | None" = None) -> None:
        self.proxy, self.other, self.is_target = proxy, caller, caller is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.proxy._live.add(self)
        if self.other is None:
            transport.pause_reading()
            self.proxy.connect(self)
        elif self.other.transport.is_closing():
            transport.abort()
        else:
            self.other.other = self
            self.other.transport.resume_reading()

    def data_received(self, chunk: bytes) -> None:
        assert self.other is not None
        kept = self.proxy.keep(chunk, is_answer=self.is_target)
        self.other.transport.write(chunk if kept is None else chunk[:kept])
        if kept is not None:
            # What was written is on its way; both sides then see a reset.
            self.transport.abort()
            self.other.transport.abort()

    def connection_lost(self, _failure: Exception | None) -> None:
        self.proxy._live.discard(self)
        if self.other is not None:
            self.other.transport.close()


class Proxies:
    """The process that proxies run in; orders are lines of JSON, each answered by one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.proxy"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def open(self, target: int | str, seed: str, *chances: float) -> int:
        """Open one more proxy; gives its port."""
        port: int = self._ask({"open": [target, seed, *chances]})
        return port

    def set_cutting(self, *, is_cutting: bool) -> None:
        self._ask({"cut": is_cutting})

    def counts(self) -> tuple[int, int]:
        """How often they cut, and how often at the answer to a COMMIT."""
        cuts, lost_commits = self._ask({})
        return cuts, lost_commits

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


async def _obey() -> None:
    opened: list[CuttingProxy] = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        answer: Any = None
        if "open" in order:
            opened.append(CuttingProxy(*order["open"]))
            await opened[-1].start()
            answer = opened[-1].port
        elif "cut" in order:
            for one in opened:
                one.is_cutting = order["cut"]
        else:
            answer = [sum(one.cuts for one in opened), sum(one.lost_commits for one in opened)]
        print(json.dumps(answer), flush=True)
    for one in opened:
        one.close()


if __name__ == "__main__":
    asyncio.run(_obey())
