"""Examples of points: 100 of them cost 1.00 EUR, unless they say otherwise."""

from tests.payouts.events.cases import Case, M, P, eur, pts, usd

_FUNDED = {"funder_id": P, "member_id": M, "points": pts(500), "owed": eur(500)}
_PART = {"funder_id": P, "member_id": M, "points": pts(200), "owed": eur(200)}
_FUNDED_MOVES = {
    "partner_recv_pending P": 500,
    "fx_position": -500,
    "fx_position POINTS": 500,
    "member_pending M POINTS": -500,
}
_OWNED = {"fx_position": -500, "fx_position POINTS": 500, "member_available M POINTS": -500}

POINTING = (
    Case("points.pending", _FUNDED, _FUNDED_MOVES, undo=_FUNDED, title="P funds 500 points"),
    Case(
        "points.pending",
        {"funder_id": None, "member_id": M, "points": pts(500), "owed": usd(450)},
        {
            "bonus_expense USD": 450,
            "fx_position USD": -450,
            "fx_position POINTS": 500,
            "member_pending M POINTS": -500,
        },
        undo={"funder_id": None, "member_id": M, "points": pts(500), "owed": usd(450)},
        title="The network funds 500 points at 0.009 USD each",
    ),
    Case(
        "points.return_pending",
        _PART,
        {
            "partner_recv_pending P": -200,
            "fx_position": 200,
            "fx_position POINTS": -200,
            "member_pending M POINTS": 200,
        },
        given=_FUNDED_MOVES,
        undo=_PART,
        title="40 % of what they were promised for come back",
    ),
    Case(
        "points.confirm",
        {"member_id": M, "points": pts(500)},
        {"member_pending M POINTS": 500, "member_available M POINTS": -500},
        given=_FUNDED_MOVES,
    ),
    Case(
        "points.owe",
        {"funder_id": P, "owed": eur(500)},
        {"partner_recv P": 500, "partner_recv_pending P": -500},
        given=_FUNDED_MOVES,
    ),
    Case(
        "points.return_available",
        _PART | {"debt": eur(0)},
        {
            "member_available M POINTS": 200,
            "fx_position POINTS": -200,
            "fx_position": 200,
            "partner_recv P": -200,
        },
        given=_OWNED | {"partner_recv P": 500},
        title="The member has enough",
    ),
    Case(
        "points.return_available",
        _PART | {"points": pts(150), "debt": eur(50)},
        {
            "member_available M POINTS": 150,
            "fx_position POINTS": -150,
            "fx_position": 150,
            "member_recv M": 50,
            "partner_recv P": -200,
        },
        given={
            "fx_position": -150,
            "fx_position POINTS": 150,
            "member_available M POINTS": -150,
            "partner_recv P": 500,
        },
        title="The member has 150 of 200 left and owes what the others were worth",
    ),
    Case(
        "points.return_available",
        {"funder_id": None, "member_id": M, "points": pts(0), "owed": eur(200), "debt": eur(200)},
        {"member_recv M": 200, "bonus_expense": -200},
        title="The member has none left of what the network funded",
    ),
    Case(
        "points.redeem",
        {"member_id": M, "points": pts(300), "worth": eur(300)},
        {
            "member_available M POINTS": 300,
            "fx_position POINTS": -300,
            "fx_position": 300,
            "member_available M": -300,
        },
        given=_OWNED,
    ),
    Case(
        "points.expire",
        {"member_id": M, "points": pts(500), "worth": eur(500), "returned_to": None},
        {
            "member_available M POINTS": 500,
            "fx_position POINTS": -500,
            "fx_position": 500,
            "breakage_cashback": -500,
        },
        given=_OWNED,
        title="To the network",
    ),
    Case(
        "points.expire",
        {"member_id": M, "points": pts(500), "worth": eur(500), "returned_to": P},
        {
            "member_available M POINTS": 500,
            "fx_position POINTS": -500,
            "fx_position": 500,
            "partner_payable P": -500,
        },
        given=_OWNED,
        title="Back to P, who funded them",
    ),
)
