"""A network pays by file over the door: accounts, the file, two persons, and the bank's answer."""

from api.auth.caller import Role
from tests.api.graphql.payouts.filing import CONTENT, FILE, IBAN, Filing
from tests.api.graphql.payouts.test_settlement import codes
from tests.api.graphql.payouts.world import Settling
from tests.payouts.reconciliation.camt import document, entry, statement


async def test_a_file_is_made_released_taken_to_the_bank_and_answered(filing: Filing) -> None:
    settling = filing.settling
    opened = await filing.file()
    assert (opened["state"], opened["amount"], opened["linesCount"]) == (
        "OPEN",
        {"minor": "3000"},
        1,
    )
    given = {"bankFileId": opened["id"]}
    assert codes(await filing.do(settling.checker, "createBankFile", FILE, **given)) == [
        "FORBIDDEN"
    ]
    created = (await filing.do(settling.maker, "createBankFile", FILE, **given))["bankFile"]
    assert (created["state"], created["createdBy"]) == ("CREATED", "staff:mona")
    hidden = await settling.door.read(settling.maker, CONTENT, id=opened["id"])
    assert hidden == {"bankFileContent": None}
    both = settling.person("mona", Role.FINANCE_MAKER, Role.FINANCE_CHECKER)
    given["contentHash"] = created["contentHash"]
    own = await filing.do(both, "releaseBankFile", FILE, **given)
    assert codes(own) == ["MAKER_IS_CHECKER"]
    wrong = {**given, "contentHash": "0" * 64, "idempotencyKey": "wrong"}
    assert codes(await filing.do(settling.checker, "releaseBankFile", FILE, **wrong)) == [
        "STATE_CONFLICT"
    ]
    assert (await filing.file())["state"] == "CREATED"
    released = (await filing.do(settling.checker, "releaseBankFile", FILE, **given))["bankFile"]
    assert (released["state"], released["releasedBy"]) == ("RELEASED", "staff:said")
    assert (await filing.payout())["state"] == "IN_TRANSIT"
    content = await settling.door.read(settling.maker, CONTENT, id=opened["id"])
    assert f"<IBAN>{IBAN}</IBAN>" in content["bankFileContent"]
    (line,) = (await filing.file())["lines"]
    said = document(
        statement("0.00", "-30.00", entry("-30.00", end_to_end=line["endToEndId"], ref="B1"))
    )
    imported = await filing.do(
        settling.maker, "importBankStatement", "bankStatement { id }", content=said
    )
    assert codes(imported) == []
    assert (await filing.payout())["state"] == "PAID"


async def test_content_is_for_finance_alone(filing: Filing) -> None:
    settling = filing.settling
    opened = await filing.file()
    for caller in (settling.as_member, settling.as_partner(settling.shop), settling.operator):
        result = await settling.door.ask(caller, CONTENT, id=opened["id"])
        assert result.errors is not None
        assert [one.extensions["code"] for one in result.errors if one.extensions] == ["FORBIDDEN"]


async def test_a_wrong_iban_is_refused_at_the_door(filing: Filing) -> None:
    refused = await filing.name(key="wrong", iban="SA0380000000608010167518")
    (problem,) = refused["problems"]
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["account", "iban"])
    assert (await filing.name())["payee"]["bankAccountLast4"] == "7519"


async def test_another_account_is_a_change_that_its_owner_sees(filing: Filing) -> None:
    named = await filing.name(key="other", iban="DE89370400440532013000")
    assert (named["payee"]["bankAccountLast4"], named["payee"]["destinationPending"]) == (
        "7519",
        True,
    )
    shown = await filing.settling.door.read(
        filing.settling.as_member,
        "query($id: ID!) { node(id: $id) { ... on Payee { destinationChanges { state } } } }",
        id=named["payee"]["id"],
    )
    assert shown["node"]["destinationChanges"] == [{"state": "PROPOSED"}]


async def test_a_network_that_pays_by_stripe_takes_no_bank_account(settling: Settling) -> None:
    refused = await Filing(settling).name()
    assert (refused["payee"], codes(refused)) == (None, ["STATE_CONFLICT"])


async def test_finance_takes_back_what_the_bank_refused(filing: Filing) -> None:
    settling = filing.settling
    opened = await filing.file()
    given = {"bankFileId": opened["id"]}
    created = (await filing.do(settling.maker, "createBankFile", FILE, **given))["bankFile"]
    given["contentHash"] = created["contentHash"]
    await filing.do(settling.checker, "releaseBankFile", FILE, **given)
    payout = {"payoutId": (await filing.payout())["id"]}
    shown = "payout { state }"
    assert codes(await filing.do(settling.checker, "reportUnpaid", shown, **payout)) == [
        "FORBIDDEN"
    ]
    reported = await filing.do(settling.maker, "reportUnpaid", shown, **payout)
    assert reported["payout"] == {"state": "IN_TRANSIT"}
    both = settling.person("mona", Role.FINANCE_MAKER, Role.FINANCE_CHECKER)
    own = await filing.do(both, "returnUnpaid", shown, **payout)
    assert codes(own) == ["MAKER_IS_CHECKER"]
    returned = await filing.do(settling.checker, "returnUnpaid", shown, **payout)
    assert returned["payout"] == {"state": "RETURNED"}
