"""The two servers that are measured: the real application, and one that answers fixed bytes.

Both run in a process of their own on the same uvicorn settings; their configuration is a JSON file.
"""

import json
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from api.cli.running import collect_seldom
from api.clock import Clock
from api.http.listener import announce_port, listen

Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunningClock(Clock):
    """Runs like the real one, but began at an instant of the world; all processes agree on it."""

    origin: str = ""
    origin_monotonic: float = 0.0

    def now(self) -> datetime:
        """Tell the present instant of the world."""
        elapsed = time.monotonic() - self.origin_monotonic
        return datetime.fromisoformat(self.origin) + timedelta(seconds=elapsed)


def static_app(answers: dict[str, bytes]) -> Callable[..., Awaitable[None]]:
    """Answer `/<name>` with fixed bytes, after reading the request as the application must."""
    heads = {
        f"/{name}": [
            (b"content-type", b"application/graphql-response+json"),
            (b"content-length", str(len(body)).encode()),
        ]
        for name, body in answers.items()
    }
    bodies = {f"/{name}": body for name, body in answers.items()}

    async def app(scope: Message, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        path = scope["path"]
        await send({"type": "http.response.start", "status": 200, "headers": heads[path]})
        await send({"type": "http.response.body", "body": bodies[path]})

    return app


def real_app(config: dict[str, Any]) -> Any:
    """Build the application over the benchmark's database, as role mizan_app."""
    from api.app import create_app
    from api.auth import open_signing_keys
    from api.database.engine import open_engine
    from api.database.transaction import Database
    from api.settings import Settings
    from tests.benchmarks.register import Register

    clock = RunningClock(None, config["origin"], config["origin_monotonic"])
    folder = Path(config["keys"])
    return create_app(
        database=Database(open_engine(config["database_url"], pool_size=config["pool_size"])),
        settings=Settings(data_dir=folder, issuer=config["issuer"]),
        clock=clock,
        keys=open_signing_keys(folder),
        directories=Register.read(config),
    )


def main(config_file: Path) -> None:
    """Serve what a configuration file names until told to stop."""
    config = json.loads(config_file.read_text())
    if config["kind"] == "static":
        folder = Path(config["answers"])
        app: Any = static_app({one.name: one.read_bytes() for one in folder.iterdir()})
    else:
        app = real_app(config)
    collect_seldom()  # as every command does
    listener = listen(0)
    announce_port(listener, Path(config["port_file"]))
    settings = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(settings).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
