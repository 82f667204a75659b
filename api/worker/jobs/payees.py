"""Payees: their accounts, onboarding pages and debit mandates at the provider."""

from uuid import UUID

from api.worker.jobs.claimed import do_claimed
from api.worker.world import World
from payouts.disbursement import Payee, lock_payee_as_read, read_payees, record_payee
from payouts.due import clear_due
from payouts.rails import OnboardingLink, ProviderAccount, ProviderBusy, RailError

READINGS_MAX = 5
_ISSUER = "http://127.0.0.1:8000"


async def run_payee_connect(world: World, network_id: int) -> int:
    """Make the accounts of new payees, and onboarding pages for those who need one."""

    async def connect(payee_id: UUID) -> None:
        payee = await _read(world, network_id, payee_id)
        if payee is None:
            return
        try:
            customer_id = await _customer(world, network_id, payee)
            world.crash("payee.customer")
            account = await _account(world, network_id, payee, customer_id)
            world.crash("payee.account")
            link = None if account.transfers_active else await _link(world, payee, account)
        except RailError:
            return  # its keys stay the same, so the lease may simply end and it is done again
        await _record(world, network_id, payee, account, customer_id, link)
        async with world.database.writing(network_id) as db:
            await clear_due(db, network_id=network_id, kind="payee.connect", due_id=payee_id)

    return await do_claimed(world, network_id, "payee.connect", connect)


async def run_payee_refresh(world: World, network_id: int) -> int:
    """Ask the provider how payees fare who cannot be paid or debited yet."""

    async def refresh(payee_id: UUID) -> None:
        try:
            await refresh_payee(world, network_id, payee_id)
        except RailError:
            return  # it is asked again anyway

    return await do_claimed(world, network_id, "payee.refresh", refresh)


async def refresh_payee(
    world: World, network_id: int, payee_id: UUID, *, account_id: str | None = None
) -> bool:
    """Read a payee's account at the provider and write down what it says.

    With `account_id` only if it is that one; tells whether there is such a payee.

    What was read while somebody else wrote may be older than theirs, and is read again. Raises
    RailError, ProviderBusy also when others never stop.
    """
    for _ in range(READINGS_MAX):
        payee = await _read(world, network_id, payee_id)
        if payee is None:
            return False
        if payee.account_id is None:
            return True  # whoever is making the account will say which it is
        if account_id not in (None, payee.account_id):
            return False
        account = await world.rail.get_account(payee.account_id)
        method = await _method(world, payee.customer_id, account)
        async with world.database.writing(network_id) as db:
            if not await lock_payee_as_read(db, network_id=network_id, payee=payee):
                continue
            await record_payee(
                db,
                network_id=network_id,
                payee_id=payee_id,
                account=account,
                customer_id=payee.customer_id,
                payment_method_id=method,
                link=None,
                now=world.clock.now(),
            )
            return True
    raise ProviderBusy


async def _read(world: World, network_id: int, payee_id: UUID) -> Payee | None:
    async with world.database.reading(network_id) as db:
        found = await read_payees(db, network_id=network_id, payee_ids=[payee_id])
    return found.get(payee_id)


def _marks(network_id: int, payee: Payee) -> dict[str, str]:
    return {"network": str(network_id), "payee": str(payee.payee_id)}


async def _customer(world: World, network_id: int, payee: Payee) -> str | None:
    if payee.partner_id is None or payee.customer_id is not None:
        return payee.customer_id
    return await world.rail.create_customer(
        key=f"mz:{network_id}:{payee.payee_id}:customer",
        name=payee.name,
        metadata=_marks(network_id, payee),
    )


async def _account(
    world: World, network_id: int, payee: Payee, customer_id: str | None
) -> ProviderAccount:
    if payee.account_id is not None:
        return await world.rail.get_account(payee.account_id)
    marks = _marks(network_id, payee)
    if customer_id is not None:
        marks["customer"] = customer_id
    return await world.rail.create_account(
        key=f"mz:{network_id}:{payee.payee_id}:account",
        country=payee.country,
        email=payee.email,
        metadata=marks,
    )


async def _link(world: World, payee: Payee, account: ProviderAccount) -> OnboardingLink:
    issuer = world.settings.issuer if world.settings else _ISSUER
    back = payee.return_url or f"{issuer}/console"
    return await world.rail.create_account_link(
        account_id=account.id, refresh_url=back, return_url=back
    )


async def _method(world: World, customer_id: str | None, account: ProviderAccount) -> str | None:
    if customer_id is None or not account.transfers_active:
        return None
    try:
        methods = await world.rail.list_payment_methods(customer_id)
    except RailError:
        return None  # it is asked again while there is none
    return methods[0] if methods else None


async def _record(
    world: World,
    network_id: int,
    payee: Payee,
    account: ProviderAccount,
    customer_id: str | None,
    link: OnboardingLink | None,
) -> None:
    method = await _method(world, customer_id, account)
    async with world.database.writing(network_id) as db:
        await record_payee(
            db,
            network_id=network_id,
            payee_id=payee.payee_id,
            account=account,
            customer_id=customer_id,
            payment_method_id=method,
            link=link,
            now=world.clock.now(),
        )


JOBS = {"payee.connect": run_payee_connect, "payee.refresh": run_payee_refresh}
