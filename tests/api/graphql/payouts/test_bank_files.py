"""A network pays by file over the door: accounts, the file, two persons, and the bank's answer."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.auth.caller import Role
from catalog.vouchers import Vault
from tests.api.graphql.payouts.test_settlement import codes
from tests.api.graphql.payouts.world import Settling
from tests.payouts.reconciliation.camt import ACCOUNT, document, entry, statement

IBAN = "SA0380000000608010167519"
FILES = """{ bankFiles { id state currency amount { minor } linesCount contentHash messageId
  createdBy releasedBy debitAccount { number }
  lines { endToEndId amount { minor } payout { id state } } } }"""
FILE = "bankFile { id state contentHash createdBy releasedBy }"
CONTENT = "query($id: ID!) { bankFileContent(id: $id) }"


@dataclass
class Filing:
    """The network, and what its people do."""

    settling: Settling

    async def do(self, *args: Any, **given: Any) -> dict[str, Any]:
        return await self.settling.door.do(*args, **given)

    async def file(self) -> dict[str, Any]:
        listed = await self.settling.door.read(self.settling.maker, FILES)
        found: dict[str, Any] = listed["bankFiles"][0]
        return found

    async def name(self, *, key: str = "name", iban: str = IBAN) -> dict[str, Any]:
        return await self.do(
            self.settling.as_member,
            "nameBankAccount",
            "payee { id state bankAccountLast4 destinationPending }",
            idempotencyKey=key,
            country="SA",
            account={"name": "Layla", "iban": iban},
        )

    async def payout(self) -> dict[str, Any]:
        listed = await self.settling.door.read(
            self.settling.as_member, "{ payouts(first: 1) { edges { node { id state reason } } } }"
        )
        found: dict[str, Any] = listed["payouts"]["edges"][0]["node"]
        return found


@pytest.fixture
async def filing(settling: Settling) -> Filing:
    """A network that pays by file, whose member has an account and ordered 30.00."""
    settling = replace(settling, door=replace(settling.door, vault=Vault.of_new_key()))
    made = Filing(settling)
    policy = await made.do(
        settling.operator,
        "publishDestinationPolicy",
        "destinationPolicy { rail cooldownHours }",
        cooldownHours=24,
        rail="BANK_FILE",
    )
    assert policy["destinationPolicy"] == {"rail": "BANK_FILE", "cooldownHours": 24}
    account = await made.do(
        settling.maker,
        "publishDebitAccount",
        "debitAccount { currency number name bic }",
        currency="SAR",
        account={"name": "Souq", "iban": ACCOUNT, "bic": "RJHISARI"},
    )
    assert account["debitAccount"] == {
        "currency": "SAR",
        "number": ACCOUNT,
        "name": "Souq",
        "bic": "RJHISARI",
    }
    named = await made.name()
    assert {**named["payee"], "id": None} == {
        "id": None,
        "state": "ACTIVE",
        "bankAccountLast4": "7519",
        "destinationPending": False,
    }
    asked = await made.do(
        settling.as_member,
        "requestCashbackPayout",
        "payout { state }",
        amount={"currency": "SAR", "decimal": "30.00"},
    )
    assert asked["payout"] == {"state": "SCHEDULED"}
    await settling.work()
    return made


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
