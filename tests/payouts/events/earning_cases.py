"""Examples of earning."""

from tests.payouts.events.cases import Case, M, N, P, Q, eur, share, usd

_PURCHASE = {"merchant_id": P, "member_id": M, "shares": [share(P, 500)], "fee": eur(100)}
_PART = {"merchant_id": P, "member_id": M, "shares": [share(P, 200)], "fee": eur(40)}
_REST = {"merchant_id": P, "member_id": M, "shares": [share(P, 300)], "fee": eur(60)}
_LATER = {"merchant_id": P, "member_id": M, "shares": [share(P, 700)], "fee": eur(140)}

EARNING = (
    Case(
        "accrual.pending",
        _PURCHASE,
        {"partner_recv_pending P": 600, "member_pending M": -500, "fee_deferred P": -100},
        undo=_PURCHASE,
        title="A purchase of 100.00 at P with cashback of 5.00 and a fee of 1.00",
    ),
    Case(
        "accrual.pending",
        {
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 500), share(Q, 200)],
            "fee": eur(100),
        },
        {
            "partner_recv_pending P": 600,
            "partner_recv_pending Q": 200,
            "member_pending M": -700,
            "fee_deferred P": -100,
        },
        undo={
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 500), share(Q, 200)],
            "fee": eur(100),
        },
        title="P funds the base of 5.00, Q a bonus of 2.00",
    ),
    Case(
        "accrual.pending",
        {
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 500), share(None, 100)],
            "fee": eur(100),
        },
        {
            "partner_recv_pending P": 600,
            "bonus_expense": 100,
            "member_pending M": -600,
            "fee_deferred P": -100,
        },
        undo={
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 500), share(None, 100)],
            "fee": eur(100),
        },
        title="P funds 5.00, the network 1.00",
    ),
    Case(
        "accrual.pending_exchanged",
        {"funder_id": P, "member_id": M, "owed": usd(1087), "cashback": eur(1000)},
        {
            "partner_recv_pending P USD": 1087,
            "fx_position USD": -1087,
            "fx_position": 1000,
            "member_pending M": -1000,
        },
        title="P funds 10.87 USD, the member earns 10.00 EUR",
    ),
    Case(
        "accrual.return_pending",
        _PART,
        {"member_pending M": 200, "fee_deferred P": 40, "partner_recv_pending P": -240},
        given={"partner_recv_pending P": 600, "member_pending M": -500, "fee_deferred P": -100},
        undo=_PART,
        title="40 % of the purchase come back",
    ),
    Case(
        "accrual.confirm",
        {**_REST, "offset": eur(0)},
        {
            "member_pending M": 300,
            "member_available M": -300,
            "partner_recv P": 360,
            "partner_recv_pending P": -360,
            "fee_deferred P": 60,
            "platform_fee": -60,
        },
        given={"partner_recv_pending P": 360, "member_pending M": -300, "fee_deferred P": -60},
        undo={**_REST, "debt": eur(0)},
        undone={"partner_recv_pending P": -360, "member_pending M": 300, "fee_deferred P": 60},
        title="The remaining 60 % are confirmed; taken back whole, nothing of the purchase is left",
    ),
    Case(
        "accrual.confirm",
        {**_LATER, "offset": eur(150)},
        {
            "member_pending M": 700,
            "member_available M": -550,
            "member_recv M": -150,
            "partner_recv P": 840,
            "partner_recv_pending P": -840,
            "fee_deferred P": 140,
            "platform_fee": -140,
        },
        given={
            "partner_recv_pending P": 840,
            "member_pending M": -700,
            "fee_deferred P": -140,
            "member_recv M": 150,
        },
        undo={**_LATER, "debt": eur(150)},
        undone={"partner_recv_pending P": -840, "member_pending M": 700, "fee_deferred P": 140},
        title="A debt of 1.50 is paid first; taken back, the debt is there again",
    ),
    Case(
        "accrual.return_available",
        {
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 50)],
            "fee": eur(10),
            "debt": eur(0),
        },
        {"member_available M": 50, "platform_fee": 10, "partner_recv P": -60},
        given={"member_available M": -300, "partner_recv P": 360, "platform_fee": -60},
        title="A return after confirmation; the member has enough",
    ),
    Case(
        "accrual.return_available",
        {
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 250)],
            "fee": eur(50),
            "debt": eur(150),
        },
        {
            "member_available M": 100,
            "member_recv M": 150,
            "platform_fee": 50,
            "partner_recv P": -300,
        },
        given={"member_available M": -100, "partner_recv P": 360, "platform_fee": -60},
        title="The member has 1.00 left and owes the other 1.50",
    ),
    Case(
        "accrual.return_available",
        {
            "merchant_id": P,
            "member_id": M,
            "shares": [share(P, 300)],
            "fee": eur(60),
            "debt": eur(0),
            "lapsed": [share(P, 50), share(None, 20)],
        },
        {
            "member_available M": 230,
            "partner_payable P": 50,
            "breakage_cashback": 20,
            "platform_fee": 60,
            "partner_recv P": -360,
        },
        given={
            "member_available M": -230,
            "partner_payable P": -50,
            "breakage_cashback": -20,
            "partner_recv P": 360,
            "platform_fee": -60,
        },
        title="0.50 had lapsed to P and 0.20 to the network",
    ),
    Case(
        "debt.write_off",
        {"member_id": M, "amount": eur(150)},
        {"cashback_loss": 150, "member_recv M": -150},
        given={"member_recv M": 150},
    ),
    Case(
        "debt.recharge",
        {"member_id": M, "shares": [share(P, 100), share(Q, 50)]},
        {"partner_recv P": 100, "partner_recv Q": 50, "member_recv M": -150},
        given={"member_recv M": 150},
        title="P had funded two thirds of it, Q the rest",
    ),
    Case(
        "debt.recharge",
        {"member_id": M, "shares": [share(P, 100), share(None, 50)]},
        {"partner_recv P": 100, "cashback_loss": 50, "member_recv M": -150},
        given={"member_recv M": 150},
        title="The rest was the network's own",
    ),
    Case(
        "value.expire",
        {"member_id": M, "amount": eur(50), "returned_to": None, "offset": eur(0)},
        {"member_available M": 50, "breakage_cashback": -50},
        given={"member_available M": -300},
        title="To the network",
    ),
    Case(
        "value.expire",
        {"member_id": M, "amount": eur(50), "returned_to": Q, "offset": eur(20)},
        {"member_available M": 50, "member_recv M": -20, "partner_payable Q": -30},
        given={"member_available M": -300, "member_recv M": 20},
        title="A debt of 0.20 is paid first, the rest goes back to Q, who funded it",
    ),
    Case(
        "bonus.pending",
        {"member_id": M, "amount": eur(100), "campaign": "gold"},
        {"bonus_expense gold": 100, "member_pending M": -100},
    ),
    Case(
        "bonus.confirm",
        {"member_id": M, "amount": eur(100), "offset": eur(30)},
        {"member_pending M": 100, "member_available M": -70, "member_recv M": -30},
        given={"member_pending M": -100, "member_recv M": 30},
    ),
    Case(
        "referral.pending",
        {"referrer_id": M, "referee_id": N, "reward": eur(500), "welcome": eur(500)},
        {"referral_expense": 1000, "member_pending M": -500, "member_pending N": -500},
    ),
)
