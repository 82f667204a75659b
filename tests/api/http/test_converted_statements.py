"""What a net was converted into, over HTTP: in every form, and on the certificate."""

import json
import subprocess
import sys
from pathlib import Path

from api.database.transaction import Database
from api.graphql.nodes import id_of
from api.seal_keys import open_seal_keys
from payouts.seals import append_block, seal_journals
from payouts.settlement import (
    list_cycle_statements,
    publish_settlement_conversion,
    reissue_settlement_cycle,
)
from tests.api.documents.test_csv_document import rows_of
from tests.api.documents.workbook import sheets_of
from tests.api.http.test_statements import FORMS, Office, code_of, open_office
from tests.conftest import NOW, ROOT
from tests.factories.catalog import make_rate


async def converted(office: Office) -> str:
    """The partner's -13.46 SAR are -1.110 KWD in a later version of its statement."""
    own = {"network_id": office.souq.network_id, "now": NOW}
    issued = office.statements[office.souq.partner_id]
    async with office.souq.database.writing(office.souq.network_id) as db:
        await publish_settlement_conversion(
            db,
            **own,
            partner_id=office.souq.partner_id,
            currency="SAR",
            into="KWD",
            actor="staff:omar",
        )
        await make_rate(db, **own, base="SAR", quote="KWD", value="0.0825")
        await reissue_settlement_cycle(db, **own, cycle_id=issued.cycle_id)
        found = await list_cycle_statements(
            db, network_id=office.souq.network_id, cycle_id=issued.cycle_id
        )
    (one,) = (it for it in found if it.partner_id == office.souq.partner_id)
    assert (one.number, one.version) == (issued.number, 2)
    return str(id_of("Statement", office.souq.network_id, one.statement_id))


async def test_every_form_says_amount_rate_and_source(database: Database) -> None:
    async with open_office(database) as office:
        name = await converted(office)
        made = {form: await office.get(f"{name}.{form}", office.partner) for form in FORMS}
        assert {form: answer.status_code for form, answer in made.items()} == dict.fromkeys(
            FORMS, 200
        )
        document = json.loads(made["json"].content)
        assert document["conversion"] == {
            "amount": {"currency": "KWD", "decimal": "-1.110", "minor": "-1110"},
            "net": {"currency": "SAR", "decimal": "-13.46", "minor": "-1346"},
            "observedAt": NOW.isoformat(),
            "rate": "0.0825",
            "source": "central bank",
        }
        facts = {row["kind"]: row["text"] for row in rows_of(made["csv"].content)}
        assert [facts[one] for one in ("converted_into", "fx_rate", "fx_source")] == [
            "KWD -1.110",
            "1 SAR = 0.0825 KWD",
            "central bank",
        ]
        assert "1 SAR = 0.0825 KWD" in str(sheets_of(made["xlsx"].content))
        assert made["pdf"].content.startswith(b"%PDF-")
        arabic = await office.get(f"{name}.csv?locale=ar", office.partner)
        assert "محوّل إلى عملة أخرى" in arabic.text
        other = office.app.as_partner(office.souq.other_partner_id)
        assert code_of(await office.get(f"{name}.json", other)) == (404, "NOT_FOUND")


async def test_a_partner_checks_the_rate_on_its_certificate(
    database: Database, tmp_path: Path
) -> None:
    keys = open_seal_keys(tmp_path / "keys")
    published = {"published_keys": lambda: keys.public().jwks()["keys"]}
    async with open_office(database, **published) as office:
        name = await converted(office)
        network_id = office.souq.network_id
        async with database.writing(network_id) as db:
            await seal_journals(db, network_id=network_id, now=NOW)
            await append_block(db, network_id=network_id, signer=keys.signer(), now=NOW)
        answer = await office.get(f"{name}.certificate", office.partner)
        assert answer.status_code == 200
        path = tmp_path / "certificate.json"
        path.write_bytes(answer.content)
        done = subprocess.run(
            [sys.executable, "-I", str(ROOT / "docs" / "verify_certificate.py"), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        says = done.stdout.splitlines()
        assert (says[-3], says[-1]) == (
            "Converted at 0.0825 (central bank): -1110 KWD.",
            "CERTIFIED.",
        )
