"""The operations that are measured."""

from collections.abc import Sequence

from tests.benchmarks.catalogue import catalogue_page, reward_detail
from tests.benchmarks.operation import Operation
from tests.benchmarks.partner_desk import partner_balance, record_purchase
from tests.benchmarks.world import World


def all_operations(world: World) -> Sequence[Operation]:
    """The operations of the figures."""
    return [
        catalogue_page(world),
        reward_detail(world),
        partner_balance(world),
        record_purchase(world),
    ]
