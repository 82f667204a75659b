"""Examples of redeeming, and of cards."""

from tests.payouts.events.cases import B, C, Case, M, P, R, S, X, eur, usd

_SEAT = {"member_id": M, "partner_id": X, "price": eur(8000), "commission": eur(1000)}
_AT_R = {"card_id": C, "partner_id": R}

REDEEMING = (
    Case(
        "redemption.supplier",
        {
            "member_id": M,
            "supplier_id": S,
            "price": eur(200),
            "charged": eur(192),
            "worth": eur(192),
        },
        {"member_available M": 200, "supplier_payable S": -192, "redemption_margin": -8},
        given={"member_available M": -300},
        title="A card of 2.00 that costs 1.92",
    ),
    Case(
        "redemption.supplier",
        {
            "member_id": M,
            "supplier_id": S,
            "price": eur(200),
            "charged": usd(209),
            "worth": eur(192),
        },
        {
            "member_available M": 200,
            "fx_position": -192,
            "fx_position USD": 209,
            "supplier_payable S USD": -209,
            "redemption_margin": -8,
        },
        given={"member_available M": -300},
        title="The supplier charges 2.09 USD, which the quote's rate made 1.92 EUR",
    ),
    Case(
        "mistaken_order.write_off",
        {"supplier_id": S, "charged": usd(1334)},
        {"order_loss USD": 1334, "supplier_payable S USD": -1334},
        undo={"supplier_id": S, "charged": usd(1334)},
        title="An order of 13.34 USD that nobody had anything of",
    ),
    Case(
        "mistaken_order.refund",
        {"supplier_id": S, "charged": usd(1334)},
        {"supplier_payable S USD": 1334, "order_loss USD": -1334},
        given={"order_loss USD": 1334, "supplier_payable S USD": -1334},
        undo={"supplier_id": S, "charged": usd(1334)},
    ),
    Case(
        "redemption.own_card",
        {"member_id": M, "card_id": C, "amount": eur(100)},
        {"member_available M": 100, "gift_card C": -100},
        given={"member_available M": -100},
    ),
    Case(
        "redemption.brand_card",
        {
            "member_id": M,
            "partner_id": P,
            "brand_id": B,
            "card_id": C,
            "face": eur(100),
            "commission": eur(5),
        },
        {
            "member_available M": 100,
            "partner_payable P": -95,
            "platform_fee": -5,
            "memo_brand_cards B": 100,
            "memo_card C": -100,
        },
        given={"member_available M": -100},
    ),
    Case(
        "experience.book",
        _SEAT,
        {"member_available M": 8000, "partner_payable_pending X": -7000, "fee_deferred X": -1000},
        given={"member_available M": -8000},
        undo={**_SEAT, "penalty": eur(0), "penalty_commission": eur(0)},
        title="A seat of 80.00 at a commission of 10.00",
    ),
    Case(
        "experience.cancel",
        {**_SEAT, "penalty": eur(1600), "penalty_commission": eur(200)},
        {
            "partner_payable_pending X": 7000,
            "fee_deferred X": 1000,
            "member_available M": -6400,
            "partner_payable X": -1400,
            "platform_fee": -200,
        },
        given={"partner_payable_pending X": -7000, "fee_deferred X": -1000},
        title="At a penalty of 20 %",
    ),
    Case(
        "experience.deliver",
        {"partner_id": X, "price": eur(8000), "commission": eur(1000)},
        {
            "partner_payable_pending X": 7000,
            "partner_payable X": -7000,
            "fee_deferred X": 1000,
            "platform_fee": -1000,
        },
        given={"partner_payable_pending X": -7000, "fee_deferred X": -1000},
    ),
    Case(
        "card.sale",
        {"partner_id": P, "card_id": C, "face": eur(5000)},
        {"partner_recv P": 5000, "gift_card C": -5000},
    ),
    Case(
        "card.paid_online",
        {"card_id": C, "paid": eur(5000), "fee": eur(175)},
        {"stripe_balance": 4825, "processing_fee": 175, "gift_card C": -5000},
    ),
    Case(
        "card.capture",
        {**_AT_R, "amount": eur(1800), "fee": eur(54)},
        {"gift_card C": 1800, "partner_payable R": -1746, "platform_fee": -54},
        given={"gift_card C": -5000},
        undo={**_AT_R, "amount": eur(1800), "fee": eur(54)},
        title="18.00 at 3 %",
    ),
    Case(
        "card.refund",
        {**_AT_R, "amount": eur(500), "fee": eur(15)},
        {"partner_payable R": 485, "platform_fee": 15, "gift_card C": -500},
        given={"gift_card C": -3200, "partner_payable R": -1746, "platform_fee": -54},
        undo={**_AT_R, "amount": eur(500), "fee": eur(15)},
    ),
    Case(
        "memo_card.spend",
        {"brand_id": B, "card_id": C, "amount": eur(60)},
        {"memo_card C": 60, "memo_brand_cards B": -60},
        given={"memo_card C": -100, "memo_brand_cards B": 100},
    ),
)
