"""Whatever a superuser alters is named: what it is, in which block, at which place, in which journal."""

from api.anchors import read_anchors
from api.cli.verify import Against, hold_books
from api.database.cluster import Cluster
from api.database.engine import Addresses
from payouts.seals import Verdict
import pytest
from tests.payouts.seals.world import BOOK, Sealed


@pytest.fixture
def found(cluster: Cluster, database_name: str) -> Addresses:
    url = cluster.url(user="postgres", database=database_name)
    return Addresses(application=url, migrator=url, role=None)


async def hold(sealed: Sealed, found: Addresses, **changes) -> Verdict:
    against = Against(keys=sealed.keys.public(), anchors=sealed.anchors.path)
    return await hold_books(found, against, now=sealed.clock.now())


async def test_a_book_that_nobody_touched_is_sound(sealed: Sealed, found: Addresses) -> None:
    await sealed.block_of("a", "b", "c")
    await sealed.block_of("d")
    verdict = await hold(sealed, found)
    assert verdict.faults == ()
    assert (verdict.journals, verdict.blocks, verdict.anchors) == (4, 2, 2)
