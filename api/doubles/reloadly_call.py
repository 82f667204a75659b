"""What every endpoint of the Reloadly double reads and answers with."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.clock import Clock
from api.doubles.reloadly_stock import find_in_stock
from api.doubles.reloadly_store import Store

STAMP = "%Y-%m-%d %H:%M:%S"

Json = dict[str, Any]


class Refused(Exception):
    """An answer in the shape of Reloadly's errors."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class World:
    """What the endpoints work on."""

    store: Store
    clock: Clock
    products: tuple[Json, ...]
    folder: Path

    def product(self, number: object) -> Json | None:
        """Find a product by its number."""
        own = next((one for one in self.products if one["productId"] == number), None)
        return own or find_in_stock(self.folder, number)


def world_of(request: Request) -> World:
    """Find the state behind a request."""
    world: World = request.app.state.world
    return world


def answer(value: Any, status: int = 200) -> Response:
    """Answer JSON; decimals are written as numbers, digit by digit."""
    body = orjson.dumps(value, default=lambda number: orjson.Fragment(str(number)))
    return Response(body, status, media_type="application/json")


def answer_refused(request: Request, refused: Exception) -> Response:
    """Answer in the shape of Reloadly's errors."""
    if not isinstance(refused, Refused):
        raise refused
    now = world_of(request).clock.now()
    problem: Json = {
        "timeStamp": now.strftime(STAMP),
        "message": refused.message,
        "path": request.url.path,
        "errorCode": refused.code,
        "infoLink": None,
        "details": [],
    }
    return answer(problem, refused.status)


async def read_body(request: Request) -> Json:
    """Read a JSON object with exact numbers."""
    try:
        value = json.loads(await request.body(), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refused(400, "INVALID_REQUEST", "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "INVALID_REQUEST", "The body is not an object.")
    return value
