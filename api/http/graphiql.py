"""GraphiQL for a browser, served whole from this package: it works without the internet."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

_FOLDER = Path(__file__).parent / "assets" / "graphiql"
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
# Named one by one, so no name of a request ever becomes a path.
_ASSETS = frozenset(
    {
        "react.production.min.js",
        "react-dom.production.min.js",
        "graphiql.min.js",
        "graphiql.min.css",
        "page.js",
        "page.css",
        "LICENSE-graphiql.txt",
        "LICENSE-react.txt",
        "LICENSE-react-dom.txt",
    }
)

_SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mizan · GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{path}/assets/graphiql.min.css">
<link rel="stylesheet" href="{path}/assets/page.css">
</head>
<body>
<div id="graphiql" data-endpoint="{path}">Loading…</div>
<noscript>GraphiQL needs JavaScript. The API itself answers POST {path}.</noscript>
<script src="{path}/assets/react.production.min.js"></script>
<script src="{path}/assets/react-dom.production.min.js"></script>
<script src="{path}/assets/graphiql.min.js"></script>
<script src="{path}/assets/page.js"></script>
</body>
</html>
"""


def wants_graphiql(request: Request) -> bool:
    """Tell a browser that opens the address from a client that queries it."""
    return (
        request.method == "GET"
        and "text/html" in request.headers.get("accept", "")
        and "query" not in request.query_params
    )


def graphiql_page(path: str) -> Response:
    """Render the page for the endpoint at this path."""
    headers = {**_SECURITY, "cache-control": "no-cache", "vary": "accept"}
    return HTMLResponse(_PAGE.format(path=path), headers=headers)


async def graphiql_asset(request: Request) -> Response:
    """Answer with one file of the page."""
    name = request.path_params["name"]
    if name not in _ASSETS:
        return PlainTextResponse("Not found", status_code=404)
    file = _FOLDER / name
    headers = {**_SECURITY, "cache-control": "public, max-age=3600"}
    return FileResponse(file, media_type=_MEDIA_TYPES[file.suffix], headers=headers)
