"""The planted bugs, each with what it does to the money and the tests that must see it."""

from tests.planted_bugs.availability_bugs import AVAILABILITY_BUGS
from tests.planted_bugs.booking_bugs import BOOKING_BUGS
from tests.planted_bugs.ledger_bugs import LEDGER_BUGS
from tests.planted_bugs.pool_bugs import POOL_BUGS
from tests.planted_bugs.product_bugs import PRODUCT_BUGS
from tests.planted_bugs.settlement_bugs import SETTLEMENT_BUGS

BUGS = [
    *AVAILABILITY_BUGS,
    *BOOKING_BUGS,
    *LEDGER_BUGS,
    *POOL_BUGS,
    *PRODUCT_BUGS,
    *SETTLEMENT_BUGS,
]
