"""GraphQL over HTTP, server-sent events and WebSocket, with the guard in front of all three."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.schema import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UNSET, UnsetType

from api.graphql.document_guard import (
    DEADLINE_EXCEEDED,
    DEADLINE_SECONDS,
    GuardedRequest,
    guard_schema,
    guarded_request,
    strictest_limits,
)
from api.graphql.document_limits import DocumentLimits
from api.graphql.shown_errors import mask_unexpected, shown_errors
from api.http.graphiql import graphiql_asset, graphiql_page, wants_graphiql
from api.http.request_guard import (
    OperationRequest,
    RequestRefused,
    operation_of,
    parse_json_object,
    read_operation,
)

GRAPHQL_RESPONSE = "application/graphql-response+json"
_OPERATION = "mizan.graphql.operation"
# Errors about the document itself, for which application/json traditionally answers 200.
_DOCUMENT_ERRORS = frozenset({"DOCUMENT_UNREADABLE", "DOCUMENT_INVALID"})

ContextFactory = Callable[[Request | WebSocket], Awaitable[object]]
SocketAuthenticator = Callable[[object], Awaitable[None]]


class GuardedWebSocket(ASGIWebSocketAdapter):
    """Speaks text frames and lets only well-formed messages reach the protocol."""

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """Yield the messages of a connection, each within the bounds of a request body."""
        try:
            while self.ws.application_state != WebSocketState.DISCONNECTED:
                text = await self.ws.receive_text()
                try:
                    yield _message_of(text)
                except RequestRefused as refused:
                    if not ignore_parsing_errors:
                        raise NonJsonMessageReceived from refused
        except KeyError as binary:
            raise NonTextMessageReceived from binary
        except WebSocketDisconnect:
            return

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message as text; browsers' clients of the protocol read no binary frames."""
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class MizanGraphQL(GraphQL[object, None]):
    """The one GraphQL endpoint: JSON over GET and POST, server-sent events, WebSocket.

    `context_factory` builds what resolvers see and may refuse a caller with RequestRefused;
    `limits_for` tells from that context how large a document may be. On a WebSocket the context
    is built at the handshake, before the client has sent its connection parameters: these arrive
    in `context.connection_params`, and `authenticate_socket` is then asked to accept them.
    """

    websocket_adapter_class = GuardedWebSocket

    def __init__(
        self,
        schema: Schema,
        *,
        context_factory: ContextFactory,
        limits_for: Callable[[object], DocumentLimits] = strictest_limits,
        authenticate_socket: SocketAuthenticator | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        allowed_origins: Sequence[str] = (),
    ) -> None:
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            allowed_origins=allowed_origins,
        )
        guard_schema(schema)
        self._context_factory = context_factory
        self._limits_for = limits_for
        self._authenticate_socket = authenticate_socket
        self._deadline_seconds = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one socket until it closes."""
        guarded_request.set(GuardedRequest(self._limits_for, self._deadline_seconds))
        if scope["type"] == "websocket":
            socket = WebSocket(scope, receive=receive, send=send)
            try:
                await self.run(socket)
            except RequestRefused as refused:
                await socket.close(4403, refused.message[:120])
            return
        request = Request(scope, receive=receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if wants_graphiql(request):
            return graphiql_page(request.scope["root_path"] + request.scope["path"])
        try:
            request.scope[_OPERATION] = await read_operation(request)
            return await self.run(request)
        except RequestRefused as refused:
            error = GraphQLError(refused.message, extensions={"code": refused.code})
            return self._respond(request, refused.status, error, refused.headers)
        except ClientDisconnect:
            raise
        except Exception as unexpected:  # noqa: BLE001 the last place that can still answer
            return self._respond(request, 500, mask_unexpected(unexpected), {})

    def _respond(
        self, request: Request, status: int, error: GraphQLError, headers: Mapping[str, str]
    ) -> Response:
        return Response(
            self.encode_json({"errors": [error.formatted]}),
            status_code=status,
            headers={"cache-control": "no-store", "vary": "accept", **headers},
            media_type=_media_type(request),
        )

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> object:
        """Build what resolvers see."""
        return await self._context_factory(request)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Start the answer with the media type that the client prefers."""
        response = await super().get_sub_response(request)
        response.media_type = _media_type(request)
        return response

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Hand over what the guard has read already."""
        transport = self._get_stream_transport_from_headers(request.headers)
        operation: OperationRequest = request._request.scope[_OPERATION]  # type: ignore[attr-defined]  # noqa: SLF001
        return GraphQLRequestData(
            query=operation.query,
            variables=operation.variables,
            operation_name=operation.operation_name,
            extensions=operation.extensions,
            protocol=transport.protocol if transport else "http",
        )

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: object,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Execute one operation, if its kind may come by this method."""
        try:
            return await self.schema.execute(
                request_data.query,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                # A single answer has no place for a stream of events.
                allowed_operation_types=OperationType.from_http(request_adapter.method)
                - {OperationType.SUBSCRIPTION},
                operation_extensions=request_data.extensions,
            )
        except CannotGetOperationTypeError:
            raise RequestRefused(
                400, "OPERATION_NOT_FOUND", "The document holds no such operation."
            ) from None
        except InvalidOperationTypeError as invalid:
            raise _wrong_transport(invalid.operation_type) from None

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Shape a result: masked errors, and no `data` member when nothing was executed."""
        answer: dict[str, Any] = {}
        if result.errors:
            answer["errors"] = [error.formatted for error in shown_errors(result.errors)]
        if result.data is not None or any(error.path for error in result.errors or ()):
            answer["data"] = result.data
        if result.extensions:
            answer["extensions"] = result.extensions
        return answer  # type: ignore[return-value]

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """Answer with the status that the errors call for, and what the document cost."""
        assert isinstance(response_data, dict)
        media_type = sub_response.media_type or "application/json"
        headers = {"cache-control": "no-store", "vary": "accept"}
        seen = guarded_request.get()
        if seen is not None and seen.analysis is not None:
            headers["x-mizan-cost"] = str(seen.analysis.cost)
        return Response(
            self.encode_json(response_data),
            status_code=_status_of(response_data, media_type),
            headers=headers,
            media_type=media_type,
        )

    def encode_json(self, data: object) -> bytes:
        """Encode as UTF-8: Arabic stays Arabic on the wire."""
        try:
            return orjson.dumps(data)
        except TypeError:
            # An integer of more than 64 bits, which only a scalar of the schema can make.
            return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

    async def on_ws_connect(self, context: object) -> UnsetType | dict[str, object] | None:
        """Ask the door to accept the connection parameters of a socket."""
        if self._authenticate_socket is not None:
            try:
                await self._authenticate_socket(context)
            except RequestRefused as refused:
                raise ConnectionRejectionError from refused
        no_payload: UnsetType = UNSET
        return no_payload


def graphql_routes(
    schema: Schema,
    *,
    context_factory: ContextFactory,
    limits_for: Callable[[object], DocumentLimits] = strictest_limits,
    authenticate_socket: SocketAuthenticator | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
    allowed_origins: Sequence[str] = (),
    path: str = "/graphql",
) -> list[BaseRoute]:
    """List the routes of the endpoint: HTTP, WebSocket and the files of GraphiQL."""
    view = MizanGraphQL(
        schema,
        context_factory=context_factory,
        limits_for=limits_for,
        authenticate_socket=authenticate_socket,
        deadline_seconds=deadline_seconds,
        allowed_origins=allowed_origins,
    )
    return [
        Route(path, view),
        WebSocketRoute(path, view),
        Route(f"{path}/assets/{{name}}", graphiql_asset),
    ]


def _message_of(text: str) -> dict[str, Any]:
    message = parse_json_object(text.encode("utf-8", "surrogatepass"))
    if message.get("type") == "subscribe":
        payload = message.get("payload")
        if not isinstance(payload, dict) or not isinstance(message.get("id"), str):
            raise RequestRefused(400, "REQUEST_INVALID", "A subscription needs id and payload.")
        operation_of(payload)
    return message


def _media_type(request: Request | WebSocket) -> str:
    accepts = request.headers.get("accept", "")
    return GRAPHQL_RESPONSE if GRAPHQL_RESPONSE in accepts else "application/json"


def _wrong_transport(operation: OperationType) -> RequestRefused:
    if operation is OperationType.MUTATION:
        return RequestRefused(
            405, "METHOD_NOT_ALLOWED", "Send mutations by POST.", headers={"allow": "POST"}
        )
    return RequestRefused(
        400,
        "TRANSPORT_NOT_SUPPORTED",
        "Subscribe over graphql-transport-ws, or with accept: text/event-stream.",
    )


def _status_of(answer: Mapping[str, Any], media_type: str) -> int:
    if "data" in answer:
        return 200
    codes = {error.get("extensions", {}).get("code") for error in answer["errors"]}
    if DEADLINE_EXCEEDED in codes:
        return 503
    if "INTERNAL" in codes:
        return 500
    if media_type == "application/json" and codes <= _DOCUMENT_ERRORS:
        return 200
    return 400
