"""Cards of the network's own: exact journals, one use of each amount, one answer to wrong codes."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards import (
    GUESSES_MAX,
    AuthorizationEnded,
    AuthorizationNotFound,
    AuthorizationState,
    CaptureExceedsAuthorization,
    CardAgreementMissing,
    CardAlreadySold,
    CardAuthorization,
    CardLookup,
    CardRefund,
    CardState,
    CardStateConflict,
    CodeRefused,
    GiftCard,
    RefundExceedsCapture,
    authorize_gift_card,
    capture_gift_card,
    card_account,
    expire_due_authorizations,
    freeze_gift_card,
    get_gift_card,
    issue_gift_card,
    look_up_card,
    read_authorizations,
    refund_gift_card,
    void_gift_card,
)
from catalog.suppliers import Secret
from catalog.vouchers import new_card_code, read_vouchers_of_cards, reveal_voucher
from payouts.ledger import BalanceTooLow
from payouts.money import CurrencyMismatch, Money
from payouts.refusal import Refusal
from tests.conftest import NOW
from tests.factories.small_network import ACTOR, SmallNetwork


async def issued(souq: SmallNetwork, minor: int = 5_000, **fields: object) -> GiftCard:
    async with souq.database.writing(souq.network_id) as db:
        return await issue_gift_card(
            db,
            vault=souq.vault,
            network_id=souq.network_id,
            partner_id=souq.partner_id,
            face=fields.pop("face", souq.money(minor)),  # type: ignore[arg-type]
            external_id=str(fields.pop("external_id", uuid4())),
            actor=ACTOR,
            now=NOW,
            **fields,  # type: ignore[arg-type]
        )


async def authorized(
    souq: SmallNetwork, card_id: UUID, minor: int, *, now: datetime = NOW, currency: str = "SAR"
) -> CardAuthorization:
    async with souq.database.writing(souq.network_id) as db:
        return await authorize_gift_card(
            db,
            network_id=souq.network_id,
            partner_id=souq.other_partner_id,
            card_id=card_id,
            amount=Money(minor, currency),
            merchant_reference="order 1",
            now=now,
        )


async def captured(
    souq: SmallNetwork, one: CardAuthorization, minor: int, *, now: datetime = NOW
) -> CardAuthorization:
    async with souq.database.writing(souq.network_id) as db:
        return await capture_gift_card(
            db,
            network_id=souq.network_id,
            partner_id=one.partner_id,
            authorization_id=one.authorization_id,
            amount=souq.money(minor),
            actor=ACTOR,
            now=now,
        )


async def voided(souq: SmallNetwork, one: CardAuthorization) -> CardAuthorization:
    async with souq.database.writing(souq.network_id) as db:
        return await void_gift_card(
            db,
            network_id=souq.network_id,
            partner_id=one.partner_id,
            authorization_id=one.authorization_id,
            now=NOW,
        )


async def refunded(souq: SmallNetwork, one: CardAuthorization, minor: int) -> CardRefund:
    async with souq.database.writing(souq.network_id) as db:
        return await refund_gift_card(
            db,
            network_id=souq.network_id,
            partner_id=one.partner_id,
            authorization_id=one.authorization_id,
            amount=souq.money(minor),
            actor=ACTOR,
            now=NOW,
        )


async def expired(souq: SmallNetwork, *, now: datetime) -> int:
    async with souq.database.writing(souq.network_id) as db:
        return await expire_due_authorizations(db, network_id=souq.network_id, limit=10, now=now)


async def frozen(souq: SmallNetwork, card_id: UUID, *, is_frozen: bool = True) -> GiftCard:
    async with souq.database.writing(souq.network_id) as db:
        return await freeze_gift_card(
            db, network_id=souq.network_id, card_id=card_id, is_frozen=is_frozen
        )


async def looked_up(
    souq: SmallNetwork, code: Secret, *, caller: str = "till", now: datetime = NOW
) -> CardLookup:
    async with souq.database.writing(souq.network_id) as db:
        return await look_up_card(
            db, vault=souq.vault, network_id=souq.network_id, caller=caller, code=code, now=now
        )


async def code_of(souq: SmallNetwork, card: GiftCard) -> Secret:
    async with souq.database.writing(souq.network_id) as db:
        found = await read_vouchers_of_cards(
            db, network_id=souq.network_id, card_ids=[card.card_id]
        )
        shown = await reveal_voucher(
            db,
            vault=souq.vault,
            network_id=souq.network_id,
            voucher_id=found[card.card_id].voucher_id,
            partner_id=souq.partner_id,
            actor=ACTOR,
            now=NOW,
        )
    return shown.code.number


async def state_of(souq: SmallNetwork, card: GiftCard) -> CardState:
    async with souq.database.reading(souq.network_id) as db:
        return (await get_gift_card(db, network_id=souq.network_id, card_id=card.card_id)).state


async def on_card(souq: SmallNetwork, card: GiftCard) -> tuple[int, int]:
    return await souq.balance(card_account(card.card_id, souq.currency))


async def is_done(attempt: Awaitable[object]) -> bool:
    try:
        await attempt
    except Refusal:
        return False
    return True


async def test_a_card_that_is_sold_is_owed_by_its_seller(souq: SmallNetwork) -> None:
    card = await issued(souq)
    assert await souq.journals_of("gift_card", card.card_id) == [
        ("card.sale", {"partner_recv SAR": 5_000, "gift_card SAR": -5_000})
    ]
    assert await on_card(souq, card) == (5_000, 0)


async def test_a_sale_sells_one_card(souq: SmallNetwork, superuser: AsyncConnection) -> None:
    await issued(souq, external_id="till 1")
    with pytest.raises(CardAlreadySold):
        await issued(souq, external_id="till 1")
    with pytest.raises(CardAgreementMissing):
        await issued(souq, face=Money(5_000, "USD"))
    for table in ("gift_card", "voucher"):
        count = await superuser.execute(text(f"SELECT count(*) FROM catalog.{table}"))
        assert count.scalar_one() == 1
    assert await souq.balance(souq.of_partner("partner_recv")) == (5_000, 0)


async def test_capture_at_another_merchant_pays_it_less_commission(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one = await authorized(souq, card.card_id, 2_000)
    assert await on_card(souq, card) == (5_000, 2_000)
    done = await captured(souq, one, 1_800)
    assert (done.state, done.captured, done.fee) == (
        AuthorizationState.CAPTURED,
        souq.money(1_800),
        souq.money(54),
    )
    assert await souq.journals_of("card_authorization", one.authorization_id) == [
        (
            "card.capture",
            {"gift_card SAR": 1_800, "partner_payable SAR": -1_746, "platform_fee SAR": -54},
        )
    ]
    assert await on_card(souq, card) == (3_200, 0)


async def test_refunds_give_back_exactly_what_was_taken(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one = await captured(souq, await authorized(souq, card.card_id, 1_800), 1_800)
    fees = [(await refunded(souq, one, minor)).fee.minor for minor in (500, 1, 1_299)]
    assert fees == [15, 0, 39]
    first = {"partner_payable SAR": 485, "platform_fee SAR": 15, "gift_card SAR": -500}
    journals = await souq.journals_of("card_authorization", one.authorization_id)
    assert ("card.refund", first) in journals
    with pytest.raises(RefundExceedsCapture):
        await refunded(souq, one, 1)
    assert await on_card(souq, card) == (5_000, 0)
    for account in (
        souq.of_partner("partner_payable", souq.other_partner_id),
        souq.own("platform_fee"),
    ):
        assert await souq.balance(account) == (0, 0)


async def test_refunds_at_once_never_exceed_what_was_taken(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one = await captured(souq, await authorized(souq, card.card_id, 1_000), 1_000)
    done = await asyncio.gather(*(is_done(refunded(souq, one, 300)) for _ in range(12)))
    assert sum(done) == 3
    assert await on_card(souq, card) == (4_900, 0)


async def test_what_is_authorized_is_not_authorized_again(souq: SmallNetwork) -> None:
    card = await issued(souq, 1_000)
    done = await asyncio.gather(*(is_done(authorized(souq, card.card_id, 300)) for _ in range(20)))
    assert sum(done) == 3
    with pytest.raises(BalanceTooLow):
        await authorized(souq, card.card_id, 101)
    assert await on_card(souq, card) == (1_000, 900)


async def test_capture_void_and_expiry_at_once_end_it_once(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one = await authorized(souq, card.card_id, 1_000)
    late = one.expires_at
    attempts: list[Awaitable[object]] = []
    for _ in range(8):
        attempts += [captured(souq, one, 1_000), voided(souq, one), expired(souq, now=late)]
    await asyncio.gather(*(is_done(attempt) for attempt in attempts))
    async with souq.database.reading(souq.network_id) as db:
        found = await read_authorizations(
            db, network_id=souq.network_id, authorization_ids=[one.authorization_id]
        )
    state = found[one.authorization_id].state
    taken = 1_000 if state is AuthorizationState.CAPTURED else 0
    assert state is not AuthorizationState.AUTHORIZED
    assert await on_card(souq, card) == (5_000 - taken, 0)
    assert len(await souq.journals_of("card_authorization", one.authorization_id)) == taken // 1_000


async def test_an_authorization_ends_after_seven_days(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one = await authorized(souq, card.card_id, 1_000)
    almost = NOW + timedelta(days=7, seconds=-1)
    assert await expired(souq, now=almost) == 0
    with pytest.raises(AuthorizationEnded):
        await captured(souq, one, 1_000, now=NOW + timedelta(days=7))
    assert await on_card(souq, card) == (5_000, 1_000)
    assert await expired(souq, now=NOW + timedelta(days=7)) == 1
    assert await on_card(souq, card) == (5_000, 0)
    with pytest.raises(AuthorizationEnded):
        await voided(souq, one)


async def test_more_or_foreign_or_twice_is_refused(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one = await authorized(souq, card.card_id, 1_000)
    with pytest.raises(CaptureExceedsAuthorization):
        await captured(souq, one, 1_001)
    with pytest.raises(AuthorizationNotFound):
        async with souq.database.writing(souq.network_id) as db:
            await void_gift_card(
                db,
                network_id=souq.network_id,
                partner_id=souq.partner_id,
                authorization_id=one.authorization_id,
                now=NOW,
            )
    with pytest.raises(AuthorizationEnded):
        await refunded(souq, one, 1)
    await captured(souq, one, 400)
    with pytest.raises(AuthorizationEnded):
        await captured(souq, one, 400)
    with pytest.raises(AuthorizationEnded):
        await voided(souq, one)
    with pytest.raises(CurrencyMismatch):
        await authorized(souq, card.card_id, 1, currency="USD")
    with pytest.raises(CodeRefused):
        await authorized(souq, uuid4(), 1)
    assert await on_card(souq, card) == (4_600, 0)


async def test_an_empty_card_is_exhausted_until_a_refund(souq: SmallNetwork) -> None:
    card = await issued(souq, 1_000)
    one = await captured(souq, await authorized(souq, card.card_id, 1_000), 1_000)
    assert await state_of(souq, card) is CardState.EXHAUSTED
    with pytest.raises(BalanceTooLow):
        await authorized(souq, card.card_id, 1)
    await refunded(souq, one, 10)
    assert await state_of(souq, card) is CardState.ACTIVE
    await authorized(souq, card.card_id, 10)


async def test_a_frozen_card_lets_go_but_gives_nothing(souq: SmallNetwork) -> None:
    card = await issued(souq)
    one, two = [await authorized(souq, card.card_id, 100) for _ in range(2)]
    await frozen(souq, card.card_id)
    with pytest.raises(CardStateConflict):
        await captured(souq, one, 100)
    with pytest.raises(CodeRefused):
        await authorized(souq, card.card_id, 1)
    await voided(souq, two)
    assert await on_card(souq, card) == (5_000, 100)
    await frozen(souq, card.card_id, is_frozen=False)
    await captured(souq, one, 100)
    assert await on_card(souq, card) == (4_900, 0)


async def test_a_code_finds_its_card_however_it_is_typed(souq: SmallNetwork) -> None:
    card = await issued(souq)
    code = await code_of(souq, card)
    for typed in (code.reveal(), code.reveal().lower().replace("-", " ")):
        assert await looked_up(souq, Secret(typed)) == CardLookup(card.card_id)


async def test_every_useless_code_is_answered_alike(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    is_frozen = await issued(souq)
    past = await issued(souq, expires_at=NOW + timedelta(days=1))
    codes = [
        await code_of(souq, is_frozen),
        await code_of(souq, past),
        new_card_code(souq.network_id),
        new_card_code(souq.network_id + 1),
        Secret("nonsense"),
    ]
    await frozen(souq, is_frozen.card_id)
    later = NOW + timedelta(days=2)
    answers = [await looked_up(souq, code, now=later) for code in codes]
    assert answers == [CardLookup(None)] * 5
    rows = await superuser.execute(text("SELECT caller, failures FROM catalog.card_guess"))
    assert sorted(tuple(row) for row in rows) == [("*", 5), ("till", 5)]


async def test_guessing_is_limited_by_caller_and_window(souq: SmallNetwork) -> None:
    code = await code_of(souq, await issued(souq))
    wrong = [new_card_code(souq.network_id) for _ in range(40)]
    found = await asyncio.gather(*(looked_up(souq, one) for one in wrong))
    assert sum(not one.is_limited for one in found) == GUESSES_MAX
    assert await looked_up(souq, code) == CardLookup(None, is_limited=True)
    assert (await looked_up(souq, code, caller="another till")).card_id is not None
    next_window = NOW + timedelta(minutes=15)
    assert (await looked_up(souq, code, now=next_window)).card_id is not None


async def test_workers_at_once_expire_without_locking_crosswise(souq: SmallNetwork) -> None:
    one, other = await issued(souq), await issued(souq)
    order = [one, other] * 5 + [other, one] * 5
    for card in order:
        await authorized(souq, card.card_id, 100)
    late = NOW + timedelta(days=8)

    async def expire() -> int:
        async with souq.database.writing(souq.network_id) as db:
            return await expire_due_authorizations(
                db, network_id=souq.network_id, limit=10, now=late
            )

    assert await asyncio.gather(expire(), expire()) == [10, 10]
    assert [await on_card(souq, card) for card in (one, other)] == [(5_000, 0), (5_000, 0)]
