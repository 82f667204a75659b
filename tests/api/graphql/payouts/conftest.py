from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import Clock
from api.database.transaction import Database
from catalog.vouchers import Vault
from partners.agreements import create_partner
from partners.members import enrol_member
from partners.networks import create_network
from tests.api.graphql.partners.world import Door
from tests.api.graphql.payouts.filing import Filing
from tests.api.graphql.payouts.world import Settling
from tests.conftest import NOW
from tests.payouts.rails.stripe_double import running_double
from tests.payouts.reconciliation.camt import ACCOUNT
from tests.payouts.settlement.world import assert_books_balance


@pytest.fixture
async def settling(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> AsyncIterator[Settling]:
    """A network whose shop owes and whose cafe is owed, and a member with cashback."""
    door = Door(database, tmp_path / "clock")
    door.set_clock(NOW)
    async with database.writing(0) as db:
        network = await create_network(
            db,
            slug="souq",
            name={"en": "Souq"},
            zone="Asia/Riyadh",
            currency="SAR",
            default_locale="en",
            now=NOW,
        )
    network_id = network.network_id
    async with database.writing(network_id) as db:
        made = [
            await create_partner(
                db,
                network_id=network_id,
                name={"en": name},
                roles=frozenset({"merchant"}),
                country="SA",
                now=NOW,
            )
            for name in ("Shop", "Cafe")
        ]
        member = await enrol_member(
            db, network_id=network_id, partner_id=made[0].partner_id, external_id="m", now=NOW
        )
    async with running_double(tmp_path / "stripe", clock_file=door.clock_file) as double:
        world = Settling(
            door=door,
            double=double,
            clock=Clock(door.clock_file),
            network_id=network_id,
            shop=made[0].partner_id,
            cafe=made[1].partner_id,
            member=member.member_id,
        )
        await world.trade()
        yield world
        await assert_books_balance(superuser)


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
