"""The bank's side of the story: a camt.053 statement over what moved between it and Stripe."""

from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from payouts.money import Money

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
IBAN = "SA4420000001234567891234"


@dataclass(frozen=True, slots=True)
class BankLine:
    """One entry: money in is positive."""

    amount: Money
    reference: str
    text: str


def _amount(amount: Money) -> str:
    sign = "DBIT" if amount.minor < 0 else "CRDT"
    plain = amount.decimal.lstrip("-")
    return f'<Amt Ccy="{amount.currency}">{plain}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def _balance(kind: str, amount: Money, on: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(amount)}"
        f"<Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def _entry(line: BankLine, on: date) -> str:
    return (
        f"<Ntry>{_amount(line.amount)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{on}</Dt></BookgDt>"
        f"<ValDt><Dt>{on}</Dt></ValDt><NtryDtls><TxDtls><Refs><EndToEndId>"
        f"{escape(line.reference)}</EndToEndId></Refs><RmtInf><Ustrd>{escape(line.text)}</Ustrd>"
        "</RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def write_statement(
    reference: str, sequence: int, opening: Money, lines: list[BankLine], on: date
) -> str:
    """Write a statement whose balances and entries add up."""
    closing = opening
    for line in lines:
        closing += line.amount
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{escape(reference)}</MsgId><CreDtTm>{on}T20:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{escape(reference)}</Id><ElctrncSeqNb>{sequence}</ElctrncSeqNb>"
        f"<CreDtTm>{on}T20:00:00Z</CreDtTm><Acct><Id><IBAN>{IBAN}</IBAN></Id>"
        f"<Ccy>{opening.currency}</Ccy></Acct>{_balance('OPBD', opening, on)}"
        f"{_balance('CLBD', closing, on)}{''.join(_entry(line, on) for line in lines)}"
        "</Stmt></BkToCstmrStmt></Document>"
    )
