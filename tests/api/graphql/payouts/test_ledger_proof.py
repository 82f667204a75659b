"""A proof over GraphQL, and the outsider who checks it with a script and nothing of ours."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.auth.caller import Caller, Role
from api.database.transaction import Database
from api.graphql.nodes import id_of
from api.seal_keys import open_seal_keys
from tests.api.graphql.partners.world import Door, member, partner, staff
from tests.conftest import NOW, ROOT
from tests.payouts.seals.world import BOOK, MEMBER, OTHER, SHOP, Sealed, open_sealed

SCRIPT = ROOT / "docs" / "verify_proof.py"
DOCUMENT = """
    query($id: ID!) { ledgerProof(journalId: $id) {
      journalId seq leaf path document
      lines { line digest accountType ownerId amount { minor currency } }
      block { number fromSeq toSeq root previous digest keyId signature sealedAt }
    } }
"""
AUDITOR = staff(BOOK, Role.AUDITOR)


@dataclass
class Books:
    sealed: Sealed
    door: Door
    journals: list[UUID]

    async def prove(self, caller: Caller, journal_id: UUID) -> dict[str, Any] | None:
        id_ = str(id_of("Journal", BOOK, journal_id))
        found: dict[str, Any] | None = (await self.door.read(caller, DOCUMENT, id=id_))[
            "ledgerProof"
        ]
        return found


@pytest.fixture
async def books(sealed: Sealed, tmp_path: Path) -> Books:
    door = Door(sealed.database, tmp_path / "clock")
    door.set_clock(NOW)
    journals = await sealed.block_of("a", "b", "c")
    journals += await sealed.block_of("d", "e")
    return Books(sealed, door, journals)


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Sealed:
    return await open_sealed(database, tmp_path / "data")


def run(
    folder: Path, proof: Any, books: Books, *, anchors: bytes | None = b"", keys: Any = None
) -> tuple[int, str]:
    """The script as an outsider runs it."""
    paths = [folder / name for name in ("proof.json", "keys.json", "copy.jsonl")]
    paths[0].write_text(proof if isinstance(proof, str) else json.dumps(proof), "utf-8")
    paths[1].write_text(json.dumps(keys or books.sealed.keys.public().jwks()))
    arguments = [str(paths[0]), "--key", str(paths[1])]
    if anchors is not None:
        paths[2].write_bytes(anchors or books.sealed.anchors.path.read_bytes())
        arguments += ["--anchors", str(paths[2])]
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_script_is_short_and_needs_nothing_of_ours() -> None:
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) < 200
    imported = {
        line.split()[1].split(".")[0]
        for line in text.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


async def test_staff_are_shown_everything(books: Books, tmp_path: Path) -> None:
    for place, journal_id in enumerate(books.journals, 1):
        proof = await books.prove(AUDITOR, journal_id)
        assert proof is not None
        assert proof["seq"] == str(place)
        assert [one["accountType"] for one in proof["lines"]] == [
            "partner_recv",
            "member_available",
            "platform_fee",
        ]
        code, said = run(tmp_path, proof["document"], books)
        assert (code, said.splitlines()[-1]) == (0, "PROVED.")
        assert f"It stands at place {place} of book 7" in said
        assert "-500 SAR on member_available" in said


@pytest.mark.parametrize(
    ("owner", "kind", "amount"), [(SHOP, "partner", "600"), (MEMBER, "member", "-500")]
)
async def test_a_party_is_shown_its_own_lines_alone(
    books: Books, tmp_path: Path, owner: UUID, kind: str, amount: str
) -> None:
    caller = partner(BOOK, SHOP) if kind == "partner" else member(BOOK, SHOP, MEMBER)
    proof = await books.prove(caller, books.journals[1])
    assert proof is not None
    assert [one["ownerId"] for one in proof["lines"] if one["ownerId"]] == [str(owner)]
    document = json.loads(proof["document"])
    assert list(document["particulars"]) == ["hash"]
    others = {str(SHOP), str(MEMBER), "staff:مها", "platform_fee"} - {str(owner)}
    assert [one for one in others if one in proof["document"]] == []
    code, said = run(tmp_path, proof["document"], books, anchors=None)
    assert (code, said.count(f"{amount} SAR")) == (0, 1)


async def test_nobody_else_learns_that_there_is_such_a_journal(books: Books) -> None:
    journal_id = books.journals[0]
    assert await books.prove(partner(BOOK, UUID(int=5)), journal_id) is None
    assert await books.prove(member(BOOK, SHOP, OTHER), journal_id) is None
    assert await books.prove(staff(8, Role.AUDITOR), journal_id) is None
    assert await books.prove(AUDITOR, UUID(int=77)) is None
    assert (await books.door.read(AUDITOR, DOCUMENT, id="nonsense"))["ledgerProof"] is None


async def test_a_journal_in_no_block_yet_has_no_proof(books: Books) -> None:
    assert await books.prove(AUDITOR, await books.sealed.post("late")) is None


def with_other(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(proof: dict[str, Any]) -> None:
        *folders, name = [int(one) if one.isdecimal() else one for one in path.split("/")]
        place: Any = proof
        for one in folders:
            place = place[one]
        place[name] = value

    return change


HASH = "ab" * 32
FORGED: dict[str, Callable[[dict[str, Any]], None]] = {
    "another amount": with_other("lines/0/fields/amount", "601"),
    "an amount with a sign": with_other("lines/0/fields/amount", "+600"),
    "another unit": with_other("lines/0/fields/unit", "USD"),
    "another owner": with_other("lines/0/fields/owner", str(OTHER)),
    "another line number": with_other("lines/0/fields/line", "2"),
    "a line as a hash of the forger's": with_other("lines/0", {"hash": HASH}),
    "a hash that is short": with_other("lines/0", {"hash": "ab"}),
    "a line less": lambda proof: proof["lines"].pop(),
    "lines in another order": lambda proof: proof["lines"].reverse(),
    "another kind": with_other("header/kind", "x"),
    "another time": with_other("header/recorded_at", "2026-03-15T09:00:00.000001Z"),
    "another journal": with_other("header/journal", str(OTHER)),
    "another reversal": with_other("header/reverses", str(OTHER)),
    "no kind": with_other("header/kind", None),
    "another note": with_other("particulars/note", "{}"),
    "another key of the ledger": with_other("particulars/ledger_key", "x"),
    "another place": with_other("seq", "1"),
    "a place out of the block": with_other("seq", "9"),
    "another path": with_other("path/0", HASH),
    "a path that is short": lambda proof: proof["path"].pop(),
    "a path that is long": lambda proof: proof["path"].append(HASH),
    "another root": with_other("block/root", HASH),
    "another digest": with_other("block/digest", HASH),
    "another time of the block": with_other("block/sealed_at", "2026-03-15T09:00:00.000001Z"),
    "another predecessor": with_other("block/previous", HASH),
    "a longer block": with_other("block/to_seq", "4"),
    "another book of the block": with_other("block/book", "8"),
    "another number of the block": with_other("block/block", "2"),
    "another signature": with_other("block/signature", "ab" * 64),
    "an unknown key": with_other("block/key_id", "00" * 8),
    "another version": with_other("version", 2),
    "no block": lambda proof: proof.pop("block"),
    "a list for a header": with_other("header", []),
}


async def test_every_forged_proof_is_refused(books: Books, tmp_path: Path) -> None:
    proof = await books.prove(AUDITOR, books.journals[1])
    assert proof is not None
    sound = json.loads(proof["document"])
    script: dict[str, Any] = {"__name__": "verify_proof"}
    exec(compile(SCRIPT.read_text("utf-8"), SCRIPT, "exec"), script)
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(books.sealed.keys.public().jwks()))
    keys, refused = script["read_keys"](path), []
    anchors = books.sealed.anchors.path.read_text("utf-8").splitlines()
    assert list(script["check"](sound, keys, anchors))
    malformed = (script["NotProved"], KeyError, TypeError, ValueError, AttributeError)
    for name, forge in FORGED.items():
        forged = copy.deepcopy(sound)
        forge(forged)
        assert forged != sound, name
        try:
            list(script["check"](forged, keys, anchors))
        except malformed:
            refused.append(name)
    assert refused == list(FORGED)
    assert len(refused) >= 20


async def test_what_is_shown_beside_its_hash_is_refused(books: Books, tmp_path: Path) -> None:
    proof = await books.prove(partner(BOOK, SHOP), books.journals[0])
    assert proof is not None
    own, *others = json.loads(proof["document"])["lines"]
    assert [list(one) for one in others] == [["hash"], ["hash"]]
    claimed = {**own["fields"], "amount": "-60000"}
    for path, value in (
        ("lines/1", {**others[0], "fields": claimed}),
        ("lines/1/amount", "-60000"),
        ("particulars/actor", "staff:somebody"),
    ):
        document = json.loads(proof["document"])
        with_other(path, value)(document)
        code, said = run(tmp_path, document, books)
        assert (code, "-60000" in said, "is shown with its hash" in said) == (1, False, True)


async def test_the_outsider_sees_what_the_service_cannot_forge(
    books: Books, tmp_path: Path
) -> None:
    proof = await books.prove(AUDITOR, books.journals[3])
    assert proof is not None
    document = json.loads(proof["document"])
    foreign = open_seal_keys(tmp_path / "foreign")
    code, said = run(tmp_path, document, books, keys=foreign.public().jwks())
    assert (code, "unknown key" in said) == (1, True)
    lines = books.sealed.anchors.path.read_bytes().splitlines(keepends=True)
    code, said = run(tmp_path, document, books, anchors=lines[0])
    assert (code, "not among the anchors" in said) == (1, True)
    other = lines[1].replace(document["block"]["digest"].encode(), HASH.encode())
    code, said = run(tmp_path, document, books, anchors=lines[0] + other)
    assert (code, "another block was anchored" in said) == (1, True)
    assert run(tmp_path, document, books, anchors=b"".join(lines) + b'{"type":')[0] == 0
    for text in ("not json", "[" * 100_000):
        code, said = run(tmp_path, text, books)
        assert (code, said.startswith("NOT PROVED: a file is malformed")) == (1, True)
    document["lines"][0]["fields"]["amount"] = "6000"
    code, said = run(tmp_path, document, books)
    assert (code, said.splitlines()[-1]) == (
        1,
        "NOT PROVED: the journal is not in the block: the roots differ.",
    )
