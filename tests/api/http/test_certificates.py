"""Certificates over HTTP: what a partner fetches is what a stranger's checker accepts."""

import subprocess
import sys
from pathlib import Path

from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from payouts.seals import append_block, seal_journals
from tests.api.http.test_statements import code_of, open_office
from tests.conftest import NOW, ROOT


async def test_a_partner_fetches_its_certificate_once_its_lines_are_signed(
    database: Database, tmp_path: Path
) -> None:
    keys = open_seal_keys(tmp_path / "keys")
    published = {"published_keys": lambda: keys.public().jwks()["keys"]}
    async with open_office(database, **published) as office:
        name = f"{office.own}.certificate"
        assert code_of(await office.get(name, office.partner)) == (409, "STATE_CONFLICT")
        network_id = office.souq.network_id
        async with database.writing(network_id) as db:
            await seal_journals(db, network_id=network_id, now=NOW)
            await append_block(db, network_id=network_id, signer=keys.signer(), now=NOW)
        answer = await office.get(name, office.partner)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == (
            'attachment; filename="certificate-000001.json"'
        )
        finance = await office.get(name, office.app.as_staff("finance_maker"))
        assert finance.content == answer.content
        path = tmp_path / "certificate.json"
        path.write_bytes(answer.content)
        done = subprocess.run(
            [sys.executable, "-I", str(ROOT / "docs" / "verify_certificate.py"), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.splitlines()[-3:] == [
            "Owed by the partner 400, owed to it 1746: net -1346 SAR.",
            f"The statement's hash is {office.statements[office.souq.partner_id].content_hash}.",
            "CERTIFIED.",
        ]
        # Of the other parties to its journals a partner sees digests alone.
        assert str(office.souq.member_id) not in answer.text


async def test_nobody_else_gets_a_certificate(database: Database) -> None:
    async with open_office(database) as office:
        name = f"{office.own}.certificate"
        other = office.app.as_partner(office.souq.other_partner_id)
        foreign, absent = (
            await office.get(name, other),
            await office.get("absent.certificate", other),
        )
        assert code_of(foreign) == (404, "NOT_FOUND")
        assert foreign.content == absent.content
        assert code_of(await office.get(name, None))[0] == 401
        member = office.app.as_member(office.souq.member_id)
        assert code_of(await office.get(name, member))[0] == 403
