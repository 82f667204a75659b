"""The public keys of the seals over HTTP, for whoever checks a proof."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.seal_keys import SealKeyFile

PATH = "/.well-known/seal-keys.json"


def seal_key_route(keys: SealKeyFile) -> Route:
    """Lay /.well-known/seal-keys.json: every key that ever signed a block, the newest first."""

    async def seal_keys(request: Request) -> Response:
        return JSONResponse(
            keys.public().jwks(),
            headers={"Cache-Control": "public, max-age=300"},
            media_type="application/jwk-set+json",
        )

    return Route(PATH, seal_keys, methods=["GET"])
