"""What can go wrong at any double of a supplier, and how silence, death and cut answers look."""

import asyncio
import os
import signal
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

ANYWHERE = frozenset(
    {"timeout_before", "timeout_after", "error_500_before", "error_500_after", "error_429"}
    | {"malformed_json", "redirect", "kill_before", "kill_after"}
)
FAULTS: Mapping[str, frozenset[str]] = {
    "order": ANYWHERE
    | {"out_of_stock", "withdrawn_item", "pending_then_success", "late_success", "duplicate"}
    | {"partial_batch", "empty_codes", "price_change"}
    | {"wrong_currency", "wrong_face", "wrong_key"},
    "lookup": ANYWHERE,
    "cards": ANYWHERE | {"wrong_order"},
    "feed": ANYWHERE,
}
"""What can be queued, by the place where it is played."""
CHANGES = frozenset(
    {"withdraw", "out_of_stock", "reprice", "control_character", "unknown_currency"}
    | {"too_many_digits"}
)
"""What can become of an item of the catalogue."""


def die() -> None:
    """End this process in the middle of a request, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


async def hang(request: Request, seconds: float) -> Response:
    """Say nothing until the caller gives up."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await request.is_disconnected():
            break
        await asyncio.sleep(0.02)
    return Response(status_code=504)


def lead_elsewhere(request: Request) -> Response:
    """Answer that it is to be had elsewhere, where a trap counts who follows."""
    trap = f"{request.scope.get('root_path', '')}/_control/trap"
    return Response(status_code=307, headers={"Location": trap})


def cut_off(answer: Response) -> Response:
    """Lose the last third of an answer."""
    body = bytes(answer.body)
    return Response(body[: len(body) * 2 // 3], answer.status_code, media_type="application/json")
