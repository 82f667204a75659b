from tests.api.graphql.payouts.conftest import settling as settling
