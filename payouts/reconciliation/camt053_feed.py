"""Reads bank statements of ISO 20022 (camt.053, versions 2 and later).

The document comes from outside: no DTD, no entities, a bounded size and depth, and every sum is
computed again.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from payouts.money import Money
from payouts.reconciliation.errors import BankDocumentRefused
from payouts.reconciliation.model import FeedEntry, FeedStatement
from payouts.refusal import Refusal

DOCUMENT_BYTES_MAX: Final = 20_000_000
DEPTH_MAX: Final = 64
ENTRIES_MAX: Final = 100_000
STATEMENTS_MAX: Final = 1_000
REMITTANCE_LENGTH_MAX: Final = 2_000
_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1\d)\}Document")
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,5})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SIGNS = {"CRDT": 1, "DBIT": -1}
_BOOKED = ("", "BOOK")


def read_camt053(content: bytes | str) -> list[FeedStatement]:
    """Read all statements of a document. Raises BankDocumentRefused with the reason."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise _refused(f"it is larger than {DOCUMENT_BYTES_MAX:,} bytes")
    root = _parse(content)
    if not _NAMESPACE.fullmatch(root.tag):
        raise _refused("it is not a camt.053 document")
    found = _all(root, "BkToCstmrStmt", "Stmt")
    if not 1 <= len(found) <= STATEMENTS_MAX:
        raise _refused(f"it holds {len(found)} statements")
    return [_statement(one) for one in found]


class _ShallowTree(TreeBuilder):
    """Builds the tree and stops where it becomes too deep; namespaces of one message are one."""

    depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise _refused(f"it is nested deeper than {DEPTH_MAX} elements")
        local = tag if self.depth == 1 else tag.rpartition("}")[2]
        return super().start(local, attrs)

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag.rpartition("}")[2])


def _parse(content: bytes | str) -> Element:
    parser = DefusedXMLParser(
        target=_ShallowTree(), forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise _refused("it declares a document type or entities") from error
    except (ParseError, LookupError, UnicodeError, ValueError) as error:
        raise _refused("it is not well-formed XML") from error
    return root


def _refused(reason: str) -> BankDocumentRefused:
    return BankDocumentRefused(reason=reason)


def _all(place: Element, *path: str) -> list[Element]:
    return place.findall("/".join(path))


def _text(place: Element, *path: str) -> str:
    found = place.find("/".join(path))
    return "" if found is None else (found.text or "").strip()


def _required(place: Element, what: str, *paths: tuple[str, ...]) -> str:
    for path in paths:
        text = _text(place, *path)
        if text:
            return text
    raise _refused(f"{what} is missing")


def _amount(place: Element, what: str) -> Money:
    found = place.find("Amt")
    text = "" if found is None else (found.text or "").strip()
    currency = "" if found is None else found.get("Ccy", "")
    sign = _SIGNS.get(_text(place, "CdtDbtInd"))
    if sign is None:
        raise _refused(f"{what} is neither credit nor debit")
    if not _AMOUNT.fullmatch(text):
        raise _refused(f"the amount of {what} is malformed")
    try:
        amount = Money.of_decimal(text, currency)
    except Refusal as refusal:
        raise _refused(f"the amount of {what} is malformed") from refusal
    return amount if sign > 0 else -amount


def _day(place: Element, what: str, *names: str) -> date | None:
    for name in names:
        text = _text(place, name, "Dt") or _text(place, name, "DtTm")
        if text:
            if not _DAY.match(text):
                raise _refused(f"the date of {what} is malformed")
            try:
                return date.fromisoformat(text[:10])
            except ValueError as error:
                raise _refused(f"the date of {what} is malformed") from error
    return None


def _balance(statement: Element, *codes: str) -> tuple[Money, date]:
    for balance in _all(statement, "Bal"):
        if _text(balance, "Tp", "CdOrPrtry", "Cd") in codes:
            what = f"balance {codes[0]}"
            day = _day(balance, what, "Dt")
            if day is None:
                raise _refused(f"the date of {what} is missing")
            return _amount(balance, what), day
    raise _refused(f"balance {codes[0]} is missing")


def _statement(place: Element) -> FeedStatement:
    opening, from_on = _balance(place, "OPBD", "PRCD")
    closing, to_on = _balance(place, "CLBD")
    entries = tuple(_entries(place))
    currency = _text(place, "Acct", "Ccy") or opening.currency
    found = {opening.currency, closing.currency, *(one.amount.currency for one in entries)}
    if found != {currency}:
        raise _refused(f"it mixes currencies: {', '.join(sorted(found | {currency}))}")
    if sum((one.amount for one in entries), opening) != closing:
        raise _refused("its opening balance and entries do not add up to its closing balance")
    if to_on < from_on:
        raise _refused("it ends before it begins")
    sequence = _text(place, "ElctrncSeqNb") or _text(place, "LglSeqNb")
    if sequence and not re.fullmatch(r"\d{1,18}", sequence, re.ASCII):
        raise _refused("its sequence number is malformed")
    return FeedStatement(
        statement_ref=_bounded(_required(place, "the statement id", ("Id",)), 64),
        account=_bounded(
            _required(place, "the account", ("Acct", "Id", "IBAN"), ("Acct", "Id", "Othr", "Id")),
            64,
        ).replace(" ", ""),
        sequence=int(sequence) if sequence else None,
        currency=currency,
        opening=opening,
        closing=closing,
        from_on=from_on,
        to_on=to_on,
        entries=entries,
    )


def _bounded(text: str, longest: int) -> str:
    if len(text) > longest or not text.isprintable():
        raise _refused("an identification is too long or not printable")
    return text


def _entries(statement: Element) -> Iterator[FeedEntry]:
    found = _all(statement, "Ntry")
    if len(found) > ENTRIES_MAX:
        raise _refused(f"a statement has more than {ENTRIES_MAX:,} entries")
    for number, entry in enumerate(found, start=1):
        # Pending and informational entries are not in the booked balances.
        if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) in _BOOKED:
            yield _entry(entry, number)


def _entry(entry: Element, number: int) -> FeedEntry:
    what = f"entry {number}"
    booked_on = _day(entry, what, "BookgDt", "ValDt")
    if booked_on is None:
        raise _refused(f"the date of {what} is missing")
    ends = [
        _clean(one.text, 255) for one in _all(entry, "NtryDtls", "TxDtls", "Refs", "EndToEndId")
    ]
    said = [*_all(entry, "NtryDtls", "TxDtls", "RmtInf", "Ustrd")]
    said += [*entry.iterfind("NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/Ref")]
    said += [*_all(entry, "AddtlNtryInf"), *_all(entry, "NtryDtls", "TxDtls", "AddtlTxInf")]
    words = [*ends[1:], *(one.text or "" for one in said)]
    return FeedEntry(
        line=number,
        amount=_amount(entry, what),
        booked_on=booked_on,
        value_on=_day(entry, what, "ValDt"),
        bank_reference=_clean(_text(entry, "AcctSvcrRef"), 255) or None,
        end_to_end_id=(ends[0] or None) if ends else None,
        remittance=_clean(" ".join(words), REMITTANCE_LENGTH_MAX),
    )


def _clean(text: str | None, longest: int) -> str:
    plain = " ".join((text or "").split())
    return "".join(sign for sign in plain if sign.isprintable())[:longest]
