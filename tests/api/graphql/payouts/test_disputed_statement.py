"""A dispute over the door: opened by the partner, decided by a checker, explained to both."""

from payouts.seals import seal_journals
from tests.api.graphql.explain.asking import explain_id
from tests.api.graphql.payouts.world import Settling

DISPUTE = (
    "dispute { id state amount { decimal } accepted { decimal } statement { number version } }"
)
LINES = """query ($id: ID!) { statement(id: $id) { number version state net { decimal }
  lines(first: 9) { edges { node { journalId line kind side amount { decimal } } } } } }"""


async def under_review(settling: Settling) -> tuple[str, dict[str, str]]:
    """Close a cycle that may be disputed for two days; gives what the grocer owes by."""
    door = settling.door
    async with door.database.writing(settling.network_id) as db:
        await seal_journals(db, network_id=settling.network_id, now=settling.clock.now())
    payload = await door.do(
        settling.maker,
        "closeSettlementCycle",
        "settlementCycle { id statements(first: 9) { edges { node { id net { minor } } } } }",
        reviewDays=2,
    )
    nodes = [edge["node"] for edge in payload["settlementCycle"]["statements"]["edges"]]
    owing = next(one["id"] for one in nodes if int(one["net"]["minor"]) > 0)
    found = await door.read(settling.as_partner(settling.shop), LINES, id=owing)
    line = found["statement"]["lines"]["edges"][0]["node"]
    assert line["side"] == "RECEIVABLE"
    return owing, line


async def test_a_dispute_is_opened_decided_and_explained(settling: Settling) -> None:
    door, grocer = settling.door, settling.as_partner(settling.shop)
    statement, line = await under_review(settling)
    opened = await door.do(
        grocer,
        "disputeStatementLine",
        DISPUTE,
        statementId=statement,
        journalId=line["journalId"],
        line=line["line"],
        amount={"currency": "SAR", "decimal": "1.50"},
        reason="Another shop sold this.",
    )
    dispute = opened["dispute"]
    assert (dispute["state"], dispute["amount"]["decimal"]) == ("OPEN", "1.50")
    before = await door.read(grocer, LINES, id=statement)
    assert before["statement"]["state"] == "SUPERSEDED"
    decided = await door.do(
        settling.checker,
        "decideDispute",
        DISPUTE,
        disputeId=dispute["id"],
        accepted={"currency": "SAR", "decimal": "0.50"},
        remark="A third of it was.",
    )
    assert decided["dispute"]["state"] == "PARTIALLY_ACCEPTED"
    assert decided["dispute"]["accepted"]["decimal"] == "0.50"
    for reader in (grocer, settling.checker):
        told = await explain_id(door, reader, dispute["id"])
        assert told is not None
        assert ("Dispute", "contests", "Statement", None) in told.edges
        assert ("Dispute", "contests", "Journal", "150") in told.edges
        assert {"Journal"} <= {source for source, name, _, _ in told.edges if name == "caused_by"}
        assert any("need not bear" in one for one in told.sentences)
    arabic = await explain_id(door, grocer, dispute["id"], locale="ar")
    assert arabic is not None
    assert any("اعترض" in one for one in arabic.sentences)
    foreign = settling.as_partner(settling.cafe)
    assert await explain_id(door, foreign, dispute["id"]) is None
