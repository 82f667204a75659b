"""The console is read by the people of a settlement."""

from tests.api.graphql.payouts.conftest import settling

__all__ = ["settling"]
