"""What goes around every answer: a request id, the security headers, a line in the log."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import OTHER, Metrics

OPERATION = "mizan.graphql.operation"
PATHS = frozenset(
    {"/graphql", "/oauth/token", "/.well-known/oauth-authorization-server"}
    | {"/.well-known/jwks.json", "/webhooks/stripe", "/healthz", "/readyz", "/metrics"}
    | {"/console"}
)
STATEMENTS = "/statements/"
# Asked for every few seconds by machines; a line for each would bury the others.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    # What shows a page says for itself what the page may load.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
_log = structlog.get_logger("mizan.http")


class Frame:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, is_https: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = dict(_SECURITY)
        if is_https:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand a socket or the lifespan through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        status = 500

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, framed)
        finally:
            self._note(scope, status, time.monotonic() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path = _known(scope["path"])
        operation = getattr(scope.get(OPERATION), "operation_name", None)
        self._metrics.count(path=path, operation=operation, status=status, seconds=seconds)
        if path not in _QUIET:
            _log.info(
                "answered",
                method=scope["method"],
                path=path,
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )


def _known(path: str) -> str:
    # What a client names itself, the id of a statement too, would make a series of its own.
    if path.startswith(STATEMENTS):
        return STATEMENTS
    return path if path in PATHS else OTHER


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(text):
                return str(text)
    return uuid4().hex
