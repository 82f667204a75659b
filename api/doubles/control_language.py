"""How control endpoints of all doubles of suppliers write amounts and answers."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from payouts.money import exponent_of


def answer(value: Any, status: int = 200) -> Response:
    """Answer JSON; decimals are written as numbers, digit by digit."""
    body = orjson.dumps(value, default=lambda number: orjson.Fragment(str(number)))
    return Response(body, status, media_type="application/json")


def minor_of(amount: Decimal | Fraction | int, currency: str) -> int:
    """Count minor units, half up as shops round."""
    return int(Fraction(amount) * 10 ** exponent_of(currency) + Fraction(1, 2))


async def read_fields(request: Request) -> dict[str, Any]:
    """Read the fields of a control request; none are an empty object."""
    try:
        value = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
