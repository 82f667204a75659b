"""The page of the console over HTTP: what it may load, and that all of it comes from here."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette

from api.console.pages import ASSETS, console_routes
from api.database.transaction import Database
from tests.api.console.looking import ASSETS as FOLDER
from tests.api.http.loopback_server import serve
from tests.graphql_client import running_app

SCRIPTS = sorted(name for name in ASSETS if name.endswith(".js"))
BYTES_MAX = 120_000


POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


@pytest.fixture(scope="module")
def site() -> Iterator[httpx2.Client]:
    with (
        serve(Starlette(routes=console_routes())) as url,
        httpx2.Client(base_url=url, timeout=10) as client,
    ):
        yield client


async def test_the_page_is_served_to_anybody_and_holds_nothing_of_a_network(
    database: Database,
) -> None:
    async with running_app(database) as app:
        page = await app.http.get("/console")
        slashed = await app.http.get("/console/")
        figures = (await app.http.get("/metrics")).text

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.content == (FOLDER / "page.html").read_bytes()
    assert "set-cookie" not in page.headers
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-cache"
    # It may load what is here, and run nothing that stands in the page itself.
    told = [
        one.strip().partition(" ") for one in page.headers["content-security-policy"].split(";")
    ]
    assert {name: value for name, _, value in told} == POLICY
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page.text) == []
    assert "://" not in page.text
    # Its addresses are seen from /console, so it is there alone.
    assert slashed.status_code == 307
    assert slashed.headers["location"].endswith("/console")
    assert 'mizan_http_requests_total{path="/console",status="200"} 1.0' in figures


def test_every_file_that_is_loaded_is_served_from_here(site: httpx2.Client) -> None:
    page = site.get("/console")
    loaded = {
        name.rpartition("/")[2] for name in re.findall(r'(?:src|href)="(con[^"]+)"', page.text)
    }
    assert loaded == {"page.css", "parts.css", "page.js"}
    for name in SCRIPTS:
        text = (FOLDER / name).read_text()
        loaded |= set(re.findall(r'from "\./([^"]+)"', text))
        assert re.findall(r'from "(?!\./)|import\(', text) == [], name
    loaded |= set(re.findall(r'url\("([^"]+)"\)', (FOLDER / "page.css").read_text()))
    # What is served is what is loaded, and the licence of the letters.
    assert loaded | {"LICENSE-NotoNaskhArabic.txt"} == set(ASSETS)
    assert {file.name for file in FOLDER.iterdir()} == {
        name for name, path in ASSETS.items() if path.parent == FOLDER
    } | {"page.html"}

    for name, path in ASSETS.items():
        asset = site.get(f"/console/assets/{name}")
        assert (asset.status_code, asset.content) == (200, path.read_bytes()), name
        assert asset.headers["x-content-type-options"] == "nosniff"
    types = {
        name: (site.head(f"/console/assets/{name}")).headers["content-type"]
        for name in ("page.js", "page.css", "NotoNaskhArabic-Bold.ttf")
    }
    assert types == {
        "page.js": "text/javascript; charset=utf-8",
        "page.css": "text/css; charset=utf-8",
        "NotoNaskhArabic-Bold.ttf": "font/ttf",
    }


@pytest.mark.parametrize("name", SCRIPTS)
def test_nothing_that_is_told_becomes_markup_or_a_program(name: str) -> None:
    text = (FOLDER / name).read_text()

    assert "://" not in text
    sinks = r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function|srcdoc)\b"
    assert re.findall(sinks, text) == []
    assert len(text.splitlines()) <= 400


def test_the_page_is_small() -> None:
    own = [path for path in FOLDER.iterdir() if path.suffix in {".js", ".css", ".html"}]

    assert len(own) == len(SCRIPTS) + 3
    assert sum(path.stat().st_size for path in own) < BYTES_MAX


def test_what_a_browser_has_is_not_sent_again(site: httpx2.Client) -> None:
    first = site.get("/console/assets/page.js")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = site.get("/console/assets/page.js", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    changed = site.get("/console/assets/page.js", headers={"if-none-match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)


@pytest.mark.parametrize(
    "name", ["nothing.js", "page.html", "..%2fpages.py", "%2e%2e/pages.py", "__init__.py"]
)
def test_no_other_file_is_served(site: httpx2.Client, name: str) -> None:
    answer = site.get(f"/console/assets/{name}")

    assert answer.status_code == 404


def test_a_form_that_is_sent_without_the_program_goes_nowhere(site: httpx2.Client) -> None:
    answer = site.post("/console", data={"client": "a", "secret": "b"})

    assert answer.status_code == 405


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# What is written on what, and the edges and bars that must be told from what is behind them.
WRITTEN = {
    *((ink, ground) for ink in ("ink", "quiet", "accent", "bad") for ground in ("ground", "card")),
    *((tone, f"{tone}-ground") for tone in ("good", "busy", "wait", "bad")),
    ("ink", "wait-ground"),
    ("quiet", "track"),
    ("on-accent", "accent"),
}
DRAWN = {("edge", "card"), ("edge", "ground"), ("good", "track"), ("busy", "track")}


def test_it_can_be_read_by_day_and_by_night() -> None:
    """The contrasts of WCAG 2: 4.5 to 1 for what is written, 3 to 1 for what is drawn."""
    blocks = re.findall(r":root \{(.*?)\}", (FOLDER / "page.css").read_text(), re.DOTALL)
    assert len(blocks) == 2
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for block in blocks:
        colours = dict(re.findall(r"--([\w-]+): (#\w{6});", block))
        for least, pairs in ((4.5, WRITTEN), (3.0, DRAWN)):
            told = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
            assert {pair: ratio for pair, ratio in told.items() if ratio < least} == {}
