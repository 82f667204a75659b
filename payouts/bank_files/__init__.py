"""Bank files: payouts that leave by a payment order (pain.001) somebody uploads to the bank.

The outcome of a payout by file is never unknown: the file is ours, and what is in it was ordered
when a checker released it. Whether the money arrived is told by the bank's statement.
"""

from payouts.bank_files.add_to_bank_file import add_to_bank_file
from payouts.bank_files.create_bank_file import create_bank_file
from payouts.bank_files.errors import (
    BankFileAltered,
    BankFileEmpty,
    BankFileNotCreated,
    BankFileNotFound,
    BankFileNotReleased,
    BankFileReleased,
    DebitAccountMissing,
    PayoutNotWithBank,
)
from payouts.bank_files.find_filed_lines import find_filed_lines
from payouts.bank_files.model import (
    BankFile,
    BankFileLine,
    BankFileState,
    CreditTransfer,
    DebitAccount,
    FiledPayout,
    hash_content,
)
from payouts.bank_files.open_bank_file import open_bank_file
from payouts.bank_files.pain001_file import write_pain001
from payouts.bank_files.publish_debit_account import publish_debit_account
from payouts.bank_files.queries import (
    list_bank_file_lines,
    list_bank_files,
    read_debit_accounts,
    read_filed_payouts,
)
from payouts.bank_files.read_bank_file_content import read_bank_file_content
from payouts.bank_files.release_bank_file import release_bank_file
from payouts.bank_files.report_unpaid import report_unpaid
from payouts.bank_files.return_unpaid import return_unpaid

__all__ = [
    "BankFile",
    "BankFileAltered",
    "BankFileEmpty",
    "BankFileLine",
    "BankFileNotCreated",
    "BankFileNotFound",
    "BankFileNotReleased",
    "BankFileReleased",
    "BankFileState",
    "CreditTransfer",
    "DebitAccount",
    "DebitAccountMissing",
    "FiledPayout",
    "PayoutNotWithBank",
    "add_to_bank_file",
    "create_bank_file",
    "find_filed_lines",
    "hash_content",
    "list_bank_file_lines",
    "list_bank_files",
    "open_bank_file",
    "publish_debit_account",
    "read_bank_file_content",
    "read_debit_accounts",
    "read_filed_payouts",
    "release_bank_file",
    "report_unpaid",
    "return_unpaid",
    "write_pain001",
]
