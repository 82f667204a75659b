"""Writes camt.053 documents for tests."""

ACCOUNT = "SA4420000001234567891234"


def entry(
    amount: str,
    *,
    ref: str | None = None,
    end_to_end: str | None = None,
    text: str = "",
    currency: str = "SAR",
    day: str = "2026-03-10",
    status: str = "<Sts>BOOK</Sts>",
) -> str:
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    refs = f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>" if end_to_end else ""
    said = f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
    own = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"{status}<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>{own}"
        f"<NtryDtls><TxDtls>{refs}{said}</TxDtls></NtryDtls></Ntry>"
    )


def balance(code: str, amount: str, day: str, currency: str = "SAR") -> str:
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def statement(
    opening: str,
    closing: str,
    *entries: str,
    ref: str = "STMT-1",
    day: str = "2026-03-10",
    sequence: int = 1,
) -> str:
    return (
        f"<Stmt><Id>{ref}</Id><ElctrncSeqNb>{sequence}</ElctrncSeqNb>"
        f"<CreDtTm>{day}T20:00:00Z</CreDtTm><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id>"
        f"<Ccy>SAR</Ccy></Acct>{balance('OPBD', opening, day)}{balance('CLBD', closing, day)}"
        f"{''.join(entries)}</Stmt>"
    )


def document(*statements: str, version: str = "08", prolog: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-10T20:00:00Z</CreDtTm></GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt></Document>"
    )
