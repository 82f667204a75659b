from tests.payouts.settlement.conftest import world

__all__ = ["world"]
