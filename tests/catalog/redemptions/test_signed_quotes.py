"""A quote is used as it was signed or not at all; a refused one loses nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.margins import publish_margin
from catalog.redemptions import (
    QUOTE_LIFE,
    Quote,
    QuoteAltered,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RedemptionState,
)
from catalog.redemptions.signature import content_of
from catalog.vouchers import Vault
from payouts.money import Money
from payouts.refusal import Refusal
from tests.catalog.redemptions.conftest import Buying
from tests.conftest import NOW
from tests.factories.small_network import SmallNetwork


async def redemptions(superuser: AsyncConnection) -> int:
    found = await superuser.execute(text("SELECT count(*) FROM catalog.redemption"))
    return int(found.scalar_one())


async def own_quote(souq: SmallNetwork) -> Quote:
    await souq.fund(5_000)
    return await souq.quote(await souq.own_card_reward(1_000), souq.money(1_000))


async def test_a_quote_is_used_with_its_own_token_and_once(souq: SmallNetwork) -> None:
    quote = await own_quote(souq)
    assert (await souq.place(quote, token=quote.signature)).state is RedemptionState.FULFILLED
    with pytest.raises(QuoteUsed):
        await souq.place(quote, token=quote.signature)
    assert await souq.balance(souq.wallet()) == (4_000, 0)


async def test_each_wrong_use_has_its_refusal_and_changes_nothing(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    quote = await own_quote(souq)
    assert quote.signature is not None
    other = await souq.quote(quote.reward_id, souq.money(1_000))
    wrong: list[tuple[type[Refusal], dict[str, object]]] = [
        (QuoteAltered, {"token": quote.signature[:-1] + "="}),
        (QuoteAltered, {"token": other.signature}),
        (QuoteAltered, {"token": ""}),
        (QuoteExpired, {"token": quote.signature, "now": NOW + QUOTE_LIFE}),
        (QuoteNotFound, {"token": quote.signature, "member_id": souq.other_member_id}),
    ]
    for refusal, fields in wrong:
        with pytest.raises(refusal):
            await souq.place(quote, **fields)  # type: ignore[arg-type]
    assert await redemptions(superuser) == 0
    assert await souq.balance(souq.wallet()) == (5_000, 0)
    assert (await souq.place(quote)).state is RedemptionState.FULFILLED


@pytest.mark.parametrize(
    "alteration",
    [
        "line_face = line_face - 900, total = total - 900",
        "face = face + 1",
        "expires_at = expires_at + interval '1 day'",
        "member_id = :other",
        "supplier_sku = 'another'",
        "signature = 'new.AAAA'",
        "signature = 'unknown' || substr(signature, 4)",
        "quoted_at = quoted_at - interval '1 second'",
    ],
)
async def test_a_row_that_was_altered_is_refused(
    souq: SmallNetwork, superuser: AsyncConnection, alteration: str
) -> None:
    quote = await own_quote(souq)
    values = {"other": souq.other_member_id} if ":other" in alteration else {}
    await superuser.execute(text(f"UPDATE catalog.quote SET {alteration}"), values)
    member_id = values.get("other", souq.member_id)
    with pytest.raises(QuoteAltered) as refused:
        await souq.place(quote, member_id=member_id)
    assert refused.value.facts == {"is_stored": True}
    assert await redemptions(superuser) == 0
    assert await souq.balance(souq.wallet()) == (5_000, 0)


async def test_a_quote_of_before_signatures_is_asked_for_anew(
    souq: SmallNetwork, superuser: AsyncConnection
) -> None:
    quote = await own_quote(souq)
    await superuser.execute(text("UPDATE catalog.quote SET signature = NULL"))
    with pytest.raises(QuoteExpired):
        await souq.place(quote)
    assert await redemptions(superuser) == 0


async def test_an_earlier_key_is_believed_and_the_newest_signs(souq: SmallNetwork) -> None:
    old, new = ("first", "11" * 32), ("second", "22" * 32)
    before = replace(souq, vault=Vault([old]))
    quote = await own_quote(before)
    assert quote.signature is not None
    assert quote.signature.startswith("first.")
    rotated = replace(souq, vault=Vault([new, old]))
    assert (await rotated.place(quote)).state is RedemptionState.FULFILLED
    later = await rotated.quote(quote.reward_id, souq.money(1_000))
    assert later.signature is not None
    assert later.signature.startswith("second.")
    with pytest.raises(QuoteAltered):
        await replace(souq, vault=Vault([old])).place(later)


async def test_the_signature_is_over_every_fact_and_the_network(souq: SmallNetwork) -> None:
    quote = await own_quote(souq)
    told = content_of(quote, network_id=souq.network_id)
    assert content_of(replace(quote, signature="x"), network_id=souq.network_id) == told
    changed = [
        content_of(quote, network_id=souq.network_id + 1),
        *(
            content_of(replace(quote, **{name: value}), network_id=souq.network_id)  # type: ignore[arg-type]
            for name, value in {
                "reward_id": quote.quote_id,
                "version": 2,
                "face": souq.money(1_001),
                "expires_at": quote.expires_at + timedelta(microseconds=1),
                "fx_rate_id": quote.quote_id,
                "margin_id": quote.quote_id,
                "supplier_id": quote.quote_id,
                "slot_id": quote.quote_id,
            }.items()
        ),
    ]
    assert len({told, *changed}) == 10


async def test_a_margin_is_a_line_of_its_own_and_the_networks_gain(buying: Buying) -> None:
    souq = buying.souq
    for bps, margin, total, gain in ((250, 94, 4_125, 188), (-1_000, -375, 3_656, -281)):
        async with souq.database.writing(souq.network_id) as db:
            made = await publish_margin(
                db, network_id=souq.network_id, margin_bps=bps, actor="test", now=NOW
            )
        quote = await souq.quote(buying.rewards["7005"], Money(1_000, "USD"))
        lines = quote.lines
        assert [
            one.minor for one in (lines.face, lines.margin, lines.fee, lines.discount, lines.fx)
        ] == [3_750, margin, 375, -94, 0]
        assert (quote.total, quote.margin_id) == (Money(total, "SAR"), made.margin_id)
        assert quote.costs is not None
        assert [one.minor for one in (quote.costs.cost, quote.costs.fee, quote.costs.discount)] == [
            3_750,
            375,
            -188,
        ]
        assert (quote.cost, quote.gain) == (Money(3_937, "SAR"), Money(gain, "SAR"))
    one = await souq.place(quote)
    await buying.work()
    # The supplier rounds its charge up: a halala more than was quoted, of the network's gain.
    assert await souq.journals_of("redemption", one.redemption_id) == [
        (
            "redemption.supplier",
            {
                "member_available SAR": 3_656,
                "supplier_payable SAR": -3_938,
                "redemption_margin SAR": 282,
            },
        )
    ]
