"""Control endpoints that play faults and count, the same at every double of a supplier."""

from collections.abc import Callable, Collection, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.doubles.control_language import answer, read_fields
from api.doubles.double_memory import DoubleMemory, Fault


def fault_routes(
    memory_of: Callable[[Request], DoubleMemory],
    places_of: Callable[[Request], Mapping[str, Collection[str]]],
) -> tuple[Route, ...]:
    """Lay the endpoints for the faults that can be played, by place, over a double's memory."""

    async def queue_fault(request: Request) -> Response:
        """Queue a fault: {"kind", "place": "order", "count": 1, "seconds": 60, "reads": 1}."""
        body, memory = await read_fields(request), memory_of(request)
        place, count, reads = body.get("place", "order"), body.get("count", 1), body.get("reads", 1)
        kinds = places_of(request).get(place, frozenset())
        if body.get("kind") not in kinds or type(count) is not int or type(reads) is not int:
            return answer({"message": f"Faults: {', '.join(sorted(kinds))}"}, 400)
        seconds = float(body.get("seconds", 60))
        memory.add_fault(Fault(body["kind"], max(count, 1), seconds, max(reads, 1), place))
        return answer({"faults": len(memory.faults())}, 201)

    async def list_faults(request: Request) -> Response:
        """List the faults that wait."""
        faults = memory_of(request).faults()
        return answer([{"kind": one.kind, "count": one.remaining} for one in faults])

    async def drop_faults(request: Request) -> Response:
        """Forget the faults that wait."""
        memory_of(request).drop_faults()
        return answer({"faults": 0})

    async def dump_counts(request: Request) -> Response:
        """Show how often each endpoint was asked."""
        return answer(memory_of(request).counts())

    async def spring_trap(request: Request) -> Response:
        """Count whoever followed a redirect, and answer as if nothing was wrong."""
        memory_of(request).count("trap")
        return answer({})

    return (
        Route("/_control/faults", queue_fault, methods=["POST"]),
        Route("/_control/faults", list_faults, methods=["GET"]),
        Route("/_control/faults", drop_faults, methods=["DELETE"]),
        Route("/_control/counts", dump_counts, methods=["GET"]),
        Route("/_control/trap", spring_trap, methods=["GET", "POST"]),
    )
