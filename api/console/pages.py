"""The pages of the console: files of this package, the same for everybody who asks.

They hold nothing of any network. Who signs in fetches a token at /oauth/token, and everything shown
comes through /graphql and the documents of a statement, which decide what this caller may see.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

PATH = "/console"
PAGE = "page.html"
_FOLDER = Path(__file__).parent / "assets"
_FONTS = Path(__file__).parents[1] / "documents" / "fonts"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
# Named one by one, so no name of a request ever becomes a path.
ASSETS = {
    name: folder / name
    for folder, names in (
        (
            _FOLDER,
            (
                "page.css",
                "parts.css",
                "page.js",
                "session.js",
                "door.js",
                "trouble.js",
                "documents.js",
                "follow.js",
                "turns.js",
                "progress.js",
                "build.js",
                "period.js",
                "words.js",
                "words-en.js",
                "words-ar.js",
                "settlement.js",
                "cycle.js",
                "statements.js",
                "payouts.js",
                "imports.js",
            ),
        ),
        (
            _FONTS,
            (
                "NotoNaskhArabic-Regular.ttf",
                "NotoNaskhArabic-Bold.ttf",
                "LICENSE-NotoNaskhArabic.txt",
            ),
        ),
    )
    for name in names
}

# Scripts, styles and connections of this server alone, nothing inline, and no text ever becomes
# markup. Forms are sent by the page's program: without it none is sent, to whatever place.
_SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # The programs of the page belong together, so each is asked for again; mostly it is unchanged.
    "cache-control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent, and the tag that its bytes have."""

    content: bytes
    media_type: str
    tag: str


def console_routes() -> list[Route]:
    """Lay /console and the files that its page loads."""
    return [
        Route(PATH, _page, methods=["GET"]),
        Route(f"{PATH}/assets/{{name}}", _asset, methods=["GET"]),
    ]


async def _page(request: Request) -> Response:
    return _answer(request, _read(_FOLDER / PAGE))


async def _asset(request: Request) -> Response:
    path = ASSETS.get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("Not found", status_code=404)
    return _answer(request, _read(path))


def _answer(request: Request, file: _File) -> Response:
    headers = {**_SECURITY, "etag": file.tag}
    known = request.headers.get("if-none-match", "")
    if file.tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.media_type)


@cache
def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _MEDIA_TYPES[path.suffix], f'"{sha256(content).hexdigest()[:32]}"')
