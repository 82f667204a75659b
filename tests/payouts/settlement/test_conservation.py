"""Networks drawn at random: nothing is lost or made by netting, and each partner can prove its own."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.jobs.sealing import run_sealing
from payouts.disbursement import approve_settlement_cycle
from payouts.ledger import Account, Cause, Draft, Posted, credit, debit, own_account, post_journals
from payouts.settlement import (
    CertificateNotReady,
    Outcome,
    SettlementCycle,
    Statement,
    certify_statement,
    close_settlement_cycle,
    list_cycle_statements,
)
from tests.conftest import NOW, ROOT
from tests.payouts.seals.world import BOOK, Sealed, open_sealed
from tests.payouts.settlement.world import CHECKER, MAKER, assert_books_balance, money

SEED = 20260401
PARTNERS, PARTNERS_FULL = 60, 2_000
JOURNALS_EACH = 8
AT_ONCE = 500
CHECKER_FILE = ROOT / "docs" / "verify_certificate.py"


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Sealed:
    return await open_sealed(database, tmp_path / "data")


def drawn(random: Random, partners: list[UUID], number: int) -> Draft:
    """One partner's value is spent at another; both, or one of them, owe or are owed."""
    owing, owed = random.choice(partners), random.choice(partners)
    asked, paid = random.randint(0, 10**6), random.randint(0, 10**6)
    lines = [
        debit(Account("partner_recv", str(owing), "SAR"), money(asked)),
        credit(Account("partner_payable", str(owed), "SAR"), money(paid)),
        credit(own_account("platform_fee", "SAR"), money(asked - paid)),
    ]
    return Draft(
        kind="test.spend",
        key=f"spend:{number}",
        cause=Cause("test", str(number)),
        lines=tuple(one for one in lines if one.amount.minor),
        actor="test",
        effective_at=NOW - timedelta(seconds=random.randint(1, 86_400)),
    )


async def fill(sealed: Sealed, random: Random, partners: list[UUID]) -> None:
    drafts = [drawn(random, partners, one) for one in range(len(partners) * JOURNALS_EACH)]
    drafts = [one for one in drafts if len(one.lines) > 1]
    for start in range(0, len(drafts), AT_ONCE):
        async with sealed.database.writing(BOOK) as db:
            made = await post_journals(
                db, network_id=BOOK, drafts=drafts[start : start + AT_ONCE], now=NOW
            )
        assert all(isinstance(one, Posted) for one in made)
    while await run_sealing(sealed.world, BOOK):
        pass


async def close(sealed: Sealed) -> tuple[SettlementCycle, list[Statement]]:
    async with sealed.database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )
        return cycle, await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def certify(sealed: Sealed, one: Statement) -> dict[str, Any]:
    async with sealed.database.reading(BOOK) as db:
        text_ = await certify_statement(
            db,
            network_id=BOOK,
            statement_id=one.statement_id,
            keys=sealed.keys.public().jwks()["keys"],
        )
    found: dict[str, Any] = json.loads(text_)
    return found


def checked(certificate: dict[str, Any], folder: Path) -> tuple[int, str]:
    """What a stranger's Python says of it, which sees nothing but the file."""
    path = folder / "certificate.json"
    path.write_text(json.dumps(certificate))
    done = subprocess.run(
        [sys.executable, "-I", str(CHECKER_FILE), str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={},
    )
    return done.returncode, done.stdout


async def number_of(superuser: AsyncConnection, query: str) -> int:
    return int((await superuser.execute(text(query))).scalar_one() or 0)


@pytest.mark.proof
async def test_nets_and_network_sum_to_nothing_and_each_partner_is_settled_once(
    sealed: Sealed,
    superuser: AsyncConnection,
    tmp_path: Path,
    full_counts: bool,
    tell_proof: Callable[[str], None],
) -> None:
    seed = int(os.environ.get("PROOF_SEED", SEED))
    random = Random(seed)
    partners = [UUID(int=one + 1) for one in range(PARTNERS_FULL if full_counts else PARTNERS)]
    await fill(sealed, random, partners)
    cycle, statements = await close(sealed)
    nets = sum(one.net.minor for one in statements)
    network = await number_of(
        superuser,
        "SELECT sum(p.amount) FROM payouts.posting p JOIN payouts.account a"
        " USING (book_id, account_id) WHERE a.type NOT IN ('partner_recv', 'partner_payable')",
    )
    assert nets + network == 0
    assert len(statements) == len({one.partner_id for one in statements})
    for one in random.sample(statements, 3):
        code, says = checked(await certify(sealed, one), tmp_path)
        assert (code, says.splitlines()[-1]) == (0, "CERTIFIED."), says
        assert f"net {one.net.minor} SAR" in says
    async with sealed.database.writing(BOOK) as db:
        await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=NOW
        )
    orders = await superuser.execute(
        text(
            "SELECT partner_id, -amount FROM payouts.payout UNION ALL"
            " SELECT partner_id, amount FROM payouts.collection"
        )
    )
    ordered = [tuple(row) for row in orders]
    assert sorted(ordered) == sorted(
        (one.partner_id, one.net.minor)
        for one in statements
        if one.outcome in (Outcome.PAY, Outcome.COLLECT)
    )
    await assert_books_balance(superuser)
    gross = sum(one.gross_receivable.minor + one.gross_payable.minor for one in statements)
    moved = sum(abs(amount) for _, amount in ordered)
    tell_proof(
        f"netting: seed {seed}, {len(partners)} partners, {gross} minor units of gross obligations"
        f" settled by {len(ordered)} transfers of {moved}; nets and network sum to 0"
    )


def of_another(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(certificate: dict[str, Any]) -> None:
        *way, last = path.split("/")
        at: Any = certificate
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if isinstance(at, list):
            at[int(last)] = value
        else:
            at[last] = value

    return change


def without_a_journal(certificate: dict[str, Any]) -> None:
    del certificate["journals"][0]


def twice_a_journal(certificate: dict[str, Any]) -> None:
    certificate["journals"].insert(0, certificate["journals"][0])


def another_key(certificate: dict[str, Any]) -> None:
    certificate["keys"][0]["x"] = "A" * 43


def a_line_for_a_hash(certificate: dict[str, Any]) -> None:
    line = next(
        one for journal in certificate["journals"] for one in journal["lines"] if "fields" in one
    )
    line["hash"] = "0" * 64


def a_larger_line_and_totals(certificate: dict[str, Any]) -> None:
    said = certificate["statement"]
    for journal in certificate["journals"]:
        for one in journal["lines"]:
            if one.get("fields", {}).get("account_type") == "partner_recv":
                one["fields"]["amount"] = str(int(one["fields"]["amount"]) - 100)
                said["moved"][0] -= 100
                said["net"] -= 100
                return


FALSIFIED: dict[str, Callable[[dict[str, Any]], None]] = {
    "a smaller net": of_another("statement/net", 1),
    "another opening": of_another("statement/opening", [1, 0]),
    "another number": of_another("statement/number", 99),
    "another partner": of_another("statement/partner", str(UUID(int=9))),
    "fewer lines said": of_another("statement/lines", 1),
    "a line left out": without_a_journal,
    "a line twice": twice_a_journal,
    "a line and the totals changed": a_larger_line_and_totals,
    "a line beside its hash": a_line_for_a_hash,
    "a key of somebody else": another_key,
    "a cut before the lines": of_another("statement/cut/0", "2020-01-01T00:00:00+00:00"),
    "a place before the lines": of_another("statement/cut/1", 0),
    "another kind of journal": of_another("journals/0/header/kind", "settlement.net"),
    "another place": of_another("journals/0/seq", "999999"),
    "not a certificate": of_another("format", "mizan-proof"),
}


async def test_falsified_certificates_are_refused(sealed: Sealed, tmp_path: Path) -> None:
    await fill(sealed, Random(SEED), [UUID(int=one + 1) for one in range(4)])
    _, (first, *_) = await close(sealed)
    sound = await certify(sealed, first)
    assert checked(sound, tmp_path)[0] == 0
    passed = []
    for name, falsify in FALSIFIED.items():
        certificate = copy.deepcopy(sound)
        falsify(certificate)
        code, says = checked(certificate, tmp_path)
        if code != 1 or "NOT CERTIFIED" not in says:
            passed.append((name, code, says))
    assert passed == []


async def test_the_certificate_of_a_later_cycle_proves_what_settled_the_one_before(
    sealed: Sealed, tmp_path: Path
) -> None:
    random, partners = Random(SEED), [UUID(int=one + 1) for one in range(4)]
    await fill(sealed, random, partners)
    cycle, _ = await close(sealed)
    async with sealed.database.writing(BOOK) as db:
        await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=NOW
        )
        draft = drawn(random, partners, 10**6)
        await post_journals(db, network_id=BOOK, drafts=[draft], now=NOW)
    _, statements = await close(sealed)
    with pytest.raises(CertificateNotReady):
        await certify(sealed, statements[0])
    await run_sealing(sealed.world, BOOK)
    for one in statements:
        certificate = await certify(sealed, one)
        assert certificate["statement"]["settled"] == [
            -one.position.opening.receivable.minor,
            -one.position.opening.payable.minor,
        ]
        assert checked(certificate, tmp_path)[0] == 0
