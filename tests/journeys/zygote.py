"""Starts processes of Mizan without the seconds that loading takes: each is a fork of this one.

They are processes like any other, with a pid, an environment and a log of their own, and die
alone. Orders come as lines of JSON on standard input and are answered in turn:
`{"start": arguments, "environment": {...}, "log": file, "plant": module or null}` gives
`{"pid": n}`, and `{"poll": pid}` gives `{"code": null}` while it lives, then its exit code, which
is the negative number of the signal that killed it. Whatever still runs when the input ends dies.
"""

import gc
import json
import os
import random
import signal
import sys
from importlib import import_module
from typing import Any

LOADED = (
    "api.cli.serve",
    "api.cli.doubles",
    "api.cli.seed",
    "uvicorn.protocols.http.httptools_impl",
)


def main() -> None:
    for name in LOADED:
        import_module(name)
    from api.graphql.schema import build_schema

    build_schema()
    gc.freeze()
    alive: set[int] = set()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        answer = _start(order, alive) if "start" in order else _poll(order["poll"], alive)
        print(json.dumps(answer), flush=True)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def _start(order: dict[str, Any], alive: set[int]) -> dict[str, Any]:
    pid = os.fork()
    if pid == 0:
        _be(order)
    alive.add(pid)
    return {"pid": pid}


def _be(order: dict[str, Any]) -> None:
    """Be that process, to its end."""
    code = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for given, standard in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(given, standard)
        os.environ.clear()
        os.environ.update(order["environment"])
        random.seed()
        if order.get("plant"):
            import_module(order["plant"])
        from api.cli.main import main as mizan

        code = mizan(order["start"])
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 the log is where anybody would look
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _poll(pid: int, alive: set[int]) -> dict[str, Any]:
    if pid not in alive:
        return {"code": 0}
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return {"code": None}
    alive.discard(pid)
    return {"code": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    main()
