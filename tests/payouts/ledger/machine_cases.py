"""Lives of a book in which the ledger and its model once differed."""

from tests.payouts.ledger.ledger_steps import Item, Place, Post, Step

CASES: dict[str, list[Step]] = {
    "after a refused journal, the next moves the same account second": [
        Post((Item("owe", 9), Item("settle", 9), Item("pend", 9))),
        Post((Item("spend", 5, flaw="unbalanced"), Item("confirm", 7))),
        Post((Item("owe", 5, flaw="unbalanced"), Item("net", 3))),
    ],
    "a hold beyond 64 bits": [Place(2, 2**63), Place(0, 2**64)],
    "holds that are together beyond 64 bits": [
        Post((Item("earn", 2**63 - 1),)),
        Place(5, 2**63 - 1),
        Place(5, 2**63 - 1),
    ],
    "a hold beyond 64 bits below what is owed": [
        Post((Item("owe", -(2**63) + 1),)),
        Place(2, 2**63 - 1),
    ],
}
