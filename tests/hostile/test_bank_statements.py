"""Bank documents that lie or attack: each is a problem with its path, and nothing is imported."""

import pytest

from tests.hostile.conftest import Attack
from tests.payouts.reconciliation.camt import document, entry, statement

GOOD = statement(
    "12.00", "15.00", entry("3.00", ref="H1"), ref="HOSTILE", day="2026-03-11", sequence=2
)
LAUGHS = (
    "<!DOCTYPE x ["
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REFUSED = "DOCUMENT_REFUSED"

DOCUMENTS: dict[str, tuple[str, str]] = {
    "a document type": (document(GOOD, prolog="<!DOCTYPE Document>"), REFUSED),
    "entities of entities": (document(GOOD, prolog=LAUGHS), REFUSED),
    "an outside entity": (document(GOOD, prolog=OUTSIDE), REFUSED),
    "no XML": ("balance;12.00", REFUSED),
    "cut off": (document(GOOD)[:-30], REFUSED),
    "of another kind": (document(GOOD).replace("camt.053", "camt.054"), REFUSED),
    "sums that do not add up": (
        document(statement("12.00", "16.00", entry("3.00", ref="H1"), ref="HOSTILE")),
        REFUSED,
    ),
    "two currencies": (
        document(statement("12.00", "15.00", entry("3.00", currency="EUR"), ref="HOSTILE")),
        REFUSED,
    ),
    "an amount in Arabic digits": (
        document(GOOD.replace(">3.00<", ">٣٫٠٠<")),
        REFUSED,
    ),
    "an amount beyond 64 bits": (
        document(GOOD.replace(">3.00<", ">99999999999999999999.00<")),
        REFUSED,
    ),
    "the same statement twice": (document(GOOD, GOOD), "DUPLICATE_DOCUMENT"),
    "empty": ("", "INVALID_INPUT"),
    "too long": ("<" + "x" * 200_001, "INVALID_INPUT"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_hostile_document_is_refused(attack: Attack, name: str) -> None:
    content, code = DOCUMENTS[name]
    async with attack.nothing_changes():
        found = await attack.problems("finance_maker", "importBankStatement", {"content": content})
    assert found == [(code, "content")]


async def test_statement_is_taken_once_and_never_with_other_content(attack: Attack) -> None:
    good = {"content": document(GOOD)}
    assert await attack.problems("finance_maker", "importBankStatement", good) == []
    other = {"content": document(GOOD.replace("3.00", "4.00").replace("15.00", "16.00"))}
    async with attack.nothing_changes():
        again = await attack.problems("finance_maker", "importBankStatement", good)
        conflict = await attack.problems("finance_maker", "importBankStatement", other)
    assert again == [("DUPLICATE_DOCUMENT", "content")]
    assert conflict == [(REFUSED, "content")]
