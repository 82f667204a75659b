"""Amounts of every number of decimals, accounts of every sort, and what is no account."""

from dataclasses import replace
from uuid import UUID

import pytest

from payouts.bank_files import (
    BankFile,
    BankFileState,
    CreditTransfer,
    DebitAccount,
    hash_content,
    write_pain001,
)
from payouts.disbursement import BankAccount, InvalidBankAccount, read_account
from payouts.money import Money
from tests.conftest import NOW
from tests.payouts.bank_files.world import SCHEMA

FILE_ID = UUID("018f0000-0000-7000-8000-00000000f11e")
OWN = BankAccount("Souq", "SA4420000001234567891234", is_iban=True, bic="RJHISARI")


def written(amounts: list[Money], creditor: BankAccount, *, debit: BankAccount = OWN) -> str:
    currency = amounts[0].currency
    total = sum(amounts[1:], amounts[0])
    file = BankFile(
        FILE_ID, currency, BankFileState.CREATED, total, len(amounts), FILE_ID, None, NOW, "m", NOW,
        None, None,
    )  # fmt: skip
    account = DebitAccount(FILE_ID, currency, debit, "m", NOW)
    transfers = [
        CreditTransfer(f"{number:032x}", amount, creditor) for number, amount in enumerate(amounts)
    ]
    return write_pain001(file, account, transfers, made_at=NOW)


@pytest.mark.parametrize(
    ("currency", "minors", "texts", "total"),
    [
        ("JPY", [1, 1_000], ["1", "1000"], "1001"),
        ("SAR", [1, 100_000], ["0.01", "1000.00"], "1000.01"),
        ("KWD", [1, 1_500], ["0.001", "1.500"], "1.501"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(
    currency: str, minors: list[int], texts: list[str], total: str
) -> None:
    content = written([Money(minor, currency) for minor in minors], OWN)
    SCHEMA.validate(content)
    for text in texts:
        assert f'<InstdAmt Ccy="{currency}">{text}</InstdAmt>' in content
    assert content.count(f"<CtrlSum>{total}</CtrlSum>") == 2


@pytest.mark.parametrize("bic", [None, "COBADEFF", "COBADEFFXXX"])
@pytest.mark.parametrize("is_iban", [True, False])
def test_every_sort_of_account_fits_the_schema(bic: str | None, is_iban: bool) -> None:
    iban = "DE89370400440532013000"
    account = read_account(
        name="A" * 140,
        iban=iban if is_iban else None,
        other=None if is_iban else "12345/678-AB",
        bic=bic,
    )
    content = written([Money(5, "SAR")], account, debit=account)
    SCHEMA.validate(content)
    assert (f"<IBAN>{iban}</IBAN>" in content) == is_iban


def test_the_same_values_give_the_same_text_and_others_another_hash() -> None:
    one = written([Money(5, "SAR")], OWN)
    assert one == written([Money(5, "SAR")], OWN)
    other = written([Money(5, "SAR")], replace(OWN, name="Souk"))
    assert hash_content(one) != hash_content(other)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"iban": "SA0380000000608010167518"}, "iban"),
        ({"iban": "SA038000000060801016751"}, "iban"),
        ({"iban": "DE8937040044053201300"}, "iban"),
        ({"iban": "XX"}, "iban"),
        ({"iban": None}, "iban"),
        ({"other": "1"}, "iban"),
        ({"iban": None, "other": "<1>"}, "other"),
        ({"iban": None, "other": "1" * 35}, "other"),
        ({"bic": "COBADEF"}, "bic"),
        ({"name": "  "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a" * 141}, "name"),
    ],
)
def test_what_is_no_account_is_refused_at_the_door(given: dict[str, str], path: str) -> None:
    whole = {"name": "Layla", "iban": "SA0380000000608010167519", "other": None, "bic": None}
    with pytest.raises(InvalidBankAccount) as refused:
        read_account(**{**whole, **given})
    assert refused.value.path == (path,)


def test_an_account_shows_nothing_of_itself_in_a_log() -> None:
    assert "1234" not in repr(OWN)
    assert "Souq" not in repr(OWN)
