"""The sound adapters conform, and every planted fault is found by the check that names it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.cli.suppliers import SUBJECTS
from api.clock import Clock
from api.conformance import CHECKS, Result, Subject, open_bench, run_checks
from api.conformance.bench import read_description
from api.doubles.standing import standing
from api.doubles.suppliers_server import DOUBLES
from api.supply import OPENERS
from tests.api.conformance import generous, planted, planted_catalogues

MESSAGES = {check.name for check in CHECKS if check.group == "messages"}
NOT_APPLICABLE = {
    "reloadly": MESSAGES
    | {
        "twin_is_the_first_order",
        "cancelled_order_is_failed",
        "item_out_of_stock_is_not_on_sale",
        "codes_of_others_are_refused",
    },
    "xoxoday": {
        "twin_is_the_first_order",
        "cancelled_order_is_failed",
        "item_out_of_stock_is_not_on_sale",
    },
    "tango": {
        "lost_token_is_renewed",
        "lost_token_orders_once",
        "quantity_is_delivered",
        "partial_batch_is_not_filled_up",
    },
    "tremendous": {
        "lost_token_is_renewed",
        "lost_token_orders_once",
        "item_out_of_stock_is_not_on_sale",
    },
}
PASSED_OF_POOLS = {
    "catalogue_is_complete",
    "catalogue_is_stable",
    "countries_are_known",
    "texts_are_plain",
    "failing_catalogue_is_tried_later",
    "wrong_credentials_are_said",
    "secrets_are_not_shown",
}


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Subject]]:
    folder: Path = tmp_path_factory.mktemp("doubles")
    with ExitStack() as doubles:
        yield {
            name: subject_at(doubles.enter_context(standing(DOUBLES[name](folder / name, Clock()))))
            for name, subject_at in SUBJECTS.items()
        }


async def results(subject: Subject, names: set[str] | None = None) -> dict[str, tuple[Result, str]]:
    async with open_bench(subject) as bench:
        return {one.name: (one.result, one.why) async for one in run_checks(bench, names=names)}


def failures(found: dict[str, tuple[Result, str]]) -> dict[str, str]:
    return {one: why for one, (result, why) in found.items() if result is Result.FAILED}


@pytest.mark.parametrize("name", NOT_APPLICABLE)
async def test_a_sound_adapter_conforms(subjects: dict[str, Subject], name: str) -> None:
    found = await results(subjects[name])
    assert failures(found) == {}
    others = {one for one, (result, _) in found.items() if result is Result.NOT_APPLICABLE}
    assert others == NOT_APPLICABLE[name]
    assert list(found) == [check.name for check in CHECKS]


@pytest.mark.parametrize(
    ("name", "more"), [("feed", set()), ("graphql", {"damaged_page_is_not_taken_for_whole"})]
)
async def test_what_is_described_is_tried_on_its_catalogue_and_its_declarations(
    subjects: dict[str, Subject], name: str, more: set[str]
) -> None:
    found = await results(subjects[name])
    assert failures(found) == {}
    declarations = {check.name for check in CHECKS if check.group == "capabilities"}
    passed = {one for one, (result, _) in found.items() if result is Result.PASSED}
    assert passed == PASSED_OF_POOLS | declarations | more
    needing = {check.name: check.needs for check in CHECKS if check.needs}
    for check, needs in needing.items():
        assert found[check] == (Result.NOT_APPLICABLE, f"no {', '.join(sorted(needs))}")
    assert list(found) == [check.name for check in CHECKS]


FAULTS: list[tuple[str, Callable[[Any], Any], set[str]]] = [
    ("xoxoday", planted_catalogues.RoundsMoney, {"prices_are_exact"}),
    ("xoxoday", planted_catalogues.ReadsOnlyTheFirstPage, {"pages_add_up"}),
    ("xoxoday", planted_catalogues.DropsAnItem, {"catalogue_names_every_item"}),
    ("xoxoday", planted_catalogues.KeepsWithdrawnItems, {"withdrawn_item_disappears"}),
    ("reloadly", planted_catalogues.KeepsOldPrices, {"new_price_gives_another_digest"}),
    ("reloadly", planted_catalogues.NeverTheSame, {"catalogue_is_stable"}),
    ("xoxoday", planted_catalogues.AllOrNothing, {"bad_item_is_refused_alone"}),
    ("xoxoday", planted_catalogues.SwallowsRefusals, {"bad_item_is_refused_alone"}),
    ("xoxoday", planted_catalogues.KeepsMarkup, {"texts_are_plain"}),
    ("reloadly", planted_catalogues.IgnoresTheCountry, {"countries_are_as_asked"}),
    ("reloadly", planted_catalogues.TakesAnyCountry, {"unknown_country_is_refused"}),
    ("reloadly", planted_catalogues.IgnoresTheCostsCurrency, {"currencies_are_as_listed"}),
    ("reloadly", planted_catalogues.TakesACutForWhole, {"damaged_page_is_not_taken_for_whole"}),
    ("xoxoday", planted.FollowsRedirects, {"redirect_is_not_followed"}),
    ("xoxoday", planted.FollowsRedirects, {"redirected_order_is_not_sent_on"}),
    ("xoxoday", planted_catalogues.TakesStrangersForBusy, {"wrong_credentials_are_said"}),
    ("xoxoday", planted.NeverRenewsItsToken, {"lost_token_is_renewed", "lost_token_orders_once"}),
    ("xoxoday", planted.ShowsItsSecret, {"secrets_are_not_shown"}),
    ("xoxoday", planted.DeclaresTooLittle, {"webhooks_is_declared"}),
    ("reloadly", planted.DeclaresTooMuch, {"cancel_is_declared"}),
    ("reloadly", planted_catalogues.HidesItsRanges, {"ranges_are_seen_where_declared"}),
    ("reloadly", planted.TreatsTimeoutAsRefused, {"timeout_before_is_unknown"}),
    ("reloadly", planted.TreatsTimeoutAsRefused, {"error_after_is_unknown"}),
    ("reloadly", planted.SendsAgain, {"timeout_before_is_unknown", "timeout_after_is_unknown"}),
    ("xoxoday", planted.TreatsBusyAsRefused, {"too_many_requests_are_busy"}),
    ("xoxoday", planted.TakesPendingForSuccess, {"pending_order_succeeds_later"}),
    ("reloadly", planted.TakesTheNearestFace, {"wrong_face_is_refused"}),
    ("xoxoday", planted.OrdersOneAtATime, {"quantity_is_delivered"}),
    ("xoxoday", planted.TellsTheListPrice, {"cost_is_what_is_charged", "changed_price_is_told"}),
    ("reloadly", planted.TellsTheListPrice, {"cost_is_in_the_catalogues_currency"}),
    ("reloadly", planted.IgnoresTheChargesCurrency, {"other_currency_is_not_ours"}),
    ("reloadly", planted.TrustsWhatIsFound, {"other_face_is_unknown"}),
    ("reloadly", planted.TakesTwinsForRefused, {"twin_is_not_hidden"}),
    ("reloadly", planted.HidesTwins, {"twin_is_not_hidden", "double_order_is_told"}),
    ("xoxoday", planted.FindsTheLatest, {"order_is_found_by_its_key", "unknown_key_is_absent"}),
    ("xoxoday", planted.FindsNothingWhenItFails, {"failing_look_up_finds_nothing_out"}),
    ("reloadly", planted.RemembersThatNothingWasFound, {"late_order_is_found_later"}),
    ("xoxoday", planted.LosesZeros, {"codes_are_exact"}),
    ("xoxoday", planted.TellsCodesOfAnother, {"codes_are_exact"}),
    ("reloadly", planted.TellsCodesInItsRepr, {"codes_are_exact"}),
    ("reloadly", planted.FillsABatchUp, {"partial_batch_is_not_filled_up"}),
    ("reloadly", planted.DeliversNothing, {"empty_codes_are_no_delivery"}),
    ("xoxoday", planted.AcceptsForgedMessages, {"forged_message_is_refused"}),
    ("xoxoday", planted.AcceptsWithoutAgreement, {"message_without_agreement_is_refused"}),
    ("xoxoday", planted.MakesUpEventIds, {"message_sent_twice_is_one"}),
]


@pytest.mark.parametrize(
    ("name", "plant", "checks"),
    FAULTS,
    ids=[f"{plant.__name__}-{sorted(checks)[0]}" for _, plant, checks in FAULTS],  # type: ignore[attr-defined]
)
async def test_a_planted_fault_is_found_by_the_checks_that_name_it(
    subjects: dict[str, Subject], name: str, plant: Callable[[Any], Any], checks: set[str]
) -> None:
    sound = subjects[name]
    spoilt = replace(sound, open=lambda account: plant(sound.open(account)))
    found = await results(spoilt, checks)
    assert {one for one, (result, _) in found.items() if result is Result.FAILED} == checks


CHECKS_OF_MORE = {
    "cancel_is_declared",
    "stock_is_declared",
    "twins_refused_is_declared",
    "twin_is_the_first_order",
    "twin_is_not_hidden",
    "cancelled_order_is_failed",
    "item_out_of_stock_is_not_on_sale",
}


@pytest.mark.parametrize(
    ("adapter", "failing"),
    [
        (generous.Generous, set()),
        (generous.OrdersTwins, {"twin_is_the_first_order"}),
        (generous.SaysThatItCancels, {"cancelled_order_is_failed"}),
        (generous.CancelsOnce, {"cancelled_order_is_failed"}),
        (generous.CancelsWhatIsNotThere, {"cancelled_order_is_failed"}),
        (generous.IgnoresStock, {"item_out_of_stock_is_not_on_sale"}),
        (generous.DropsWhatIsOutOfStock, {"item_out_of_stock_is_not_on_sale"}),
    ],
)
async def test_a_supplier_that_can_more_is_tried_in_more(
    subjects: dict[str, Subject], adapter: type[generous.Generous], failing: set[str]
) -> None:
    sound = subjects["xoxoday"]
    more = replace(sound, open=lambda account: adapter(sound.open(account)))
    async with open_bench(more) as bench:
        setattr(bench.supplier, "bench", bench)  # noqa: B010 - no part of the port
        offered = bench.description.capabilities | generous.MORE
        bench.description = replace(bench.description, capabilities=offered)
        found = {one.name: one.result async for one in run_checks(bench, names=CHECKS_OF_MORE)}
    assert {one for one, result in found.items() if result is Result.FAILED} == failing
    assert {result for one, result in found.items() if one not in failing} == {Result.PASSED}


async def test_a_supplier_without_orders_is_tried_on_its_catalogue(
    subjects: dict[str, Subject],
) -> None:
    sound = subjects["reloadly"]
    pool = replace(
        sound,
        open=lambda account: planted.SellsFromAPool(sound.open(account)),
        description={"capabilities": ["ranges"]},
    )
    async with open_bench(pool) as bench:
        verdicts = [one async for one in run_checks(bench)]
    assert [one.name for one in verdicts if one.result is Result.FAILED] == []
    applied = {one.group for one in verdicts if one.result is Result.PASSED}
    assert applied == {"capabilities", "catalogue"}
    passed = {
        one.name for one in verdicts if one.group == "catalogue" and one.result is Result.PASSED
    }
    assert passed == {
        "catalogue_is_complete",
        "catalogue_is_stable",
        "countries_are_known",
        "texts_are_plain",
        "secrets_are_not_shown",
    }


async def test_what_a_double_cannot_play_is_not_applicable(subjects: dict[str, Subject]) -> None:
    async with open_bench(subjects["xoxoday"]) as bench:
        told = {"capabilities": sorted(bench.description.capabilities), "faults": ["error_429"]}
        bench.description = read_description(told)
        verdicts = {one.name: one async for one in run_checks(bench)}
    assert [one.name for one in verdicts.values() if one.result is Result.FAILED] == []
    assert verdicts["prices_are_exact"].why == "its double has no control of catalogue"
    assert (
        verdicts["timeout_after_is_unknown"].why
        == "its double does not play timeout_after of order"
    )
    assert verdicts["twin_is_the_first_order"].why == "no twins_refused"
    assert verdicts["order_is_found_by_its_key"].result is Result.PASSED


def test_every_adapter_with_a_double_can_be_tried() -> None:
    assert set(SUBJECTS) == set(NOT_APPLICABLE) | {"feed", "graphql"}
    assert set(SUBJECTS) == set(DOUBLES)
    assert set(OPENERS) == set(NOT_APPLICABLE)
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(check.words.endswith(".") for check in CHECKS)
