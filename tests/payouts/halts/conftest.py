from collections.abc import AsyncIterator

import pytest

from api.database.cluster import Cluster
from api.database.engine import Addresses, open_auditor
from api.database.transaction import Database
from tests.catalog.redemptions.conftest import buying as buying
from tests.catalog.redemptions.conftest import souq as souq
from tests.catalog.suppliers.conftest import double as double
from tests.payouts.disbursement.conftest import bank as bank
from tests.payouts.disbursement.conftest import payable as payable


@pytest.fixture
async def auditor(cluster: Cluster, database_name: str) -> AsyncIterator[Database]:
    """The test's database as the worker's round of checks sees it."""
    url = cluster.url(user="postgres", database=database_name)
    opened = open_auditor(Addresses(application=url, migrator=url, role=None))
    yield opened
    await opened.engine.dispose()
