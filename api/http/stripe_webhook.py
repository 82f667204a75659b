"""The inbox for Stripe's webhooks."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.clock import Clock
from api.crash import crash_here
from api.database.transaction import PLATFORM_NETWORK_ID, Database
from payouts.rails import SignatureInvalid, verify_signature
from payouts.webhooks import accept_webhook

BODY_BYTES_MAX = 262_144


def stripe_webhook_route(*, database: Database, secrets: Sequence[str], clock: Clock) -> Route:
    """Lay /webhooks/stripe: 200 once a signed message is in the inbox, also the second time."""

    async def receive(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return _refuse(413, "The message is too large.")
        now = clock.now()
        try:
            event = verify_signature(
                bytes(body), request.headers.get("stripe-signature", ""), secrets, now
            )
        except SignatureInvalid:
            return _refuse(400, "The signature is not valid.")
        is_plain = event.account is None or str(event.account).isascii()
        names = (event.id, event.type, event.account, event.object_id, event.object_type)
        if not is_plain or not _fits(*names):
            return _refuse(400, "The message is not an event.")
        async with database.writing(PLATFORM_NETWORK_ID) as db:
            await accept_webhook(db, event=event, now=now)
        crash_here("webhook.accepted")
        return JSONResponse({"received": True})

    return Route("/webhooks/stripe", receive, methods=["POST"])


def _fits(*names: object) -> bool:
    """Tell whether names are short and of one line: an account's is sent in a header later."""
    return all(
        name is None or (isinstance(name, str) and 0 < len(name) <= 255 and name.isprintable())
        for name in names
    )


def _refuse(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
