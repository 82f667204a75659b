"""The local Stripe double: a real HTTP server with state, signed webhooks and faults."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.clock import Clock
from api.doubles import stripe_people as people
from api.doubles.stripe_call import Call
from api.doubles.stripe_contract import (
    Json,
    Operation,
    StripeError,
    check_answer,
    find_operation,
    read_parameters,
)
from api.doubles.stripe_control import CONTROLS, dump_state, link_of, onboarding_page
from api.doubles.stripe_delivery import Deliverer
from api.doubles.stripe_operations import OPERATIONS, Handler
from api.doubles.stripe_progress import progress_forever
from api.doubles.stripe_reports import content_of
from api.doubles.stripe_store import KEY_LIFE_SECONDS, Store, make_id

_EXPANDABLE = frozenset({"data.source"})
_CUT_SECONDS = 0.0
KEY_LENGTH_MAX = 255


class ConnectionCut(Response):
    """Ends the connection in the middle of the answer, so that the caller learns nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise more bytes than are sent."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def _fail_before(kind: str | None) -> None:
    """Play the faults in which nothing was done."""
    if kind == "error_429":
        raise StripeError("Too many requests.", status=429, code="rate_limit")
    if kind == "error_409":
        raise StripeError("The object is locked.", status=409, code="lock_timeout")
    if kind == "error_500_before":
        raise StripeError("Something went wrong.", status=500, kind="api_error")
    if kind == "kill_before":
        _die()


def _bend(params: Json, fault: Json) -> Json:
    """Have something else done than was asked for."""
    if fault.get("kind") == "wrong_amount" and "amount" in params:
        return {**params, "amount": params["amount"] + int(fault.get("delta", 1))}
    if fault.get("kind") == "wrong_currency" and "currency" in params:
        return {**params, "currency": fault.get("currency", "usd")}
    return params


def _misstate(body: Json, fields: Json) -> Json:
    """Let an answer alone say something else; what is kept stays as it is."""
    if body["object"] == "list":
        return {**body, "data": [{**one, **fields} for one in body["data"]]}
    return {**body, **fields}


def _die() -> None:
    """End this process in the middle of a request, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def _answer(status: int, body: Json, request_id: str, *, replayed: bool = False) -> Response:
    headers = {"Request-Id": request_id}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, status, headers)


class Double:
    """Answers Stripe's API out of a store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._in_flight: set[tuple[str, str]] = set()
        self.wake = asyncio.Event()

    def call_of(self, request: Request, **more: Any) -> Call:
        """Begin what a handler sees."""
        return Call(
            store=self._store,
            now=int(self._clock.now().timestamp()),
            origin=str(request.base_url).rstrip("/"),
            **more,
        )

    async def api(self, request: Request) -> Response:
        """Answer one request of Stripe's API."""
        request_id = make_id("req")
        try:
            _authenticate(request)
            operation, ids = find_operation(request.method, request.url.path)
            text = (await request.body()).decode() or request.url.query
            params = read_parameters(operation, text)
            _check_expand(operation, params)
            call = self.call_of(
                request,
                params=params,
                ids=ids,
                account=request.headers.get("stripe-account", ""),
                key=request.headers.get("idempotency-key"),
                request_id=request_id,
            )
            return await self._answer_in_turn(operation, call, request.url.path)
        except StripeError as refusal:
            return _answer(refusal.status, refusal.body, request_id)

    async def _answer_in_turn(self, operation: Operation, call: Call, path: str) -> Response:
        if operation.method != "post" or call.key is None:
            return await self._answer_with_faults(operation, call, path)
        if len(call.key) > KEY_LENGTH_MAX:
            raise StripeError(f"An idempotency key has at most {KEY_LENGTH_MAX} characters.")
        slot = (call.account, call.key)
        if slot in self._in_flight:
            raise StripeError(
                "There is currently another in-progress request using this idempotency key.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        self._in_flight.add(slot)
        try:
            return await self._answer_with_faults(operation, call, path)
        finally:
            self._in_flight.discard(slot)

    async def _answer_with_faults(self, operation: Operation, call: Call, path: str) -> Response:
        name, handler = OPERATIONS[operation.method, operation.template]
        asked = json.dumps([path, call.params], sort_keys=True)
        with self._store.transaction():
            fault = self._store.take_fault(name) or {}
        kind = fault.get("kind")
        _fail_before(kind)
        seconds = float(fault.get("seconds", _CUT_SECONDS))
        if kind in ("slow", "timeout_before"):
            await asyncio.sleep(seconds)
        if kind == "timeout_before":
            return ConnectionCut()
        call.params = _bend(call.params, fault)
        with self._store.transaction():
            status, body, replayed = self._once(
                operation, handler, call, asked, fails=kind == "error_500_after"
            )
        self.wake.set()
        if kind == "timeout_after":
            await asyncio.sleep(seconds)
            return ConnectionCut()
        if kind == "kill_after":
            _die()
        if kind == "slow_after":
            await asyncio.sleep(seconds)
        if kind == "wrong_answer" and status == 200:
            body = _misstate(body, fault["fields"])
        return _answer(status, body, call.request_id or "", replayed=replayed)

    def _once(
        self, operation: Operation, handler: Handler, call: Call, asked: str, *, fails: bool
    ) -> tuple[int, Json, bool]:
        """Do the operation, or give the answer that was kept under its key."""
        if operation.method != "post" or call.key is None:
            return (*self._do(operation, handler, call, fails=fails), False)
        rows = self._store.rows(
            "SELECT request, status, body FROM answer WHERE account = ? AND key = ?"
            " AND created > ?",
            call.account,
            call.key,
            call.now - KEY_LIFE_SECONDS,
        )
        if rows and rows[0][0] != asked:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they"
                " were first used with.",
                kind="idempotency_error",
            )
        if rows:
            return rows[0][1], json.loads(rows[0][2]), True
        status, body = self._do(operation, handler, call, fails=fails)
        self._store.write("DELETE FROM answer WHERE created <= ?", call.now - KEY_LIFE_SECONDS)
        self._store.write(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)",
            call.account,
            call.key,
            asked,
            status,
            json.dumps(body),
            call.now,
        )
        return status, body, False

    def _do(
        self, operation: Operation, handler: Handler, call: Call, *, fails: bool
    ) -> tuple[int, Json]:
        try:
            with self._store.attempt():
                body = handler(call)
                check_answer(operation, body)
        except StripeError as refusal:
            return refusal.status, refusal.body
        if fails:
            error = {"type": "api_error", "message": "Something went wrong."}
            return 500, {"error": error}
        return 200, body

    async def contents(self, request: Request) -> Response:
        """Hand out a file of a report."""
        try:
            _authenticate(request)
            content = content_of(self.call_of(request), request.path_params["file"])
        except StripeError as refusal:
            return JSONResponse(refusal.body, refusal.status)
        return Response(content, media_type="text/csv; charset=utf-8")

    async def control(self, request: Request) -> Response:
        """Answer a control endpoint."""
        control = CONTROLS.get(request.path_params["name"])
        if control is None:
            return JSONResponse({"error": f"controls are {', '.join(sorted(CONTROLS))}"}, 404)
        text = await request.body()
        try:
            params = json.loads(text) if text else {}
            if not isinstance(params, dict):
                raise StripeError("The body is a JSON object.")
            with self._store.transaction():
                body = control(self.call_of(request, params=params))
        except StripeError as refusal:
            return JSONResponse(refusal.body, refusal.status)
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        self.wake.set()
        return JSONResponse(body)

    async def controls(self, request: Request) -> Response:
        """Say what can be played here."""
        lines = {name: (verb.__doc__ or "").splitlines()[0] for name, verb in CONTROLS.items()}
        return JSONResponse({"GET state": dump_state.__doc__, **lines})

    async def state(self, request: Request) -> Response:
        """Show everything."""
        return JSONResponse(dump_state(self.call_of(request)))

    async def onboarding(self, request: Request) -> Response:
        """Show the onboarding page; an expired link leads back to who made it."""
        token = request.path_params["token"]
        call = self.call_of(request)
        try:
            link = link_of(call, token)
        except StripeError as refusal:
            return HTMLResponse(str(refusal), refusal.status)
        if call.now > link["expires_at"]:
            return _lead_to(link["refresh_url"], "This link has expired.", 410)
        return HTMLResponse(onboarding_page(link, token))

    async def complete(self, request: Request) -> Response:
        """Complete the onboarding and lead back to who asked for it."""
        call = self.call_of(request)
        try:
            link = link_of(call, request.path_params["token"])
            if call.now > link["expires_at"]:
                return _lead_to(link["refresh_url"], "This link has expired.", 410)
            with self._store.transaction():
                people.complete_onboarding(call, link["account"])
        except StripeError as refusal:
            return HTMLResponse(str(refusal), refusal.status)
        self.wake.set()
        return _lead_to(link["return_url"], "Onboarding is complete.", 200)


def _lead_to(url: str | None, text: str, status: int) -> Response:
    return RedirectResponse(url, 303) if url else HTMLResponse(text, status)


def _authenticate(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError("Invalid API Key provided; the double takes test keys only.", status=401)


def _check_expand(operation: Operation, params: Json) -> None:
    for path in params.get("expand", []):
        if path not in _EXPANDABLE or operation.template != "/v1/balance_transactions":
            raise StripeError(f"This property cannot be expanded ({path}).", param="expand")


def create_app(
    folder: Path, *, webhook_url: str | None, webhook_secret: str, clock: Clock
) -> Starlette:
    """Make the double on a folder that holds its state; serve it with one worker."""
    store = Store(folder)
    with store.transaction():
        if webhook_url is not None:
            store.set_setting("webhook_url", webhook_url)
    double = Double(store, clock)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        deliverer = Deliverer(store, clock, webhook_secret, double.wake)
        tasks = [
            asyncio.create_task(deliverer.run()),
            asyncio.create_task(progress_forever(store, clock, double.wake)),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        store.close()

    routes = [
        Route("/_control", double.controls, methods=["GET"]),
        Route("/_control/state", double.state, methods=["GET"]),
        Route("/_control/{name}", double.control, methods=["POST"]),
        Route("/onboarding/{token}", double.onboarding, methods=["GET"]),
        Route("/onboarding/{token}/complete", double.complete, methods=["GET", "POST"]),
        Route("/v1/files/{file}/contents", double.contents, methods=["GET"]),
        Route("/{path:path}", double.api, methods=["GET", "POST", "DELETE"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)
