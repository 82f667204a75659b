"""A proxy that loses connections: at any byte, and right where a COMMIT is answered."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

# What PostgreSQL sends when a transaction is committed: its tag, then that it waits for the next.
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
CHUNK_BYTES = 65_536
Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass
class CuttingProxy:
    """Listens on a port of its own and passes bytes on; cuts while it is told to."""

    open_target: Open
    seed: str
    cut_chance: float
    commit_chance: float = 0.0
    is_cutting: bool = False
    cuts: int = 0
    lost_commits: int = 0
    port: int = 0
    _live: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.close()
        for one in list(self._live):
            one.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target_reader, target_writer = await self.open_target()
        except OSError:
            writer.transport.abort()
            return
        ends = (writer, target_writer)
        self._live.update(ends)
        try:
            await asyncio.gather(
                self._pass(reader, target_writer, ends, is_answer=False),
                self._pass(target_reader, writer, ends, is_answer=True),
            )
        finally:
            self._live.difference_update(ends)
            for one in ends:
                one.transport.abort()

    async def _pass(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        ends: tuple[asyncio.StreamWriter, ...],
        *,
        is_answer: bool,
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK_BYTES):
                kept = self._cut(chunk, is_answer=is_answer)
                if kept is not None:
                    target.write(chunk[:kept])
                    with suppress(OSError, TimeoutError):
                        await asyncio.wait_for(target.drain(), 1)
                    # One turn of the loop lets the part be sent before the connection is reset.
                    await asyncio.sleep(0)
                    break
                target.write(chunk)
                await target.drain()
        for one in ends:
            one.transport.abort()

    def _cut(self, chunk: bytes, *, is_answer: bool) -> int | None:
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


def to_port(port: int) -> Open:
    return lambda: asyncio.open_connection("127.0.0.1", port)


def to_socket(path: Path) -> Open:
    return lambda: asyncio.open_unix_connection(str(path))


class ProxyThread:
    """Runs proxies beside everything else."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self._opened: list[CuttingProxy] = []

    def open(self, proxy: CuttingProxy) -> CuttingProxy:
        asyncio.run_coroutine_threadsafe(proxy.start(), self.loop).result(10)
        self._opened.append(proxy)
        return proxy

    def end(self) -> None:
        async def cancel() -> None:
            for proxy in self._opened:
                proxy.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)  # transports that were aborted close their sockets

        asyncio.run_coroutine_threadsafe(cancel(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
