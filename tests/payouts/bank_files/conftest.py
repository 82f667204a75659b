import pytest

from tests.payouts.bank_files.world import Files
from tests.payouts.disbursement.conftest import bank as _bank
from tests.payouts.disbursement.world import Bank

bank = _bank


@pytest.fixture
async def files(bank: Bank) -> Files:
    """A network that pays by files, whose member has 50.00 and a bank account."""
    made = Files(bank)
    await made.use_files()
    await made.debit()
    await made.name()
    await bank.give(5_000)
    return made
