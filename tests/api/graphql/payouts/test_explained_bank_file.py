"""A payout by bank file is explained to staff: its file, what the bank calls it, the bank's line."""

from typing import Any

from api.auth.caller import Role
from tests.api.graphql.explain.asking import explain_id
from tests.api.graphql.payouts.filing import FILE, Filing
from tests.api.graphql.payouts.test_explained_settlement import told
from tests.api.graphql.payouts.test_settlement import codes
from tests.payouts.reconciliation.camt import document, entry, statement


async def released(filing: Filing) -> dict[str, Any]:
    """The file once a second person let it go to the bank."""
    opened = await filing.file()
    given = {"bankFileId": opened["id"]}
    created = (await filing.do(filing.settling.maker, "createBankFile", FILE, **given))["bankFile"]
    given["contentHash"] = created["contentHash"]
    await filing.do(filing.settling.checker, "releaseBankFile", FILE, **given)
    return await filing.file()


async def answered(filing: Filing, file: dict[str, Any], amount: str, reference: str) -> None:
    (line,) = file["lines"]
    opening, closing = ("0.00", "-30.00") if amount.startswith("-") else ("-30.00", "0.00")
    said = document(
        statement(
            opening,
            closing,
            entry(amount, end_to_end=line["endToEndId"], ref=reference),
            ref=f"S-{reference}",
        )
    )
    imported = await filing.do(
        filing.settling.maker,
        "importBankStatement",
        "bankStatement { id }",
        idempotencyKey=reference,
        content=said,
    )
    assert codes(imported) == []


async def test_a_payout_leads_to_its_file_and_to_the_line_that_paid_it(filing: Filing) -> None:
    settling = filing.settling
    file = await released(filing)
    payout = await filing.payout()
    auditor = settling.person("a", Role.AUDITOR)
    before = await told(settling, auditor, payout["id"])
    assert ("Payout", "filed_in", "BankFile", "3000") in before.edges
    assert "BankEntry" not in before.kinds
    await answered(filing, file, "-30.00", "B1")
    found = await told(settling, auditor, payout["id"])
    assert {
        ("Payout", "filed_in", "BankFile", "3000"),
        ("BankEntry", "paid_as", "Payout", None),
        ("Journal", "caused_by", "BankEntry", None),
    } <= found.edges
    (line,) = file["lines"]
    (told_file,) = found.facts("BankFile")
    assert told_file == {
        "messageId": file["messageId"],
        "state": "released",
        "payouts": "1",
        "contentHash": file["contentHash"],
        "createdBy": "staff:mona",
        "releasedBy": "staff:said",
    }
    (told_payout,) = found.facts("Payout")
    assert (told_payout["state"], told_payout["endToEndId1"]) == ("paid", line["endToEndId"])
    (told_line,) = found.facts("BankEntry")
    assert (told_line["bankReference"], told_line["endToEndId"]) == ("B1", line["endToEndId"])
    sentences = {one.replace("\u00a0", "") for one in found.sentences}
    assert {
        f"The bank knows it by the end-to-end id {line['endToEndId']}.",
        f"The payout of SAR30.00 stands in bank file {file['messageId']} with SAR30.00.",
        f"Bank file {file['messageId']} was opened at 2026-03-15 09:00:00 UTC and holds SAR30.00 in"
        " 1 payouts.",
        "Line 1 of bank statement S-B1 is how the bank paid the payout of SAR30.00.",
    } <= sentences
    assert any(
        one.startswith("It was released for the bank at ") and one.endswith(" by staff:said.")
        for one in sentences
    )
    arabic = await told(settling, auditor, payout["id"], language="AR")
    assert len(arabic.sentences) == len(found.sentences)
    assert any(f"الملف البنكي {file['messageId']}" in one for one in arabic.sentences)


async def test_file_line_and_journal_lead_back_to_the_payout(filing: Filing) -> None:
    settling = filing.settling
    file = await released(filing)
    await answered(filing, file, "-30.00", "B1")
    auditor = settling.person("a", Role.AUDITOR)
    by_file = await told(settling, auditor, file["id"])
    assert ("Payout", "filed_in", "BankFile", "3000") in by_file.edges
    assert ("BankEntry", "paid_as", "Payout", None) in by_file.edges
    nodes = by_file.answer["nodes"]
    (entry_id,) = [one["id"] for one in nodes if one["kind"] == "BankEntry"]
    by_line = await told(settling, auditor, entry_id)
    assert ("Payout", "filed_in", "BankFile", "3000") in by_line.edges
    paid = [
        one["id"]
        for one in by_line.answer["nodes"]
        if one["kind"] == "Journal" and "bank_payout.paid" in one["label"]
    ]
    assert len(paid) == 1
    by_journal = await told(settling, auditor, paid[0])
    assert ("BankEntry", "paid_as", "Payout", None) in by_journal.edges
    assert "BankFile" in by_journal.kinds


async def test_what_came_back_is_told_beside_what_paid(filing: Filing) -> None:
    file = await released(filing)
    await answered(filing, file, "-30.00", "B1")
    await answered(filing, file, "30.00", "B2")
    payout = await filing.payout()
    assert payout["state"] == "RETURNED"
    found = await told(filing.settling, filing.settling.maker, payout["id"])
    assert {
        ("BankEntry", "paid_as", "Payout", None),
        ("BankEntry", "returned_as", "Payout", None),
    } <= found.edges
    assert [one.replace("\u00a0", "") for one in found.sentences if "came back" in one] == [
        "Line 1 of bank statement S-B2 is how the payout of SAR30.00 came back from the bank."
    ]


async def test_what_the_bank_refused_says_who_took_it_back(filing: Filing) -> None:
    settling = filing.settling
    await released(filing)
    payout = await filing.payout()
    given = {"payoutId": payout["id"]}
    await filing.do(settling.maker, "reportUnpaid", "payout { id }", **given)
    await filing.do(settling.checker, "returnUnpaid", "payout { id }", **given)
    found = await told(settling, settling.maker, payout["id"])
    assert (
        "The bank did not pay it, as staff:mona reported, and staff:said took it back."
        in found.sentences
    )


async def test_a_member_is_told_nothing_of_files(filing: Filing) -> None:
    settling = filing.settling
    file = await released(filing)
    await answered(filing, file, "-30.00", "B1")
    payout = await filing.payout()
    found = await told(settling, settling.as_member, payout["id"])
    assert {"BankFile", "BankEntry"} & set(found.kinds) == set()
    (line,) = file["lines"]
    assert [one for one in found.sentences if line["endToEndId"] in one or "staff:" in one] == []
    assert "endToEndId1" not in found.facts("Payout")[0]
    assert await explain_id(settling.door, settling.as_member, file["id"]) is None
