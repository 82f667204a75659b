"""Examples of settling, of cash, and of closing."""

from payouts.ledger import Line
from tests.payouts.events.cases import B, C, Case, K, M, P, S, account, eur, usd

_BANK = account("bank_cash")
_SUSPENSE = account("suspense")
_BY_FILE = {"clearing": account("transfer_clearing P"), "amount": eur(1400)}
_OWED = {"partner_id": P, "amount": eur(1400)}
_PAID_OUT = {"member_id": M, "amount": eur(3000)}

SETTLING = (
    Case(
        "supplier.prefund",
        {"supplier_id": S, "amount": eur(1000)},
        {"supplier_prefund S": 1000, "bank_cash": -1000},
    ),
    Case(
        "supplier.draw",
        {"supplier_id": S, "amount": eur(432)},
        {"supplier_payable S": 432, "supplier_prefund S": -432},
        given={"supplier_payable S": -432, "supplier_prefund S": 1000},
    ),
    Case(
        "supplier.pay_invoice",
        {"supplier_id": S, "amount": eur(432)},
        {"supplier_payable S": 432, "bank_cash": -432},
        given={"supplier_payable S": -432},
    ),
    Case(
        "settlement.net",
        {"partner_id": P, "cycle_id": K, "receivable": eur(600), "payable": eur(2000)},
        {"partner_recv P": -600, "partner_payable P": 2000, "settle_clearing K": -1400},
        given={"partner_recv P": 600, "partner_payable P": -2000},
    ),
    Case(
        "settlement.position",
        {"partner_id": P, "cycle_id": K, "net": eur(-1400)},
        {"settle_clearing K": 1400, "settle_payable P": -1400},
        given={"settle_clearing K": -1400},
        title="P is to be paid",
    ),
    Case(
        "settlement.position",
        {"partner_id": P, "cycle_id": K, "net": eur(360)},
        {"settle_recv P": 360, "settle_clearing K": -360},
        given={"settle_clearing K": 360},
        title="P is to be collected from",
    ),
    Case(
        "settlement.convert",
        {"partner_id": P, "cycle_id": K, "net": eur(-1400), "converted": usd(-1512)},
        {
            "settle_clearing K": 1400,
            "partner_payable P USD": -1512,
            "fx_position USD": 1512,
            "fx_position": -1400,
        },
        given={"settle_clearing K": -1400},
        title="P is owed 15.12 USD for its 14.00 EUR",
    ),
    Case(
        "settlement.convert",
        {"partner_id": P, "cycle_id": K, "net": eur(360), "converted": usd(389)},
        {
            "settle_clearing K": -360,
            "partner_recv P USD": 389,
            "fx_position USD": -389,
            "fx_position": 360,
        },
        given={"settle_clearing K": 360},
        title="P owes 3.89 USD for its 3.60 EUR",
    ),
    Case(
        "statement.contest",
        {"partner_id": P, "is_payable": False, "amount": eur(250)},
        {"partner_contested P": 250, "partner_recv P": -250},
        given={"partner_recv P": 600},
        undo={"partner_id": P, "is_payable": False, "amount": eur(250)},
        title="P does not owe 2.50 of what it was charged",
    ),
    Case(
        "statement.contest",
        {"partner_id": P, "is_payable": True, "amount": eur(250)},
        {"partner_contested P": 250, "partner_payable P": -250},
        given={"partner_payable P": -2000},
        undo={"partner_id": P, "is_payable": True, "amount": eur(250)},
        title="P is owed 2.50 that was taken off",
    ),
    Case(
        "statement.contest_rejected",
        {"partner_id": P, "is_payable": False, "amount": eur(250)},
        {"partner_recv P": 250, "partner_contested P": -250},
        given={"partner_contested P": 250},
        undo={"partner_id": P, "is_payable": False, "amount": eur(250)},
    ),
    Case(
        "statement.contest_accepted",
        {"partner_id": P, "amount": eur(250)},
        {"settlement_concession": 250, "partner_contested P": -250},
        given={"partner_contested P": 250},
    ),
    Case(
        "settlement.transfer",
        _OWED,
        {"settle_payable P": 1400, "transfer_clearing P": -1400},
        given={"settle_payable P": -1400},
        undo=_OWED,
    ),
    Case(
        "settlement.transfer_return",
        _OWED,
        {"transfer_clearing P": 1400, "settle_payable P": -1400},
        given={"transfer_clearing P": -1400},
        undo=_OWED,
    ),
    Case(
        "settlement.paid",
        _OWED,
        {"transfer_clearing P": 1400, "stripe_balance": -1400},
        given={"transfer_clearing P": -1400, "stripe_balance": 9700},
    ),
    Case(
        "bank_payout.paid",
        _BY_FILE,
        {"transfer_clearing P": 1400, "bank_cash": -1400},
        given={"transfer_clearing P": -1400},
        undo=_BY_FILE,
    ),
    Case(
        "bank_payout.returned",
        _BY_FILE,
        {"bank_cash": 1400, "transfer_clearing P": -1400},
        undo=_BY_FILE,
    ),
    Case(
        "settlement.collect",
        {"partner_id": P, "gross": eur(10000), "fee": eur(300)},
        {"stripe_balance": 9700, "processing_fee": 300, "settle_recv P": -10000},
        given={"settle_recv P": 10000},
        undo={"partner_id": P, "gross": eur(10000), "fee": eur(0)},
        undone={"stripe_balance": -300, "processing_fee": 300},
        title="Taken back, the fee stays spent",
    ),
    Case(
        "settlement.collect_returned",
        {"partner_id": P, "gross": eur(10000), "fee": eur(500)},
        {"settle_recv P": 10000, "processing_fee": 500, "stripe_balance": -10500},
        given={"stripe_balance": 19700},
        undo={"partner_id": P, "gross": eur(10000), "fee": eur(300)},
        undone={"stripe_balance": -800, "processing_fee": 800},
        title="Collected anew, both fees stay spent",
    ),
    Case(
        "reserve.keep",
        {"partner_id": P, "amount": eur(200)},
        {"settle_payable P": 200, "partner_reserve P": -200},
        given={"settle_payable P": -1400},
        undo={"partner_id": P, "amount": eur(200)},
    ),
    Case(
        "reserve.release",
        {"partner_id": P, "amount": eur(200)},
        {"partner_reserve P": 200, "settle_payable P": -200},
        given={"partner_reserve P": -200},
        undo={"partner_id": P, "amount": eur(200)},
    ),
    Case(
        "reserve.carry",
        {"partner_id": P, "amount": eur(200)},
        {"settle_payable P": 200, "partner_payable P": -200},
        given={"settle_payable P": -200},
    ),
)

TREASURY = (
    Case(
        "provider.movement",
        {
            "counter": account("settle_recv P"),
            "gross": eur(10000),
            "fee": eur(300),
            "ordered": eur(9900),
        },
        {
            "stripe_balance": 9700,
            "processing_fee": 300,
            "suspense": -100,
            "settle_recv P": -9900,
        },
        title="1.00 more came than was ordered",
    ),
    Case(
        "provider.movement",
        {"counter": None, "gross": eur(700), "fee": eur(0), "ordered": eur(0)},
        {"stripe_balance": 700, "suspense": -700},
        title="Nobody ordered it",
    ),
    Case(
        "provider.fee",
        {"amount": eur(200)},
        {"processing_fee": 200, "stripe_balance": -200},
    ),
    Case(
        "cashback_payout.request",
        _PAID_OUT,
        {"member_available M": 3000, "member_payout_clearing M": -3000},
        given={"member_available M": -3000},
        undo=_PAID_OUT,
    ),
    Case(
        "cashback_payout.return",
        _PAID_OUT,
        {"member_payout_clearing M": 3000, "member_available M": -3000},
        given={"member_payout_clearing M": -3000},
        undo=_PAID_OUT,
    ),
    Case(
        "cashback_payout.paid",
        _PAID_OUT,
        {"member_payout_clearing M": 3000, "stripe_balance": -3000},
        given={"member_payout_clearing M": -3000},
    ),
    Case(
        "dispute.open",
        {"amount": eur(5000), "fee": eur(1500)},
        {"dispute_recv": 5000, "dispute_fee": 1500, "stripe_balance": -6500},
    ),
    Case(
        "dispute.lost",
        {"amount": eur(5000)},
        {"cashback_loss": 5000, "dispute_recv": -5000},
        given={"dispute_recv": 5000},
        title="The network bears it",
    ),
    Case(
        "dispute.lost",
        {"amount": eur(5000), "card_id": C},
        {"gift_card C": 5000, "dispute_recv": -5000},
        given={"dispute_recv": 5000, "gift_card C": -5000},
        title="The card is unspent and is cancelled",
    ),
    Case(
        "dispute.lost",
        {"amount": eur(5000), "partner_id": P},
        {"partner_recv P": 5000, "dispute_recv": -5000},
        given={"dispute_recv": 5000},
        title="P bears it by its agreement",
    ),
    Case(
        "dispute.won",
        {"amount": eur(5000)},
        {"stripe_balance": 5000, "dispute_recv": -5000},
        given={"dispute_recv": 5000},
    ),
    Case(
        "bank.send",
        {"amount": eur(4000)},
        {"cash_in_transit": 4000, "stripe_balance": -4000},
        undo={"amount": eur(4000)},
    ),
    Case(
        "bank.send_failed",
        {"amount": eur(4000)},
        {"stripe_balance": 4000, "cash_in_transit": -4000},
        given={"cash_in_transit": 4000},
        undo={"amount": eur(4000)},
    ),
    Case(
        "bank.transit",
        {"amount": eur(4000)},
        {"bank_cash": 4000, "cash_in_transit": -4000},
        given={"cash_in_transit": 4000},
    ),
    Case("fx.revalue", {"gain": eur(25)}, {"fx_position": 25, "fx_gain_loss": -25}),
    Case(
        "fx.revalue",
        {"gain": eur(-40)},
        {"fx_gain_loss": 40, "fx_position": -40},
        title="A loss",
    ),
    Case(
        "reconciliation.capital_contribution",
        {"side": _BANK, "amount": eur(100000)},
        {"bank_cash": 100000, "capital": -100000},
    ),
    Case(
        "reconciliation.bank_fee",
        {"side": _BANK, "amount": eur(-50)},
        {"processing_fee": 50, "bank_cash": -50},
    ),
    Case(
        "reconciliation.write_off",
        {"side": _SUSPENSE, "amount": eur(1)},
        {"suspense": 1, "rounding": -1},
        given={"suspense": -1},
    ),
    Case(
        "reconciliation.cash_in_transit",
        {"side": _SUSPENSE, "amount": eur(-4000)},
        {"cash_in_transit": 4000, "suspense": -4000},
        given={"suspense": 4000},
    ),
    Case(
        "reconciliation.supplier_payment",
        {"side": _BANK, "amount": eur(-432), "owner_id": S},
        {"supplier_payable S": 432, "bank_cash": -432},
        given={"supplier_payable S": -432},
    ),
    Case(
        "reconciliation.partner_receivable",
        {"side": _BANK, "amount": eur(360), "owner_id": P},
        {"bank_cash": 360, "settle_recv P": -360},
        given={"settle_recv P": 360},
    ),
)

CLOSING = (
    Case(
        "breakage.recognize",
        {"brand_id": B, "amount": eur(60)},
        {"gc_breakage_contra B": 60, "breakage_gc B": -60},
        title="10.00 sold, 10 % expected never to be spent, 5.40 of 9.00 spent: 60 % of 1.00",
    ),
    Case(
        "breakage.remote",
        {"card_id": C, "brand_id": B, "amount": eur(100)},
        {"gift_card C": 100, "breakage_gc B": -100},
        given={"gift_card C": -100},
    ),
    Case(
        "escheat.set_aside",
        {"card_id": C, "jurisdiction": "US-DE", "amount": eur(100)},
        {"gift_card C": 100, "escheat_payable US-DE": -100},
        given={"gift_card C": -100},
    ),
    Case(
        "escheat.remit",
        {"jurisdiction": "US-DE", "amount": eur(100)},
        {"escheat_payable US-DE": 100, "bank_cash": -100},
        given={"escheat_payable US-DE": -100},
    ),
    Case(
        "year.close",
        {
            "results": [
                Line(account("platform_fee"), eur(-600)),
                Line(account("processing_fee"), eur(175)),
                Line(account("bonus_expense"), eur(100)),
            ]
        },
        {"platform_fee": 600, "processing_fee": -175, "bonus_expense": -100, "retained": -325},
        given={"platform_fee": -600, "processing_fee": 175, "bonus_expense": 100},
    ),
)
