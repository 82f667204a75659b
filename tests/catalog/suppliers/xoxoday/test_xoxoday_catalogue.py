"""The whole catalogue of a country comes in pages that add up, or is said not to."""

import pytest

from catalog.suppliers import SupplierAnswerInvalid, SupplierBusy, SupplierRefused, XoxodaySupplier
from tests.catalog.suppliers.xoxoday.conftest import Double

pytestmark = pytest.mark.asyncio


async def test_the_feed_of_a_country_is_complete(supplier: XoxodaySupplier) -> None:
    saudi = supplier.read_feed(await supplier.fetch_feed("SA"))
    skus = [str(number) for number in (52001, 52002, 52003, 52004, 52005, 52006, 52007, 52009)]
    assert [item.supplier_sku for item in saudi.items] == skus
    assert (saudi.refused, saudi.is_complete) == ((), True)
    emirates = supplier.read_feed(await supplier.fetch_feed("AE"))
    assert [item.supplier_sku for item in emirates.items] == ["52002", "52004", "52008"]
    assert {item.country for item in emirates.items} == {"AE"}


async def test_pages_are_asked_for_until_there_are_no_more(
    supplier: XoxodaySupplier, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert double.counts()["getVouchers"] == 2  # one page, and the one behind it
    double.control("POST", "pages", {"size": 3})
    joined = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert double.counts()["getVouchers"] == 2 + 4
    assert joined == whole
    monkeypatch.setattr("catalog.suppliers.xoxoday_supplier.FEED_PAGES_MAX", 2)
    short = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert (len(short.items), short.is_complete) == (6, False)


async def test_a_country_without_a_filter_has_no_catalogue(
    supplier: XoxodaySupplier, double: Double
) -> None:
    for country in ("KE", "XX", "sa"):
        with pytest.raises(SupplierRefused) as refused:
            await supplier.fetch_feed(country)
        assert refused.value.code == "COUNTRY_NOT_SUPPORTED"
    assert double.counts() == {"token": 1, "getFilters": 1}


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("malformed_json", SupplierAnswerInvalid),
        ("error_500_before", SupplierBusy),
        ("error_429", SupplierBusy),
        ("redirect", SupplierRefused),
    ],
)
async def test_a_page_that_cannot_be_had_stops_it_all(
    supplier: XoxodaySupplier, double: Double, kind: str, ending: type[Exception]
) -> None:
    double.fault(kind, place="feed")
    with pytest.raises(ending):
        await supplier.fetch_feed("SA")
    assert "trap" not in double.counts()
