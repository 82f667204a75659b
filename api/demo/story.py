"""The story, from the first step to the proof."""

from api.demo.cast import Stage
from api.demo.earning import app_browses, grocery_reports, window_passes
from api.demo.joining import hotel_joins, prologue
from api.demo.paying import member_takes_cash
from api.demo.proving import bank_and_stripe_match
from api.demo.settling import finance_settles
from api.demo.sourcing import supplier_is_out_of_stock
from api.demo.spending import card_pays_elsewhere, last_seat, member_redeems_cards

STEPS = (
    prologue,
    hotel_joins,
    grocery_reports,
    app_browses,
    window_passes,
    member_redeems_cards,
    supplier_is_out_of_stock,
    last_seat,
    card_pays_elsewhere,
    member_takes_cash,
    finance_settles,
    bank_and_stripe_match,
)


def play(stage: Stage) -> None:
    """Play every step in order; raises StoryBroken at the first that goes otherwise."""
    stage.notes["topups_before"] = {one["id"] for one in stage.outside.stripe_list("topups")}
    for step in STEPS:
        step(stage)
