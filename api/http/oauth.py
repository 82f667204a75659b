"""OAuth 2 over HTTP: the token endpoint and the two documents that describe it."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.server import TokenAnswer, TokenEndpoint

BODY_BYTES_MAX = 16_384
FIELDS_MAX = 16
# A key is published long before it signs, so a few minutes of caching never hide one.
_DOCUMENT_HEADERS = {"Cache-Control": "public, max-age=300"}
_TOKEN_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def oauth_routes(endpoint: TokenEndpoint) -> list[Route]:
    """Lay /oauth/token, /.well-known/oauth-authorization-server and /.well-known/jwks.json."""

    async def token(request: Request) -> Response:
        fields = await _read_form(request)
        if isinstance(fields, TokenAnswer):
            return _respond(fields)
        answer = await endpoint.answer(
            authorization=request.headers.get("authorization"), fields=fields
        )
        return _respond(answer)

    async def metadata(request: Request) -> Response:
        return JSONResponse(endpoint.metadata(), headers=_DOCUMENT_HEADERS)

    async def jwks(request: Request) -> Response:
        return JSONResponse(
            endpoint.jwks(), headers=_DOCUMENT_HEADERS, media_type="application/jwk-set+json"
        )

    return [
        Route("/oauth/token", token, methods=["POST"]),
        Route("/.well-known/oauth-authorization-server", metadata, methods=["GET"]),
        Route("/.well-known/jwks.json", jwks, methods=["GET"]),
    ]


async def _read_form(request: Request) -> list[tuple[str, str]] | TokenAnswer:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        return _invalid(400, "The body is application/x-www-form-urlencoded.")
    if len(request.headers.getlist("authorization")) > 1:
        return _invalid(400, "There is one Authorization header at most.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return _invalid(413, "The body is too large.")
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        return _invalid(400, "The body is not a form.")


def _invalid(status: int, description: str) -> TokenAnswer:
    return TokenAnswer(status, {"error": "invalid_request", "error_description": description})


def _respond(answer: TokenAnswer) -> Response:
    headers = dict(_TOKEN_HEADERS)
    if answer.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="mizan"'
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)
