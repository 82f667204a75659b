"""Writes bank files of ISO 20022 (pain.001.001.09). The same values give the same text."""

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from payouts.bank_files.model import BankFile, CreditTransfer, DebitAccount
from payouts.disbursement import BankAccount

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
UNKNOWN_BANK = "NOTPROVIDED"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

register_namespace("", NAMESPACE)


def write_pain001(
    file: BankFile, debit: DebitAccount, transfers: Sequence[CreditTransfer], *, made_at: datetime
) -> str:
    """Write the payment order of a file: one debit account, one payment block."""
    document = Element(_named("Document"))
    order = _in(document, "CstmrCdtTrfInitn")
    head = _in(order, "GrpHdr")
    _in(head, "MsgId", file.message_id)
    _in(head, "CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _counts(head, transfers)
    _in(_in(head, "InitgPty"), "Nm", debit.account.name)
    block = _in(order, "PmtInf")
    _in(block, "PmtInfId", f"{file.message_id}-1")
    _in(block, "PmtMtd", "TRF")
    _counts(block, transfers)
    _in(_in(block, "ReqdExctnDt"), "Dt", made_at.date().isoformat())
    _in(_in(block, "Dbtr"), "Nm", debit.account.name)
    _account(_in(block, "DbtrAcct"), debit.account, currency=debit.currency)
    _agent(_in(block, "DbtrAgt"), debit.account)
    for one in transfers:
        _transfer(_in(block, "CdtTrfTxInf"), one)
    return _HEAD + tostring(document, encoding="unicode") + "\n"


def _named(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _in(place: Element, tag: str, text: str | None = None) -> Element:
    made = SubElement(place, _named(tag))
    made.text = text
    return made


def _counts(place: Element, transfers: Sequence[CreditTransfer]) -> None:
    _in(place, "NbOfTxs", str(len(transfers)))
    total = sum((one.amount for one in transfers[1:]), transfers[0].amount)
    _in(place, "CtrlSum", str(total.decimal))


def _transfer(place: Element, one: CreditTransfer) -> None:
    _in(_in(place, "PmtId"), "EndToEndId", one.end_to_end_id)
    amount = _in(_in(place, "Amt"), "InstdAmt", str(one.amount.decimal))
    amount.set("Ccy", one.amount.currency)
    if one.creditor.bic is not None:
        _agent(_in(place, "CdtrAgt"), one.creditor)
    _in(_in(place, "Cdtr"), "Nm", one.creditor.name)
    _account(_in(place, "CdtrAcct"), one.creditor)


def _account(place: Element, account: BankAccount, *, currency: str | None = None) -> None:
    number = _in(place, "Id")
    if account.is_iban:
        _in(number, "IBAN", account.number)
    else:
        _in(_in(number, "Othr"), "Id", account.number)
    if currency is not None:
        _in(place, "Ccy", currency)


def _agent(place: Element, account: BankAccount) -> None:
    bank = _in(place, "FinInstnId")
    if account.bic is not None:
        _in(bank, "BICFI", account.bic)
    else:
        _in(_in(bank, "Othr"), "Id", UNKNOWN_BANK)
