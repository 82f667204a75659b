"""Whether the books stand is told at /readyz and /metrics, and a halt takes nothing else down."""

from datetime import timedelta

import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.books import BooksWatch
from tests.conftest import NOW
from tests.factories.small_network import found_network
from tests.graphql_client import running_app
from tests.payouts.halts.acts import halt, lift_all

TOP_UP = {"amount": {"currency": "SAR", "decimal": "5.00"}}


async def figures(http: httpx2.AsyncClient) -> dict[str, str]:
    lines = (await http.get("/metrics")).text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if line and not line.startswith("#")]
    return {name: value for name, value in pairs if "books" in name or "invariant" in name}


async def test_sound_books_are_told(database: Database) -> None:
    async with running_app(database) as app:
        answer = await app.http.get("/readyz")
        assert answer.status_code == 200
        assert (answer.json()["books"], answer.json()["halts"]) == ("ok", [])
        assert await figures(app.http) == {
            "mizan_books_age_seconds": "NaN",
            "mizan_books_halted": "0.0",
        }


async def test_a_halt_is_told_and_the_service_is_ready_all_the_same(database: Database) -> None:
    for network_id, name in ((7, "balance_floors"), (8, "balance_floors"), (8, "hold_bounds")):
        await halt(database, network_id, name)
    watch = BooksWatch()
    async with running_app(database, books_age_seconds=watch.age_seconds) as app:
        answer = await app.http.get("/readyz")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["status"], body["books"]) == ("ok", "halted")
        assert body["halts"] == ["balance_floors", "hold_bounds"]
        assert await figures(app.http) == {
            "mizan_books_age_seconds": "NaN",
            "mizan_books_halted": "3.0",
            'mizan_invariant_breaches{invariant="balance_floors"}': "4.0",
            'mizan_invariant_breaches{invariant="hold_bounds"}': "2.0",
        }
        await lift_all(database)
        assert (await app.http.get("/readyz")).json()["books"] == "ok"
        assert (await figures(app.http)).keys() == {"mizan_books_age_seconds", "mizan_books_halted"}


async def test_books_that_cannot_be_asked_are_not_called_sound(
    database: Database, superuser: AsyncConnection
) -> None:
    await superuser.execute(text("REVOKE SELECT ON payouts.halt FROM mizan_app"))
    async with running_app(database) as app:
        body = (await app.http.get("/readyz")).json()
        assert (body["books"], body["halts"]) == ("unknown", [])
        assert (await figures(app.http))["mizan_books_halted"] == "NaN"


async def test_a_halted_order_says_what_happened_and_succeeds_with_its_key_when_lifted(
    database: Database,
) -> None:
    souq = await found_network(database)
    made = await halt(database, souq.network_id)
    async with running_app(database, network_id=souq.network_id) as app:
        maker, checker = app.as_staff("finance_maker"), app.as_staff("finance_checker")
        order = {"idempotencyKey": "one", **TOP_UP}
        told = {
            locale: await maker.mutate("topUpStripeBalance", order, "topUp { id }", locale=locale)
            for locale in ("en", "ar")
        }
        for payload in told.values():
            (problem,) = payload["problems"]
            assert (problem["code"], problem["retryable"]) == ("HALTED", True)
            assert payload["topUp"] is None
        english = told["en"]["problems"][0]["message"]
        assert "money is safe and was not touched" in english
        assert "again later" in english
        assert "أموالك آمنة" in told["ar"]["problems"][0]["message"]

        shown = "halts(open: true) { id invariant breaches everyNetwork openedAt liftedBy }"
        (found,) = (await maker.data(f"{{ {shown} }}"))["halts"]
        assert found["invariant"] == made.invariant
        assert (found["breaches"], found["everyNetwork"], found["liftedBy"]) == (2, False, None)
        lifting = {"haltId": found["id"], "reason": "The posting was put right."}
        refused = await maker.mutate("liftHalt", lifting, "halt { id }")
        assert [one["code"] for one in refused["problems"]] == ["FORBIDDEN"]
        empty = await checker.mutate("liftHalt", {**lifting, "reason": ""}, "halt { id }")
        assert [one["code"] for one in empty["problems"]] == ["INVALID_INPUT"]
        app.clock.advance(minutes=3)
        lifted = await checker.mutate("liftHalt", lifting, "halt { id liftedAt liftedBy reason }")
        assert lifted["problems"] == []
        assert lifted["halt"] == {
            "id": found["id"],
            "liftedAt": (NOW + timedelta(minutes=3)).isoformat(),
            "liftedBy": "staff:finance_checker",
            "reason": "The posting was put right.",
        }
        again = await checker.mutate("liftHalt", lifting, "halt { id }")
        assert [one["code"] for one in again["problems"]] == ["STATE_CONFLICT"]

        done = await maker.mutate("topUpStripeBalance", order, "topUp { id }")
        assert (done["problems"], done["replayed"]) == ([], False)
        assert (await maker.data("{ halts(open: true) { id } }"))["halts"] == []
        assert len((await maker.data("{ halts { id } }"))["halts"]) == 1


async def test_a_halt_of_all_networks_is_lifted_by_the_platform_alone(database: Database) -> None:
    souq = await found_network(database)
    await halt(database, 0)
    async with running_app(database, network_id=souq.network_id) as app:
        own = app.as_staff("finance_checker")
        (seen,) = (await own.data("{ halts { id everyNetwork } }"))["halts"]
        assert seen["everyNetwork"] is True
        refused = await own.mutate("liftHalt", {"haltId": seen["id"], "reason": "no"})
        assert [one["code"] for one in refused["problems"]] == ["NOT_FOUND"]
        platform = app.as_staff("finance_checker", network_id=0)
        (seen,) = (await platform.data("{ halts(open: true) { id } }"))["halts"]
        lifted = await platform.mutate("liftHalt", {"haltId": seen["id"], "reason": "yes"})
        assert lifted["problems"] == []
        assert (await own.data("{ halts(open: true) { id } }"))["halts"] == []
