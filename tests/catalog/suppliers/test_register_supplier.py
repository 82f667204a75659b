"""A network's suppliers are registered once, each on its terms."""

import pytest

from api.database.transaction import Database
from catalog.suppliers import (
    SupplierConflict,
    SupplierInvalid,
    SupplierNotFound,
    find_supplier_by_name,
    get_supplier,
)
from tests.factories.catalog import make_supplier

NETWORK = 7


async def test_registering_again_returns_the_same_and_other_terms_are_refused(
    database: Database,
) -> None:
    async with database.writing(NETWORK) as db:
        made = await make_supplier(db, network_id=NETWORK, fx_margin_bps=50)
        assert await make_supplier(db, network_id=NETWORK, fx_margin_bps=50) == made
        with pytest.raises(SupplierConflict):
            await make_supplier(db, network_id=NETWORK, fx_margin_bps=60)
        found = await get_supplier(db, network_id=NETWORK, supplier_id=made.supplier_id)
        assert found == made
        assert (found.name, found.discount_share_bps, found.fx_margin_bps) == ("reloadly", 5000, 50)


async def test_bad_terms_are_refused_and_other_networks_see_nothing(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        for bad in ({"name": "Re loadly"}, {"name": ""}, {"discount_share_bps": 10_001},
                    {"fx_margin_bps": -1}):  # fmt: skip
            with pytest.raises(SupplierInvalid):
                await make_supplier(db, network_id=NETWORK, **bad)
        assert await find_supplier_by_name(db, network_id=NETWORK, name="reloadly") is None
        made = await make_supplier(db, network_id=NETWORK)
    async with database.reading(8) as db:
        with pytest.raises(SupplierNotFound):
            await get_supplier(db, network_id=8, supplier_id=made.supplier_id)
