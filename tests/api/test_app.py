"""The application as a whole, over HTTP: health, figures, callers and languages."""

from uuid import uuid4

import pytest

from api.database.transaction import Database
from api.database.version import expected_version
from api.graphql.languages import spoken_for
from api.http.callers import accepted_languages
from api.http.metrics import Figure
from tests.graphql_client import running_app

NODE = '{ node(id: "x") { id } }'


async def test_health_and_readiness(database: Database) -> None:
    async with running_app(database) as app:
        health = await app.http.get("/healthz")
        ready = await app.http.get("/readyz")

    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ok",
        "database": "ok",
        "migrations": {"database": expected_version(), "code": expected_version()},
        "books": "ok",
        "halts": [],
        "workerAgeSeconds": None,
    }


@pytest.mark.parametrize(("age", "status"), [(59.0, 200), (61.0, 503)])
async def test_a_silent_worker_makes_the_process_unready(
    database: Database, age: float, status: int
) -> None:
    async with running_app(database, worker_age_seconds=lambda: age) as app:
        ready = await app.http.get("/readyz")

    assert (ready.status_code, ready.json()["workerAgeSeconds"]) == (status, age)


async def test_a_database_that_is_gone_makes_the_process_unready_but_alive(
    database: Database,
) -> None:
    async with running_app(database) as app:
        gone = database.engine.url.set(database="gone_for_good")
        async with running_app(Database(_engine(gone))) as lonely:
            health = await lonely.http.get("/healthz")
            ready = await lonely.http.get("/readyz")
        assert (await app.http.get("/readyz")).status_code == 200

    assert health.status_code == 200
    assert (ready.status_code, ready.json()["database"]) == (503, "unavailable")


async def test_no_token_may_ask_but_is_refused_by_the_field(database: Database) -> None:
    async with running_app(database) as app:
        answer = await app.anonymous().send(NODE)

    assert answer.status_code == 200
    assert [e["extensions"]["code"] for e in answer.json()["errors"]] == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Basic abc", "Bearer", "bearer a.b.c", "Bearer " + "x" * 9000]
)
async def test_a_bad_token_is_sent_away(database: Database, header: str) -> None:
    async with running_app(database) as app:
        answer = await app.http.post(
            "/graphql", json={"query": NODE}, headers={"authorization": header}
        )

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.json() == {
        "errors": [
            {
                "message": "The access token is not valid.",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }


async def test_an_expired_token_is_sent_away(database: Database) -> None:
    async with running_app(database) as app:
        client = app.as_staff("operator")
        before = await client.send(NODE)
        app.clock.advance(seconds=901)
        after = await client.send(NODE)

    assert (before.status_code, after.status_code) == (200, 401)


async def test_every_sort_of_caller_comes_in(database: Database) -> None:
    async with running_app(database) as app:
        for client in (
            app.as_partner(uuid4()),
            app.as_member(uuid4()),
            app.as_staff("finance_maker"),
        ):
            assert await client.run(NODE) == {"data": {"node": None}}


async def test_a_client_that_was_closed_is_sent_away_at_once_when_forgotten(
    database: Database,
) -> None:
    async with running_app(database) as app:
        client = app.as_partner(uuid4())
        app.register.clients.clear()
        answer = await client.send(NODE)

    assert answer.status_code == 401


async def test_figures_are_counted_under_bounded_names(database: Database) -> None:
    kept = [Figure("mizan_kept", "Kept.", lambda: 3), Figure("mizan_new", "New.", lambda: None)]
    async with running_app(database, unsealed_seconds=lambda: 0.25, figures=kept) as app:
        client = app.as_staff("auditor")
        await client.run("query Find " + NODE)
        for number in range(250):
            query = {"query": f"query Name{number} {NODE}"}
            await app.http.post("/graphql", json=query)
        await app.http.get("/no/such/path")
        text = (await app.http.get("/metrics")).text

    series = [
        line for line in text.splitlines() if line.startswith("mizan_graphql_operations_total")
    ]
    named = [line for line in series if 'operation="other"' not in line]
    assert 'mizan_http_requests_total{path="other",status="404"} 1.0' in text
    assert 'mizan_http_requests_total{path="/graphql",status="200"} 251.0' in text
    assert "mizan_unsealed_age_seconds 0.25" in text
    assert "mizan_kept 3.0" in text
    assert "mizan_new NaN" in text
    assert len(named) <= 200


async def test_every_answer_carries_its_id_and_the_security_headers(database: Database) -> None:
    async with running_app(database) as app:
        given = await app.http.get("/healthz", headers={"x-request-id": "abcd-1234"})
        made = await app.http.get("/nowhere", headers={"x-request-id": "no\tgood"})

    assert given.headers["x-request-id"] == "abcd-1234"
    assert len(made.headers["x-request-id"]) == 32
    for answer in (given, made):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_graphiql_keeps_its_own_content_policy(database: Database) -> None:
    async with running_app(database) as app:
        page = await app.http.get("/graphql", headers={"accept": "text/html"})

    assert page.status_code == 200
    assert page.headers["content-security-policy"] != "default-src 'none'; frame-ancestors 'none'"


async def test_the_documents_of_the_issuer_are_served(database: Database) -> None:
    async with running_app(database) as app:
        metadata = await app.http.get("/.well-known/oauth-authorization-server")
        jwks = await app.http.get("/.well-known/jwks.json")

    assert metadata.json()["token_endpoint"] == "http://mizan.test/oauth/token"
    assert len(jwks.json()["keys"]) == 2


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("ar", "ar"),
        ("ar-SA,en;q=0.8", "ar"),
        ("en;q=0.5,ar;q=0.9", "ar"),
        ("fr,de;q=0.9", "en"),
        ("fr,ar;q=0.1", "ar"),
        ("ar;q=0", "en"),
        ("ar;q=nonsense", "en"),
        ("ar;q=2", "en"),
        ("*", "en"),
        ("EN-gb, AR;q=0.9", "en"),
    ],
)
def test_the_language_is_the_one_wanted_most(header: str, locale: str) -> None:
    assert spoken_for(accepted_languages(header)) == locale


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", ("fr-CH", "fr", "en", "de")),
        ("en;q=0.1,zh-hant;q=0.5,PT-br", ("pt-BR", "zh-Hant", "en")),
        ("fr,fr,FR;q=0.2", ("fr",)),
        ("xx,english;q=0.9,de-u-co-phonebk;q=0.8,iw", ("he", "de")),
        ("de-klingon,ar-!", ("de", "ar")),
        ("fr;q=0,de;q=2", ()),
        (",".join(["*"] * 20 + ["fr"]), ()),
    ],
)
def test_the_languages_that_are_wanted_are_read_in_their_order(header, languages) -> None:
    assert accepted_languages(header) == languages


def _engine(url: object) -> object:
    from sqlalchemy.ext.asyncio import create_async_engine

    return create_async_engine(url)
