"""The life of a reward: its commands, from which states each leads where, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from catalog.rewards.errors import RewardReasonInvalid, RewardStateConflict
from catalog.rewards.model import RewardState

CLOCK = "clock"
"""Who brings about what comes by its time alone."""
NOBODY_NAMED = "network"
"""Who acted, where a program that plays the network says no more."""
REASON_LENGTH_MAX = 500
GO_LIVE_KIND = "reward.publish"
RETIRE_KIND = "reward.retire"


class RewardCommand(StrEnum):
    """What brings a reward from one state into another."""

    REVISE = "revise"
    SUBMIT = "submit"
    REJECT = "reject"
    APPROVE = "approve"
    UNSCHEDULE = "unschedule"
    GO_LIVE = "go_live"
    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    ANNOUNCE_RETIREMENT = "announce_retirement"
    SUNSET = "sunset"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Move:
    """From where a command leads on, and where it was carried out already."""

    begins: frozenset[RewardState]
    is_done: frozenset[RewardState] = frozenset()


def _states(*names: RewardState) -> frozenset[RewardState]:
    return frozenset(names)


_OF = RewardState
MOVES: Mapping[RewardCommand, Move] = {
    # What is reviewed, or was approved, is not changed on the way: it is what goes on sale.
    RewardCommand.REVISE: Move(frozenset(_OF) - _states(_OF.IN_REVIEW, _OF.SCHEDULED)),
    RewardCommand.SUBMIT: Move(_states(_OF.DRAFT), _states(_OF.IN_REVIEW)),
    RewardCommand.REJECT: Move(_states(_OF.IN_REVIEW), _states(_OF.REJECTED)),
    RewardCommand.APPROVE: Move(_states(_OF.IN_REVIEW), _states(_OF.SCHEDULED, _OF.ACTIVE)),
    RewardCommand.UNSCHEDULE: Move(_states(_OF.SCHEDULED), _states(_OF.DRAFT)),
    RewardCommand.GO_LIVE: Move(_states(_OF.SCHEDULED)),
    RewardCommand.PUBLISH: Move(
        _states(_OF.DRAFT, _OF.ACTIVE, _OF.PAUSED, _OF.RETIRING, _OF.MATCHED, _OF.RETIRED)
    ),
    RewardCommand.PAUSE: Move(_states(_OF.ACTIVE), _states(_OF.PAUSED)),
    RewardCommand.RESUME: Move(_states(_OF.PAUSED), _states(_OF.ACTIVE)),
    RewardCommand.SUSPEND: Move(_states(_OF.ACTIVE, _OF.PAUSED), _states(_OF.SUSPENDED)),
    # The only way out of a suspension: neither an import nor another command goes around it.
    RewardCommand.REINSTATE: Move(_states(_OF.SUSPENDED), _states(_OF.PAUSED)),
    RewardCommand.ANNOUNCE_RETIREMENT: Move(_states(_OF.ACTIVE, _OF.PAUSED, _OF.RETIRING)),
    RewardCommand.SUNSET: Move(_states(_OF.RETIRING)),
    RewardCommand.RETIRE: Move(
        _states(_OF.DRAFT, _OF.ACTIVE, _OF.PAUSED, _OF.RETIRING, _OF.MATCHED, _OF.RETIRED)
    ),
}
_BY_TIME = frozenset({RewardCommand.GO_LIVE, RewardCommand.SUNSET})


@dataclass(frozen=True, slots=True)
class RewardTransition:
    """What a command made of a reward: who gave it, when and why."""

    reward_transition_id: UUID
    reward_id: UUID
    number: int
    """Counts a reward's transitions from 1, in their order."""
    command: RewardCommand
    from_state: RewardState
    to_state: RewardState
    version: int
    actor: str
    reason: str | None
    effective_at: datetime | None
    """When it goes live, or its sunset, where the command said so."""
    submitted_by: str | None
    partner_id: UUID | None
    made_at: datetime


def possible_commands(state: RewardState) -> list[RewardCommand]:
    """Tell which commands somebody may give in a state."""
    return [one for one, move in MOVES.items() if state in move.begins and one not in _BY_TIME]


def leads_on(command: RewardCommand, state: RewardState) -> bool:
    """Tell whether a command is to be carried out; False where it was already.

    Raises RewardStateConflict, which names the state and what is possible in it.
    """
    move = MOVES[command]
    if state in move.is_done:
        return False
    if state not in move.begins:
        raise conflict_of(state)
    return True


def conflict_of(state: RewardState) -> RewardStateConflict:
    """Write the refusal of a command that does not lead on from a state."""
    possible = ", ".join(possible_commands(state))
    return RewardStateConflict(
        f"The reward is {state.upper()}; possible is: {possible}.",
        path=("reward_id",),
        state=state.upper(),
        possible=possible,
    )


def check_reason(reason: str) -> str:
    """Let a reason through, without the blanks around it. Raises RewardReasonInvalid."""
    text = reason.strip()
    if not 1 <= len(text) <= REASON_LENGTH_MAX or "\x00" in text:
        raise RewardReasonInvalid(path=("reason",))
    return text
