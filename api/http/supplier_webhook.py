"""Where suppliers tell that something became of an order, or of an item's availability."""

from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.clock import Clock
from api.database.transaction import PLATFORM_NETWORK_ID, Database
from catalog.redemptions import hasten_fulfilment, read_supplier_key
from catalog.rewards import report_availability
from catalog.suppliers import (
    Capability,
    EventSubject,
    ItemAvailability,
    Supplier,
    SupplierAnswerInvalid,
    SupplierEvent,
    SupplierUnauthorised,
)
from partners.networks import list_networks

BODY_BYTES_MAX = 262_144
EVENT_ID_LENGTH_MAX = 255


def supplier_webhook_route(
    *, database: Database, suppliers: Mapping[str, Supplier], clock: Clock
) -> Route:
    """Lay /webhooks/suppliers/NAME: 200 once an authentic message is taken, also the second time.

    No network is known at first: a message that is about an order names our key, which has it; one
    about how much there is of an item is for every network that sells the item. What is about anything else is
    accepted, so that it is not sent again, and changes nothing.
    """

    async def receive(request: Request) -> Response:
        name = request.path_params["name"]
        supplier = suppliers.get(name)
        if supplier is None or Capability.WEBHOOKS not in supplier.capabilities:
            return _refuse(404, "Nobody of this name sends messages here.")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return _refuse(413, "The message is too large.")
        try:
            event = supplier.read_event(dict(request.headers), bytes(body))
        except SupplierUnauthorised:
            return _refuse(401, "The message is not authentic.")
        except SupplierAnswerInvalid:
            return _refuse(400, "The message cannot be read.")
        if not event.event_id.isprintable() or len(event.event_id) > EVENT_ID_LENGTH_MAX:
            return _refuse(400, "The message cannot be read.")
        await _take(database, name, event, clock.now())
        return JSONResponse({"received": True})

    return Route("/webhooks/suppliers/{name}", receive, methods=["POST"])


async def _take(database: Database, name: str, event: SupplierEvent, now: datetime) -> None:
    """Do what a message is for."""
    if event.said is not None:
        await _report(database, name, event.said, now)
    await _hasten(database, name, event, now)


async def _hasten(database: Database, name: str, event: SupplierEvent, now: datetime) -> None:
    """Have the order that a message is about looked at now, if there is one."""
    named = None if event.key is None else read_supplier_key(event.key)
    if event.subject is not EventSubject.ORDER or event.key is None or named is None:
        return
    network_id, _ = named
    async with database.writing(network_id) as db:
        await hasten_fulfilment(
            db,
            network_id=network_id,
            supplier_name=name,
            supplier_key=event.key,
            event_id=event.event_id,
            now=now,
        )


async def _report(database: Database, name: str, said: ItemAvailability, now: datetime) -> None:
    """Let what is said of an item count in every network that sells it, in a transaction each.

    Sent again after a failure midway, the message changes nothing where it was taken.
    """
    async with database.reading(PLATFORM_NETWORK_ID) as db:
        networks = await list_networks(db)
    for network in networks:
        async with database.writing(network.network_id) as db:
            await report_availability(
                db, network_id=network.network_id, supplier_name=name, said=said, now=now
            )


def _refuse(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
