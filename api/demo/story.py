"""The story, from the first step to the proof."""

from api.demo.cast import Stage
from api.demo.earning import app_browses, grocery_reports, window_passes
from api.demo.joining import hotel_joins, prologue

STEPS = (prologue, hotel_joins, grocery_reports, app_browses, window_passes)


def play(stage: Stage) -> None:
    """Play every step in order; raises StoryBroken at the first that goes otherwise."""
    for step in STEPS:
        step(stage)
